"""The capture of one coin, shared by its ring and by all of its clips: opened when somebody wants
it, and again where it breaks off.

One task opens and closes; whoever wants something says so, and wakes it. A capture whose room is
over gives what it has until another one has as much.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from enum import Enum

from bot.clips.workers.opened_capture import (
    Capture,
    CaptureOrder,
    OpenedCapture,
    Opener,
    Span,
    best_for,
    worthiest,
)
from bot.clips.workers.opening_pauses import OpeningPauses
from bot.errors import ChildError, PumpfunError
from bot.kit.notifier import heard
from bot.kit.timing.clock import Clock
from bot.model import CaptureEnd, ClipFailure

_log = logging.getLogger(__name__)

_LOOK_SECONDS = 5.0
_REPLACED_SECONDS = 60.0
"""A capture that is outgrown is replaced no more often: its host may change back and forth."""


LEFT_SECONDS = 120.0
"""What a room that is over has left is at hand for so long after its end."""


class Hold(Enum):
    """What becomes of a capture that makes no clip: it is closed; it stays, and so does what it has
    when its room is over; it is opened again where it breaks off."""

    NOT = "not"
    RETAINED = "retained"
    HELD = "held"


class SharedCapture:
    """`run` it as a task: it ends when nobody wants it any more, or when it is cancelled."""

    def __init__(self, mint: str, opener: Opener, clock: Clock) -> None:
        self.mint = mint
        self.used_at = clock.monotonic()
        """When something was last cut of it for people, or when it began to be held."""
        self.is_ending = False
        """It takes nobody any more: whoever wants something makes another one."""
        self.trouble: Exception | CaptureEnd | None = None
        """Why it was last not opened, or broke off."""
        self._lacked: Exception | ClipFailure | None = None
        self._hold = Hold.NOT
        self._opener = opener
        self._clock = clock
        self._opened: list[OpenedCapture] = []
        self._order: CaptureOrder | None = None
        self._users = 0
        self._waiting = 0
        """How many of them have no capture yet."""
        self._replaced_until = 0.0
        self._awaited: asyncio.Future[OpenedCapture] | None = None
        self._not_before = 0.0
        self._pauses = OpeningPauses()
        self._stream: object = None
        self._tried_since = self.used_at
        self._gave_at = 0.0
        self._news = asyncio.Event()
        self._cpu_before = 0.0

    # What others see

    @property
    def is_held(self) -> bool:
        """Whether it is somebody's ring."""
        return self._hold is not Hold.NOT

    @property
    def is_at_work(self) -> bool:
        """Whether something is being recorded."""
        return self._at_work is not None

    @property
    def over_at(self) -> float | None:
        """Since when nothing more comes, where there is something left."""
        if self.is_at_work or not self._opened:
            return None
        return self._opened[-1].ended_at

    @property
    def cpu(self) -> float:
        """The seconds of processor time that it has taken."""
        return self._cpu_before + sum(one.cpu for one in self._opened)

    @property
    def failing_for(self) -> float:
        """For how many seconds nothing has come of it, though that is wanted."""
        gave = max((one.gave_at or 0.0 for one in self._opened), default=0.0)
        return self._now - max(self._tried_since, self._gave_at, gave)

    @property
    def lacks(self) -> Exception | ClipFailure | None:
        """Why nothing is at hand, where nothing is: of what goes on, else of what was tried last.
        None: nobody knows yet."""
        one = self._at_work
        now = one.capture.ring.lacks if one is not None and one.capture.ring is not None else None
        return now or self._lacked

    def has(self) -> Span | None:
        """What is at hand: of what goes on now, once that is worth it; else of what is left."""
        best = worthiest(self._opened, self._now)
        return best.has(self._now) if best is not None else None

    def has_of(self, wanted: Span) -> Span | None:
        """The longest part of it that is at hand."""
        best = best_for(self._opened, wanted, self._now)
        span = best.has(self._now) if best is not None else None
        return span.within(wanted) if span is not None else None

    # What others want

    def hold(self, hold: Hold, order: CaptureOrder, stream: object = None) -> None:
        """Keep it as a ring, recorded so; or leave it to its clips. Another `stream` of the coin
        than before is opened as if nothing had failed."""
        if hold is not Hold.NOT:
            self._order = order
            if not self.is_held:
                self.used_at = self._clock.monotonic()
            if stream != self._stream or not self.is_held:
                self._begin_anew()
                self._stream = stream
        self._hold = hold
        self._news.set()

    @contextlib.asynccontextmanager
    async def use_for(
        self, wanted: Span, *, is_for_people: bool = True
    ) -> AsyncIterator[Capture | None]:
        """The capture that has most of what is wanted, None if it is gone."""
        best = best_for(self._opened, wanted, self._now)
        if best is None:
            yield None
            return
        async with self._using(best, is_for_people=is_for_people):
            yield best.capture

    @contextlib.asynccontextmanager
    async def use(self, order: CaptureOrder) -> AsyncIterator[Capture]:
        """The capture that is at work; one is opened, as `order` says, where none is.

        Raises PumpfunError or ChildError where that cannot be.
        """
        self._users += 1
        self._begin_anew()
        try:
            one = self._at_work or await self._next_opened(order)
            async with self._using(one):
                yield one.capture
        finally:
            self._users -= 1
            self._news.set()

    async def run(self) -> None:
        """Open and close what is wanted, until nothing is."""
        try:
            while self.is_wanted:
                self._news.clear()
                self._note_ends()
                await self._close(*filter(self._is_needless, self._opened))
                if self._is_to_open:
                    await self._open()
                else:
                    await heard(self._news, self._clock, self._patience)
        finally:
            self.is_ending = True
            await self._end()

    @property
    def is_wanted(self) -> bool:
        """Whether it goes on."""
        if self._hold is Hold.HELD or self._users:
            return True
        return any(one.users or (self.is_held and not one.is_broken) for one in self._opened)

    # The task's own

    @property
    def _now(self) -> float:
        return self._clock.monotonic()

    @property
    def _at_work(self) -> OpenedCapture | None:
        return next((one for one in reversed(self._opened) if one.is_at_work), None)

    @property
    def _left(self) -> OpenedCapture | None:
        """The one of those that are over that is worth keeping."""
        return worthiest([one for one in self._opened if not one.is_at_work], self._now)

    @property
    def _is_to_open(self) -> bool:
        if self._at_work is not None:
            return self._is_to_replace(self._at_work)
        is_due = self._hold is Hold.HELD and self._now >= self._not_before
        return is_due or self._awaited is not None

    def _is_to_replace(self, one: OpenedCapture) -> bool:
        """Whether a second capture is to be opened beside it, of the size of what is shown now."""
        is_due = self._hold is Hold.HELD and self._now >= max(
            self._not_before, self._replaced_until
        )
        return is_due and one.is_outgrown

    @property
    def _patience(self) -> float:
        waits = self._hold is Hold.HELD and self._at_work is None
        return max(0.0, self._not_before - self._now) if waits else _LOOK_SECONDS

    def _is_needless(self, one: OpenedCapture) -> bool:
        if one.users or (one.is_at_work and self._waiting):
            return False
        now, newer = self._now, self._at_work
        if one.is_at_work and one is not newer:  # outgrown
            assert newer is not None
            return newer.length(now) >= min(one.length(now), one.order.span - _LOOK_SECONDS)
        if one.is_at_work:  # for a clip that had to spend less: the ring begins anew
            order = self._order
            is_meagre = order is not None and one.order.rate.video < order.rate.video
            return self._hold is Hold.HELD and is_meagre
        if one.is_broken or one.over_for(now) >= LEFT_SECONDS or one is not self._left:
            return True
        return newer is not None and newer.length(now) >= one.length(now)

    def _begin_anew(self) -> None:
        self._tried_since = self._not_before = self._now
        self._pauses.begin_anew()

    def _note_ends(self) -> None:
        for one in self._opened:
            if not one.is_at_work and one.ended_at is None:
                one.ended_at = self._now
                lasted, gave = one.ended_at - one.at, one.gave_at is not None
                self._not_before = self._now + self._pauses.next(
                    self._now, lasted=lasted, gave=gave
                )
                self.trouble = one.capture.ended.result()
                self._lacked = _lacked(one)

    async def _next_opened(self, order: CaptureOrder) -> OpenedCapture:
        if self._awaited is None:
            self._awaited = asyncio.get_running_loop().create_future()
            if not self.is_held:
                self._order = order
        self._news.set()
        self._waiting += 1
        try:
            return await asyncio.shield(self._awaited)
        finally:
            self._waiting -= 1

    async def _open(self) -> None:
        order, stack = self._order, contextlib.AsyncExitStack()
        assert order is not None
        if self._at_work is not None:
            self._replaced_until = self._now + _REPLACED_SECONDS
        opening = self._opener.capture(self.mint, order.rate, order.span, order.max_bytes)
        try:
            capture = await stack.enter_async_context(opening)
        except (PumpfunError, ChildError) as error:
            _log.info("no capture of %s: %s", self.mint, error)
            stated = error.stated_wait if isinstance(error, PumpfunError) else 0.0
            self._not_before = self._now + max(stated, self._pauses.next(self._now))
            self.trouble = self._lacked = error
            self._answer(error)
            return
        capture.ended.add_done_callback(lambda _: self._news.set())
        capture.gone.add_done_callback(lambda _: self._news.set())
        one = OpenedCapture(capture, order, stack, self._now)
        self._opened.append(one)
        self._answer(one)

    def _answer(self, outcome: OpenedCapture | Exception) -> None:
        awaited, self._awaited = self._awaited, None
        if awaited is None or awaited.done():
            return
        if isinstance(outcome, Exception):
            awaited.set_exception(outcome)
            awaited.exception()  # looked at: whoever waited may have been cancelled
        else:
            awaited.set_result(outcome)

    @contextlib.asynccontextmanager
    async def _using(
        self, one: OpenedCapture, *, is_for_people: bool = True
    ) -> AsyncIterator[None]:
        one.users += 1
        try:
            yield
        finally:
            one.users -= 1
            if is_for_people:
                self.used_at = self._now
            self._news.set()

    async def _close(self, *several: OpenedCapture) -> None:
        """All at once, and none is given to anybody from now on: each may take seconds."""
        for one in several:
            self._opened.remove(one)
            self._gave_at = max(self._gave_at, one.gave_at or 0.0)
            self._cpu_before += one.cpu
        await asyncio.gather(*(one.stack.aclose() for one in several))

    async def _end(self) -> None:
        self._answer(ChildError("captures of this coin have ended"))
        await self._close(*self._opened)


def _lacked(one: OpenedCapture) -> ClipFailure | None:
    """Why one that has ended gave nothing, if it did."""
    if one.capture.ended.result() is CaptureEnd.FAULT:
        return ClipFailure.WORKER_DIED
    return one.capture.ring.lacks if one.capture.ring is not None else None
