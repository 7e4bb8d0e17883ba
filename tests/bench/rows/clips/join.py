"""How long it takes from the question to the first picture in the ring."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path

from bot.clips import CapturePool
from bot.demo.site.coins import DemoCoin
from bot.demo.world import World
from bot.model import ClipRequest
from tests.bench.figures import Effort, Figure, Section
from tests.bench.meters import percentile
from tests.clip_harness import HEIGHT, LIMIT, capture_pool

_WARM, _COLD = 800.0, 2500.0
_HOW = """\
A clip of one second each time, of a 720p30 H.264 publisher that answers requests for a keyframe.
The time runs from the request to the first packet of a picture in the ring, and includes asking
the site for a token and the regions. Warm: `CapturePool` with a spare worker that has done its
imports. Cold: `join_ms` of the command line, a new process each time; the time that Python takes
before the command begins is given beside it. With few joins p95 is the slowest of them."""


async def measure(effort: Effort) -> Section:
    """Warm and cold joins."""
    async with World() as world:
        coin = world.add_coin("JOIN", "Join the room")
        await world.broadcast(coin, codec="h264")
        async with capture_pool(world, keep_spare=True) as warm_recorder:
            warm = [
                await _warm(warm_recorder, coin, effort.folder / f"warm-{number}.mp4")
                for number in range(effort.times(20, 4))
            ]
        cold = [
            await _cold(world, coin, effort.folder / f"cold-{number}.mp4")
            for number in range(effort.times(10, 2))
        ]
    starting = [await _starting() for _ in range(effort.times(5, 2))]
    return Section("Joining", _HOW, [
        _median("warm", warm), _p95("warm", warm, _WARM),
        _median("cold", cold), _p95("cold", cold, _COLD),
        Figure("start of Python and imports before that", f"{percentile(starting, 0.5):.0f} ms"),
    ])  # fmt: skip


async def _warm(made_by: CapturePool, coin: DemoCoin, path: Path) -> float:
    made_by.prepare()
    worker = await made_by.spare()
    assert worker is not None
    ready = await worker.next_event()
    assert ready == {"event": "ready"}
    result = await made_by.record(ClipRequest(coin.mint, 1.0, path, LIMIT, HEIGHT))
    assert result.join_ms is not None, result
    return result.join_ms


async def _cold(world: World, coin: DemoCoin, path: Path) -> float:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "clip", coin.mint, "1s", "--json", "--out", str(path)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, **world.environment},
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said
    return float(json.loads(said)["join_ms"])


async def _starting() -> float:
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "import bot.cli")
    assert await process.wait() == 0
    return (time.monotonic() - began) * 1000


def _median(kind: str, joins: list[float]) -> Figure:
    return Figure(f"{kind}, p50 of {len(joins)}", f"{percentile(joins, 0.5):.0f} ms")


def _p95(kind: str, joins: list[float], most: float) -> Figure:
    p95 = percentile(joins, 0.95)
    return Figure(
        f"{kind}, p95 of {len(joins)}", f"{p95:.0f} ms", f"≤ {most:.0f} ms", holds=p95 <= most
    )
