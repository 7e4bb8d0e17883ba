"""A capture that stays open, as tests cut clips of it.

async with open_ring(world, coin, seconds=20) as ring:
    await ring.holds(10)
    result = await ring.last(5.0, tmp_path / "a.mp4")
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

from bot.clips import CapturePool
from bot.clips.capture import MakeClip
from bot.clips.encoding import plan
from bot.clips.workers.capture_client import CaptureClient
from bot.demo.broadcast.broadcaster import Broadcaster
from bot.demo.site.coins import DemoCoin
from bot.demo.world import World
from bot.model import ClipResult
from tests.clip_harness import HEIGHT, LIMIT, capture_pool
from tests.clip_judge import Verdict
from tests.patience import PATIENCE

_LOOK = 0.02
_STALE = 5.0
"""It says every two seconds what it has."""


class OpenRing:
    """One capture; instants are seconds of `time.monotonic`."""

    def __init__(self, capture: CaptureClient) -> None:
        self.capture = capture

    async def holds(self, seconds: float) -> None:
        """Wait until so much of the past is at hand."""
        async with asyncio.timeout(PATIENCE + seconds):
            while self.at_hand < seconds:  # noqa: ASYNC110 - it says so in its own time
                await asyncio.sleep(_LOOK)

    async def is_fresh(self, fresh: bool = True) -> None:
        """Wait until it goes on with something new, or does so no longer."""
        async with asyncio.timeout(PATIENCE):
            while self._is_fresh != fresh:  # noqa: ASYNC110 - it says so in its own time
                await asyncio.sleep(_LOOK)

    async def reaches(self, instant: float) -> None:
        """Wait until what was on air then is at hand."""
        async with asyncio.timeout(PATIENCE):
            while (self._newest or 0.0) < instant:  # noqa: ASYNC110 - it says so in its own time
                await asyncio.sleep(_LOOK)

    @property
    def _is_fresh(self) -> bool:
        return self._newest is not None and time.monotonic() - self._newest < _STALE

    @property
    def _newest(self) -> float | None:
        state = self.capture.ring
        return state.newest if state is not None else None

    @property
    def at_hand(self) -> float:
        """So many seconds can be cut, as it said last."""
        state = self.capture.ring
        if state is None or state.oldest is None or state.newest is None:
            return 0.0
        return state.newest - state.oldest

    async def last(self, seconds: float, path: Path) -> ClipResult:
        """What was on air until now."""
        now = time.monotonic()
        return await self.window(now - seconds, now, path)

    async def window(
        self, begins: float, ends: float, path: Path, finish: asyncio.Event | None = None
    ) -> ClipResult:
        """What was on air then."""
        want = MakeClip(ends - begins, str(path), LIMIT, None, begins, ends)
        return await self.capture.clip(want, finish=finish)

    async def next(self, seconds: float, path: Path) -> ClipResult:
        """The next seconds, as of a capture that is opened for them."""
        return await self.capture.clip(MakeClip(seconds, str(path), LIMIT))


def off_the_window(
    verdict: Verdict, caster: Broadcaster, begins: float, ends: float
) -> tuple[float, float]:
    """By how many seconds a clip's first picture and its last one were on air too late, by their
    numbers; too early, where they are negative."""
    numbers = [number for number in verdict.numbers if number is not None]
    return (
        _on_air(numbers[0], caster, begins) - begins,
        _on_air(numbers[-1] + 1, caster, ends) - ends,
    )


def _on_air(number: int, caster: Broadcaster, near: float) -> float:
    """When the frame of that number was on air: in a loop, the one that is nearest."""
    zero, fps, loop = caster.zero_ns / 1e9, caster.options.fps, caster.loop_frames
    if loop:
        number += round(((near - zero) * fps - number) / loop) * loop
    return zero + number / fps


@contextlib.asynccontextmanager
async def open_ring(
    world: World, coin: DemoCoin, seconds: float, *, using: CapturePool | None = None
) -> AsyncIterator[OpenRing]:
    """A capture of `coin` that keeps so many seconds."""
    rate = plan(seconds, LIMIT, HEIGHT)
    assert rate is not None
    async with contextlib.AsyncExitStack() as stack:
        pool = using if using is not None else await stack.enter_async_context(capture_pool(world))
        opened = pool.capture(coin.mint, rate, seconds, 2 * LIMIT)
        yield OpenRing(await stack.enter_async_context(opened))
