"""Copies as files, of both kinds: made while a service runs, put back while none does."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import TypeAlias

import pytest

from bot import texts
from bot.errors import CopyFailed, CopyRefused, DatabaseBusy, DatabaseInUse, ToolMissing
from bot.model import CopyFault
from bot.store import (
    PostgresAddress,
    Store,
    move_store,
    report_database,
    restore_database,
    save_database,
)
from bot.store.backends import copies
from bot.store.backends.postgres import copies as of_postgres
from bot.store.backends.sqlite import copies as of_sqlite
from bot.store.tables import SCHEMA
from tests.databases.postgres import Cluster
from tests.fakes.clock import settle
from tests.patience import PATIENCE
from tests.store.backends.sqlite.migrating.scripts import as_nobody
from tests.store.copying.rows import ROWS, TABLES, contents

Address: TypeAlias = Path | PostgresAddress
NewDatabase = Callable[[], PostgresAddress]


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(
    request: pytest.FixtureRequest, filled: Path, new_database: NewDatabase
) -> Address:
    """With rows in each table."""
    if request.param == "sqlite":
        return filled
    server = new_database()
    await move_store(filled, server, lambda _: None)
    return server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


async def put(store: Store, name: str) -> None:
    async with store.write() as unit:
        await unit.key_values.put(name, "yes")


async def test_a_copy_is_of_one_moment_and_made_beside_a_service(
    database: Address, tmp_path: Path, folder: Path
) -> None:
    before, file = await contents(database), tmp_path / "copy"
    async with Store(database) as store:
        await save_database(database, file)
        await put(store, "later")
    assert await contents(database) != before
    kept = await restore_database(database, file, folder)
    assert await contents(database) == before
    assert kept is not None
    assert kept.parent == (folder if isinstance(database, PostgresAddress) else database.parent)
    async with Store(database) as store:
        await put(store, "usable")
    await restore_database(database, kept, folder)
    facts, _ = (await contents(database))["facts"]
    assert ("later", "yes") in facts
    assert ("usable", "yes") not in facts


async def test_a_copy_goes_into_a_database_that_is_not_there_yet(
    database: Address, tmp_path: Path, folder: Path, new_database: NewDatabase
) -> None:
    before, file = await contents(database), tmp_path / "copy"
    await save_database(database, file)
    new = tmp_path / "new" / "new.db" if isinstance(database, Path) else new_database()
    assert await restore_database(new, file, folder) is None
    assert await contents(new) == before
    assert not folder.exists()


async def test_all_may_lie_in_a_folder_whose_name_is_no_text(filled: Path, folder: Path) -> None:
    before, odd = await contents(filled), filled.parent / os.fsdecode(b"\xff")
    odd.mkdir()
    path = filled.rename(odd / "filled.db")
    await save_database(path, odd / "copy.db")
    kept = await restore_database(path, odd / "copy.db", folder)
    assert kept is not None
    assert await contents(path) == before == await contents(kept)


async def test_no_service_may_use_what_is_put_back(
    database: Address, tmp_path: Path, folder: Path
) -> None:
    file = tmp_path / "copy"
    await save_database(database, file)
    async with Store(database) as store:
        await put(store, "later")
        with pytest.raises(DatabaseInUse):
            await restore_database(database, file, folder)
        async with store.read() as unit:
            assert await unit.key_values.get("later") == "yes"


async def test_a_report_tells_what_is_there(database: Address) -> None:
    async with Store(database):
        report = await report_database(database)
    assert report.rows == {table.name: ROWS for table in TABLES}
    assert report.bytes > 50_000
    assert report.revision is not None
    kind = "SQLite 3." if isinstance(database, Path) else "PostgreSQL 1"
    assert report.engine.startswith(kind)


async def test_a_file_is_never_overwritten(database: Address, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(CopyRefused) as refused:
        await save_database(database, tmp_path / "taken")
    assert refused.value.fault is CopyFault.EXISTS
    assert (tmp_path / "taken").read_text() == "mine"


async def test_where_there_is_none_nothing_is_copied(
    tmp_path: Path, new_database: NewDatabase
) -> None:
    for nothing in (tmp_path / "missing.db", new_database()):
        with pytest.raises(CopyRefused) as refused:
            await save_database(nothing, tmp_path / "copy")
        assert refused.value.fault is CopyFault.NO_DATABASE
    assert list(tmp_path.iterdir()) == []


# What is no backup


def garbage(file: Path) -> None:
    file.write_bytes(b"SQLite, but not really" * 500)


def cut_short(file: Path) -> None:
    os.truncate(file, file.stat().st_size * 2 // 3)


def without_tables(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 1")


def of_another_program(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE users (name)")


def newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (Path.unlink, CopyFault.MISSING),
        (garbage, CopyFault.NOT_A_BACKUP),
        (cut_short, CopyFault.NOT_A_BACKUP),
        (without_tables, CopyFault.NOT_A_BACKUP),
        (of_another_program, CopyFault.NOT_A_BACKUP),
        (newer, CopyFault.NEWER),
    ],
)
async def test_of_a_file(
    filled: Path, tmp_path: Path, spoil: Callable[[Path], None], fault: CopyFault
) -> None:
    file, before = tmp_path / "copy.db", await contents(filled)
    await save_database(filled, file)
    spoil(file)
    there = sorted(tmp_path.iterdir())
    with pytest.raises(CopyRefused) as refused:
        await restore_database(filled, file, tmp_path)
    assert (refused.value.path, refused.value.fault) == (str(file), fault)
    assert await contents(filled) == before
    assert sorted(tmp_path.iterdir()) == sorted({*there, tmp_path / "filled.db.lock"})


async def test_a_copy_of_somebody_else_is_told_apart_from_one_that_is_not_there(
    filled: Path,
) -> None:
    """Its name is right: `docker compose cp` leaves a file to the user of the host."""
    with tempfile.TemporaryDirectory(prefix="mintcast-", dir="/tmp") as name:
        folder = Path(name)  # for all, as `tmp_path` is not
        folder.chmod(0o777)
        await save_database(filled, folder / "copy.db")
        (folder / "copy.db").chmod(0)
        with as_nobody(), pytest.raises(CopyRefused) as refused:
            await restore_database(folder / "mintcast.db", folder / "copy.db", folder)
    assert refused.value.fault is CopyFault.OF_SOMEBODY_ELSE
    assert "chown 10001" in texts.service.database_refused(refused.value, 10001)


async def test_of_a_server(
    filled: Path, new_database: NewDatabase, cluster: Cluster, tmp_path: Path
) -> None:
    server, file = new_database(), tmp_path / "copy.dump"
    await move_store(filled, server, lambda _: None)
    of_file = tmp_path / "copy.db"
    await save_database(filled, of_file)
    before = await contents(server)
    for spoil, fault in (
        (Path.unlink, CopyFault.MISSING),
        (garbage, CopyFault.NOT_A_BACKUP),
        (lambda file: os.truncate(file, 2000), CopyFault.NOT_A_BACKUP),
        (lambda file: shutil.copy(of_file, file), CopyFault.OTHER_KIND),
    ):
        await save_database(server, file)
        spoil(file)
        with pytest.raises(CopyRefused) as refused:
            await restore_database(server, file, tmp_path)
        assert refused.value.fault is fault
        file.unlink(missing_ok=True)
    assert await contents(server) == before


async def test_a_dump_that_breaks_off_within_a_table_changes_nothing(
    filled: Path, new_database: NewDatabase, tmp_path: Path
) -> None:
    server, file = new_database(), tmp_path / "copy.dump"
    await move_store(filled, server, lambda _: None)
    await save_database(server, file)
    os.truncate(file, file.stat().st_size - 300)
    before = await contents(server)
    with pytest.raises((CopyFailed, CopyRefused)):
        await restore_database(server, file, tmp_path)
    assert await contents(server) == before


async def test_a_newer_dump_is_refused_and_so_is_one_that_lacks_tables(
    filled: Path, new_database: NewDatabase, cluster: Cluster, tmp_path: Path
) -> None:
    server, file = new_database(), tmp_path / "copy.dump"
    name = server.url.rpartition("/")[2]
    await move_store(filled, server, lambda _: None)
    await save_database(server, file)
    cluster.execute("CREATE TABLE of_tomorrow (id int)", database=name)
    with pytest.raises(CopyRefused) as refused:
        await restore_database(server, file, tmp_path)
    assert (refused.value.fault, refused.value.detail) == (CopyFault.OTHER_TABLES, "of_tomorrow")
    cluster.execute("DROP TABLE of_tomorrow", database=name)
    cluster.execute("UPDATE alembic_version SET version_num = '0999'", database=name)
    file.unlink()
    make = tmp_path / "newer.dump"
    await save_database(server, make)
    with pytest.raises(CopyRefused) as refused:
        await restore_database(server, make, tmp_path)
    assert refused.value.fault is CopyFault.NEWER


async def older_dump(filled: Path, server: PostgresAddress, cluster: Cluster, file: Path) -> None:
    """Of a database before two of today's tables were added."""
    await move_store(filled, server, lambda _: None)
    cluster.execute(
        "DROP TABLE file_chunks, files",
        "UPDATE alembic_version SET version_num = '0014'",
        database=server.url.rpartition("/")[2],
    )
    await save_database(server, file)


