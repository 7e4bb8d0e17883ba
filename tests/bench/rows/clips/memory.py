"""Memory: of a capture process with a full ring, and of what waits while nothing is recorded."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bot.demo.world import World
from bot.model import Phase
from tests.bench.figures import Effort, Figure, Section
from tests.bench.meters import cpu_share, highest_rss, rss
from tests.bench.rows.clips.size import NOISE
from tests.clip_harness import Underway, capture_pool

_MOST = 165.0
_MOST_IDLE = 90.0
_MOST_SERVICE = 150.0
_HOW = """\
Resident memory of the capture process in the last seconds of a clip of 60 s at 720p30, while all of
it is in the ring: the most of four looks a second. With the card, and with noise, which fills
what the ring may hold. Writing the file comes after that and is looked at by itself. `make soak`
holds the same over ten minutes."""
_HOW_IDLE = """\
Resident memory of a Python that has imported the service (`bot.app.service`), without media,
and of the spare worker, which has imported LiveKit and PyAV and waits; and the CPU that its
waiting takes."""

_SERVICE = "import sys, bot.app.service; print('there', flush=True); sys.stdin.read()"


async def measure(effort: Effort) -> Section:
    """Calm and full rings."""
    figures = []
    for content in ("card", "noise"):
        size = await _with(content, effort)
        holds = size <= _MOST
        name = f"{effort.seconds(60, 10):.0f} s of {content} in the ring"
        figures.append(Figure(name, f"{size:.0f} MB", f"≤ {_MOST:.0f} MB", holds))
    return Section("Memory of a capture", _HOW, figures)


async def _with(content: str, effort: Effort) -> float:
    seconds = effort.seconds(60, 10)
    path: Path = effort.folder / f"memory-{content}.mp4"
    async with World() as world, capture_pool(world) as using:
        coin = world.add_coin("MEMORY", "What it keeps")
        await world.broadcast(coin, **(NOISE if content == "noise" else {}))
        async with Underway(using, coin, seconds, path) as clip:
            await clip.reaches(Phase.RECORDING, seconds - 3.0)
            highest = await highest_rss(clip.pid, 2.0)
            await clip.result()
    return highest


async def measure_idle(effort: Effort) -> Section:
    """The service's imports and the spare worker."""
    service = await _service()
    async with World(livekit=False) as world, capture_pool(world, keep_spare=True) as using:
        worker = await using.spare()
        assert worker is not None
        assert await worker.next_event() == {"event": "ready"}
        spare, idling = rss(worker.pid), await cpu_share(worker.pid, effort.seconds(10, 2))
    most = f"≤ {_MOST_IDLE:.0f} MB"
    return Section("Idle", _HOW_IDLE, [
        Figure(
            "the service's imports", f"{service:.0f} MB", f"≤ {_MOST_SERVICE:.0f} MB",
            service <= _MOST_SERVICE,
        ),
        Figure("the spare worker", f"{spare:.0f} MB", most, spare <= _MOST_IDLE),
        Figure("CPU of the spare worker", f"{idling:.4f} cores"),
    ])  # fmt: skip


async def _service() -> float:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _SERVICE),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"there\n"
    size = rss(process.pid)
    await process.communicate(b"")
    return size
