"""One service for one database, also where its server is restarted under it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import DatabaseInUse, DatabaseUnreachable
from bot.store import PostgresAddress, Store
from bot.store.backends.postgres import service_lock
from bot.store.backends.postgres.engine import SERVICE_LOCK
from bot.store.backends.postgres.service_lock import ServiceLock
from tests.databases.postgres import Cluster
from tests.store.backends.postgres.conftest import NewDatabase, name_of, refused
from tests.store.test_store import value_of
from tests.store.writer import add_one


async def test_after_a_restart_the_service_goes_on_and_has_its_lock_again(
    address: PostgresAddress, cluster: Cluster
) -> None:
    async with Store(address) as store:
        await add_one(store)
        cluster.stop()
        with pytest.raises(DatabaseUnreachable):
            await add_one(store)
        with pytest.raises(DatabaseUnreachable):
            await value_of(store)
        cluster.start()
        assert await value_of(store) == "1"
        await add_one(store)
        await refused(address)
        assert await value_of(store) == "2"


async def test_whoever_was_quicker_after_a_restart_has_it(
    address: PostgresAddress, cluster: Cluster
) -> None:
    async with Store(address) as store:
        cluster.stop()
        cluster.start()
        async with Store(address) as other:
            with pytest.raises(DatabaseInUse):
                await add_one(store)
            await add_one(other)
        await add_one(store)
        assert await value_of(store) == "2"


async def test_a_connection_that_an_operator_ends_is_replaced(
    address: PostgresAddress, cluster: Cluster
) -> None:
    async with Store(address) as store:
        await add_one(store)
        cluster.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()",
            database=name_of(address),
        )
        await add_one(store)
        await refused(address)
        assert await value_of(store) == "2"


async def test_another_database_of_the_server_is_not_kept_locked(
    address: PostgresAddress, new_database: NewDatabase, cluster: Cluster
) -> None:
    async with Store(address), Store(new_database()) as other:
        await add_one(other)
    left = cluster.fetch(
        "SELECT 1 FROM pg_locks WHERE objid = $1", [SERVICE_LOCK % 2**32], "postgres"
    )
    assert left == []


async def test_who_waits_for_another_does_not_ask_without_a_pause(
    address: PostgresAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Counted(ServiceLock):
        tries = 0

        async def take(self) -> None:
            self.tries += 1
            await super().take()

    monkeypatch.setattr(service_lock, "_PAUSE_SECONDS", 0.1, raising=False)
    one, other = ServiceLock(address), Counted(replace(address, patience=0.001))
    try:
        await one.take()
        with pytest.raises(DatabaseInUse):
            await other.take_in_turn(0.25)
        assert other.tries <= 4
        await one.release()
        await other.take_in_turn(0.25)
    finally:
        await one.close()
        await other.close()