async def test_tables_of_a_database_that_was_never_ours_are_others_whatever_they_are_called(
    filled: Path, new_database: NewDatabase, cluster: Cluster, tmp_path: Path
) -> None:
    old, strange, file = new_database(), new_database(), tmp_path / "copy.dump"
    await older_dump(filled, old, cluster, file)
    name = strange.url.rpartition("/")[2]
    cluster.execute("CREATE TABLE files (id int)", database=name)
    with pytest.raises(CopyRefused) as refused:
        await restore_database(strange, file, tmp_path)
    assert (refused.value.fault, refused.value.detail) == (CopyFault.OTHER_TABLES, "files")


async def test_a_dump_from_before_an_update_that_added_tables_is_put_back(
    filled: Path, new_database: NewDatabase, cluster: Cluster, tmp_path: Path
) -> None:
    old, server, file = new_database(), new_database(), tmp_path / "copy.dump"
    await older_dump(filled, old, cluster, file)
    await move_store(filled, server, lambda _: None)
    before = await contents(server)
    kept = await restore_database(server, file, tmp_path / "backups")
    assert (await report_database(server)).rows == (await report_database(old)).rows
    assert (await report_database(server)).revision == "0014"
    assert kept is not None
    await restore_database(server, kept, tmp_path / "backups")
    assert await contents(server) == before


