"""What befalls a file: it is missing, deleted, damaged, locked, or its disk is full."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from bot.errors import DatabaseBusy, DatabaseDamaged, DatabaseFull, DatabaseGone, StoreError
from bot.store import Store
from tests.store.backends.sqlite.files import pages_at_most
from tests.store.test_store import value_of
from tests.store.writer import add_one


async def test_it_makes_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "some" / "where" / "mintcast.db"
    async with Store(path) as store:
        await add_one(store)
    assert path.exists()


async def test_closing_leaves_one_file_and_its_lock(database: Path) -> None:
    async with Store(database) as store:
        await add_one(store)
    assert {path.name for path in database.parent.iterdir()} == {
        "mintcast.db",
        "mintcast.db.lock",
    }


async def test_a_full_disk_loses_nothing_and_is_over_once_there_is_room(store: Store) -> None:
    await add_one(store)

    async def fill() -> None:
        async with store.write() as unit:
            for number in range(100):
                await unit.key_values.put(f"value {number}", "x" * 10_000)

    with pages_at_most(90), pytest.raises(DatabaseFull):
        await fill()
    assert await value_of(store, "value 0") is None
    with pages_at_most(10_000):
        await add_one(store)
    assert await value_of(store) == "2"


async def test_damage_under_a_running_service_is_found_by_the_check(database: Path) -> None:
    async with Store(database) as store:
        damage(database)
        with pytest.raises(DatabaseDamaged):
            await store.check()


async def test_a_damaged_database_is_refused_at_start(database: Path) -> None:
    damage(database)
    with pytest.raises(DatabaseDamaged) as refused:
        async with Store(database):
            pass
    assert refused.value.detail


def damage(database: Path) -> None:
    """Spoil all but the beginning, as a bad disk does."""
    data = bytearray(database.read_bytes())
    data[8192:] = b"\xa5" * (len(data) - 8192)
    database.write_bytes(data)


async def test_what_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "mintcast.db"
    path.write_bytes(b"Dear diary, " * 500)
    before = path.read_bytes()
    with pytest.raises(DatabaseDamaged):
        async with Store(path):
            pass
    assert path.read_bytes() == before


async def test_a_folder_in_its_place_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        async with Store(tmp_path):
            pass


async def test_a_locked_database_is_told_at_start(database: Path) -> None:
    other = sqlite3.connect(database)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseBusy):
        async with Store(database, patience=0.05):
            pass
    other.close()
    async with Store(database) as store:
        await add_one(store)


@pytest.mark.parametrize("suffix", ["", "-wal"])
async def test_a_file_that_is_deleted_or_replaced_is_told_and_its_return_too(
    store: Store, database: Path, suffix: str
) -> None:
    file = Path(f"{database}{suffix}")
    aside = file.with_suffix(".aside")
    file.rename(aside)
    with pytest.raises(DatabaseGone):
        await store.probe()
    shutil.copy(aside, file)
    with pytest.raises(DatabaseGone):
        await store.probe()
    aside.replace(file)
    await store.probe()
