"""What waits while nothing is recorded."""

from __future__ import annotations

import asyncio
import sys

from bot.demo.world import World
from tests.bench.figures import Effort, Figure, Section
from tests.bench.meters import cpu_share, rss
from tests.clip_harness import capture_pool

_MOST = 90.0
_MOST_SERVICE = 150.0
_HOW = """\
Resident memory of a Python that has imported the service (`bot.app.service`), without media,
and of the spare worker, which has imported LiveKit and PyAV and waits; and the CPU that its
waiting takes."""

_SERVICE = "import sys, bot.app.service; print('there', flush=True); sys.stdin.read()"


async def measure(effort: Effort) -> Section:
    """The service's imports and the spare worker."""
    service = await _service()
    async with World(livekit=False) as world, capture_pool(world, keep_spare=True) as using:
        worker = await using.spare()
        assert worker is not None
        assert await worker.next_event() == {"event": "ready"}
        spare, idling = rss(worker.pid), await cpu_share(worker.pid, effort.seconds(10, 2))
    most = f"≤ {_MOST:.0f} MB"
    return Section("Idle", _HOW, [
        Figure(
            "the service's imports", f"{service:.0f} MB", f"≤ {_MOST_SERVICE:.0f} MB",
            service <= _MOST_SERVICE,
        ),
        Figure("the spare worker", f"{spare:.0f} MB", most, spare <= _MOST),
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
