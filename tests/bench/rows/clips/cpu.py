"""CPU of the capture process beside the bare sum and beside the naive recorder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.clips import CapturePool
from bot.clips.encoding import Rate, plan
from bot.demo.broadcast.broadcaster import Broadcaster
from bot.demo.site.coins import DemoCoin
from bot.demo.world import World
from bot.model import Phase
from tests.bench.comparison import bare_sum, draining, naive
from tests.bench.figures import Effort, Figure, Section
from tests.bench.meters import cpu_share, percentile, rss
from tests.clip_harness import HEIGHT, LIMIT, Underway, capture_pool, judged, kept
from tests.clip_judge import Verdict

_MOST = 1.2
_LEAD_SECONDS = 3.0
_HOW = """\
One 720p30 H.264 publisher, pre-encoded so that it takes little itself, stays on air for all of
it; in each round the bare sum, Mintcast and the naive recorder follow one another, and the median
of the rounds is given. CPU is user and system time of the whole process over a steady window,
for each second of media. The bare sum decodes the publisher's very loop, encodes it with Mintcast's
settings (x264, AAC) and decodes Opus, one thread, without any network; paced at 30 frames a second
as a live stream is, and as fast as it goes. The naive recorder (`tests/bench/naive.py`) subscribes
to everything, encodes inside `async for` and stamps pictures as they arrive, with the same encoder
settings. Receiving alone (`tests/bench/drain.py`) is the SDK's network, jitter buffers, decoding
and delivery into Python with everything thrown away: that and encoding is the least that any
recorder made with this SDK takes."""


@dataclass(frozen=True, slots=True)
class _Recording:
    """What one recorder took, and what came of it."""

    cpu: float
    memory: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class _Round:
    """One after the other on the same publisher."""

    paced: dict[str, float]
    unpaced: dict[str, float]
    drained: float
    ours: _Recording
    theirs: _Recording


async def measure(effort: Effort) -> Section:
    """Rounds of bare sum, capture and naive recorder."""
    rate = plan(30.0, LIMIT, HEIGHT)
    assert rate is not None
    async with World() as world, capture_pool(world) as using:
        coin = world.add_coin("CPU", "What it takes")
        caster = await world.broadcast(coin, encoder="pre-encoded")
        rounds = [
            await _round(world, using, coin, caster, rate, effort, number)
            for number in range(effort.times(3, 1))
        ]
    return Section("CPU for a second of 720p30", _HOW, _figures(rounds))


async def _round(
    world: World,
    using: CapturePool,
    coin: DemoCoin,
    caster: Broadcaster,
    rate: Rate,
    effort: Effort,
    number: int,
) -> _Round:
    window, bare_seconds = effort.seconds(20, 6), int(effort.seconds(20, 5))
    path = effort.folder / f"cpu-{number}.mp4"
    paced = await bare_sum(caster.options, rate, bare_seconds, paced=True)
    unpaced = await bare_sum(caster.options, rate, bare_seconds, paced=False)
    drained = await draining(world, coin, window)
    async with Underway(using, coin, window + 2 * _LEAD_SECONDS, path) as clip:
        await clip.reaches(Phase.RECORDING, _LEAD_SECONDS)
        cpu, memory = await cpu_share(clip.pid, window), rss(clip.pid)
        ours = _Recording(cpu, memory, await judged((await clip.result()).path, caster))
    path = effort.folder / f"naive-{number}.mp4"
    async with naive(world, coin, rate, window + 2 * _LEAD_SECONDS, path) as run:
        await cpu_share(run.pid, _LEAD_SECONDS)
        cpu, memory = await cpu_share(run.pid, window), rss(run.pid)
        await run.done()
        theirs = _Recording(cpu, memory, await judged(path, caster))
    return _Round(paced, unpaced, drained, ours, theirs)


def _figures(rounds: Sequence[_Round]) -> list[Figure]:
    paced, unpaced = (
        _middle([sum(parts.values()) for parts in kind])
        for kind in ([r.paced for r in rounds], [r.unpaced for r in rounds])
    )
    to_paced = _middle([r.ours.cpu / sum(r.paced.values()) for r in rounds])
    to_unpaced = _middle([r.ours.cpu / sum(r.unpaced.values()) for r in rounds])
    least = [r.drained + r.paced["x264"] + r.paced["aac"] for r in rounds]
    to_least = _middle([r.ours.cpu / sum_ for r, sum_ in zip(rounds, least, strict=True)])
    parts = ", ".join(
        f"{part} {_middle([r.paced[part] for r in rounds]):.3f}" for part in rounds[0].paced
    )
    return [
        Figure("bare sum, paced", f"{paced:.3f} s ({parts})"),
        Figure("bare sum, as fast as it goes", f"{unpaced:.3f} s"),
        Figure("receiving alone", f"{_middle([r.drained for r in rounds]):.3f} s"),
        *_of_recorder("Mintcast", [r.ours for r in rounds]),
        *_of_recorder("naive recorder", [r.theirs for r in rounds]),
        Figure(
            "Mintcast to the paced bare sum",
            f"{to_paced:.2f}",
            f"≤ {_MOST}",
            holds=to_paced <= _MOST,
        ),
        Figure("Mintcast to the bare sum as fast as it goes", f"{to_unpaced:.2f}"),
        Figure("Mintcast to receiving alone and encoding, paced", f"{to_least:.2f}"),
    ]


def _of_recorder(name: str, recordings: Sequence[_Recording]) -> list[Figure]:
    skews = [r.verdict.skew_median for r in recordings if r.verdict.skew_median is not None]
    sync = f"{_middle(skews) * 1000:+.0f} ms" if skews else "no beep found"
    least = min(kept(r.verdict) for r in recordings)
    return [
        Figure(f"{name}: CPU", f"{_middle([r.cpu for r in recordings]):.3f} s"),
        Figure(f"{name}: frames kept, worst round", f"{least:.2%}"),
        Figure(f"{name}: sound against picture", sync),
        Figure(f"{name}: memory", f"{max(r.memory for r in recordings):.0f} MB"),
    ]  # fmt: skip


def _middle(values: Sequence[float]) -> float:
    return percentile(values, 0.5)
