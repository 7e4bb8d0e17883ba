"""Another program that polls with the same token (409): how long it has been there.

Telegram ends the older of two polls with a 409, so that each of the two programs works now and
then. A minute of that is no restart of ours: then this copy falls silent, so that what two copies
would both post does not come twice.
"""

from __future__ import annotations

import math

from bot.kit.timing.clock import Clock

MUTE_AFTER = 60.0
"""Seconds from the first 409."""

GONE_AFTER = 60.0
"""Seconds without another 409: programs that poll pause for half a minute at most."""


class PollConflict:
    """For one token."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._first = -math.inf
        self._last = -math.inf

    @property
    def is_here(self) -> bool:
        """Whether one was met a while ago."""
        return self._clock.monotonic() - self._last < GONE_AFTER

    @property
    def is_muting(self) -> bool:
        """Whether nothing is to be sent for its sake."""
        return self.is_here and self._clock.monotonic() - self._first >= MUTE_AFTER

    def met(self) -> None:
        """A poll was ended by it."""
        now = self._clock.monotonic()
        if not self.is_here:
            self._first = now
        self._last = now
