"""Limits replies: they go before all that is delivered, and never take a chat's whole rate.

Whoever writes a hundred commands into a group would else fill its twenty messages a minute for
five minutes, and no alert and no clip would come in that time.
"""

from __future__ import annotations

from collections import Counter

from bot.alerts import Fault, SendError
from bot.kit.rate_limits import REPLY, RateLimits
from bot.kit.timing.clock import Clock

REPLIES_A_MINUTE = 14
"""To one group, edits of replies included; what is left of its nineteen is for deliveries."""

MOST_WAITING = 20
"""Replies to one chat that wait for their turns: the last of them comes after about a minute."""

_MINUTE = 60.0

Recipient = tuple[int, int]
"""A target and its place, as `RateLimits` count them."""


class ReplyLimiter:
    """`rate_limits` are those of the token. For one loop."""

    def __init__(self, rate_limits: RateLimits, clock: Clock) -> None:
        self._rate_limits = rate_limits
        self._share = RateLimits(clock, per_place_minute=REPLIES_A_MINUTE)
        self._waiting: Counter[int] = Counter()

    async def turn(self, recipient: Recipient) -> None:
        """Wait until one reply may leave. Raises SendError where that would be too late."""
        target, place = recipient
        if self._waiting[place] >= MOST_WAITING:
            raise SendError(Fault.RATE_LIMITED, retry_after=2 * _MINUTE, detail="too many replies")
        self._waiting[place] += 1
        try:
            async with (
                self._share.turn(target, place, REPLY),
                self._rate_limits.turn(target, place, REPLY),
            ):
                pass
        finally:
            self._waiting[place] -= 1
            if not self._waiting[place]:
                del self._waiting[place]

    def slow_down(self, recipient: Recipient, error: SendError) -> None:
        """Where Telegram asks to wait, everything else to that chat waits as well; not for so long
        that nobody looks any more: then each is refused by Telegram itself."""
        pause = error.retry_after or 0.0
        if error.fault is Fault.RATE_LIMITED and not error.everywhere and pause <= _MINUTE:
            self._rate_limits.sleep_target(recipient[0], pause)

    def unration(self, place: int) -> None:
        """This chat may be sent as many as the token's limits allow."""
        self._share.unration(place)
