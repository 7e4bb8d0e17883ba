"""When a node gives a lease to the others because what it needs cannot be reached from here, and
for how long it leaves it to them.

Where nobody can reach it, they pass it on to one another. That costs little, but is kept rare: of
one lease, once in `rest_seconds`, whichever node does it (a row says so, `turn_of`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.kit.leadership import HeldLease
    from bot.kit.timing.clock import Clock
    from bot.store import NodeReport

UNREACHED_SECONDS = 30.0
"""For so long nothing was answered, and for a term at least."""
REST_SECONDS = 120.0
_SUSPECT_SECONDS = 5.0
"""So long is enough where something else was handed over within the last `rest_seconds`: perhaps
nothing can be reached from here. What sends notices that only once there is something to send."""
_AFTER_OTHERS = 2.0
"""So long one that has given it away lets all others go first, also when its rest is over."""


def turn_of(name: str) -> str:
    """The turn in which a lease is handed over. It lasts, and nobody hands it over meanwhile."""
    return f"hand-over:{name}"


class HandOvers:
    """Of one node. A term is `term` seconds long. `roles` are those that another node has to have
    for a lease, by its name; a lease that isn't there is never handed over."""

    def __init__(
        self, clock: Clock, term: float, unreached_seconds: float, rest_seconds: float
    ) -> None:
        self._clock = clock
        self._term = term
        self._patience = max(unreached_seconds, term)
        self._rest = rest_seconds
        self.roles: dict[str, str] = {}
        self._there: frozenset[str] = frozenset()
        self._given_at: dict[str, float] = {}
        self._free_since: dict[str, float] = {}

    def look(self, others: Sequence[NodeReport]) -> None:
        """These are there now."""
        self._there = frozenset[str]().union(*(one.roles for one in others))

    def is_due(self, held: HeldLease) -> bool:
        """Whether it is of no use here, and there is another node that may do it."""
        if held.is_handed_over or held.reach.failing_for < self._patience_now():
            return False
        return self._has_others(held.lease.name)

    def _patience_now(self) -> float:
        now = self._clock.monotonic()
        is_suspect = any(now - at < self._rest for at in self._given_at.values())
        return min(_SUSPECT_SECONDS, self._patience) if is_suspect else self._patience

    def given(self, name: str) -> None:
        """It is free now."""
        self._given_at[name] = self._free_since[name] = self._clock.monotonic()

    def won(self, name: str) -> None:
        """It is ours again."""
        self._given_at.pop(name, None)

    def left_to_others(self, name: str, *, is_free: bool) -> float:
        """Seconds for which we don't try to win it. One that nobody has taken within a term isn't
        left to them for longer: it may be that no other node can do this at all."""
        if name not in self._given_at or not self._has_others(name):
            return 0.0
        now = self._clock.monotonic()
        if not is_free:
            self._free_since.pop(name, None)
            return 0.0
        since = self._free_since.setdefault(name, now)
        rests = now - self._given_at[name] < self._rest
        return max(0.0, since + (self._term if rests else _AFTER_OTHERS) - now)

    def _has_others(self, name: str) -> bool:
        return self.roles.get(name) in self._there
