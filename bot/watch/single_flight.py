"""Looks that are under way: whoever asks for the same coin meanwhile gets the same answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.model import Observation, Unknown


@dataclass(frozen=True, slots=True)
class _Look:
    landed: asyncio.Future[Observation | None]
    """None: whoever flew it was cancelled, or failed."""
    patient: bool


class SingleFlight:
    """At most one look at a coin at a time. Whoever begins it flies it; no task is made."""

    def __init__(self) -> None:
        self._under_way: dict[str, _Look] = {}

    async def look(
        self, mint: str, fly: Callable[[], Awaitable[Observation]], *, patient: bool
    ) -> Observation:
        """What `fly` gives, or what the flight under way does.

        A `patient` look tries several times. Whoever is patient does not take an unknown from
        one that was not.
        """
        while (flight := self._under_way.get(mint)) is not None:
            # Shielded, because cancelling one who waits must not cancel it for the others.
            seen = await asyncio.shield(flight.landed)
            if seen is None or (isinstance(seen, Unknown) and patient > flight.patient):
                continue
            return seen
        return await self._fly(mint, fly, patient=patient)

    async def _fly(
        self, mint: str, fly: Callable[[], Awaitable[Observation]], *, patient: bool
    ) -> Observation:
        flight = _Look(asyncio.get_running_loop().create_future(), patient)
        self._under_way[mint] = flight
        seen: Observation | None = None
        try:
            seen = await fly()
        finally:
            del self._under_way[mint]
            flight.landed.set_result(seen)
        return seen
