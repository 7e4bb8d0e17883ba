from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from bot.errors import DatabaseBusy, DatabaseInUse
from bot.store import Access, Store, Unit
from tests.databases.by_path import as_argument
from tests.store.make_rows import MINT, NOW, broadcast, make_target
from tests.store.raw_sql import lock_of_another_program
from tests.store.writer import add_one


@asynccontextmanager
async def running_writer(*arguments: str) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.store.writer", *arguments, stdout=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def value_of(store: Store, name: str = "number") -> str | None:
    async with store.read() as unit:
        return await unit.key_values.get(name)


# Transactions


async def test_no_update_is_lost_between_a_read_and_the_write_that_follows_it(
    store: Store,
) -> None:
    async def twenty() -> None:
        for _ in range(20):
            await add_one(store)

    await asyncio.gather(*(twenty() for _ in range(8)))
    assert await value_of(store) == "160"


async def test_nor_between_two_stores_and_two_processes(database: Path) -> None:
    async with (
        running_writer(as_argument(database), "40") as child,
        Store(database, access=Access.ANY, patience=30) as one,
        Store(database, access=Access.ANY, patience=30) as other,
    ):
        for _ in range(20):
            await asyncio.gather(add_one(one), add_one(other))
        assert child.stdout is not None
        assert await child.stdout.readline() == b"done\n"
        assert await value_of(one) == "80"


