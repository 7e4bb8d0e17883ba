"""What the tests of clips play: a clip of a coin on air, judged; bad lines; and the demands.

async with World() as world:
    coin = world.add_coin("MINTY", "Minty")
    caster = await world.broadcast(coin, encoder="pre-encoded")
    result, verdict = await record(world, coin, 30, tmp_path, caster=caster)
    assert not complaints(verdict, 30)
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

from bot.app import build_pumpfun
from bot.clips import CapturePool
from bot.config import load_settings
from bot.demo.broadcast.broadcaster import Broadcaster
from bot.demo.livekit.server import LiveKitServer
from bot.demo.site.coins import DemoCoin
from bot.demo.world import World
from bot.model import ClipProgress, ClipRequest, ClipResult, Phase
from bot.pumpfun import PumpfunClient
from tests.clip_judge import Verdict, judge

AT_ONCE = 2
"""So many streams play at once, which two slow cores carry."""

LIMIT = 10 << 20
"""Bytes that a clip may take unless a test says otherwise, as on the command line."""

HEIGHT = 720


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far a clip may be from what was asked for. Seconds; `kept` is a share of the frames."""

    length: float = 0.5
    ends: float = 0.1
    median: float = 0.030
    p95: float = 0.080
    kept: float = 0.995
    freeze: float = 0.100


PROMISED = Bounds()
BUSY = Bounds(length=1.5, ends=0.3, median=0.5, p95=0.5, kept=0.8, freeze=1.0)
"""Where other tests take the processor. `make soak` and `make bench`, on a machine that they have
for themselves, hold clips to what is promised."""

_STOP_SECONDS = (0.02, 0.14)
_REST_SECONDS = (0.06, 0.30)
_numbers = itertools.count(1)


class Taken(NamedTuple):
    """What came of a clip; the verdict is empty where there is no file."""

    result: ClipResult
    verdict: Verdict


@contextlib.asynccontextmanager
async def capture_pool(world: World, *, keep_spare: bool = False) -> AsyncIterator[CapturePool]:
    """A pool that asks the look-alike of `world`."""
    async with pumpfun(world) as rooms, CapturePool(rooms, keep_spare=keep_spare) as made:
        if keep_spare:
            made.prepare()
        yield made


def pumpfun(world: World) -> PumpfunClient:
    """The client for the look-alike of `world`; open it with `async with`."""
    return build_pumpfun(load_settings(environment=world.environment))


async def record(
    world: World,
    coin: DemoCoin,
    seconds: float,
    folder: Path,
    *,
    caster: Broadcaster | None = None,
    using: CapturePool | None = None,
    max_bytes: int = LIMIT,
    finish: asyncio.Event | None = None,
    on_progress: Callable[[ClipProgress], None] = lambda _: None,
) -> Taken:
    """A clip of `coin`, made by `using` or by a pool of its own, and judged.

    Name the `caster` where its numbers repeat (pre-encoded). The judging is done in a thread.
    """
    request = ClipRequest(
        coin.mint, seconds, folder / f"clip-{next(_numbers)}.mp4", max_bytes, HEIGHT
    )
    async with contextlib.AsyncExitStack() as stack:
        made_by = (
            using if using is not None else await stack.enter_async_context(capture_pool(world))
        )
        result = await made_by.record(request, on_progress, finish)
    return Taken(result, await judged(result.path, caster))


async def judged(path: Path | None, caster: Broadcaster | None = None) -> Verdict:
    """The verdict on a file, without stopping the event loop for it."""
    if path is None:
        return Verdict()
    loop = caster.loop_frames if caster is not None else 0
    return await asyncio.to_thread(judge, path, loop_frames=loop)