async def test_a_dump_from_before_an_update_is_put_back_whole_or_not_at_all(
    filled: Path, new_database: NewDatabase, cluster: Cluster, tmp_path: Path
) -> None:
    old, server, file = new_database(), new_database(), tmp_path / "copy.dump"
    await older_dump(filled, old, cluster, file)
    await move_store(filled, server, lambda _: None)
    name, before = server.url.rpartition("/")[2], await contents(server)
    cluster.execute("CREATE VIEW theirs AS SELECT * FROM facts", database=name)
    with pytest.raises(CopyFailed, match="facts"):
        await restore_database(server, file, tmp_path)
    cluster.execute("DROP VIEW theirs", database=name)
    os.truncate(file, file.stat().st_size - 300)
    with pytest.raises((CopyFailed, CopyRefused)):
        await restore_database(server, file, tmp_path)
    assert await contents(server) == before
    assert not list(tmp_path.rglob("*.sql"))


# What was there, and older ones


async def test_what_cannot_be_read_any_more_is_moved_aside(
    filled: Path, tmp_path: Path, folder: Path
) -> None:
    file, before = tmp_path / "copy.db", await contents(filled)
    await save_database(filled, file)
    damaged = b"SQLite format 3\0" + b"x" * 9000
    filled.write_bytes(damaged)
    kept = await restore_database(filled, file, folder)
    assert kept is not None
    assert kept.read_bytes() == damaged
    assert await contents(filled) == before


async def test_what_a_killed_service_left_in_its_log_is_kept_and_not_put_back(
    filled: Path, tmp_path: Path, folder: Path
) -> None:
    file, killed, before = tmp_path / "copy.db", tmp_path / "killed.db", await contents(filled)
    await save_database(filled, file)
    with left_in_log(filled):
        for end in ("", "-wal"):
            shutil.copy(f"{filled}{end}", f"{killed}{end}")
            shutil.copy(f"{filled}{end}", tmp_path / f"gone.db{end}")
    kept = await restore_database(killed, file, folder)
    assert kept is not None
    assert ("last", "words") in (await contents(kept))["facts"][0]
    assert await contents(killed) == before
    gone = tmp_path / "gone.db"
    gone.unlink()
    await restore_database(gone, file, folder)
    assert await contents(gone) == before


