"""A `Leadership` whose leases the test takes away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.kit.leadership import HeldLease, under
from bot.kit.tasks import background
from bot.store import Store
from tests.fakes.clock import FakeClock, settle
from tests.store.rows.cluster.terms import end_terms

TERM = 300.0


class LeadsUntilLost:
    """It has every lease, until the test takes it away for good."""

    def __init__(self, store: Store, clock: FakeClock) -> None:
        self._store = store
        self._clock = clock
        self._held: dict[str, HeldLease] = {}
        self._lost: dict[str, asyncio.Event] = {}

    is_steady = True

    async def lead(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        async def run() -> None:
            await work()

        async with self._store.write() as unit:
            lease = await unit.leases.win(name, "us", TERM)
        assert lease is not None
        held = self._held[name] = HeldLease(lease, float("inf"), self._clock)
        lost = self._lost[name] = asyncio.Event()
        with under(held):
            async with background(run(), name):
                await lost.wait()
        await asyncio.get_running_loop().create_future()

    async def turn(self, name: str, seconds: float) -> None:
        raise AssertionError("nobody waits for a turn")

    def end_term(self, name: str) -> None:
        """It is over, and its work has not been ended yet: as where this process stood still."""
        end_terms(self._store, name)
        self._held[name].give_up()

    async def lose(self, name: str) -> None:
        self.end_term(name)
        self._lost[name].set()
        await settle()
