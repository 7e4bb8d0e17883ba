"""Locks, statements that take too long, and connections that end under a transaction."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.errors import DatabaseBusy, DatabaseUnreachable
from bot.store import Store, write_timeout
from bot.store.backends.postgres import engine
from tests.databases.by_path import Databases
from tests.databases.postgres import Cluster
from tests.fakes.clock import until
from tests.store.raw_sql import ask
from tests.store.test_store import value_of
from tests.store.writer import add_one

_SLEEPS = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'"


@pytest.fixture
def server_name(postgres_databases: Databases, database: Path) -> str:
    return postgres_databases.of(database).url.rpartition("/")[2]


@pytest.fixture
async def impatient(database: Path) -> AsyncIterator[Store]:
    async with Store(database, patience=0.05) as store:
        yield store


async def sleep(store: Store) -> None:
    """One statement of half a minute, in a transaction that has written already."""
    async with store.write() as unit:
        await unit.key_values.put("number", "9")
        await unit.key_values._connection.run(text("SELECT pg_sleep(30)"))


async def test_a_table_that_another_program_has_locked_is_waited_for_and_then_told(
    impatient: Store, cluster: Cluster, server_name: str
) -> None:
    other = cluster.run(cluster.connect(server_name))
    cluster.run(other.execute("BEGIN; LOCK TABLE facts IN ACCESS EXCLUSIVE MODE"))
    with pytest.raises(DatabaseBusy, match="locked"):
        await add_one(impatient)
    with write_timeout(0.02), pytest.raises(DatabaseBusy, match="locked"):
        await add_one(impatient)
    cluster.run(other.close())
    await add_one(impatient)
    assert await value_of(impatient) == "1"


async def test_a_statement_that_takes_too_long_is_ended_and_the_next_goes_on(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_STATEMENT_SECONDS", 0.2)
    async with Store(database) as store:
        with pytest.raises(DatabaseUnreachable, match="does not answer in time"):
            await sleep(store)
        assert await value_of(store) is None
        await add_one(store)
        await until(lambda: ask(store.name, _SLEEPS) == [])


@pytest.mark.parametrize(
    ("how", "kind"),
    [("pg_cancel_backend", DatabaseBusy), ("pg_terminate_backend", DatabaseUnreachable)],
)
async def test_what_an_operator_ends_leaves_nothing_and_the_next_goes_on(
    store: Store, cluster: Cluster, how: str, kind: type[Exception]
) -> None:
    writing = asyncio.create_task(sleep(store))
    await until(lambda: ask(store.name, _SLEEPS) != [])
    cluster.execute(_SLEEPS.replace("SELECT pid", f"SELECT {how}(pid)"))
    with pytest.raises(kind):
        await writing
    assert await value_of(store) is None
    await add_one(store)
    assert await value_of(store) == "1"


async def test_whoever_is_cancelled_waits_for_the_statement_and_keeps_no_lock(
    store: Store, cluster: Cluster
) -> None:
    writing = asyncio.create_task(sleep(store))
    await until(lambda: ask(store.name, _SLEEPS) != [])
    writing.cancel()
    cluster.execute(_SLEEPS.replace("SELECT pid", "SELECT pg_cancel_backend(pid)"))
    with pytest.raises(asyncio.CancelledError):
        await writing
    await add_one(store)
    assert await value_of(store) == "1"


async def test_a_server_that_says_nothing_is_waited_for_as_long_as_a_command_may_wait(
    store: Store, cluster: Cluster
) -> None:
    await add_one(store)
    cluster.signal_all(signal.SIGSTOP)
    try:
        asked = asyncio.get_running_loop().time()
        for use in (value_of, add_one, value_of):
            with write_timeout(0.1), pytest.raises(DatabaseUnreachable, match="in time"):
                await use(store)
        waited = asyncio.get_running_loop().time() - asked
    finally:
        cluster.signal_all(signal.SIGCONT)
    assert waited < engine._STATEMENT_SECONDS
    await add_one(store)
    assert await value_of(store) == "2"


async def test_the_check_may_take_longer_than_a_statement(
    database: Path, cluster: Cluster, server_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_STATEMENT_SECONDS", 0.2)
    async with Store(database) as store:
        other = cluster.run(cluster.connect(server_name))
        cluster.run(other.execute("BEGIN; LOCK TABLE facts IN ACCESS EXCLUSIVE MODE"))
        checking = asyncio.create_task(store.check())
        done, _ = await asyncio.wait({checking}, timeout=0.6)
        cluster.run(other.close())
        assert not done
        await checking
