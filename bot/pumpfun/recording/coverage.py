"""Which segments of a recording show a window. Pure.

A segment's stamp says when it was packaged, which is later than when it was on air: `late` is by
how much, measured by whoever can, else guessed. Where nothing is stamped, the end of the list is
taken to have been on air at `edge_at`, and all before it follows from the lengths.

Lists that only grow and lists that slide are read alike. What lies apart, by a hole between stamps,
by a number that is left out or by a segment that the site lost, is never joined: of a window with a
hole in it, the part that shows more of it is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from bot.model import Window
from bot.pumpfun.recording.playlists import Segment

HOLE_SECONDS = 1.0
"""Stamps that are so far from where the segment before ends, either way, leave a hole."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A segment, and when what it shows was on air."""

    segment: Segment
    begins_at: datetime

    @property
    def ends_at(self) -> datetime:
        """When the next one begins, where nothing is missing between them."""
        return self.begins_at + timedelta(seconds=self.segment.seconds)

    def shows(self, window: Window) -> bool:
        """Whether any of it lies in the window."""
        begin, end = max(self.begins_at, window.begins_at), min(self.ends_at, window.ends_at)
        return begin < end


@dataclass(frozen=True, slots=True)
class Coverage:
    """Segments in a row, and what of the window they show."""

    placed: tuple[Placed, ...]
    window: Window


def placed(
    segments: Sequence[Segment], *, edge_at: datetime, late: float = 0.0
) -> tuple[Placed, ...]:
    """Each with the instant at which it was on air.

    `edge_at` is when the newest of them ends, and counts where none has a stamp; `late` is by how
    many seconds stamps are behind.
    """
    first = next((at for at, segment in enumerate(segments) if segment.stamped_at), None)
    if first is None:
        whole = sum(segment.seconds for segment in segments)
        begins_at = edge_at - timedelta(seconds=whole)
    else:
        stamp = segments[first].stamped_at
        assert stamp is not None
        before = sum(segment.seconds for segment in segments[:first])
        begins_at = stamp - timedelta(seconds=late + before)
    result = list[Placed]()
    for segment in segments:
        if segment.stamped_at is not None:
            begins_at = segment.stamped_at - timedelta(seconds=late)
        result.append(Placed(segment, begins_at))
        begins_at = result[-1].ends_at
    return tuple(result)


def covering(all_placed: Sequence[Placed], window: Window, *, lead: int = 0) -> Coverage | None:
    """The segments of the one run that shows most of the window; None where none shows any of it.

    `lead` more before them, where they belong to the same run: for a beginning without a keyframe.
    """
    found = [cover for run in runs(all_placed) if (cover := _cover(run, window, lead)) is not None]
    return max(found, key=lambda cover: cover.window.seconds, default=None)


def at_hand(all_placed: Sequence[Placed]) -> tuple[Window, ...]:
    """What can be shown, one window for each run, oldest first."""
    windows = (_span(run) for run in runs(all_placed))
    return tuple(window for window in windows if window is not None)


def runs(all_placed: Sequence[Placed]) -> tuple[tuple[Placed, ...], ...]:
    """Those that follow one another without a hole; segments that the site lost are in none."""
    starts = [at + 1 for at, pair in enumerate(pairwise(all_placed)) if _is_apart(*pair)]
    edges = [0, *starts, len(all_placed)]
    parts = (tuple(all_placed[begin:end]) for begin, end in pairwise(edges))
    return tuple(part for part in parts if part and not part[0].segment.is_missing)


def _is_apart(before: Placed, after: Placed) -> bool:
    hole = abs((after.begins_at - before.ends_at).total_seconds())
    in_a_row = after.segment.sequence == before.segment.sequence + 1
    lost = before.segment.is_missing or after.segment.is_missing
    return lost or not in_a_row or hole > HOLE_SECONDS


def _cover(run: Sequence[Placed], window: Window, lead: int) -> Coverage | None:
    shown = [at for at, one in enumerate(run) if one.shows(window)]
    if not shown:
        return None
    part = tuple(run[max(0, shown[0] - lead) : shown[-1] + 1])
    whole = _span(run[shown[0] : shown[-1] + 1])
    shows = window.within(whole) if whole is not None else None
    return Coverage(part, shows) if shows is not None else None


def _span(run: Sequence[Placed]) -> Window | None:
    begin, end = run[0].begins_at, run[-1].ends_at
    return Window(begin, end) if begin < end else None
