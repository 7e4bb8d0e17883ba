"""Rate limits: one bucket for each route and place, one for all, and the ban behind them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

VIA = "1.1 google"
"""A 429 without a `Via` header comes from Cloudflare: discord.py does not wait for that one."""

BAN_WINDOW = 600.0
"""Seconds in which `Limits.invalid_allowed` answers 401, 403 or 429 ban the address."""


@dataclass(slots=True)
class Window:
    """So many requests in so many seconds, from the first on. Times are `time.monotonic`."""

    count: int
    seconds: float
    began: float = -1e9
    used: int = 0

    def take(self, at: float) -> float:
        """0 where there was room, else the seconds until there is."""
        if at >= self.began + self.seconds:
            self.began, self.used = at, 0
        if self.used >= self.count:
            return self.began + self.seconds - at
        self.used += 1
        return 0.0


@dataclass(slots=True)
class Verdict:
    """`wait` is None where the request may go on."""

    headers: dict[str, str]
    wait: float | None = None
    everywhere: bool = False


@dataclass(slots=True)
class Limits:
    """`enabled` switches the buckets; the ban holds all the same.

    Discord does not tell its figures: these are what has been seen. `messages` is for posts,
    edits and so on in one channel, each for itself; `webhook` for one interaction's answers.
    """

    enabled: bool = True
    messages: tuple[int, float] = (5, 5.0)
    webhook: tuple[int, float] = (5, 2.0)
    everywhere: tuple[int, float] = (50, 1.0)
    invalid_allowed: int = 10_000
    invalid: list[float] = field(default_factory=list)
    _windows: dict[str, Window] = field(default_factory=dict)

    def take(self, method: str, route: str, major: str, *, exempt: bool) -> Verdict:
        """Count one request. `exempt` ones are not counted in the global limit."""
        if not self.enabled:
            return Verdict({})
        at = time.monotonic()
        if not exempt:
            wait = self._window("everywhere", self.everywhere).take(at)
            if wait:
                return Verdict({}, wait, everywhere=True)
        size = self._size(route)
        if size is None:
            return Verdict({})
        name = f"{method} {route}"
        window = self._window(f"{name} {major}", size)
        wait = window.take(at)
        return Verdict(_headers(window, at, name), wait or None)

    def refresh(self) -> None:
        """Whatever was used up is there again."""
        self._windows.clear()

    def count(self, status: int) -> None:
        """Remember an answer that counts towards the ban."""
        if status in (401, 403, 429):
            self.invalid.append(time.monotonic())

    @property
    def banned(self) -> bool:
        """Whether Cloudflare answers in place of Discord."""
        since = time.monotonic() - BAN_WINDOW
        return sum(at > since for at in self.invalid) >= self.invalid_allowed

    def _size(self, route: str) -> tuple[int, float] | None:
        if route.startswith("/channels/"):
            return self.messages
        return self.webhook if route.startswith("/webhooks/") else None

    def _window(self, name: str, size: tuple[int, float]) -> Window:
        return self._windows.setdefault(name, Window(*size))


def _headers(window: Window, at: float, name: str) -> dict[str, str]:
    after = max(0.0, window.began + window.seconds - at)
    return {
        "X-RateLimit-Limit": str(window.count),
        "X-RateLimit-Remaining": str(window.count - window.used),
        "X-RateLimit-Reset": f"{time.time() + after:.3f}",
        "X-RateLimit-Reset-After": f"{after:.3f}",
        "X-RateLimit-Bucket": f"{abs(hash(name)):016x}"[:16],
    }


def limited(wait: float, *, everywhere: bool) -> tuple[dict[str, Any], dict[str, str]]:
    """The body and the headers of a 429."""
    body = {"message": "You are being rate limited.", "retry_after": wait, "global": everywhere}
    headers = {
        "Via": VIA,
        "Retry-After": str(max(1, round(wait))),
        "X-RateLimit-Scope": "global" if everywhere else "user",
    }
    return body, headers | ({"X-RateLimit-Global": "true"} if everywhere else {})
