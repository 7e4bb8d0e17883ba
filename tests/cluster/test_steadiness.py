"""When a term that is over says that its node is gone: not where nobody could renew."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.cluster.steadiness import Steadiness
from bot.errors import DatabaseBusy
from bot.kit.health import Health
from bot.store import Access, Store, Unit
from tests.cluster.nodes import TERM, lease_keeper
from tests.fakes.clock import FakeClock


@pytest.mark.parametrize(("term", "wait"), [(30.0, 12.0), (6.0, 3.0)])
async def test_terms_are_believed_once_the_others_had_the_time_to_renew_theirs(
    term: float, wait: float
) -> None:
    clock = FakeClock()
    steadiness = Steadiness(clock, term)
    assert not steadiness.is_steady
    for _ in range(8):
        assert not steadiness.is_steady
        steadiness.renewed()
        await clock.advance(wait / 8)
    assert steadiness.is_steady
    steadiness.failed()
    assert not steadiness.is_steady
    steadiness.renewed()
    assert not steadiness.is_steady


async def test_a_renewal_that_was_held_up_counts_as_one_that_failed() -> None:
    clock = FakeClock()
    steadiness = Steadiness(clock, 30.0)
    for _ in range(5):
        steadiness.renewed()
        await clock.advance(5.0)
    assert steadiness.is_steady
    await clock.advance(10.0)
    assert not steadiness.is_steady, "the database may stand still right now"
    steadiness.renewed()
    await clock.advance(11.9)
    assert not steadiness.is_steady
    await clock.advance(0.1)
    assert steadiness.is_steady


class BusyStore(Store):
    """A database that cannot be written while it `is_away`."""

    is_away = False

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncGenerator[Unit, None]:
        if self.is_away:
            raise DatabaseBusy("mintcast.db")
        async with super().write() as unit:
            yield unit


async def test_a_keeper_of_leases_says_so(database: Path) -> None:
    clock = FakeClock()
    async with (
        BusyStore(database, access=Access.ANY) as store,
        lease_keeper(store, "a", "watch", Health(clock), None, clock) as keeper,
    ):
        assert not keeper.is_steady
        await clock.advance(TERM / 2)
        assert keeper.is_steady
        store.is_away = True
        await clock.advance(TERM)
        assert not keeper.is_steady
        store.is_away = False
        await clock.advance(1.0)
        assert not keeper.is_steady
        await clock.advance(TERM / 2)
        assert keeper.is_steady