class Underway:
    """A clip that is being made, and the process that makes it.

    `async with Underway(using, coin, 30, path) as clip:` is there once its worker has started;
    leaving it before `result()` gives the clip up.
    """

    def __init__(self, using: CapturePool, coin: DemoCoin, seconds: float, path: Path) -> None:
        self._using = using
        self._request = ClipRequest(coin.mint, seconds, path, LIMIT, HEIGHT)
        self._seen: dict[Phase, ClipProgress] = {}
        self._news = asyncio.Event()
        self._making: asyncio.Task[ClipResult] | None = None
        self.pid = 0

    async def __aenter__(self) -> Self:
        self._using.prepare()
        worker = await self._using.spare()
        assert worker is not None
        self.pid = worker.pid
        making = self._using.record(self._request, self._take)
        self._making = asyncio.create_task(making, name="clip-underway")
        self._making.add_done_callback(lambda _: self._news.set())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._making is not None:
            self._making.cancel()
            await asyncio.gather(self._making, return_exceptions=True)

    async def reaches(self, phase: Phase, done_seconds: float = 0.0) -> None:
        """Wait until so much is done of `phase`. Raises AssertionError if the clip ends before."""
        while phase not in self._seen or self._seen[phase].done_seconds < done_seconds:
            assert self._making is not None
            assert not self._making.done(), f"it ended before {phase}: {self._making.result()}"
            self._news.clear()
            await self._news.wait()

    async def result(self) -> ClipResult:
        """What came of it."""
        assert self._making is not None
        return await self._making

    def _take(self, progress: ClipProgress) -> None:
        self._seen[progress.phase] = progress
        self._news.set()


@contextlib.asynccontextmanager
async def jitter(server: LiveKitServer, rng: random.Random) -> AsyncIterator[None]:
    """Meanwhile the server is stopped and continued: media come in bursts of 20 to 140 ms."""
    task = asyncio.create_task(_stop_and_go(server, rng), name="jitter")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _stop_and_go(server: LiveKitServer, rng: random.Random) -> None:
    while True:
        server.pause()
        try:
            await asyncio.sleep(rng.uniform(*_STOP_SECONDS))
        finally:
            server.resume()
        await asyncio.sleep(rng.uniform(*_REST_SECONDS))


def kept(verdict: Verdict) -> float:
    """The share of the published frames, from the first shown to the last, that are in the clip."""
    shown = verdict.frames - verdict.repeated - verdict.unreadable
    published = shown + verdict.missing
    return shown / published if published else 0.0


def longest_freeze(verdict: Verdict) -> float:
    """How long a picture stood at most, the last one of the clip included."""
    if not verdict.pts or verdict.video_end is None:
        return float("inf")
    return max(verdict.longest_gap, verdict.video_end - verdict.pts[-1])


def ends_apart(verdict: Verdict) -> float:
    """How far picture and sound are apart where they begin, or where they end; the larger."""
    ends = (verdict.video_start, verdict.audio_start, verdict.video_end, verdict.audio_end)
    if any(end is None for end in ends):
        return float("inf")
    picture_from, sound_from, picture_to, sound_to = (float(end or 0.0) for end in ends)
    return max(abs(picture_from - sound_from), abs(picture_to - sound_to))


def complaints(
    verdict: Verdict, seconds: float, bounds: Bounds = PROMISED, *, frames: bool = True
) -> list[str]:
    """What a clip of `seconds` lacks; `frames=False` where some must be lost.

    Speaks of whole clips of the card: file, length, ends, sync, frames and freezes.
    """
    found = [*_of_file(verdict, seconds, bounds), *_of_sync(verdict, bounds)]
    return [*found, *_of_frames(verdict, bounds)] if frames else found


def _of_file(verdict: Verdict, seconds: float, bounds: Bounds) -> list[str]:
    off, apart = abs(verdict.duration - seconds), ends_apart(verdict)
    checks = {
        f"lasts {verdict.duration:.3f} s of {seconds} s": off <= bounds.length,
        f"its streams' ends are {apart:.3f} s apart": apart <= bounds.ends,
        "it is not in order": verdict.ordered and not verdict.backwards,
        "it does not begin with a keyframe": verdict.keyframe_first,
        "its index is behind its media": verdict.moov_first,
    }
    return [complaint for complaint, holds in checks.items() if not holds]


def _of_sync(verdict: Verdict, bounds: Bounds) -> list[str]:
    median, p95 = verdict.skew_median, verdict.skew_p95
    if median is None or p95 is None:
        return ["no flash has its beep"]
    checks = {
        f"sound is {median * 1000:+.0f} ms off at the median": abs(median) <= bounds.median,
        f"sound is {p95 * 1000:.0f} ms off at p95": p95 <= bounds.p95,
    }
    return [complaint for complaint, holds in checks.items() if not holds]


def _of_frames(verdict: Verdict, bounds: Bounds) -> list[str]:
    share, freeze = kept(verdict), longest_freeze(verdict)
    checks = {
        f"{share:.2%} of the frames are in it ({verdict.missing} missing)": share >= bounds.kept,
        f"a picture stood for {freeze * 1000:.0f} ms": freeze <= bounds.freeze + 0.001,
    }
    return [complaint for complaint, holds in checks.items() if not holds]
