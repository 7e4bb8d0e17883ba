"""Two nodes on one database: who leads, and when the other does. Terms are by the real clock."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import LeaseLost
from bot.kit.leadership import current_lease, require_lease, under
from bot.kit.notifier import Notifier
from bot.kit.tasks import background
from bot.kit.timing.clock import SystemClock
from bot.store import Store, Unit
from tests.cluster.nodes import TERM, first_of, node, until_set
from tests.fakes.clock import until
from tests.fakes.failing_store import answer_lost
from tests.store.raw_sql import ask
from tests.store.rows.cluster.terms import end_terms


async def test_one_leads_and_a_clean_end_hands_over_at_once(database: Path) -> None:
    heard = Notifier()
    async with node(database, "a", heard) as a, node(database, "b", heard) as b, b.leading():
        await until_set(b.leads)
        async with a.leading():
            async with a.store.read() as unit:
                (term,) = await unit.leases.all()
            assert (term.lease.holder, term.lease.epoch) == ("b", 1)
            assert not a.leads.is_set()
    async with node(database, "a", heard) as a, a.leading():
        await until_set(a.leads)  # b gave it back
        assert a.epochs == [2]


async def test_it_is_renewed_for_as_long_as_it_is_led(database: Path) -> None:
    async with node(database, "a") as a, a.leading():
        await until_set(a.leads)
        await asyncio.sleep(2 * TERM)  # what is tried is that nothing happens meanwhile
        assert a.epochs == [1]
        assert a.leads.is_set()


async def test_another_leads_once_the_term_is_over_and_the_first_has_ended_by_then(
    database: Path,
) -> None:
    async with node(database, "a") as a, node(database, "b") as b, a.leading(), b.leading():
        first, second = (a, b) if await first_of(a, b) is a else (b, a)
        await asyncio.to_thread(end_terms, first.store)  # as where it could not renew it
        await until_set(second.leads)
        await until_set(first.ended)
        assert second.epochs == [2]


async def test_nothing_is_begun_by_a_lease_that_was_not_renewed_in_time(database: Path) -> None:
    refused = asyncio.Event()

    async def sends_again_and_again() -> None:
        held = current_lease()
        assert held is not None
        held.give_up()  # as where its time had come while the process stood still
        with pytest.raises(LeaseLost):
            require_lease()
        refused.set()
        await asyncio.get_running_loop().create_future()

    async with (
        node(database, "a") as a,
        background(a.keeper.lead("sender:x", sends_again_and_again), "sends"),
    ):
        await until_set(refused)


class _OfALaptop(SystemClock):
    """The real one of a machine that can be suspended, for no time at all."""

    suspended = 0.0

    def elapsed(self) -> float:
        return super().elapsed() + self.suspended


async def test_a_machine_that_was_suspended_for_a_term_begins_nothing_when_it_wakes(
    database: Path,
) -> None:
    clock = _OfALaptop()
    async with node(database, "a", clock=clock) as a, a.leading():
        await until_set(a.leads)
        (held,) = a.held
        clock.suspended += TERM
        with under(held), pytest.raises(LeaseLost):
            require_lease()
        await until_set(a.ended)
        await until_set(a.leads)  # it is won anew
        assert not held.is_ours
        assert a.held[-1].is_ours


async def test_the_time_in_which_others_wrote_is_not_taken_from_the_term(database: Path) -> None:
    """Else a node that has to wait for its turn loses at once what it has won."""
    clock = _OfALaptop()
    async with node(database, "a", clock=clock) as a:
        async with a.store.write():
            leading = asyncio.create_task(a.keeper.lead("watch", a.work))
            await asyncio.sleep(0.5)  # it waits for its turn by now; if not, this shows nothing
            clock.suspended += TERM - 0.5
        await until_set(a.leads)
        assert a.held[0].is_ours
        leading.cancel()
        await asyncio.gather(leading, return_exceptions=True)
    assert a.epochs == [1]


async def test_one_that_was_won_without_an_answer_is_won_again_at_once(database: Path) -> None:
    async def is_won(unit: Unit) -> bool:
        return bool(await unit.leases.held({"watch"}))

    async with node(database, "a") as a:
        with answer_lost(a.store, is_won):
            async with a.leading():
                await until_set(a.leads)
        assert a.epochs == [2]
        early = "SELECT epoch FROM lease_history WHERE won_at < last_until"
        assert [tuple(row) for row in ask(a.store.name, early)] == [(2,)]  # no term was waited out


class _Stands(Store):
    """From when the server has saved the first win."""

    is_won = False

    async def _commit(self, raw: AsyncConnection) -> None:
        await super()._commit(raw)
        if not self.is_won and ask(self.name, "SELECT name FROM leases"):
            self.is_won = True
            await asyncio.get_running_loop().create_future()


async def test_one_that_was_won_in_the_moment_of_a_stop_is_given_back(database: Path) -> None:
    async with node(database, "a") as other:
        async with node(database, "b", kind=_Stands) as b, b.leading():
            store = b.store
            assert isinstance(store, _Stands)
            await until(lambda: store.is_won)
        async with other.store.read() as unit:
            assert await unit.leases.held({"watch"}) == frozenset()


async def test_what_the_work_returns_or_raises_ends_the_leading(database: Path) -> None:
    async def done() -> None:
        return

    async def broken() -> None:
        raise ValueError("a defect")

    async with node(database, "a") as a:
        await a.keeper.lead("one", done)
        with pytest.raises(ValueError, match="a defect"):
            await a.keeper.lead("one", broken)
        async with a.store.read() as unit:
            assert [term.left <= 0 for term in await unit.leases.all()] == [True]


async def test_a_node_says_that_it_is_there_and_when_it_goes(database: Path) -> None:
    async with node(database, "a") as a:
        async with node(database, "b"), a.store.read() as unit:
            assert [(one.name, one.is_here) for one in await unit.nodes.all()] == [
                ("a", True),
                ("b", True),
            ]
        async with a.store.read() as unit:
            assert [one.name for one in await unit.nodes.all()] == ["a"]
