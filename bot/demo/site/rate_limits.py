"""The frontend's rate limits: so many requests a minute, per address and endpoint group."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

WINDOW = 60.0
"""Seconds (`x-ratelimit-reset`, measured 2026-09-12)."""

FRONTEND_LIMITS = {"roster": 60, "search": 20, "coins-v3": 60, "coins-v2-mints": 30}
"""Requests a window (60: 2025-10-11 and 2026-09-12; 20: 2025-11-24; 30: 2026-09-12)."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a window after this request; below zero, it is refused."""

    limit: int
    remaining: int
    reset: int

    @property
    def refused(self) -> bool:
        return self.remaining < 0

    @property
    def headers(self) -> dict[str, str]:
        return {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(max(0, self.remaining)),
            "x-ratelimit-reset": str(self.reset),
        }


class RateLimits:
    """Fixed windows by the injected clock; a window opens with its first request."""

    def __init__(self, limits: dict[str, int], clock: Callable[[], datetime]) -> None:
        self.limits = limits
        self._clock = clock
        self._windows: dict[tuple[str, str], tuple[datetime, int]] = {}

    def take(self, endpoint: str, address: str) -> Allowance | None:
        """Count a request; None where the endpoint has no limit."""
        limit = self.limits.get(endpoint)
        if limit is None:
            return None
        now = self._clock()
        opened, used = self._windows.get((endpoint, address), (now, 0))
        if (now - opened).total_seconds() >= WINDOW:
            opened, used = now, 0
        self._windows[endpoint, address] = (opened, used + 1)
        left = WINDOW - (now - opened).total_seconds()
        return Allowance(limit, limit - used - 1, math.ceil(left))
