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

_FEWEST = 3
"""One request that fails, or two, may be bad luck."""
_LONGEST_GAP = 180.0
"""Whoever fails is tried again within about two minutes: what failed before that, and not since,
has nothing to do with it."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to do what `name` says. `epoch` grows each time that it is won."""

    name: str
    holder: str
    epoch: int


class Reach:
    """Whether those whom a lease's work asks can be reached from this machine at all.

    It counts failures in a row: no connection, no answer, or one that says that it has broken down.
    A refusal is an answer, unless it is one of this machine's address, and so is being told to
    wait."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures = 0
        self._first = 0.0
        self._last = 0.0

    @property
    def failing_for(self) -> float:
        """Seconds from the first to the last of them. Time in which nothing was asked says
        nothing."""
        return self._last - self._first if self._failures >= _FEWEST else 0.0

    def note(self, *, answered: bool) -> None:
        """What came of a request."""
        if answered:
            self._failures = 0
            return
        now = self._clock.monotonic()
        if not self._failures or now - self._last > _LONGEST_GAP:
            self._failures, self._first = 0, now
        self._failures += 1
        self._last = now


@dataclass(slots=True)
class HeldLease:
    """One that was won here. `acts_until`, by `Clock.elapsed`: from then on nothing more is
    begun, for its term ends soon after, and others may win it. It moves with each renewal.

    `reach`: whether those can be reached whom its work asks. `is_handed_over`: they cannot, so it
    goes to another node as soon as what is under way has ended. It is ours until then."""

    lease: Lease
    acts_until: float
    clock: Clock = field(repr=False)
    reach: Reach = field(init=False, repr=False)
    is_handed_over: bool = False

    def __post_init__(self) -> None:
        self.reach = Reach(self.clock)

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


def note_reach(*, answered: bool) -> None:
    """What came of a request that the lease is for. Where nothing is answered for long, another
    node may get it."""
    held = _NOW.get()
    if held is not None:
        held.reach.note(answered=answered)


def is_handed_over() -> bool:
    """Whether what is done here ends because another node is to do it, which may reach more."""
    held = _NOW.get()
    return held is not None and held.is_handed_over


class Leadership(Protocol):
    """Runs what only one node may.

    `lead` runs `work` whenever the lease of that name is ours, until it is cancelled; `work` is
    cancelled where the lease is lost, and begun anew where it is won again. Once `work` returns, so
    does `lead`, and what it raises is raised.

    `role`: nodes that have it may do the same. One of them gets the lease where nothing that the
    work asks for is answered (`note_reach`). None: it stays.

    `turn` returns at once, or once the turn of that name is over that somebody had before, here or
    on another node; from then on it is ours for so many seconds. Raises LeaseLost.

    `needing`: meanwhile some node has to have each of these, though not this one. It is said where
    nobody has.

    `is_steady`: whether another node is gone whose term is over. Right after the database was away
    it may only not have renewed it yet.
    """

    @property
    def is_steady(self) -> bool: ...
    async def lead(
        self, name: str, work: Callable[[], Awaitable[None]], *, role: str | None = None
    ) -> None: ...
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

    async def lead(
        self, name: str, work: Callable[[], Awaitable[None]], *, role: str | None = None
    ) -> None:
        await work()

    def needing(self, names: Collection[str]) -> AbstractContextManager[None]:
        return contextlib.nullcontext()
