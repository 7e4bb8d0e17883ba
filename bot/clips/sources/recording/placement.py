"""When a recording's segments were on air. Pure.

A playlist tells that only in part. Its stamps mark the packaging, so they are late by nobody knows
how much; what is on air is listed some seconds later still: the delay. Stamps keep segments at
their distances, holes included, so one number places a whole recording: by how much its stamps are
late. It is measured by whoever has another source of the same stream; else it is what the guessed
delay leaves of how far behind now the stamps have been at their nearest. A list without stamps is
placed by its edge, and only while that moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import PlacedBy, Window
from bot.pumpfun.recording.coverage import Placed, at_hand, placed
from bot.pumpfun.recording.playlists import SegmentList

STILL_SECONDS = 10.0
"""An edge that has stood for so long has stopped."""


@dataclass(frozen=True, slots=True)
class Placement:
    """A list's segments, each with the instant at which it was on air. `late` is by how many
    seconds its stamps are so, None where it has none. What is on air is listed `delay` seconds
    later. `is_about`: that was guessed. `has_stopped`: nothing more is to be expected of it."""

    placed: tuple[Placed, ...]
    late: float | None = None
    delay: float = 0.0
    is_about: bool = True
    has_stopped: bool = False
    shift: float | None = None
    """So many seconds before their stamps the segments are placed; None: they have none."""

    @property
    def edge_at(self) -> datetime | None:
        """The newest instant that it shows."""
        return self.placed[-1].ends_at if self.placed else None

    @property
    def newest(self) -> Window | None:
        """What it shows without a hole up to its edge."""
        windows = at_hand(self.placed)
        return windows[-1] if windows else None

    @property
    def whole(self) -> Window | None:
        """From the oldest that it shows to the newest, in whatever order they are listed."""
        windows = at_hand(self.placed)
        if not windows:
            return None
        return Window(min(one.begins_at for one in windows), max(one.ends_at for one in windows))


@dataclass(frozen=True, slots=True)
class Reading:
    """A list, and the clocks when it was read: ours, and by how many seconds the site's is ahead of
    it. `edge_since` is when its newest segment was first seen, None where that is not known."""

    segments: SegmentList
    read_at: datetime
    ahead: float = 0.0
    edge_since: datetime | None = None

    @property
    def stood(self) -> float | None:
        """For how many seconds its newest segment is there; None where that is not known."""
        if self.edge_since is None:
            return None
        return (self.read_at - self.edge_since).total_seconds()

    @property
    def behind(self) -> float | None:
        """How many seconds ago its newest segment was packaged, by the site's clock; None: it has
        no stamps."""
        after = 0.0
        for one in reversed(self.segments.segments):
            after += one.seconds
            if one.stamped_at is not None:
                since = (self.read_at - one.stamped_at).total_seconds()
                return since - after + self.ahead
        return None


def place(
    reading: Reading,
    *,
    delay: float,
    late: float | None = None,
    least: float | None = None,
    by: PlacedBy | None = None,
) -> Placement:
    """Where its segments are. `delay` is the guess, in seconds; `late` was measured; `least` is the
    least by which the recording was lately behind (`Reading.behind`). What was placed `by` another
    clip is placed so again, whatever is known by now."""
    behind = reading.behind
    if behind is None:
        return _by_edge(reading, delay)
    nearest = behind if least is None else min(behind, least)
    moves = reading.stood is not None and reading.stood <= STILL_SECONDS
    is_near = moves or _is_moving(nearest, delay)
    guessed = delay - nearest if is_near else delay / 2
    behind_air = max(0.0, guessed) if late is None else late
    is_measured = late is not None
    if by is not None:
        behind_air, is_measured = by.shift - reading.ahead, by.is_measured
    shift = behind_air + reading.ahead
    return Placement(
        placed(reading.segments.segments, edge_at=reading.read_at, late=shift),
        late=behind_air,
        delay=behind_air + nearest if is_near else delay,
        is_about=not is_measured,
        has_stopped=reading.segments.is_over or not (moves or _is_moving(behind, delay)),
        shift=shift,
    )


def _is_moving(behind: float, delay: float) -> bool:
    """Whether its newest segment is as new as it can be."""
    return behind <= delay + STILL_SECONDS


def _by_edge(reading: Reading, delay: float) -> Placement:
    """Nothing, where nobody saw the newest segment come: it may have lain there for an hour."""
    stood = reading.stood
    if reading.edge_since is None or stood is None:
        return Placement((), has_stopped=reading.segments.is_over)
    edge_at = reading.edge_since - timedelta(seconds=delay)
    return Placement(
        placed(reading.segments.segments, edge_at=edge_at),
        delay=delay,
        has_stopped=reading.segments.is_over or stood > STILL_SECONDS,
    )
