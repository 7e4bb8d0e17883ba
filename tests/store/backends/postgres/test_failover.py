"""A server that only reads for a while, or from now on: writes go on with the one that takes them,
and nobody restarts Mintcast."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from bot.errors import DatabaseReadOnly, DatabaseUnreachable
from bot.store import PostgresAddress, Store
from bot.store.backends.postgres import engine
from bot.store.backends.postgres.engine import SERVICE_LOCK
from tests.databases.postgres import Cluster
from tests.databases.standby import Standby, named
from tests.store.backends.postgres.conftest import name_of, refused
from tests.store.test_store import value_of
from tests.store.writer import add_one

NAME = "db.test"


def end_sessions(cluster: Cluster, address: PostgresAddress, but: int = 0) -> None:
    cluster.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        f" WHERE datname = '{name_of(address)}' AND pid <> {but}"
    )


def holders(cluster: Cluster, address: PostgresAddress) -> list[int]:
    """The sessions that have the service's lock."""
    locks = "SELECT pid FROM pg_locks WHERE objid = $1"
    found = cluster.fetch(locks, [SERVICE_LOCK % 2**32], name_of(address))
    return [pid for (pid,) in found]


OnlyReads = Callable[[bool], None]


@pytest.fixture
def only_reads(address: PostgresAddress, cluster: Cluster) -> OnlyReads:
    """Whether sessions that begin from then on do."""

    def change(only: bool) -> None:
        how = "SET default_transaction_read_only = on" if only else "RESET ALL"
        cluster.execute(f"ALTER DATABASE {name_of(address)} {how}")

    return change


async def test_sessions_that_only_read_are_left_once_others_may_write(
    address: PostgresAddress, cluster: Cluster, only_reads: OnlyReads
) -> None:
    async with Store(address) as store:
        await add_one(store)
        only_reads(True)
        end_sessions(cluster, address)
        for _ in range(2):
            with pytest.raises(DatabaseReadOnly):
                await add_one(store)
        only_reads(False)
        await add_one(store)
        assert await value_of(store) == "2"
        await refused(address)


async def test_the_lock_is_taken_anew_where_its_session_only_reads_and_the_writer_does_not(
    address: PostgresAddress, cluster: Cluster, only_reads: OnlyReads
) -> None:
    async with Store(address):
        pass
    only_reads(True)
    async with Store(address) as store:
        (before,) = holders(cluster, address)
        only_reads(False)
        end_sessions(cluster, address, but=before)
        await add_one(store)
        (after,) = holders(cluster, address)
    assert after != before


async def test_a_link_of_a_node_that_only_reads_counts_as_broken(
    address: PostgresAddress, only_reads: OnlyReads
) -> None:
    async with Store(address) as store:
        only_reads(True)
        async with store.node_link(lambda _: None, lambda: None) as link:
            for news in ("news", None):
                with pytest.raises(DatabaseUnreachable, match="does not arrive"):
                    await link.tell(news)
        only_reads(False)
        async with store.node_link(lambda _: None, lambda: None) as link:
            await link.tell("news")


async def test_what_reads_is_connected_anew_now_and_then(
    address: PostgresAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = text("SELECT pg_backend_pid()")
    for seconds, count in ((60, 1), (0, 3)):
        monkeypatch.setattr(engine, "_READS_SECONDS", seconds)
        async with Store(address) as store:
            pids = set()
            for _ in range(3):
                async with store.read() as unit:
                    pids.add((await unit.key_values._connection.run(pid)).scalar())
        assert len(pids) == count


@pytest.fixture
def primary() -> Iterator[Cluster]:
    with Cluster() as cluster:
        cluster.execute("CREATE DATABASE mintcast")
        yield cluster


async def test_after_a_failover_it_leaves_the_old_primary_once_the_name_leads_to_the_new_one(
    primary: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_READS_SECONDS", 0)
    url = f"postgresql://mintcast@{NAME}:{primary.port}/mintcast"
    address = PostgresAddress(url, patience=0.2)
    with named(NAME) as leads_to, Standby(primary) as standby:
        async with Store(address) as store:
            await add_one(store)
            primary.demote()
            standby.promote()
            with pytest.raises(DatabaseReadOnly):
                await add_one(store)
            assert await value_of(store) == "1", "the name still leads to the old one"
            leads_to[NAME] = Standby.HOST
            await add_one(store)
            assert await value_of(store) == "2"
            await refused(address)
