"""Flash against beep, in every combination."""

from __future__ import annotations

import contextlib
import random

from bot.clips.encoding import plan
from bot.demo.broadcast.broadcaster import Broadcaster
from bot.demo.site.coins import DemoCoin
from bot.demo.world import World
from tests.bench.comparison import naive
from tests.bench.figures import Effort, Figure, Section
from tests.clip_harness import (
    HEIGHT,
    LIMIT,
    PROMISED,
    complaints,
    ends_apart,
    jitter,
    judged,
    kept,
    longest_freeze,
    record,
)
from tests.clip_judge import Verdict

_DEMAND = (
    f"median ±{PROMISED.median * 1000:.0f} ms, p95 ≤ {PROMISED.p95 * 1000:.0f} ms,"
    f" length ±{PROMISED.length} s, ends ≤ 100 ms"
)
_FRAMES = f", frames ≥ {PROMISED.kept:.1%}, freeze ≤ 100 ms"
_HOW = """\
Clips of 30 s of the painted card at 720p30, judged from the file: the lamp's flash and the beep
begin at the same instant (the first flash of a clip is left out; positive: sound late). The SDK
encodes the picture, as a browser's libwebrtc does. Under jitter the server is stopped for 20 to
140 ms and continued for 60 to 300 ms, all the time; there frames are given, not demanded. The naive
recorder on the same broadcast shows what is corrected."""


async def measure(effort: Effort) -> Section:
    """Codecs by sync_streams by jitter."""
    figures = []
    for sync_streams in (False, True):
        async with World(sync_streams=sync_streams) as world:
            for codec in ("h264", "vp8"):
                figures += await _with(world, codec, sync_streams, effort)
    return Section("Length, sync and frames", _HOW, figures)


async def _with(world: World, codec: str, sync_streams: bool, effort: Effort) -> list[Figure]:
    figures, seconds = [], effort.seconds(30, 8)
    coin = world.add_coin(f"SYNC{codec}", "In step")
    caster = await world.broadcast(coin, codec=codec)
    for bad_line in (False, True):
        line = "jitter" if bad_line else "quiet"
        name = f"{codec}, sync_streams {'on' if sync_streams else 'off'}, {line}"
        async with contextlib.AsyncExitStack() as stack:
            if bad_line:
                await stack.enter_async_context(jitter(world.server, random.Random(7)))
            _, verdict = await record(world, coin, seconds, effort.folder)
            figures.append(_figure(name, verdict, seconds, frames=not bad_line))
            if bad_line and not sync_streams:
                figures.append(await _naive(world, coin, caster, name, effort))
    await caster.stop()
    return figures


async def _naive(
    world: World, coin: DemoCoin, caster: Broadcaster, name: str, effort: Effort
) -> Figure:
    rate, path = plan(30.0, LIMIT, HEIGHT), effort.folder / f"naive-{caster.options.codec}.mp4"
    assert rate is not None
    async with naive(world, coin, rate, effort.seconds(30, 8), path) as run:
        await run.done()
    return Figure(f"the naive recorder: {name}", _value(await judged(path, caster)))


def _figure(name: str, verdict: Verdict, seconds: float, *, frames: bool) -> Figure:
    found = complaints(verdict, seconds, frames=frames)
    demand = _DEMAND + (_FRAMES if frames else "")
    return Figure(name, _value(verdict), demand, holds=not found)


def _value(verdict: Verdict) -> str:
    if verdict.skew_median is None or verdict.skew_p95 is None:
        return "no beep found"
    return (
        f"median {verdict.skew_median * 1000:+.0f} ms, p95 {verdict.skew_p95 * 1000:.0f} ms,"
        f" {verdict.duration:.2f} s, ends {ends_apart(verdict) * 1000:.0f} ms apart,"
        f" frames {kept(verdict):.2%}, freeze {longest_freeze(verdict) * 1000:.0f} ms"
    )
