"""A budget of requests that several askers share, none of whom can take it from the others.

A token bucket, and who waits for a token has a place in a lane. Between lanes it is weighted fair
queueing: each gets its weight's share where all wait, and whatever the others leave. Within a lane
askers take turns, so that a hundred requests of one person delay that person alone; people who
asked for little lately go before those who asked for much.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from bot.kit.tasks import spawn
from bot.model import Asker, Lane

if TYPE_CHECKING:
    from bot.kit.timing.clock import Clock

WEIGHTS: Mapping[Lane, float] = MappingProxyType(
    {Lane.POLL: 7.0, Lane.ALERT: 14.0, Lane.SERVICE: 3.0, Lane.PERSON: 3.0}
)
"""Whatever people ask, polls have seven tenths for themselves. An alert's picture has twice as
much as a poll: it is a few requests, which an alert waits for."""

_LITTLE = 6
"""So many requests in a minute are little."""
_MINUTE = 60.0
_TINY = 1e-9
_MOST_KNOWN = 1000


_Ticket = asyncio.Future[None]
"""Done when its turn has come."""


@dataclass(slots=True)
class _Waiting:
    """One lane: whose turn is next comes first. `passed` is its virtual time, the work done for it
    by its weight."""

    weight: float
    passed: float = 0.0
    askers: dict[str, deque[_Ticket]] = field(default_factory=dict)


class Budget:
    """`burst` requests at once, then `per_second` as they drip. For one loop.

    `reserve` is the part of the burst that is left to people who asked for little lately, by
    others who asked for more: where tokens drip slowly, the next one would come late.
    """

    def __init__(
        self, clock: Clock, per_second: float, burst: float, *, reserve: float = 0.0
    ) -> None:
        self._clock = clock
        self._rate = per_second
        self._burst = burst
        self._enough = min(burst, 1 + reserve * burst) - _TINY
        self._at_hand = burst
        self._counted_at = clock.monotonic()
        self._time = 0.0
        self._lanes = {lane: _Waiting(weight) for lane, weight in WEIGHTS.items()}
        self._little: dict[str, float] = {}
        """When each person, if nothing more is asked, will have asked for nothing lately."""
        self._dripping: asyncio.Task[None] | None = None
        """While somebody waits."""

    async def take(self, asker: Asker) -> None:
        """Wait for the turn to make one request."""
        ticket = self._enter(asker)
        try:
            self._serve()
            if not ticket.done() and (self._dripping is None or self._dripping.done()):
                self._dripping = spawn(self._drip(), "budget")
            await ticket
        finally:
            self._leave(asker, ticket)

    def asks_little(self, asker: Asker) -> bool:
        """Whether a person has asked for little lately; whoever is none always has."""
        if asker.lane is not Lane.PERSON:
            return True
        now = self._clock.monotonic()
        each = _MINUTE / _LITTLE
        return self._little.get(asker.name, now) - now <= _MINUTE - each + _TINY

    def _enter(self, asker: Asker) -> _Ticket:
        lane, ticket = self._lanes[asker.lane], asyncio.get_running_loop().create_future()
        if not lane.askers:  # it is owed nothing for the time when it wanted nothing
            lane.passed = max(lane.passed, self._time)
        lane.askers.setdefault(asker.name, deque()).append(ticket)
        return ticket

    def _leave(self, asker: Asker, ticket: _Ticket) -> None:
        """Whoever waits no more gives up the place."""
        line = self._lanes[asker.lane].askers.get(asker.name)
        if line is not None and ticket in line:
            line.remove(ticket)
            if not line:
                del self._lanes[asker.lane].askers[asker.name]
        if self._dripping is not None and not self._is_waited_for:
            self._dripping.cancel()  # it only sleeps: the loop's next round ends it
            self._dripping = None

    @property
    def _is_waited_for(self) -> bool:
        return any(lane.askers for lane in self._lanes.values())

    async def _drip(self) -> None:
        while self._is_waited_for:
            await self._clock.sleep(self._until_next())
            self._serve()

    def _serve(self) -> None:
        now = self._clock.monotonic()
        self._at_hand = min(self._burst, self._at_hand + (now - self._counted_at) * self._rate)
        self._counted_at = now
        while self._at_hand >= 1 - _TINY and (asker := self._next()) is not None:
            self._at_hand -= 1
            self._take_from(asker, now)

    def _next(self) -> Asker | None:
        """Of the lane that is the farthest behind its share, who may have a token."""
        waiting = [lane for lane, line in self._lanes.items() if line.askers]
        for lane in sorted(waiting, key=lambda lane: self._lanes[lane].passed):
            if (asker := self._first_of(lane)) is not None:
                return asker
        return None

    def _first_of(self, lane: Lane) -> Asker | None:
        askers = [Asker(lane, name) for name in self._lanes[lane].askers]
        little = next((asker for asker in askers if self.asks_little(asker)), None)
        return little or (askers[0] if self._at_hand >= self._enough else None)

    def _take_from(self, asker: Asker, now: float) -> None:
        lane = self._lanes[asker.lane]
        line = lane.askers.pop(asker.name)
        ticket = line.popleft()
        if not ticket.done():  # else whoever waited was cancelled just now
            ticket.set_result(None)
        if line:
            lane.askers[asker.name] = line  # behind all others of the lane
        self._time = lane.passed
        lane.passed += 1 / lane.weight
        for other in self._lanes.values():  # who could have had it and may not is owed nothing
            other.passed = max(other.passed, self._time)
        if asker.lane is Lane.PERSON:
            self._little[asker.name] = max(now, self._little.get(asker.name, now)) + (
                _MINUTE / _LITTLE
            )
            self._forget(now)

    def _forget(self, now: float) -> None:
        if len(self._little) > _MOST_KNOWN:
            self._little = {name: at for name, at in self._little.items() if at > now}

    def _until_next(self) -> float:
        """Seconds until one more token is whole."""
        missing = 1 - self._at_hand % 1 if self._at_hand >= 1 else 1 - self._at_hand
        return max(missing / self._rate, 1e-4)
