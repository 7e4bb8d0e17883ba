"""Clips of the site's own recording: how soon, how near, what they take."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import psutil

from bot.clips.editing import SEGMENT_CUTTER
from bot.config import Settings
from bot.kit.tasks import background
from bot.model import ClipResult, ClipStatus
from bot.pumpfun.recording.media import Media
from bot.pumpfun.recording.segment_cache import SegmentCache
from tests.bench.figures import Effort, Figure, Section
from tests.bench.look_alike import OPTIONS, look_alike
from tests.bench.meters import percentile
from tests.clip_judge import Verdict, judge
from tests.clips.sources.recording.harness import Known, off

_HOW = """\
The look-alike's recording of a 720p30 card, ten minutes of it, whose segments are made before they
are asked for; it is a process of its own, and every answer of its media host comes 50 ms late. How
late stamps are is known. The time runs from the request to the file; fetching is part of it.
Processor time is ours and that of the processes that cut. Begin and end are what the first and the
last picture are off the window, by their numbers. *Behind* is how much longer than the recording's
delay a clip takes that ends now; a segment has two seconds, and its end is not waited for where it
has less than 0.9 s of the window. Eight clips at once are of eight windows; meanwhile a ticker in
the same loop tells for how long that was ever held."""


@dataclass
class _Tally:
    """Of clips that were made one after another."""

    took: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    begins: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    skews: list[float] = field(default_factory=list)
    tails: list[float] = field(default_factory=list)
    whole: int = 0

    def add(self, result: ClipResult, verdict: Verdict) -> None:
        """What a judge found."""
        self.whole += result.status is ClipStatus.COMPLETE and not verdict.missing
        self.skews.append(1000 * (verdict.skew_median or 0.0))
        self.tails.append(1000 * (verdict.skew_p95 or 0.0))


async def measure(effort: Effort) -> Section:
    """Clips of the past, of what has just been, and eight at once."""
    async with _recorded(effort) as recorded:
        past = await _past(recorded, effort.times(30, 3))
        behind = await _behind(recorded, effort.times(8, 1))
        at_once, held = await _at_once(recorded, 8)
        fetched, _ = await _at_once(recorded, 8, is_fetched=True)
        memory = await _memory(recorded)
    sync = f"median {percentile(past.skews, 0.5):+.1f} ms, p95 {max(past.tails):.1f} ms"
    begin, end = (f"{min(x):+.2f} to {max(x):+.2f} s" for x in (past.begins, past.ends))
    worst = max(map(abs, (*past.begins, *past.ends)))
    return Section("Look-back", _HOW, [
        Figure(f"30 s of the past, p95 of {len(past.took)}", f"{percentile(past.took, 0.95):.2f} s",
               "≤ 2 s", percentile(past.took, 0.95) <= 2),
        Figure("processor time of one", f"{percentile(past.cpu, 0.5):.2f} s", "≤ 0.5 s",
               percentile(past.cpu, 0.5) <= 0.5),
        Figure("memory of the process that cuts", f"{memory:.0f} MB", "≤ 120 MB", memory <= 120),
        Figure("begin, off the window", begin, "±1.0 s", worst <= 1.0),
        Figure("end, off the window", end, "±1.0 s", worst <= 1.0),
        Figure("whole, no frame missing", f"{past.whole} of {len(past.took)}", "all",
               past.whole == len(past.took)),
        Figure("sync", sync, "median ±15 ms, p95 ≤ 50 ms",
               max(map(abs, past.skews)) <= 15 and max(past.tails) <= 50),
        Figure(f"the last 10 s, behind the delay, most of {len(behind)}", f"{max(behind):.2f} s",
               "≤ 2 s", max(behind) <= 2),
        Figure("eight at once", f"{at_once:.2f} s", "≤ 3 s", at_once <= 3),
        Figure("eight at once, of segments that are on the disk", f"{fetched:.2f} s"),
        Figure("the loop was held meanwhile for", f"{held * 1000:.0f} ms", "≤ 50 ms", held <= 0.05),
    ])  # fmt: skip


@contextlib.asynccontextmanager
async def _recorded(effort: Effort) -> AsyncIterator[Known]:
    folder = effort.folder / "look-back"
    folder.mkdir(parents=True, exist_ok=True)
    cache = SegmentCache(folder / "segments", Settings().recording.cache_bytes)
    async with (
        look_alike(effort.seconds(240, 80)) as site,
        Media(hosts=[site.origin], cache=cache, longest=180.0) as media,
    ):
        known = Known(site.mint, media, folder, delay=OPTIONS.delay, zero=site.zero)
        known.add(site.place, late=OPTIONS.dating)
        yield known


async def _past(recorded: Known, count: int) -> _Tally:
    """Each of another window, and nothing of it is on the disk."""
    tally, me = _Tally(), psutil.Process()
    reach = min(200.0, 24.0 + count * 10)
    for number in range(count):
        await recorded.media.cache.clear()
        window = recorded.ago(reach - number * 5.3, reach - 30 - number * 5.3)
        before, began = _spent(me), time.monotonic()
        result = await recorded.made(window)
        tally.took.append(time.monotonic() - began)
        tally.cpu.append(_spent(me) - before)
        assert result.path is not None, result.detail
        verdict = await asyncio.to_thread(judge, result.path)
        tally.add(result, verdict)
        begin, end = off(recorded.shown(verdict), window)
        tally.begins.append(begin)
        tally.ends.append(end)
    return tally


async def _behind(recorded: Known, count: int) -> list[float]:
    took = []
    for number in range(count):
        await asyncio.sleep(0.37 * number)  # at another phase of the segments
        began = time.monotonic()
        result = await recorded.made(recorded.ago(10, 0))
        assert result.status is ClipStatus.COMPLETE
        took.append(time.monotonic() - began - OPTIONS.delay)
    return took


async def _at_once(recorded: Known, count: int, *, is_fetched: bool = False) -> tuple[float, float]:
    """Seconds until all are there, and for which the loop was held at most."""
    windows = [recorded.ago(150 - 10 * n, 120 - 10 * n) for n in range(count)]
    if is_fetched:
        await asyncio.gather(*(recorded.made(window) for window in windows))
    else:
        await recorded.media.cache.clear()
    gaps = [0.0]
    async with background(_tick(gaps), "ticker"):
        began = time.monotonic()
        results = await asyncio.gather(*(recorded.made(window) for window in windows))
        took = time.monotonic() - began
    assert all(result.failure is None for result in results)
    return took, max(gaps)


async def _tick(gaps: list[float]) -> None:
    step = 0.005
    while True:
        before = time.monotonic()
        await asyncio.sleep(step)
        gaps.append(time.monotonic() - before - step)


async def _memory(recorded: Known) -> float:
    """The most that is seen of the process that cuts, in MB."""
    seen = [0.0]
    async with background(_watch(seen), "watch"):
        for number in range(4):
            await recorded.made(recorded.ago(120 - number, 60 - number))
    return max(seen)


async def _watch(seen: list[float]) -> None:
    me = psutil.Process()
    while True:
        for child in me.children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if SEGMENT_CUTTER in " ".join(child.cmdline()):
                    seen.append(child.memory_info().rss / 1e6)
        await asyncio.sleep(0.01)


def _spent(me: psutil.Process) -> float:
    """Of this process, and of children that have ended."""
    times = me.cpu_times()
    return times.user + times.system + times.children_user + times.children_system
