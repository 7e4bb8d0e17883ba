"""What only one node of a cluster may do at a time: the right to it, and who runs it.

Everything that runs within `under` writes only while the lease is held: each transaction looks
(`bot.store.store`), and whoever is about to send asks `require_lease`. Tasks that are made there do
so, too.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Protocol

from bot.errors import LeaseLost
from bot.kit.timing.clock import Clock, SystemClock


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to do what `name` says. `epoch` grows each time that it is won."""

    name: str
    holder: str
    epoch: int


@dataclass(slots=True)
class HeldLease:
    """One that was won here. `acts_until`, by `Clock.elapsed`: from then on nothing more is
    begun, for its term ends soon after, and others may win it. It moves with each renewal."""

    lease: Lease
    acts_until: float
    clock: Clock = field(repr=False)

    @property
    def is_ours(self) -> bool:
        """Whether something may be begun by it."""
        return self.clock.elapsed() < self.acts_until

    def give_up(self) -> None:
        """Begin nothing more."""
        self.acts_until = float("-inf")


_NOW: ContextVar[HeldLease | None] = ContextVar("lease", default=None)


@contextlib.contextmanager
def under(held: HeldLease) -> Iterator[None]:
    """What is done within it, that lease allows."""
    token = _NOW.set(held)
    try:
        yield
    finally:
        _NOW.reset(token)


@contextlib.contextmanager
def without_lease() -> Iterator[None]:
    """What is done within it, every node may do, whatever allowed it to begin."""
    token = _NOW.set(None)
    try:
        yield
    finally:
        _NOW.reset(token)


def current_lease() -> HeldLease | None:
    """What allows what is done here; None: nobody else could do it."""
    return _NOW.get()


def require_lease() -> None:
    """To be called right before a request that must not be made twice. Raises LeaseLost."""
    held = _NOW.get()
    if held is not None and not held.is_ours:
        raise LeaseLost(held.lease.name)


class Leadership(Protocol):
    """Runs what only one node may.

    `lead` runs `work` whenever the lease of that name is ours, until it is cancelled; `work` is
    cancelled where the lease is lost, and begun anew where it is won again. Once `work` returns, so
    does `lead`, and what it raises is raised.

    `turn` returns at once, or once the turn of that name is over that somebody had before, here or
    on another node; from then on it is ours for so many seconds. Raises LeaseLost.

    `needing`: meanwhile some node has to have each of these, though not this one. It is said where
    nobody has.

    `is_steady`: whether another node is gone whose term is over. Right after the database was away
    it may only not have renewed it yet.
    """

    @property
    def is_steady(self) -> bool: ...
    async def lead(self, name: str, work: Callable[[], Awaitable[None]]) -> None: ...
    async def turn(self, name: str, seconds: float) -> None: ...
    def needing(self, names: Collection[str]) -> AbstractContextManager[None]: ...


class SoleNode:
    """A `Leadership` where nobody else has the database: all is ours."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._turns: dict[str, float] = {}

    @property
    def is_steady(self) -> bool:
        return True

    async def turn(self, name: str, seconds: float) -> None:
        now = self._clock.monotonic()
        begins = max(now, self._turns.get(name, now))
        self._turns[name] = begins + seconds
        if begins > now:
            await self._clock.sleep(begins - now)

    async def lead(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        await work()

    def needing(self, names: Collection[str]) -> AbstractContextManager[None]:
        return contextlib.nullcontext()
