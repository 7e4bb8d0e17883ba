"""Clips of what was: how soon they are there, and whether they show what was on air."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from dataclasses import dataclass
from pathlib import Path

from bot.clips import CapturePool
from bot.demo.broadcast.broadcaster import Broadcaster
from bot.demo.world import World
from bot.model import ClipResult, ClipStatus, Phase
from tests.bench.figures import Effort, Figure, Section
from tests.bench.meters import cpu_share, percentile, rss
from tests.bench.rows.clips.concurrent_clips import broadcast_to_all
from tests.clip_harness import PROMISED, Underway, capture_pool, judged, kept
from tests.ring_harness import OpenRing, open_ring

_SECONDS = 60.0
_AT_ONCE = 20
_MOST_MS = 300.0
_NEAR = 0.5
_MOST_MB = 165.0
_AS_A_CAPTURE = 1.05
_HOW = """\
A capture of one 720p30 H.264 publisher stays open with the last 60 s. Clips of 30 s are asked for,
one after another with pauses of up to a second; the time runs from the request until the file is
complete and has its name. Each shows numbered frames, and the publisher says when it put each on
air: begin and end are what the first and the last picture are off the window. Then twenty clips are
asked for within ten seconds, all of the same ring. The processor time of a ring that nobody clips
from stands beside that of a capture for one clip, in the same run on the same stream; at last two
rings and a clip of a third room are open at once, from one pre-encoded publisher."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """One clip of the ring, the seconds it took, and the monotonic instant it was asked for at."""

    result: ClipResult
    took: float
    asked_at: float
    seconds: float


async def measure(effort: Effort) -> Section:
    """One ring, and two beside a clip."""
    async with World() as world, capture_pool(world, keep_spare=True) as using:
        figures = await _one_ring(world, using, effort)
    async with World() as world, capture_pool(world) as using:
        figures.append(await _three_rooms(world, using, effort))
    return Section("Instant replay", _HOW, figures)


async def _one_ring(world: World, using: CapturePool, effort: Effort) -> list[Figure]:
    coin = world.add_coin("RING", "What just happened")
    caster = await world.broadcast(coin, codec="h264")
    seconds, window = effort.seconds(30, 5), effort.seconds(30, 4)
    async with Underway(using, coin, window + 10, effort.folder / "capture.mp4") as clip:
        await clip.reaches(Phase.RECORDING, 3.0)
        capture = await cpu_share(clip.pid, window)
    async with open_ring(world, coin, _SECONDS, using=using) as ring:
        await ring.holds(seconds + 3)
        idle = await cpu_share(ring.capture.pid, window)
        taken = [
            await _take(ring, seconds, effort.folder / f"{number}.mp4")
            for number in range(effort.times(50, 4))
        ]
        crowd = await _crowd(ring, seconds, effort.folder)
        memory = rss(ring.capture.pid)
    figures = [_soon(taken), *await _near(taken, caster, effort.times(12, 2))]
    return [
        *figures,
        _all_right(crowd),
        Figure(
            "processor time of a ring, of a capture",
            f"{idle:.3f}, {capture:.3f} cores: {idle / capture:.2f}",
            f"≤ {_AS_A_CAPTURE:g} times",
            holds=idle <= _AS_A_CAPTURE * capture,
        ),
        Figure(
            "memory of the ring at the end",
            f"{memory:.0f} MB",
            f"≤ {_MOST_MB:.0f} MB",
            holds=memory <= _MOST_MB,
        ),
    ]


async def _take(ring: OpenRing, seconds: float, path: Path, pause: float = 1.0) -> _Taken:
    await asyncio.sleep(random.uniform(0, pause))
    asked_at = time.monotonic()
    result = await ring.last(seconds, path)
    return _Taken(result, time.monotonic() - asked_at, asked_at, seconds)


async def _crowd(ring: OpenRing, seconds: float, folder: Path) -> list[_Taken]:
    return await asyncio.gather(
        *(_take(ring, seconds, folder / f"crowd-{n}.mp4", 10.0) for n in range(_AT_ONCE))
    )


def _soon(taken: list[_Taken]) -> Figure:
    times = [1000 * one.took for one in taken]
    worst = percentile(times, 0.95)
    return Figure(
        f"from the request to the file, {len(times)} clips",
        f"median {percentile(times, 0.5):.0f} ms, p95 {worst:.0f} ms",
        f"p95 ≤ {_MOST_MS:.0f} ms",
        holds=worst <= _MOST_MS,
    )


async def _near(taken: list[_Taken], caster: Broadcaster, count: int) -> list[Figure]:
    """Of some of them, evenly spread: to read the numbers takes longer than the clips."""
    errors: dict[str, list[float]] = {"begin": [], "end": []}
    for one in taken[:: max(1, len(taken) // count)]:
        verdict = await judged(one.result.path, caster)
        numbers = [number for number in verdict.numbers if number is not None]
        zero, frame = caster.zero_ns / 1e9, 1 / caster.options.fps
        errors["begin"].append(zero + numbers[0] * frame - (one.asked_at - one.seconds))
        errors["end"].append(zero + (numbers[-1] + 1) * frame - one.asked_at)
    return [
        Figure(
            f"{name} of the clip, off the window",
            f"{1000 * min(off):+.0f} to {1000 * max(off):+.0f} ms in {len(off)} clips",
            f"±{_NEAR:g} s",
            holds=max(map(abs, off)) <= _NEAR,
        )
        for name, off in errors.items()
    ]


def _all_right(crowd: list[_Taken]) -> Figure:
    right = [
        one
        for one in crowd
        if one.result.status is ClipStatus.COMPLETE
        and abs(one.result.seconds - one.seconds) <= PROMISED.length
    ]
    slowest = max(one.took for one in crowd)
    return Figure(
        f"{len(crowd)} clips within ten seconds",
        f"{len(right)} right, the slowest after {1000 * slowest:.0f} ms",
        "all",
        holds=len(right) == len(crowd),
    )


async def _three_rooms(world: World, using: CapturePool, effort: Effort) -> Figure:
    seconds = effort.seconds(20, 5)
    coins = [world.add_coin(f"ROOM{number}", "One of three") for number in range(3)]
    async with contextlib.AsyncExitStack() as stack:
        caster = await stack.enter_async_context(broadcast_to_all(world, coins))
        rings = [
            await stack.enter_async_context(open_ring(world, coin, _SECONDS, using=using))
            for coin in coins[:2]
        ]
        clip = await stack.enter_async_context(
            Underway(using, coins[2], seconds, effort.folder / "third.mp4")
        )
        third = await clip.result()
        made = [
            await ring.last(seconds - 2, effort.folder / f"room-{number}.mp4")
            for number, ring in enumerate(rings)
        ]
    shares = [await _kept(result, caster) for result in (third, *made)]
    return Figure(
        "frames kept with two rings and a clip at once, the worst",
        f"{min(shares):.2%}",
        "≥ 99 %",
        holds=min(shares) >= 0.99,
    )


async def _kept(result: ClipResult, caster: Broadcaster) -> float:
    return kept(await judged(result.path, caster))