@contextmanager
def left_in_log(path: Path) -> Iterator[None]:
    """A program has it open, and has written."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("INSERT INTO facts VALUES ('last', 'words')")
        connection.commit()
        yield


async def test_a_file_that_another_program_has_open_is_not_replaced_under_it(
    filled: Path, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "_PATIENCE", 0.1)
    file = tmp_path / "copy.db"
    await save_database(filled, file)
    with left_in_log(filled):
        with pytest.raises(DatabaseBusy):
            await restore_database(filled, file, folder)
        assert ("last", "words") in (await contents(filled))["facts"][0]


async def test_whoever_else_has_a_table_open_is_not_waited_for_long(
    filled: Path, new_database: NewDatabase, tmp_path: Path
) -> None:
    server, file = replace(new_database(), patience=0.1), tmp_path / "copy.dump"
    await move_store(filled, server, lambda _: None)
    before = await contents(server)
    await save_database(server, file)
    async with copies.bulk(server, SCHEMA, writes=False) as reading:
        assert (await reading.counts())[TABLES[0].name] == ROWS
        with pytest.raises(DatabaseBusy):
            await restore_database(server, file, tmp_path)
    assert await contents(server) == before


async def test_a_copy_of_an_older_version_is_updated_at_the_next_start(
    filled: Path, tmp_path: Path, folder: Path
) -> None:
    file = tmp_path / "old.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(
            (Path(__file__).parents[1] / "backends/sqlite/database_v0009.sql").read_text()
        )
    older = file.read_bytes()
    await restore_database(filled, file, folder)
    assert file.read_bytes() == older
    async with Store(filled) as store, store.read() as unit:
        assert await unit.subscriptions.count() > 0


# Told to stop


class Held:
    """A step of `module` that has begun, and waits for its release."""

    def __init__(self, module: ModuleType, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self._step = getattr(module, step)
        self.begun = threading.Event()
        self.release = threading.Event()
        monkeypatch.setattr(module, step, self._run)

    def _run(self, *arguments: object) -> object:
        self.begun.set()
        assert self.release.wait(PATIENCE)
        return self._step(*arguments)


async def test_no_service_begins_until_a_restore_that_was_cancelled_has_ended(
    database: Address, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, file = await contents(database), tmp_path / "copy"
    await save_database(database, file)
    async with Store(database) as store:
        await put(store, "later")
    of_file = isinstance(database, Path)
    held = Held(*((of_sqlite, "_set_aside") if of_file else (of_postgres, "_restore")), monkeypatch)
    restoring = asyncio.create_task(restore_database(database, file, folder))
    await asyncio.to_thread(held.begun.wait, PATIENCE)
    for _ in range(2):
        restoring.cancel()
        await settle()
    try:
        with pytest.raises(DatabaseInUse):
            async with Store(database):
                pass
    finally:
        held.release.set()
    with pytest.raises(asyncio.CancelledError):
        await restoring
    assert await contents(database) == before


# PostgreSQL's programs


def stand_in(folder: Path, *lines: str) -> None:
    """Another `pg_dump`, in front of the real one."""
    folder.mkdir()
    program = folder / "pg_dump"
    program.write_text("\n".join(("#!/bin/sh", *lines, "")))
    program.chmod(0o755)


@pytest.mark.parametrize("is_there", [False, True])
async def test_a_program_that_is_missing_or_too_old_is_said(
    filled: Path,
    new_database: NewDatabase,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    is_there: bool,
) -> None:
    server = new_database()
    await move_store(filled, server, lambda _: None)
    stand_in(
        tmp_path / "bin",
        'echo "pg_dump: error: aborting because of server version mismatch" >&2',
        'echo "pg_dump: detail: server version: 17.2; pg_dump version: 15.18" >&2',
        "exit 1",
    )
    monkeypatch.setenv("PATH", str(tmp_path / ("bin" if is_there else "nothing")))
    with pytest.raises(ToolMissing) as refused:
        await save_database(server, tmp_path / "copy.dump")
    told = (refused.value.tool, refused.value.needed, refused.value.found)
    assert told == ("pg_dump", *((17, 15) if is_there else (None, None)))
    assert not (tmp_path / "copy.dump").exists()
