"""What the last look at a coin told, for a moment: whoever asks again so soon hears the same."""

from __future__ import annotations

from bot.kit.bounded_dict import ExpiringDict
from bot.kit.timing.clock import Clock
from bot.model import Observation, Unknown

_MOST = 2000
_UNKNOWN_FACTOR = 3
"""What could not be found out is not asked again at once, either: that costs several tries."""


class LookCache:
    """`seconds` is how long an answer counts."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._seconds = seconds
        self._seen: ExpiringDict[str, Observation] = ExpiringDict(clock, _MOST)

    def note(self, mint: str, seen: Observation, *, patient: bool) -> None:
        """A look has ended. What one hasty try could not find out says nothing."""
        if isinstance(seen, Unknown) and not patient:
            return
        factor = _UNKNOWN_FACTOR if isinstance(seen, Unknown) else 1
        self._seen.put(mint, seen, factor * self._seconds)

    def get(self, mint: str) -> Observation | None:
        """None: nothing that is new enough."""
        return self._seen.get(mint)
