"""Memory of a capture process with a full ring."""

from __future__ import annotations

from pathlib import Path

from bot.demo.world import World
from bot.model import Phase
from tests.bench.figures import Effort, Figure, Section
from tests.bench.meters import highest_rss
from tests.bench.rows.size import NOISE
from tests.clip_harness import Underway, capture_pool

_MOST = 165.0
_HOW = """\
Resident memory of the capture process in the last seconds of a clip of 60 s at 720p30, while all of
it is in the ring: the most of four looks a second. With the card, and with noise, which fills
what the ring may hold. Writing the file comes after that and is looked at by itself. `make soak`
holds the same over ten minutes."""


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
