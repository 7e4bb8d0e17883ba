"""A budget of requests that several askers share, none of whom can take it from the others.

A token bucket, and who waits for a token does so in the queue of its kind. Between kinds it is
weighted fair queueing: each gets its weight's share where all wait, and whatever the others leave.
Within a kind askers take turns, so that a hundred requests of one person delay that person alone;
people who asked for little lately go before those who asked for much.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from bot.kit.tasks import spawn
from bot.model import Asker, AskerKind

if TYPE_CHECKING:
    from bot.kit.timing.clock import Clock

WEIGHTS: Mapping[AskerKind, float] = MappingProxyType(
    {
        AskerKind.POLL: 7.0,
        AskerKind.ALERT: 14.0,
        AskerKind.SERVICE: 3.0,
        AskerKind.PERSON: 3.0,
        AskerKind.LATER: 0.5,
    }
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
class _Queue:
    """Those of one kind: whose turn is next comes first. `passed` is its virtual time, the work
    done for it by its weight."""

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
        self._queues = {kind: _Queue(weight) for kind, weight in WEIGHTS.items()}
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
        if asker.kind is not AskerKind.PERSON:
            return True
        now = self._clock.monotonic()
        each = _MINUTE / _LITTLE
        return self._little.get(asker.name, now) - now <= _MINUTE - each + _TINY

    def _enter(self, asker: Asker) -> _Ticket:
        queue, ticket = self._queues[asker.kind], asyncio.get_running_loop().create_future()
        if not queue.askers:  # it is owed nothing for the time when it wanted nothing
            queue.passed = max(queue.passed, self._time)
        queue.askers.setdefault(asker.name, deque()).append(ticket)
        return ticket

    def _leave(self, asker: Asker, ticket: _Ticket) -> None:
        """Whoever waits no more gives up the place."""
        line = self._queues[asker.kind].askers.get(asker.name)
        if line is not None and ticket in line:
            line.remove(ticket)
            if not line:
                del self._queues[asker.kind].askers[asker.name]
        if self._dripping is not None and not self._is_waited_for:
            self._dripping.cancel()  # it only sleeps: the loop's next round ends it
            self._dripping = None

    @property
    def _is_waited_for(self) -> bool:
        return any(queue.askers for queue in self._queues.values())

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
        """Of the kind that is the farthest behind its share, who may have a token."""
        waiting = [kind for kind, queue in self._queues.items() if queue.askers]
        for kind in sorted(waiting, key=lambda kind: self._queues[kind].passed):
            if (asker := self._first_of(kind)) is not None:
                return asker
        return None

    def _first_of(self, kind: AskerKind) -> Asker | None:
        askers = [Asker(kind, name) for name in self._queues[kind].askers]
        little = next((asker for asker in askers if self.asks_little(asker)), None)
        return little or (askers[0] if self._at_hand >= self._enough else None)

    def _take_from(self, asker: Asker, now: float) -> None:
        queue = self._queues[asker.kind]
        line = queue.askers.pop(asker.name)
        ticket = line.popleft()
        if not ticket.done():  # else whoever waited was cancelled just now
            ticket.set_result(None)
        if line:
            queue.askers[asker.name] = line  # behind all others of the kind
        self._time = queue.passed
        queue.passed += 1 / queue.weight
        for other in self._queues.values():  # who could have had it and may not is owed nothing
            other.passed = max(other.passed, self._time)
        if asker.kind is AskerKind.PERSON:
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