async def test_what_fails_leaves_nothing(store: Store) -> None:
    async def fail() -> None:
        async with store.write() as unit:
            await unit.key_values.put("number", "1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await value_of(store) is None


async def test_a_refused_statement_leaves_nothing_of_its_transaction(store: Store) -> None:
    """By itself SQLite undoes the statement alone."""

    async def open_twice() -> None:
        async with store.write() as unit:
            await unit.key_values.put("number", "1")
            await unit.streams.insert(MINT, broadcast())
            await unit.streams.insert(MINT, broadcast())

    with pytest.raises(IntegrityError):
        await open_twice()
    assert await value_of(store) is None


@pytest.mark.parametrize("steps", range(12))
async def test_whoever_is_cancelled_leaves_all_or_nothing_and_the_next_can_write(
    store: Store, steps: int
) -> None:
    async def write() -> None:
        async with store.write() as unit:
            await unit.key_values.put("one", "1")
            await unit.key_values.put("two", "2")

    task = asyncio.create_task(write())
    for _ in range(steps):
        await asyncio.sleep(0.0002 * steps)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (await value_of(store, "one") is None) is (await value_of(store, "two") is None)
    await add_one(store)
    assert await value_of(store) == "1"


async def test_a_cancelled_statement_does_not_run_on_into_the_next_transaction(
    store: Store,
) -> None:
    begun = asyncio.Event()

    async def write() -> None:
        async with store.write() as unit:
            begun.set()
            for number in range(1000):
                await unit.key_values.put(f"value {number}", "x")

    task = asyncio.create_task(write())
    await begun.wait()
    await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with store.write() as unit:
        assert await unit.key_values.get("value 0") is None
    assert await value_of(store, "value 0") is None


async def test_a_second_cancellation_does_not_hurry_the_rollback(store: Store) -> None:
    async def write() -> None:
        async with store.write() as unit:
            await unit.key_values.put("number", "1")
            await asyncio.Event().wait()

    task = asyncio.create_task(write())
    await asyncio.sleep(0.02)
    for _ in range(5):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    await add_one(store)
    assert await value_of(store) == "1"


async def test_who_reads_sees_one_state_whatever_is_committed_meanwhile(store: Store) -> None:
    await add_one(store)
    async with store.read() as unit:
        assert await unit.key_values.get("number") == "1"
        await add_one(store)
        assert await unit.key_values.get("number") == "1"
    assert await value_of(store) == "2"


async def test_who_writes_sees_the_writes_that_are_not_committed_and_nobody_else_does(
    store: Store,
) -> None:
    async with store.write() as unit:
        await unit.key_values.put("number", "1")
        assert await unit.key_values.get("number") == "1"
        assert await value_of(store) is None


async def test_a_write_through_a_reading_unit_fails(store: Store) -> None:
    with pytest.raises(RuntimeError, match="only reads"):
        async with store.read() as unit:
            await unit.key_values.put("number", "1")
    await add_one(store)


async def test_a_unit_that_outlives_its_transaction_is_refused(store: Store) -> None:
    async with store.write() as unit:
        kept: Unit = unit
    with pytest.raises(RuntimeError, match="after its transaction"):
        await kept.key_values.get("number")


async def test_write_inside_write_is_refused_rather_than_waiting_for_itself(
    store: Store,
) -> None:
    with pytest.raises(RuntimeError, match="inside"):
        async with store.write(), store.write():
            pass
    await add_one(store)


async def test_many_can_read_at_once_and_wait_for_a_free_connection(store: Store) -> None:
    async def read() -> str | None:
        async with store.read() as unit:
            await asyncio.sleep(0.001)
            return await unit.key_values.get("number")

    assert await asyncio.gather(*(read() for _ in range(20))) == [None] * 20


async def test_foreign_keys_hold(store: Store) -> None:
    with pytest.raises(IntegrityError):
        async with store.write() as unit:
            await unit.deliveries.owe_clip(1, (await make_target(unit)).id, NOW, reply_to=None)


# Opening and closing


async def test_what_was_written_is_there_after_a_restart(database: Path) -> None:
    async with Store(database) as store:
        await add_one(store)
    async with Store(database) as store:
        assert await value_of(store) == "1"


async def test_closing_waits_for_whoever_writes(database: Path) -> None:
    async with Store(database) as store:
        begun = asyncio.Event()

        async def write() -> None:
            async with store.write() as unit:
                begun.set()
                await asyncio.sleep(0.02)
                await unit.key_values.put("number", "1")

        task = asyncio.create_task(write())
        await begun.wait()
    await task
    async with Store(database) as store:
        assert await value_of(store) == "1"


async def test_a_closed_store_says_so(database: Path) -> None:
    async with Store(database) as store:
        pass
    with pytest.raises(RuntimeError, match="not open"):
        async with store.write():
            pass
    with pytest.raises(RuntimeError, match="not open"):
        async with store.read():
            pass


async def test_a_second_service_on_the_same_database_is_refused(
    store: Store, database: Path
) -> None:
    with pytest.raises(DatabaseInUse) as refused:
        async with Store(database, patience=0.1):
            pass
    assert refused.value.path == store.name
    await add_one(store)


async def test_whoever_only_looks_may_open_it_beside_the_service(
    store: Store, database: Path
) -> None:
    await add_one(store)
    async with Store(database, access=Access.ANY) as other:
        assert await value_of(other) == "1"


async def test_a_killed_service_loses_nothing_that_it_committed_and_holds_nothing(
    database: Path,
) -> None:
    async with running_writer(as_argument(database)) as child:
        assert child.stdout is not None
        for _ in range(20):
            last = int(await child.stdout.readline())
        with pytest.raises(DatabaseInUse):
            async with Store(database, patience=0.1):
                pass
        child.send_signal(signal.SIGKILL)
        for line in (await child.stdout.read()).splitlines(keepends=True):
            last = int(line) if line.endswith(b"\n") else last
        await child.wait()
    async with Store(database) as store:
        await store.check()
        number = int(await value_of(store) or 0)
        assert number in (last, last + 1)
        parts = [await value_of(store, f"part {part}") for part in range(5)]
        assert parts == [str(number)] * 5


# What goes wrong


async def test_another_programs_lock_is_waited_for_and_then_told(database: Path) -> None:
    async with Store(database, patience=0.05) as store:
        with lock_of_another_program(store.name), pytest.raises(DatabaseBusy):
            await add_one(store)
        await add_one(store)


async def test_a_sound_database_passes_the_check(store: Store) -> None:
    await add_one(store)
    await store.check()
