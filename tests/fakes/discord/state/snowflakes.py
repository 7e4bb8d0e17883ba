"""Discord's ids, which hold the time of their making."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

EPOCH_MS = 1_420_070_400_000
"""Of 2015, in Unix milliseconds."""


class Snowflakes:
    """Makes ids that grow, of the time that `now` tells."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._last = 0

    def next(self) -> int:
        """An id that was never given before."""
        milliseconds = int(self._now().timestamp() * 1000) - EPOCH_MS
        self._last = max(milliseconds << 22, self._last + 1)
        return self._last
