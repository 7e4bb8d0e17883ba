"""What is wrong with the nodes taken together, which none of them can see in itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from bot import texts

if TYPE_CHECKING:
    from bot.kit.timing.clock import Clock
    from bot.store import NodeReport


class Company:
    """Nodes come and go while they are started anew: only what has been so for `seconds` is told.
    `needed` are the roles without which something is done by nobody."""

    def __init__(self, clock: Clock, needed: Collection[str], seconds: float) -> None:
        self._clock = clock
        self._needed = tuple(needed)
        self._seconds = seconds
        self._since: dict[str, float] = {}
        self._free_since: dict[str, float] = {}

    def look(
        self, us: NodeReport, others: Sequence[NodeReport], free: Collection[str] = ()
    ) -> None:
        """These are there now, and of the leases that one of them has to have nobody has `free`."""
        roles = frozenset(us.roles).union(*(one.roles for one in others))
        wrong = [texts.health.nobody_has(role) for role in self._needed if role not in roles]
        if any(one.name == us.name for one in others):
            wrong.append(texts.health.same_name(us.name))
        now = self._clock.monotonic()
        self._since = {what: self._since.get(what, now) for what in wrong}
        self._free_since = {name: self._free_since.get(name, now) for name in free}

    @property
    def trouble(self) -> str | None:
        """A clause about it."""
        told = self._lasting(self._since)
        if free := self._lasting(self._free_since):
            told.append(texts.health.nobody_holds(sorted(free, key=_by_number)))
        return "; ".join(told) or None

    def _lasting(self, since: Mapping[str, float]) -> list[str]:
        now = self._clock.monotonic()
        return [what for what, began in since.items() if now - began >= self._seconds]


def _by_number(name: str) -> tuple[int, str]:
    """The tenth stands after the second. Pure."""
    return len(name), name
