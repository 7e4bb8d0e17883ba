"""Whether pump.fun answers, and when it is asked next."""

from __future__ import annotations

import math
from random import Random

from bot import texts
from bot.errors import LONGEST_STATED
from bot.kit.health import Part
from bot.kit.timing.clock import Clock
from bot.model import Unknown

_IN_A_ROW = 3
_LONGEST_PAUSE = 60.0


_LATE_POLLS, _LATE_SECONDS = 4, 20.0


def late_after(poll_seconds: float) -> float:
    """The watcher is late after so many seconds without a sign of life: a few polls, but no sooner
    than a slow answer takes. Pure."""
    return max(_LATE_POLLS * poll_seconds, _LATE_SECONDS)


class Streak:
    """A part of the service that is bad only after several failures in a row, so one that fails
    now and then does not fill the log with its edges; and while a wait is kept that was stated,
    where that is longer than the watcher's promise.
    """

    def __init__(self, part: Part, clock: Clock, poll_seconds: float) -> None:
        self.failures = 0
        self._part = part
        self._clock = clock
        self._promise = late_after(poll_seconds)
        self._told_until = -math.inf

    @property
    def broken(self) -> bool:
        return self.failures >= _IN_A_ROW

    def good(self) -> None:
        self.failures = 0
        if self._clock.monotonic() >= self._told_until:
            self._part.good()

    def bad(self, reason: str) -> None:
        self.failures += 1
        if self.broken:
            self._part.bad(reason)

    def told_to_wait(self, seconds: float, reason: str) -> None:
        """It is left alone for so long, because it states so."""
        if seconds > self._promise:
            self._told_until = self._clock.monotonic() + seconds
            self._part.bad(reason)


class PollBackoff:
    """Backs off while no tick gets an answer: from one poll up to 60 s, and never in step.

    A wait that the site states is kept, up to 5 minutes, whatever it answers meanwhile: a look that
    a person asked for is not made to wait.
    """

    def __init__(self, part: Part, clock: Clock, poll_seconds: float, dice: Random) -> None:
        self._streak = Streak(part, clock, poll_seconds)
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._dice = dice
        self._backed_off_until = self._told_until = -math.inf

    @property
    def broken(self) -> bool:
        """It does not answer; one look is enough to see whether that is over."""
        return self._streak.broken

    @property
    def left(self) -> float:
        """No tick for so many seconds."""
        until = max(self._backed_off_until, self._told_until)
        return max(0.0, until - self._clock.monotonic())

    @property
    def waiting(self) -> bool:
        return self.left > 0

    def good(self) -> None:
        """Something was answered: the next tick comes in its time, if no other was stated."""
        self._backed_off_until = -math.inf
        self._streak.good()

    def bad(self, failure: Unknown) -> None:
        """A tick in which nothing was answered."""
        self._streak.bad(_said(failure))
        beyond = self._streak.failures - _IN_A_ROW
        if beyond >= 0:
            pause = min(_LONGEST_PAUSE, self._poll_seconds * 2.0 ** min(beyond + 1, 16))
            until = self._clock.monotonic() + pause * self._dice.uniform(0.8, 1.0)
            self._backed_off_until = max(self._backed_off_until, until)

    def told_to_wait(self, failure: Unknown) -> None:
        """The site stated for how long it is to be left alone."""
        seconds = min(failure.retry_after or 0.0, LONGEST_STATED)
        self._told_until = max(self._told_until, self._clock.monotonic() + seconds)
        self._streak.told_to_wait(seconds, _said(failure))


def _said(failure: Unknown) -> str:
    return texts.health.pumpfun_fails(failure.reason, failure.status)
