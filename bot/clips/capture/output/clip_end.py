"""Where a clip ends, and what it shows. Pure: it is told what has come, and says what follows."""

from __future__ import annotations

from dataclasses import dataclass

from bot.clips.capture.history import History, Part, longest_part
from bot.clips.capture.liveness import cut_short
from bot.clips.capture.media.timeline import SECOND
from bot.model import CaptureEnd

LEAST_CLIP = SECOND // 2
_TAIL_GRACE = SECOND * 7 // 10
"""So late what belongs into a clip may come."""

_CATCH_UP = 2 * SECOND
"""So long a busy machine may take to encode what came."""

_NEARLY = SECOND // 5
_AT_ONCE = SECOND // 10
"""Of a window that is past when it is asked for, so much may be missing, so soon after its end."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What a capture has at a moment. `covered`: up to when all that came is encoded; `taken`:
    the whole window has come; `complete`: it is encoded, too. `over`: why there is nothing more to
    come, if so."""

    now: int
    covered: int
    taken: bool = False
    complete: bool = False
    stopped_at: int | None = None
    over: CaptureEnd | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """A clip is made of what there is until `at`; `early`: why that is not all, if it is known."""

    at: int
    early: CaptureEnd | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a clip shows: [start, end) of the capture, and why it ends early, if it does."""

    start: int
    end: int
    early: CaptureEnd | None = None
    pictured: bool = True


def ending_of(start: int, end: int, progress: Progress, *, past: bool = False) -> Ending | None:
    """Where the clip of [start, end) ends, if it is to be made now; None: it goes on.

    `past`: the window had ended when it was asked for, and somebody waits for nothing but this.
    """
    if progress.over is CaptureEnd.FAULT:
        return _cut_off(start, end, progress.covered, CaptureEnd.FAULT)
    if progress.stopped_at is not None and not _is_behind(start, progress.stopped_at, progress):
        return _cut_off(start, end, progress.covered, CaptureEnd.STOPPED)
    if progress.over is not None:
        return Ending(end) if progress.now >= end else Ending(progress.now, progress.over)
    since = progress.now - end
    if past and since >= _AT_ONCE and progress.covered >= end - _NEARLY:
        return Ending(min(end, progress.covered))
    grace = _CATCH_UP if progress.taken else _TAIL_GRACE
    return Ending(end) if progress.complete or since > grace else None


def _cut_off(start: int, end: int, covered: int, why: CaptureEnd) -> Ending:
    """What there is of it, which may be all."""
    at = max(start, min(end, covered))
    return Ending(at, None if at >= end - _NEARLY else why)


def _is_behind(start: int, stopped_at: int, progress: Progress) -> bool:
    """Whether enough for a clip has come, of which a busy machine has not encoded enough: that gets
    a moment."""
    short = progress.covered - start < LEAST_CLIP <= stopped_at - start
    return short and progress.now - stopped_at < _CATCH_UP


def shown_of(start: int, ending: Ending, history: History, pictured_from: int | None) -> Shown:
    """What is shown of the window from `start`: the longest part of it without interruption.

    With its picture, where that is there for half of it or more, or where nobody is heard; else
    the sound alone. `pictured_from`: where the pictures that are at hand begin.
    """
    sound = longest_part(start, ending.at, history.holes(in_sound=True))
    if pictured_from is not None and pictured_from < ending.at:
        part = longest_part(max(start, pictured_from), ending.at, history.holes())
        if 2 * part.length >= sound.length or not is_heard(sound.start, sound.end, history):
            return _with_its_tail(part, ending, history)
    return Shown(sound.start, sound.end, ending.early or sound.early, pictured=False)


def is_heard(start: int, end: int, history: History) -> bool:
    """Whether any sound came in [start, end)."""
    times = (look.last_sound for look in history.between(start, end + SECOND))
    return any(start < time < end for time in times if time is not None)


def _with_its_tail(part: Part, ending: Ending, history: History) -> Shown:
    """Its last seconds are left out where they show nothing new though they should."""
    if part.early is not None or ending.early is not None:
        return Shown(part.start, part.end, part.early or ending.early)
    look = history.at(part.end)
    short = cut_short(look.liveness, part.end)
    end = part.end if short is None else max(part.start, min(part.end, look.last_moment))
    return Shown(part.start, end, short)
