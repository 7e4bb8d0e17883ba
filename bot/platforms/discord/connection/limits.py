"""How often Discord may be asked, and asked again, how long that may last, and for how long it
remembers.

How large a file may be differs by server: `bot.platforms.discord.messages.upload_limits`.
"""

from __future__ import annotations

from datetime import timedelta

from bot.kit.rate_limits import RateLimits
from bot.kit.timing.clock import Clock
from bot.platforms.shared.retrying import TRANSIENT, RetryPolicy

PER_SECOND = 40.0
BURST = 5
"""Requests of all kinds: so many a second, and so many of them at once."""

NONCE_LIVES = timedelta(minutes=2)
"""Discord knows a nonce again for "a few minutes"; for so long we rely on it."""

OLD_MESSAGE = timedelta(hours=1)
OLD_EDIT_SECONDS = 600.0
"""Discord rations edits of messages older than an hour (30046)."""

SHOWING = RetryPolicy((0.5, 1.5, 4.0), TRANSIENT, longest=10.0)
"""For what a person waits for. A new message needs a nonce, by which a repeat is known."""

REQUEST_SECONDS = 15.0
_SLOWEST_UPLOAD = 100_000
"""Bytes a second."""
_LONGEST_UPLOAD = 300.0


def new_rate_limits(clock: Clock) -> RateLimits:
    """What Discord allows: 50 requests a second over all, 5 messages in 5 s to one channel. One
    delivery in a while makes two requests, so some room is left."""
    return RateLimits(
        clock, per_second=PER_SECOND, burst=BURST, per_target_seconds=1.0, target_burst=5
    )


def patience(size: int) -> float:
    """Seconds for a request with files of so many bytes."""
    return min(_LONGEST_UPLOAD, REQUEST_SECONDS + size / _SLOWEST_UPLOAD)
