"""From the last packet of a clip to its file."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

from bot.clips import CapturePool
from bot.demo.site.coins import DemoCoin
from bot.demo.world import World
from bot.model import ClipProgress, ClipRequest, Phase
from tests.bench.figures import Effort, Figure, Section
from tests.bench.meters import percentile
from tests.clip_harness import HEIGHT, LIMIT, capture_pool

_HOW = """\
From the moment at which the capture process says that it has all of a 30 s clip of the card, to
the last change of the file's entry: cutting the ring, writing the MP4 with its index in front, and
giving it its name. And to the result in the parent, which comes after the room was left."""


async def measure(effort: Effort) -> Section:
    """A few clips of 30 s."""
    seconds = effort.seconds(30, 6)
    async with World() as world, capture_pool(world) as using:
        coin = world.add_coin("CUT", "Cut and written")
        await world.broadcast(coin, encoder="pre-encoded")
        runs = [
            await _one(using, coin, seconds, effort.folder / f"cut-{number}.mp4")
            for number in range(effort.times(3, 1))
        ]
    files, results = zip(*runs, strict=True)
    return Section("Writing", _HOW, [
        Figure("file there", f"{percentile(files, 0.5) * 1000:.0f} ms"),
        Figure("file there, worst", f"{max(files) * 1000:.0f} ms"),
        Figure("result there", f"{percentile(results, 0.5) * 1000:.0f} ms"),
    ])  # fmt: skip


async def _one(
    using: CapturePool, coin: DemoCoin, seconds: float, path: Path
) -> tuple[float, float]:
    began: list[int] = []

    def note(progress: ClipProgress) -> None:
        if progress.phase is Phase.WRITING and not began:
            began.append(time.time_ns())

    await using.record(ClipRequest(coin.mint, seconds, path, LIMIT, HEIGHT), note)
    ended = time.time_ns()
    changed = (await asyncio.to_thread(os.stat, path)).st_ctime_ns
    return (changed - began[0]) / 1e9, (ended - began[0]) / 1e9
