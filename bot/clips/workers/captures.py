"""The captures that are open, by coin: rings and clips of one coin share one."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Self

from bot.clips.capture import MakeClip
from bot.clips.encoding import GOP_SECONDS, Rate, plan
from bot.clips.results import failed
from bot.clips.workers.capture_client import OnProgress
from bot.clips.workers.opened_capture import CaptureOrder, Opener, Span
from bot.clips.workers.shared_capture import Hold, SharedCapture
from bot.errors import ChildError
from bot.kit.tasks import Tasks
from bot.kit.timing.clock import Clock
from bot.model import ClipFailure, ClipRequest, ClipResult, Window

_CLIP_BYTES = 10 << 20
"""A clip of the default length that is cut of a ring is to fit this: Discord's least limit."""

_MARGIN_SECONDS = 30.0
"""A ring keeps so much more than is promised: a clip that was asked for may wait for its turn, for
room on the disk and for the database, and loses nothing of its window by that."""


def ring_order(
    seconds: float,
    clip_seconds: float,
    longest: float,
    max_height: int,
    clip_bytes: int = _CLIP_BYTES,
) -> CaptureOrder:
    """How a ring is recorded that has the last `seconds`, and whose clips are mostly of
    `clip_seconds` within `clip_bytes`, and of `longest` at most."""
    rate = plan(clip_seconds, clip_bytes, max_height)
    assert rate is not None, "no setting allows clips that are so long"
    return CaptureOrder(rate, seconds + _MARGIN_SECONDS, longest + _MARGIN_SECONDS)


class Captures:
    """Use as an async context manager; leaving it ends every capture, and then their clips.

    `ring` is how rings are recorded, and every capture that may become one; None: there are none.
    `longest` is how many seconds a clip may have.
    """

    def __init__(
        self, opener: Opener, *, clock: Clock, ring: CaptureOrder | None, longest: float
    ) -> None:
        self._opener = opener
        self._clock = clock
        self._ring = ring
        self._longest = longest
        self._shared: dict[str, SharedCapture] = {}
        self._tasks = Tasks()
        self._cpu_before = 0.0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._tasks.stop()

    @property
    def all(self) -> tuple[SharedCapture, ...]:
        """One for each coin of which something is recorded, or at hand."""
        return tuple(one for one in self._shared.values() if not one.is_ending)

    @property
    def cpu(self) -> float:
        """The seconds of processor time that captures have taken since the start."""
        return self._cpu_before + sum(one.cpu for one in self._shared.values())

    def hold(self, mint: str, hold: Hold, stream: object = None) -> None:
        """Keep a ring of that coin, of which `stream` is on air, or leave its capture to its
        clips."""
        assert self._ring is not None, "there are to be no rings"
        if hold is Hold.HELD or self._get(mint) is not None:
            self._of(mint).hold(hold, self._ring, stream)

    def is_kept(self, mint: str) -> bool:
        """Whether what is at hand of that coin stays so when no clip needs it."""
        shared = self._get(mint)
        return shared is not None and shared.is_held

    def part_of(self, mint: str, window: Window) -> Window | None:
        """The longest part of a window that is at hand."""
        shared, wanted = self._get(mint), self._span_of(window)
        part = shared.has_of(wanted) if shared is not None else None
        if part is None or self._ring is None:
            return None
        late, early = part.begins - wanted.begins, part.ends - wanted.ends
        return Window(
            window.begins_at + timedelta(seconds=late), window.ends_at + timedelta(seconds=early)
        )

    def at_hand(self, mint: str) -> Window | None:
        """The last seconds that can be had at once, until now where the stream goes on."""
        shared, now = self._get(mint), self._clock.moment()
        span = shared.has() if shared is not None else None
        if span is None or self._ring is None:
            return None
        ends_at = now.at - timedelta(seconds=now.monotonic - span.ends)
        return Window.before(ends_at, min(span.seconds, self._ring.span - _MARGIN_SECONDS))

    def lacks(self, mint: str) -> Exception | ClipFailure | None:
        """Why nothing of that coin is at hand, where nothing is, as far as is known."""
        shared = self._get(mint)
        return shared.lacks if shared is not None else None

    async def clip(
        self,
        request: ClipRequest,
        on_progress: OnProgress = lambda _: None,
        finish: asyncio.Event | None = None,
    ) -> ClipResult:
        """The window of the request, where it is at hand; the next seconds, where it has none.

        Raises PumpfunError where no token was given; whatever else goes wrong is in the result.
        """
        rate = plan(request.seconds, request.max_bytes, request.max_height)
        if rate is None:
            return failed(ClipFailure.TOO_FEW_BYTES)
        if request.window is not None:
            return await self._cut(request, self._span_of(request.window), on_progress, finish)
        order = self._order_for(request, rate)
        try:
            async with self._of(request.mint).use(order) as capture:
                return await capture.clip(_want(request), on_progress, finish)
        except ChildError as error:
            return failed(ClipFailure.WORKER_DIED, str(error))

    def _order_for(self, request: ClipRequest, rate: Rate) -> CaptureOrder:
        """For a capture that is opened for a clip; as a ring is recorded, where that fits."""
        span, longest = request.seconds + 2 * GOP_SECONDS, self._longest + _MARGIN_SECONDS
        if self._ring is not None and self._ring.rate.video <= rate.video:
            rate, span = self._ring.rate, max(span, self._ring.span)
        return CaptureOrder(rate, span, longest)

    async def _cut(
        self,
        request: ClipRequest,
        wanted: Span,
        on_progress: OnProgress,
        finish: asyncio.Event | None,
    ) -> ClipResult:
        shared = self._get(request.mint)
        if shared is None:
            return failed(ClipFailure.NOT_AT_HAND)
        async with shared.use_for(wanted, is_for_people=request.is_for_people) as capture:
            if capture is None:
                return failed(ClipFailure.NOT_AT_HAND)
            return await capture.clip(_want(request, wanted), on_progress, finish)

    def _span_of(self, window: Window) -> Span:
        """By its end: that is the instant at which it was asked for, or nearer to it."""
        ends = self._clock.moment().counted(window.ends_at)
        return Span(ends - window.seconds, ends)

    def _get(self, mint: str) -> SharedCapture | None:
        shared = self._shared.get(mint)
        return shared if shared is not None and not shared.is_ending else None

    def _of(self, mint: str) -> SharedCapture:
        shared = self._get(mint)
        if shared is None:
            self._forget(mint)
            shared = self._shared[mint] = SharedCapture(mint, self._opener, self._clock)
            self._tasks.start(self._run(shared), f"capture-of-{mint}")
        return shared

    async def _run(self, shared: SharedCapture) -> None:
        try:
            await shared.run()
        finally:
            if self._shared.get(shared.mint) is shared:
                self._forget(shared.mint)

    def _forget(self, mint: str) -> None:
        ended = self._shared.pop(mint, None)
        self._cpu_before += ended.cpu if ended is not None else 0.0


def _want(request: ClipRequest, span: Span | None = None) -> MakeClip:
    return MakeClip(
        request.seconds if span is None else span.seconds,
        str(request.path),
        request.max_bytes,
        str(request.poster) if request.poster is not None else None,
        span.begins if span is not None else None,
        span.ends if span is not None else None,
    )
