"""What a capture saw, look by look, for as long as its ring reaches back. Pure.

A window of the past is judged by it as one that ends now is: whether somebody was there, whether
the picture stood still, what was lost on the way. Times are microseconds of the capture.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from bot.clips.capture.liveness import Liveness
from bot.clips.capture.media.frame_losses import LossCounts
from bot.clips.capture.media.timeline import SECOND
from bot.model import CaptureEnd, VideoFault

FRAME = SECOND // 30
_NONE_LOST = LossCounts()


@dataclass(frozen=True, slots=True)
class Look:
    """What was so at a moment. `given_up`: why nothing was to be expected any more; `fault`: why
    its picture could not be had; `sounds`: how many were mixed; `sounds_left_out`: how many more
    there were; `counts`: pictures so far; `delay`: how long before its place on the line of time
    something was on air."""

    liveness: Liveness
    given_up: CaptureEnd | None = None
    fault: VideoFault | None = None
    last_sound: int | None = None
    sounds: int = 0
    sounds_left_out: int = 0
    counts: LossCounts = _NONE_LOST
    delay: int = 0

    @property
    def now(self) -> int:
        """When it was."""
        return self.liveness.now

    @property
    def last_moment(self) -> int:
        """Until when there was something: with the last picture, or without any, the last sound."""
        whole = self.liveness.whole
        last = whole if whole is not None else self.last_sound
        return (last if last is not None else self.now) + FRAME


@dataclass(frozen=True, slots=True)
class Part:
    """What there is of a window without interruption. `early`: why it ends before the window does;
    `late`: it begins after it."""

    start: int
    end: int
    early: CaptureEnd | None = None
    late: bool = False

    @property
    def length(self) -> int:
        """How long it is; never less than nothing."""
        return max(0, self.end - self.start)


@dataclass(frozen=True, slots=True)
class Hole:
    """A stretch in which nothing was to be expected. `end`: None while that is still so."""

    start: int
    end: int | None
    reason: CaptureEnd


class History:
    """Looks in the order of time."""

    def __init__(self) -> None:
        self._looks: deque[Look] = deque()

    def add(self, look: Look) -> None:
        """The newest look."""
        self._looks.append(look)

    def forget_before(self, time: int) -> None:
        """What was before is asked for no more, but for the last look at it."""
        while len(self._looks) > 1 and self._looks[1].now <= time:
            self._looks.popleft()

    @property
    def latest(self) -> Look:
        """The newest one. There is none before the first tick."""
        return self._looks[-1] if self._looks else Look(Liveness(0))

    def at(self, time: int) -> Look:
        """The last look that is not after `time`, else the first one."""
        index = bisect_right(self._looks, time, key=lambda look: look.now) - 1
        return self._looks[max(0, index)] if self._looks else self.latest

    def on_air(self, time: int) -> int:
        """Where on the line of time that stands which was on air at `time` of the same clock."""
        return time + self.at(time).delay

    def between(self, start: int, end: int) -> Iterator[Look]:
        """The looks of a window, and the one before it."""
        first = self.at(start).now
        return (look for look in self._looks if first <= look.now < end)

    def holes(self, *, in_sound: bool = False) -> list[Hole]:
        """Where nothing was to be expected; `in_sound`: a picture need not have been, either."""
        holes: list[Hole] = []
        for look in self._looks:
            reason = look.given_up or (None if in_sound else _picture_lost(look))
            is_open = bool(holes) and holes[-1].end is None
            if reason is not None and not is_open:
                holes.append(Hole(min(look.now, look.last_moment), None, reason))
            elif reason is None and is_open and look.last_moment > holes[-1].start:
                back = min(look.now, look.last_moment)
                holes[-1] = Hole(holes[-1].start, max(holes[-1].start, back), holes[-1].reason)
        return holes


def _picture_lost(look: Look) -> CaptureEnd | None:
    lost = look.fault is not None and look.liveness.whole is not None
    return CaptureEnd.VIDEO_FAULT if lost else None


def longest_part(start: int, end: int, holes: list[Hole]) -> Part:
    """The longest part of [start, end) that lies in no hole; of two as long, the later one."""
    parts, begun = list[Part](), start
    for hole in holes:
        if hole.start > end:
            break
        parts.append(Part(begun, max(begun, hole.start), hole.reason, begun > start))
        begun = max(begun, end if hole.end is None else hole.end)
    if begun < end:
        parts.append(Part(begun, end, None, begun > start))
    return max(parts, key=lambda part: (part.length, part.start))
