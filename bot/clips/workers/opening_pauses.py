"""How long to wait before a capture is opened again that broke off or could not be opened. Pure."""

from __future__ import annotations

_FIRST, _LONGEST = 0.5, 8.0
"""Seconds: a stream that goes on is at hand again within ten."""

_LONGEST_FAILING = 300.0
_HOPEFUL_SECONDS = 60.0
"""For so long a room of which nothing comes is asked for as often as any other."""

_STEADY_SECONDS = 60.0


class OpeningPauses:
    """Each is twice as long as the one before. A room that refuses us for hours is asked for every
    five minutes: each time costs pump.fun a token, and us a process."""

    def __init__(self) -> None:
        self._last = 0.0
        self._failing_since: float | None = None

    def begin_anew(self) -> None:
        """Something has changed: another stream, or somebody who wants a clip."""
        self._last = 0.0
        self._failing_since = None

    def next(self, now: float, *, lasted: float = 0.0, gave: bool = False) -> float:
        """Seconds, after a capture that `lasted` so long and `gave` something, or did not."""
        if lasted >= _STEADY_SECONDS:
            self.begin_anew()
        if gave:
            self._failing_since = None
        elif self._failing_since is None:
            self._failing_since = now - lasted
        self._last = min(max(_FIRST, 2 * self._last), self._longest(now))
        return self._last

    def _longest(self, now: float) -> float:
        since = self._failing_since
        return _LONGEST if since is None or now - since < _HOPEFUL_SECONDS else _LONGEST_FAILING
