"""Looks that are under way: whoever asks for the same coin meanwhile gets the same answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.model import Observation, Unknown


@dataclass(frozen=True, slots=True)
class _Look:
    answer: asyncio.Future[Observation | None]
    """None: whoever asked was cancelled, or failed."""
    patient: bool


class SingleFlight:
    """At most one look at a coin at a time. Whoever comes first asks; no task is made."""

    def __init__(self) -> None:
        self._under_way: dict[str, _Look] = {}

    async def look(
        self, mint: str, ask: Callable[[], Awaitable[Observation]], *, patient: bool
    ) -> Observation:
        """What `ask` gives, or what the look under way does.

        A `patient` look tries several times. Whoever is patient does not take an unknown from
        one that was not.
        """
        while (look := self._under_way.get(mint)) is not None:
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
