"""Time, injected: whoever waits or looks at the time is handed a clock.

Which of its readings is for what: `docs/design/service.md`, "Which clock".
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta

from bot.kit.timing.ages import Age, ClockHistory, Moment

_ALWAYS_RUNNING = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Clock(ABC):
    """`now` is for people, for others' clocks and for what is stored; it may be set at any time.

    So two of its readings are never subtracted. How long ago one was is `age`; what this process
    waits for or measures is counted in `monotonic`, seconds that never jump.
    """

    def __init__(self) -> None:
        self._history = ClockHistory()

    @abstractmethod
    def wall(self) -> datetime:
        """What the wall clock shows, an aware UTC instant."""

    @abstractmethod
    def monotonic(self) -> float:
        """Seconds, from anywhere."""

    def elapsed(self) -> float:
        """The same, but it goes on while the machine is suspended: for what others count, too."""
        return self.monotonic()

    @abstractmethod
    async def sleep(self, seconds: float) -> None:
        """Wait so long."""

    def moment(self, far_at: datetime | None = None) -> Moment:
        """Both readings, for what is decided without a clock; `far_at` is what that of others
        shows."""
        return self._history.note(self.wall(), self.monotonic(), far_at)

    def now(self) -> datetime:
        """An aware UTC instant."""
        return self.moment().at

    def age(self, then: datetime) -> Age:
        """How long ago an instant was that this clock has told, in this life or an earlier one."""
        return self.moment().age(then)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How long it was from one such instant until another."""
        return self.moment().between(start, end)

    def times_set(self) -> int:
        """How often it was set so far: whoever stored what is to come looks at it anew."""
        self.moment()
        return self._history.times

    def before(self, span: timedelta) -> datetime:
        """What is dated before this is older than `span`, even where the clock was set forward:
        that is believed a day later. For what removes rows or files by their age."""
        return self._history.earliest(self.moment().monotonic) - span


class SystemClock(Clock):
    """The time of this machine."""

    def wall(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def elapsed(self) -> float:
        # Linux: https://man7.org/linux/man-pages/man2/clock_gettime.2.html
        return time.clock_gettime(_ALWAYS_RUNNING)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
