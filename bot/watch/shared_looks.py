"""One look at a coin answers all who ask: while it is under way, and for a moment after it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.kit.bounded_dict import ExpiringDict
from bot.kit.timing.clock import Clock
from bot.model import Observation, Unknown

_MOST_KEPT = 2000
_UNKNOWN_FACTOR = 3
"""What could not be found out is not asked again at once, either: that costs several tries."""


@dataclass(frozen=True, slots=True)
class _Look:
    answer: asyncio.Future[Observation | None]
    """None: whoever asked was cancelled, or failed."""
    patient: bool


class SingleFlight:
    """At most one look at a coin at a time, but that a hasty one waits for no patient one. Whoever
    comes first asks; no task is made."""

    def __init__(self) -> None:
        self._under_way: dict[str, _Look] = {}

    async def look(
        self, mint: str, ask: Callable[[], Awaitable[Observation]], *, patient: bool
    ) -> Observation:
        """What `ask` gives, or what the look under way does.

        A `patient` look is a person's, and tries several times. Whoever is patient does not take
        an unknown from one that was not. Whoever is not does not wait for one that is: that waits
        for its turn behind all that people ask for, and the poll would wait with it.
        """
        while (look := self._under_way.get(mint)) is not None:
            if look.patient and not patient:
                return await ask()
            # Shielded, because cancelling one who waits must not cancel it for the others.
            seen = await asyncio.shield(look.answer)
            if seen is None or (isinstance(seen, Unknown) and patient > look.patient):
                continue
            return seen
        return await self._ask(mint, ask, patient=patient)

    async def _ask(
        self, mint: str, ask: Callable[[], Awaitable[Observation]], *, patient: bool
    ) -> Observation:
        look = _Look(asyncio.get_running_loop().create_future(), patient)
        self._under_way[mint] = look
        seen: Observation | None = None
        try:
            seen = await ask()
        finally:
            del self._under_way[mint]
            look.answer.set_result(seen)
        return seen


class LookCache:
    """What the last look told: whoever asks again so soon hears the same. `seconds` is how long an
    answer counts."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._seconds = seconds
        self._seen: ExpiringDict[str, Observation] = ExpiringDict(clock, _MOST_KEPT)

    def note(self, mint: str, seen: Observation, *, patient: bool) -> None:
        """A look has ended. What one hasty try could not find out says nothing."""
        if isinstance(seen, Unknown) and not patient:
            return
        factor = _UNKNOWN_FACTOR if isinstance(seen, Unknown) else 1
        self._seen.put(mint, seen, factor * self._seconds)

    def get(self, mint: str) -> Observation | None:
        """None: nothing that is new enough."""
        return self._seen.get(mint)
