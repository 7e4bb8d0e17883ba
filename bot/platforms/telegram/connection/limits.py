"""How much Telegram takes at once, how often, how long that may last, and what is tried again.

The rates are those of Telegram's FAQ ("My bot is hitting limits"), and a little below them: what
leaves here evenly may arrive unevenly.
"""

from __future__ import annotations

from typing import Any

from bot.alerts import Fault
from bot.kit.rate_limits import RateLimits
from bot.kit.timing.clock import Clock
from bot.platforms.shared.retrying import RetryPolicy

UPLOAD_BYTES = 50_000_000
"""The largest file that a bot may upload; one that Telegram has may be as large as it is."""

PROGRESS_SPARES = 10
"""Progress is left out where a group may be sent fewer messages than this in its minute."""

PER_SECOND = 25.0
BURST = 2
"""Messages over all: so many a second, and so many of them at once."""

POSTING = RetryPolicy(
    (0.5, 1.5, 4.0), frozenset({Fault.NOT_SENT, Fault.RATE_LIMITED}), longest=60.0
)
"""For a message that a person waits for. One that may have arrived is not repeated; and whoever
asked has stopped looking after a longer pause."""

_REQUEST_SECONDS = 20.0
_SLOWEST_UPLOAD = 200_000
"""Bytes a second."""
_LONGEST_UPLOAD = 300.0
_CONNECT_SECONDS = 6.0
_POOL_SECONDS = 6.0


def new_rate_limits(clock: Clock) -> RateLimits:
    """About 30 messages a second over all, 20 a minute to a group, one a second to a chat; a chat
    with topics is one chat. Two at once may follow each other, and never more than three in 3 s."""
    return RateLimits(
        clock,
        per_second=PER_SECOND,
        burst=BURST,
        per_target_seconds=1.6,
        target_burst=2,
        per_place_minute=19,
        by_place=True,
    )


def patience(size: int = 0) -> float:
    """Seconds for a request with files of so many bytes, its answer included."""
    return min(_LONGEST_UPLOAD, _REQUEST_SECONDS + size / _SLOWEST_UPLOAD)


def timeouts(size: int = 0) -> dict[str, Any]:
    """The time limits of each step of such a request, as every method of a `telegram.Bot` takes
    them. Connecting fails long before `patience` ends, so that one knows that nothing was sent."""
    return {
        "connect_timeout": _CONNECT_SECONDS,
        "pool_timeout": _POOL_SECONDS,
        "write_timeout": _REQUEST_SECONDS,
        "read_timeout": patience(size),
    }
