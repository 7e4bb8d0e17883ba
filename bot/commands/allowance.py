"""How often a place may make us ask pump.fun: what commands ask goes before polls, so that one
place's questions must not take the time of everybody's alerts."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable

from bot.kit.clock import Clock

_MOST_PLACES = 1000


class Allowance:
    """`most` questions in each `seconds`, for each place. Kept in memory: to lose it harms nobody.

    Like all of a loop's, not for threads.
    """

    def __init__(self, clock: Clock, most: int, seconds: float = 60.0) -> None:
        self._clock = clock
        self._most = most
        self._seconds = seconds
        self._asked: dict[Hashable, deque[float]] = {}

    def take(self, place: Hashable, count: int) -> float:
        """0 where `count` more may be asked, which counts them; else how many seconds to wait."""
        now = self._clock.monotonic()
        asked = self._asked.setdefault(place, deque())
        since = now - self._seconds
        while asked and asked[0] <= since:
            asked.popleft()
        if asked and len(asked) + count > self._most:
            return asked[0] - since  # never 0: each is later than `since`
        asked.extend([now] * count)
        if len(self._asked) > _MOST_PLACES:
            self._forget(now)
        return 0.0

    def _forget(self, now: float) -> None:
        old = now - self._seconds
        self._asked = {k: asked for k, asked in self._asked.items() if asked and asked[-1] > old}
