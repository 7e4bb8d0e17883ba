"""Turns of answers: before all that is delivered, and never so many that nothing else gets through.

Whoever writes a hundred commands into a group would else fill its twenty messages a minute for
five minutes, and no alert and no clip would come in that time.
"""

from __future__ import annotations

from collections import Counter

from bot.alerts import Fault, SendError
from bot.kit.rate_limits import REPLY, RateLimits
from bot.kit.timing.clock import Clock

ANSWERS_A_MINUTE = 14
"""To one group, changes of answers included; what is left of its nineteen is for deliveries."""

MOST_WAITING = 20
"""Answers to one chat that wait for their turns: the last of them comes after about a minute."""

_MINUTE = 60.0

Lane = tuple[int, int]
"""A target and its place, as `Lanes` know them."""


class ReplyLimiter:
    """`lanes` are those of the token. For one loop."""

    def __init__(self, lanes: RateLimits, clock: Clock) -> None:
        self._lanes = lanes
        self._share = RateLimits(clock, per_place_minute=ANSWERS_A_MINUTE)
        self._waiting: Counter[int] = Counter()

    async def turn(self, lane: Lane) -> None:
        """Wait until one answer may leave. Raises SendError where that would be too late."""
        target, place = lane
        if self._waiting[place] >= MOST_WAITING:
            raise SendError(Fault.RATE_LIMITED, retry_after=2 * _MINUTE, detail="too many answers")
        self._waiting[place] += 1
        try:
            async with self._share.turn(target, place, REPLY), self._lanes.turn(*lane, REPLY):
                pass
        finally:
            self._waiting[place] -= 1
            if not self._waiting[place]:
                del self._waiting[place]

    def heed(self, lane: Lane, error: SendError) -> None:
        """Where Telegram asks to wait, all others who write there wait as well; not for so long
        that nobody looks any more: then they are told so themselves."""
        pause = error.retry_after or 0.0
        if error.fault is Fault.RATE_LIMITED and not error.everywhere and pause <= _MINUTE:
            self._lanes.sleep_target(lane[0], pause)

    def unration(self, place: int) -> None:
        """This chat may be sent as many as the lanes allow."""
        self._share.unration(place)
