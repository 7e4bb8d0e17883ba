"""How old an instant is that was written down by a clock that may have been set since. Pure.

A machine's wall clock is set forward and back: by NTP after a start without a battery, by hand,
while a virtual machine is asleep. Its monotonic clock is not. From one setting to the next both
go on at the same distance, so that whoever has read both can tell how long ago an instant was that
the wall clock showed, whatever it shows now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

_STEP = timedelta(seconds=1)
"""Less is no setting: the two clocks are not read at the same moment."""

CLOCKS_AGREE = timedelta(seconds=3)
"""The clock of others is known by a header, to a second or two."""

_BELIEVED_AFTER = 86_400.0
"""Seconds after which an old setting says nothing more of what was written before this life."""

_MOST_KEPT = 64
_NONE = timedelta(0)


class Age(NamedTuple):
    """How long ago an instant was; `least` and `most` differ only where the clock was set.

    What waits is over by `most`: no wait is longer than it is meant. What cannot be undone is done
    by `least`: nothing is given up, ended or removed too early.
    """

    least: timedelta
    most: timedelta

    def left(self, wait: timedelta) -> timedelta:
        """What is left of a wait that began then: from none to all of it, and never more."""
        return wait - min(wait, self.most)


UNKNOWN = Age(_NONE, timedelta.max)
"""Of an instant that is still to come by every clock that we know of."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One reading of both clocks, for whoever decides by it without a clock. `age` is that of an
    instant then. `far_at`: what the clock of those shows who tell instants, too (`FarClock`); None:
    ours stands for it, since nobody knows, or they agree."""

    at: datetime
    monotonic: float
    age: Callable[[datetime], Age] = field(repr=False, compare=False)
    far_at: datetime | None = None

    def told_age(self, told: datetime | None, seen: datetime) -> timedelta:
        """How long ago something was that they tell the instant of, by their clock; where they do
        not tell it, since we saw it."""
        if told is None:
            return self.age(seen).least
        return max(_NONE, (self.far_at or self.at) - told)

    def far(self, then: datetime) -> datetime:
        """What their clock showed at an instant of ours."""
        return (self.far_at or self.at) - self.age(then).least

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How long it was from one instant until another, both past; none where they are not in
        that order. As the instants say, where one of them is of a time that nobody knows."""
        since, until = self.age(start), self.age(end)
        if UNKNOWN in (since, until):
            return max(_NONE, end - start)
        return max(_NONE, since.least - until.least)

    def counted(self, then: datetime) -> float:
        """What the monotonic clock showed at an instant, or will show; the later of several."""
        age, ahead = self.age(then), then - self.at
        if age == UNKNOWN or _NONE < ahead <= _STEP:
            return self.monotonic + ahead.total_seconds()
        return self.monotonic - age.least.total_seconds()


@dataclass(slots=True)
class _Setting:
    """While it is in force, the wall clock shows `zero` and what the monotonic one has counted."""

    zero: datetime
    begun: float
    ended: float | None = None

    def shows(self, monotonic: float) -> datetime:
        """What the wall clock shows, or would if it had not been set again."""
        return self.zero + timedelta(seconds=monotonic)

    def may_have_written(self, then: datetime, monotonic: float) -> bool:
        """Whether it has shown `then` by now, or any clock that was right before it."""
        return then <= self.shows(monotonic if self.ended is None else self.ended) + _STEP

    def has_shown(self, then: datetime, monotonic: float) -> bool:
        """Whether it has shown `then` itself."""
        is_since = self.shows(self.begun) - _STEP <= then
        return is_since and self.may_have_written(then, monotonic)


class ClockHistory:
    """How the wall clock was set in this life. `note` whenever both clocks are read."""

    def __init__(self) -> None:
        self._settings: list[_Setting] = []
        self._times = 0

    def note(self, now: datetime, monotonic: float, far_at: datetime | None = None) -> Moment:
        """Both clocks, read just now, and what that of others shows, if that is known."""
        if far_at is not None and abs(far_at - now) <= CLOCKS_AGREE:
            far_at = None
        zero = now - timedelta(seconds=monotonic)
        last = self._settings[-1] if self._settings else None
        if last is None or abs(zero - last.zero) >= _STEP:
            if last is not None:
                last.ended = monotonic
                self._times += 1
            self._settings.append(_Setting(zero, monotonic))
            del self._settings[:-_MOST_KEPT]
        return Moment(now, monotonic, partial(self._age, monotonic), far_at)

    def _age(self, monotonic: float, then: datetime) -> Age:
        """How old `then` is: by the settings that have shown it; where none has, it was written
        before this life, and every setting of the last day may be the right one."""
        showed = [one for one in self._settings if one.has_shown(then, monotonic)]
        counted = showed or [
            one for one in self._recent(monotonic) if one.may_have_written(then, monotonic)
        ]
        if not counted:
            return UNKNOWN
        ages = [one.shows(monotonic) - then for one in counted]
        # A clock that was asleep with its machine is set forward, too, and is right.
        as_shown = self._settings[-1].shows(monotonic) - then
        return Age(max(_NONE, min(ages)), max(_NONE, as_shown, *ages))

    @property
    def times(self) -> int:
        """How often it was set so far."""
        return self._times

    def earliest(self, monotonic: float) -> datetime:
        """Now, by the setting of the last day that is the furthest behind."""
        return min(one.shows(monotonic) for one in self._recent(monotonic))

    def _recent(self, monotonic: float) -> list[_Setting]:
        since = monotonic - _BELIEVED_AFTER
        return [one for one in self._settings if one.ended is None or one.ended >= since]
