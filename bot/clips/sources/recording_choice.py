"""Which of a stream's recordings, in which quality and how far back: what is decided of a clip that
is cut of the site's own recording. Pure.

What is on air at an instant is listed some seconds later: the delay. Stamps in a playlist tell only
a part of it, since they mark the packaging. Both parts are one number, so whoever measures it (by a
ring of the same stream, or by hand) needs no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import Recording, Window
from bot.pumpfun.coverage import Placed, placed
from bot.pumpfun.playlists import Rung, SegmentList

LONGEST_WAIT = 25.0
"""Seconds that a window's end is waited for."""
STILL_SECONDS = 10.0
"""An edge that has stood for so long has stopped."""
SLACK = timedelta(seconds=30)
"""A recording may begin before it was first seen, and goes on after it was last seen."""

_CONTAINER = 1.03
"""An MP4 is about as large as what its rung takes on the line; the rest is sound and slack."""


@dataclass(frozen=True, slots=True)
class Delay:
    """How many seconds what is on air takes to be listed: measured, or a guess."""

    seconds: float
    is_measured: bool = False


@dataclass(frozen=True, slots=True)
class SeenList:
    """A rung's list, and when its newest segment was first there."""

    segments: SegmentList
    seen_at: datetime

    def edge_at(self, delay: Delay) -> datetime:
        """The newest instant that it shows."""
        return self.seen_at - timedelta(seconds=delay.seconds)

    def placed(self, delay: Delay) -> tuple[Placed, ...]:
        """Its segments, each with the instant at which it was on air.

        Stamps keep segments at their distances, holes included; the delay says where all of them
        are. The end of a list that is over says nothing of now, so its stamps are believed.
        """
        edge_at = self.edge_at(delay)
        as_stamped = placed(self.segments.segments, edge_at=edge_at)
        if not as_stamped or self.segments.is_over:
            return as_stamped
        late = (as_stamped[-1].ends_at - edge_at).total_seconds()
        return placed(self.segments.segments, edge_at=edge_at, late=late)


def likely(recordings: Iterable[Recording], window: Window) -> tuple[Recording, ...]:
    """Those that may show some of the window, who shows most of it first."""
    shares = [(_share(each, window), each) for each in recordings]
    found = [one for one in shares if one[0] > 0]
    return tuple(each for _, each in sorted(found, key=lambda one: one[0], reverse=True))


def in_turn(
    rungs: Sequence[Rung], *, seconds: float, max_bytes: int, max_height: int
) -> tuple[Rung, ...]:
    """The best that is not too high and fits the limit, then the lower ones, the best first; the
    lowest of all where none does, since that has to be encoded anew anyway."""
    fitting = [rung for rung in rungs if _fits(rung, seconds, max_bytes, max_height)]
    best_first = sorted(fitting, key=lambda rung: (rung.height, rung.bandwidth), reverse=True)
    lowest = min(rungs, key=lambda rung: (rung.height, rung.bandwidth), default=None)
    return tuple(best_first) or ((lowest,) if lowest is not None else ())


def is_worth_waiting(edge_at: datetime, window: Window, *, waited: float, still: float) -> bool:
    """Whether more of the window will be listed soon. `waited` is for how long it was waited
    already, and `still` for how long the edge has not moved, both in seconds."""
    return edge_at < window.ends_at and waited < LONGEST_WAIT and still < STILL_SECONDS


def ready_in(edge_at: datetime, window: Window) -> float:
    """Seconds until all of the window is listed, if nothing goes wrong."""
    return max(0.0, (window.ends_at - edge_at).total_seconds())


def _share(recording: Recording, window: Window) -> float:
    begins_at = recording.first_seen_at - SLACK
    ends_at = (recording.retired_at or recording.last_seen_at) + SLACK
    if recording.retired_at is None:
        ends_at = max(ends_at, window.ends_at)
    shown = window.within(Window(begins_at, ends_at)) if begins_at < ends_at else None
    return shown.seconds if shown is not None else 0.0


def _fits(rung: Rung, seconds: float, max_bytes: int, max_height: int) -> bool:
    side = min(rung.height, rung.width) or rung.height
    return side <= max_height and rung.bandwidth / 8 * seconds * _CONTAINER <= max_bytes
