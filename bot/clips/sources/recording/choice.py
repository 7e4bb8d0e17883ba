"""Which of a stream's recordings, in which quality, and how long its edge is waited for. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from bot.clips.sources.recording.placement import STILL_SECONDS, Placement
from bot.model import Recording, SiteClip, Window
from bot.pumpfun.recording.coverage import covering
from bot.pumpfun.recording.playlists import YEARS, Rung

NEARLY_SECONDS = 0.9
"""So much of its end is not waited for: that would take another segment, of two seconds."""
SLACK = timedelta(seconds=30)
"""A recording may begin before it was first seen, and goes on after it was last seen."""
_SOONEST, _LONGEST_PAUSE = 0.25, 2.0
_OVERDUE, _OVERDUE_PAUSE = 2.0, 1.0
"""Seconds."""
_STAMPS = re.compile(r"[0-9]{8}_[0-9]{6}")
_STAMP = "%Y%m%d_%H%M%S"

_CONTAINER = 1.03
"""An MP4 is about as large as what its rung takes on the line; the rest is sound and slack."""


def likely(recordings: Iterable[Recording], window: Window) -> tuple[Recording, ...]:
    """Those that may show some of the window, who shows most of it first, the newest of equal
    ones. Only the newest of all may have gone on since it was seen."""
    known = sorted(recordings, key=lambda each: each.last_seen_at, reverse=True)
    shares = [(_share(each, window, is_newest=each is known[0]), each) for each in known]
    found = [one for one in shares if one[0] > 0]
    return tuple(each for _, each in sorted(found, key=lambda one: one[0], reverse=True))


def finished_recordings(
    clips: Iterable[SiteClip], known: Iterable[Recording]
) -> tuple[Recording, ...]:
    """The site's clips of whole streams as recordings that are over; of what is `known` of their
    directories, how late stamps are holds for them, too."""
    late = {(one.site_id, one.stamp): one.delay_seconds for one in known}
    return tuple(_finished(clip, late) for clip in clips if clip.playlist is not None)


def _finished(clip: SiteClip, late: Mapping[tuple[int, str], float | None]) -> Recording:
    site_id, stamp = clip.stream_id or 0, _STAMPS.findall(clip.id)[-1:]
    named = stamp[0] if stamp else clip.id
    ends_at = clip.begins_at + timedelta(seconds=clip.seconds)
    assert clip.playlist is not None
    return Recording(
        id=0,
        stream_id=0,
        site_id=site_id,
        stamp=named,
        master=clip.playlist,
        first_seen_at=clip.begins_at,
        last_seen_at=ends_at,
        retired_at=ends_at,
        delay_seconds=late.get((site_id, named)),
    )


def in_turn(
    rungs: Sequence[Rung], *, seconds: float, max_bytes: int, max_height: int
) -> tuple[Rung, ...]:
    """The best that is not too high and fits the limit, then the lower ones, the best first; the
    lowest of all where none does, since that has to be encoded anew anyway."""
    fitting = [rung for rung in rungs if _fits(rung, seconds, max_bytes, max_height)]
    best_first = sorted(fitting, key=lambda rung: (rung.height, rung.bandwidth), reverse=True)
    lowest = min(rungs, key=lambda rung: (rung.height, rung.bandwidth), default=None)
    return tuple(best_first) or ((lowest,) if lowest is not None else ())


def for_picture(rungs: Sequence[Rung], most_side: int) -> tuple[Rung, ...]:
    """The lowest of which a picture of `most_side` pixels can be made, then the next lower one; the
    best where none is so large."""
    best_first = sorted(rungs, key=lambda rung: (rung.height, rung.bandwidth), reverse=True)
    enough = [rung for rung in best_first if max(rung.width, rung.height) >= most_side]
    first = len(enough) - 1 if enough else 0
    return tuple(best_first[first : first + 2])


def for_moving(rungs: Sequence[Rung]) -> tuple[Rung, ...]:
    """The lowest, then the next one."""
    return tuple(sorted(rungs, key=lambda rung: (rung.height, rung.bandwidth))[:2])


def offered(placement: Placement, window: Window, longest_wait: float) -> Window | None:
    """The part of the window that it shows without a hole, or will have listed within
    `longest_wait` seconds; None: nothing of it."""
    listed = covering(placement.placed, window)
    newest = placement.newest
    if newest is None or placement.has_stopped or newest.begins_at >= window.ends_at:
        return listed.window if listed is not None else None
    if ready_in(newest.ends_at, window) > longest_wait:
        return listed.window if listed is not None else None
    soon = window.within(Window(newest.begins_at, max(newest.ends_at, window.ends_at)))
    parts = [part for part in (listed.window if listed else None, soon) if part is not None]
    return max(parts, key=lambda part: part.seconds, default=None)


def is_worth_waiting(edge_at: datetime, window: Window, *, still: float) -> bool:
    """Whether more of the window will be listed soon. `still` is for how many seconds the edge has
    not moved."""
    return ready_in(edge_at, window) > 0 and still < STILL_SECONDS


def ready_in(edge_at: datetime, window: Window) -> float:
    """Seconds until nearly all of the window is listed, if nothing goes wrong."""
    return max(0.0, (window.ends_at - edge_at).total_seconds() - NEARLY_SECONDS)


def pause_before_look(since: float | None, segment_seconds: float) -> float:
    """Seconds until an edge is looked at again. It came `since` so many seconds; None: nobody saw
    it come, so that the next may come at any moment. One that is overdue is looked at less often.
    """
    if since is None:
        return _SOONEST
    due = segment_seconds - since
    if due < -_OVERDUE:
        return _OVERDUE_PAUSE
    return min(max(due - _SOONEST, _SOONEST), _LONGEST_PAUSE)


def _share(recording: Recording, window: Window, *, is_newest: bool) -> float:
    begins_at = min(recording.first_seen_at, _opened_at(recording)) - SLACK
    ends_at = (recording.retired_at or recording.last_seen_at) + SLACK
    if recording.retired_at is None and is_newest:
        ends_at = max(ends_at, window.ends_at)
    shown = window.within(Window(begins_at, ends_at)) if begins_at < ends_at else None
    return shown.seconds if shown is not None else 0.0


def _opened_at(recording: Recording) -> datetime:
    """By its stamp, where that can be: somebody may have followed the coin in mid-stream."""
    try:
        opened_at = datetime.strptime(recording.stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return recording.first_seen_at
    return opened_at if opened_at.year in YEARS else recording.first_seen_at


def _fits(rung: Rung, seconds: float, max_bytes: int, max_height: int) -> bool:
    side = min(rung.height, rung.width) or rung.height
    return side <= max_height and rung.bandwidth / 8 * seconds * _CONTAINER <= max_bytes
