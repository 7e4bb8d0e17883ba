"""Where a clip ends. Pure: it is told what has come, and says when that is enough."""

from __future__ import annotations

from dataclasses import dataclass

from bot.clips.capture.liveness import Liveness, cut_short, given_up
from bot.clips.capture.media.timeline import SECOND
from bot.model import CaptureEnd

LEAST_CLIP = SECOND // 2
_TAIL_GRACE = SECOND * 7 // 10
"""So late what belongs into a clip may come."""

_CATCH_UP = 2 * SECOND
"""So long a busy machine may take to encode what came."""

_FRAME = SECOND // 30


@dataclass(frozen=True, slots=True)
class Window:
    """What a clip shows: [start, end) of the recording, and why it ends early, if it does."""

    start: int
    end: int
    early: CaptureEnd | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """What a recording has at a moment. `covered`: up to when all that came is encoded; `taken`:
    the whole window has come; `complete`: it is encoded, too. `ended`: why there is nothing more to
    come, if so."""

    liveness: Liveness
    covered: int
    taken: bool = False
    complete: bool = False
    last_sound: int | None = None
    stopped_at: int | None = None
    ended: CaptureEnd | None = None


def window_of(start: int, end: int, progress: Progress) -> Window | None:
    """The clip of [start, end), if it is to be made of what there is; None: it goes on."""
    early = _early(start, progress)
    if early is not None:
        return Window(start, _last_moment(start, end, early, progress), early)
    grace = _CATCH_UP if progress.taken else _TAIL_GRACE
    if not progress.complete and progress.liveness.now <= end + grace:
        return None
    short = cut_short(progress.liveness, end)
    last = end if short is None else _last_moment(start, end, short, progress)
    return Window(start, last, short)


def _early(start: int, progress: Progress) -> CaptureEnd | None:
    if progress.ended is CaptureEnd.FAULT:
        return progress.ended
    if progress.stopped_at is not None and not _is_behind(start, progress.stopped_at, progress):
        return CaptureEnd.STOPPED
    return progress.ended or given_up(progress.liveness)


def _is_behind(start: int, stopped_at: int, progress: Progress) -> bool:
    """Whether enough for a clip has come, of which a busy machine has not encoded enough: that gets
    a moment."""
    short = progress.covered - start < LEAST_CLIP <= stopped_at - start
    return short and progress.liveness.now - stopped_at < _CATCH_UP


def _last_moment(start: int, end: int, early: CaptureEnd, progress: Progress) -> int:
    """Where an early end is: with the last picture, or what we have if we are to stop now."""
    if early is CaptureEnd.STOPPED:
        return max(start, min(end, progress.covered))
    last = progress.liveness.whole or progress.last_sound or start
    return max(start, min(end, last + _FRAME))
