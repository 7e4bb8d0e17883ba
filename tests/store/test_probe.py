"""What the health knows of the database, and how long whoever answers people waits for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import texts
from bot.errors import DatabaseBusy
from bot.store import Store, has_saved, write_timeout
from tests.patience import PATIENCE
from tests.store.raw_sql import lock_of_another_program
from tests.store.test_store import value_of
from tests.store.writer import add_one


@pytest.fixture
async def impatient(database: Path) -> AsyncIterator[Store]:
    async with Store(database, patience=0.05) as store:
        yield store


async def test_a_database_that_works_is_probed_without_a_trace(store: Store) -> None:
    await store.probe()
    assert await value_of(store, "probe") is None


async def test_a_lock_is_told_while_it_lasts_and_over_after_it(impatient: Store) -> None:
    with lock_of_another_program(impatient.name):
        for _ in range(2):
            with pytest.raises(DatabaseBusy):
                await impatient.probe()
    await impatient.probe()


async def test_after_a_failure_the_probe_commits(impatient: Store) -> None:
    with lock_of_another_program(impatient.name), pytest.raises(DatabaseBusy):
        await add_one(impatient)
    await impatient.probe()
    assert await value_of(impatient, "probe") == "1"


async def test_a_failure_while_the_disk_is_looked_at_is_not_forgotten(
    impatient: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking, may_end = threading.Event(), threading.Event()

    def look() -> bool:
        looking.set()
        return not may_end.wait(PATIENCE)

    monkeypatch.setattr(impatient._database, "needs_commit", look)
    probing = asyncio.create_task(impatient.probe())
    await asyncio.to_thread(looking.wait, PATIENCE)
    with lock_of_another_program(impatient.name), pytest.raises(DatabaseBusy):
        await add_one(impatient)
    may_end.set()
    await probing
    assert await value_of(impatient, "probe") == "1"


async def test_whoever_has_a_time_out_waits_neither_for_a_lock_nor_for_a_queue(
    store: Store,
) -> None:
    with lock_of_another_program(store.name):
        behind = [asyncio.create_task(add_one(store)) for _ in range(3)]
        await asyncio.sleep(0)
        for _ in range(2):
            with write_timeout(0.05), pytest.raises(DatabaseBusy):
                await add_one(store)
        assert not any(task.done() for task in behind)
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*behind)
    assert await value_of(store) == "3"


async def test_the_time_out_of_one_is_not_that_of_the_next(store: Store) -> None:
    """The patience of the connection is set for each transaction."""
    with lock_of_another_program(store.name):
        with write_timeout(0.01), pytest.raises(DatabaseBusy):
            await add_one(store)
        patient = asyncio.create_task(add_one(store))
        done, _ = await asyncio.wait({patient}, timeout=0.2)
    assert not done
    await patient


async def test_it_is_known_whether_something_was_saved(store: Store) -> None:
    with write_timeout(1):
        assert not has_saved()
        await asyncio.create_task(add_one(store))
        assert has_saved()
    assert not has_saved()


def test_nobody_is_told_to_try_again_where_it_may_be_done() -> None:
    sentences = (
        texts.service.store_failed(DatabaseBusy("x"), has_saved=True),
        texts.service.store_failed(DatabaseBusy("x", in_doubt=True)),
    )
    assert all("check before you try again" in sentence for sentence in sentences)
    assert (
        texts.service.store_failed(DatabaseBusy("x"))
        == "The database is busy. Try again in a minute."
    )
