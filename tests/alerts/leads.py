"""A `Leadership` whose leases the test takes away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractContextManager

from bot.kit.leadership import HeldLease, under
from bot.kit.tasks import awaited, background
from bot.store import Store
from tests.fakes.clock import FakeClock, settle
from tests.store.rows.cluster.terms import end_terms

TERM = 300.0


class LeadsUntilLost:
    """It has every lease, until the test takes it away."""

    def __init__(self, store: Store, clock: FakeClock) -> None:
        self._store = store
        self._clock = clock
        self._held: dict[str, HeldLease] = {}
        self._lost: dict[str, asyncio.Event] = {}
        self._free: dict[str, asyncio.Event] = {}

    is_steady = True

    async def lead(
        self, name: str, work: Callable[[], Awaitable[None]], *, role: str | None = None
    ) -> None:
        while True:
            async with self._store.write() as unit:
                lease = await unit.leases.win(name, "us", TERM)
            assert lease is not None
            held = self._held[name] = HeldLease(lease, float("inf"), self._clock)
            lost, free = asyncio.Event(), asyncio.Event()
            self._lost[name], self._free[name] = lost, free
            with under(held):
                async with background(awaited(work()), name):
                    await lost.wait()
            await free.wait()

    async def turn(self, name: str, seconds: float) -> None:
        raise AssertionError("nobody waits for a turn")

    def needing(self, names: Collection[str]) -> AbstractContextManager[None]:
        raise AssertionError("it has all that it needs")

    def end_term(self, name: str) -> None:
        """It is over, and its work has not been ended yet: as where this process stood still."""
        end_terms(self._store, name)
        self._held[name].give_up()

    def begin_no_more(self, name: str) -> None:
        """Its term is nearly over."""
        self._held[name].give_up()

    async def lose(self, name: str) -> None:
        self.end_term(name)
        self._lost[name].set()
        await settle()

    async def hand_over(self, name: str) -> None:
        """Another node is to have it: its work ends, and keeps it until then."""
        self._held[name].is_handed_over = True
        self._lost[name].set()
        await settle()

    def failing_for(self, name: str) -> float:
        """For how long nothing was answered that it asked."""
        return self._held[name].reach.failing_for

    async def win_again(self, name: str) -> None:
        """What was lost, once the work has ended."""
        self._free[name].set()
        await settle()
