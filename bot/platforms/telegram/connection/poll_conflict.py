"""Another program that polls with the same token (409 Conflict): since when, and whether still.

Telegram ends the older of two polls with a 409, so that each of the two programs works now and
then. A restart of ours explains a few seconds of that, but no minute: then this copy stops
sending, so that what two copies would both post does not come twice.
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
        """Whether the last one was met less than a minute ago."""
        return self._clock.monotonic() - self._last < GONE_AFTER

    @property
    def is_muting(self) -> bool:
        """Whether it has lasted so long that nothing is to be sent."""
        return self.is_here and self._clock.monotonic() - self._first >= MUTE_AFTER

    def met(self) -> None:
        """A poll was ended by a 409."""
        now = self._clock.monotonic()
        if not self.is_here:
            self._first = now
        self._last = now
