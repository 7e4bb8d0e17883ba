"""Another program that polls with the same token (409 Conflict): since when, and whether still.

Telegram ends the older of two polls with a 409, so that each of the two programs works now and
then. A restart of ours explains a few seconds of that, but no minute: then this copy stops
sending, so that what two copies would both post does not come twice.

A webhook ends polls as well, until it is removed. Whoever has set it may be gone by then, so that
only one that comes back is another program's.
"""

from __future__ import annotations

import math

from telegram.error import Conflict

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
        self._removed = -math.inf

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

    def removed_webhook(self) -> bool:
        """A webhook was removed; whether one was removed less than a minute ago, too."""
        now = self._clock.monotonic()
        is_back = now - self._removed < GONE_AFTER
        self._removed = now
        return is_back


def is_of_webhook(error: Conflict) -> bool:
    """Telegram says `can't use getUpdates method while webhook is active`, and to the poll that
    waits `terminated by setWebhook request` (tdlib/telegram-bot-api, `Client.cpp`)."""
    return "webhook" in error.message.lower()
