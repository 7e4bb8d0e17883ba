"""A capture that is open: what it was ordered to do, what it has, and who uses it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.clips.capture import MakeClip, RingState
from bot.clips.encoding import Rate
from bot.clips.workers.capture_client import OnProgress
from bot.model import CaptureEnd, ClipResult

_STALE_SECONDS = 4.0
"""A capture tells every two seconds what it has; one that has not for so long may stand still."""

_SLACK_SECONDS = 0.5
_WORTH_SECONDS = 5.0
"""So much of what goes on now is better than more that is over."""


class Capture(Protocol):
    """A `CaptureClient`, as far as it is used here."""

    @property
    def ring(self) -> RingState | None: ...
    @property
    def ended(self) -> asyncio.Future[CaptureEnd]: ...
    @property
    def gone(self) -> asyncio.Future[None]: ...
    async def clip(
        self, want: MakeClip, on_progress: OnProgress = ..., finish: asyncio.Event | None = None
    ) -> ClipResult: ...


class Opener(Protocol):
    """Who opens captures: a `CapturePool`. Entering may raise PumpfunError or ChildError."""

    def capture(
        self, mint: str, rate: Rate, span: float, max_bytes: int
    ) -> contextlib.AbstractAsyncContextManager[Capture]: ...


@dataclass(frozen=True, slots=True)
class CaptureOrder:
    """How a capture is to record: at that rate, and so that it can give the last `span` seconds.
    A clip that is under way may need more of them, `longest` at most, whoever the capture was
    opened for: it is given to whoever comes next."""

    rate: Rate
    span: float
    longest: float

    @property
    def max_bytes(self) -> int:
        """What its packets may take, an upper bound: a fifth more than they do at most."""
        seconds = max(self.span, self.longest)
        bits = (self.rate.video + self.rate.audio) * seconds + self.rate.buffer
        return int(1.2 * bits / 8)


@dataclass(frozen=True, slots=True)
class Span:
    """What lies between two readings of the monotonic clock."""

    begins: float
    ends: float

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.ends - self.begins

    def within(self, other: Span) -> Span | None:
        """The part of it that lies in `other`, if any does."""
        begins, ends = max(self.begins, other.begins), min(self.ends, other.ends)
        return Span(begins, ends) if begins < ends else None


@dataclass(slots=True, eq=False)
class OpenedCapture:
    """A capture that is there. `users` are clips that are being made of it."""

    capture: Capture
    order: CaptureOrder
    stack: contextlib.AsyncExitStack
    at: float
    ended_at: float | None = None
    users: int = 0

    @property
    def is_at_work(self) -> bool:
        """Whether more comes of it."""
        return not self.capture.ended.done()

    @property
    def is_outgrown(self) -> bool:
        """Whether what is shown by now deserves another one, of another size."""
        ring = self.capture.ring
        return self.is_at_work and ring is not None and ring.is_outgrown

    @property
    def is_broken(self) -> bool:
        """Whether nothing can be cut of it any more: its process may die after its room is over."""
        if self.capture.gone.done():
            return True
        return not self.is_at_work and self.capture.ended.result() is CaptureEnd.FAULT

    def has(self, now: float) -> Span | None:
        """What can be cut of it. While somebody waits for a clip, nothing that this needs goes."""
        ring = self.capture.ring
        if self.is_broken or ring is None or ring.oldest is None or ring.newest is None:
            return None
        goes_on = self.is_at_work and now - ring.newest < _STALE_SECONDS
        newest = now if goes_on else ring.newest
        oldest = ring.oldest if self.users else max(ring.oldest, newest - self.order.span)
        return Span(oldest, newest) if oldest < newest else None

    @property
    def gave_at(self) -> float | None:
        """Until when something came of it, None if nothing has."""
        return self.capture.ring.newest if self.capture.ring is not None else None

    def over_for(self, now: float) -> float:
        """For how many seconds nothing more has come of it."""
        return 0.0 if self.ended_at is None else now - self.ended_at

    @property
    def cpu(self) -> float:
        """The seconds of processor time that it has taken, as it said last."""
        return self.capture.ring.cpu if self.capture.ring is not None else 0.0

    def length(self, now: float) -> float:
        """How many seconds can be cut of it."""
        span = self.has(now)
        return span.seconds if span is not None else 0.0

    def overlap(self, wanted: Span, now: float) -> float:
        """How many seconds of what is wanted."""
        span = self.has(now)
        part = span.within(wanted) if span is not None else None
        return part.seconds if part is not None else 0.0


def best_for(several: Sequence[OpenedCapture], wanted: Span, now: float) -> OpenedCapture | None:
    """The last that has the whole of what is wanted, for it is of the size of what is shown; else
    the one that has most of it, if any has."""
    parts = [(one, one.overlap(wanted, now)) for one in several]
    had = [(one, seconds) for one, seconds in parts if seconds]
    return _last_of_enough(had, wanted.seconds - _SLACK_SECONDS)


def worthiest(several: Sequence[OpenedCapture], now: float) -> OpenedCapture | None:
    """Of those that were opened one after another: the last that has enough for a clip, for that is
    what reaches now; else the one that has most."""
    return _last_of_enough([(one, one.length(now)) for one in several], _WORTH_SECONDS)


def _last_of_enough(
    several: Sequence[tuple[OpenedCapture, float]], enough: float
) -> OpenedCapture | None:
    """Each with how many seconds it has: the last that has `enough`, else the one with most."""
    good = [one for one, seconds in several if seconds >= enough]
    if good:
        return good[-1]
    return max(several, key=lambda each: each[1], default=(None, 0.0))[0]
