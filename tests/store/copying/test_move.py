"""From SQLite to PostgreSQL and back: whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Boolean

from bot.errors import CopyFailed, CopyRefused, DatabaseInUse, StoreError
from bot.model import CopyFault
from bot.store import MoveProgress, PostgresAddress, Store, move_store, report_database
from bot.store.backends.port import BATCH, LARGE_BATCH
from bot.store.rows.cluster.files import CHUNK_BYTES
from bot.store.tables import SCHEMA
from tests.databases.postgres import Cluster
from tests.store.copying.rows import LAST_ID, ROWS, TABLES, contents
from tests.store.make_rows import make_target

NewDatabase = Callable[[], PostgresAddress]


def nothing(_: MoveProgress) -> None:
    pass


def change(path: Path, sql: str, *values: object) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(sql, values)


async def test_all_is_there_in_both_directions(
    filled: Path, new_database: NewDatabase, cluster: Cluster, tmp_path: Path
) -> None:
    before, server, back = await contents(filled), new_database(), tmp_path / "back.db"
    told: list[MoveProgress] = []
    moved = await move_store(filled, server, told.append)
    assert (moved.rows, moved.cleaned) == ({table.name: ROWS for table in TABLES}, 0)
    assert [one.table for one in told if one.done == one.total] == 2 * list(moved.rows)
    assert await contents(server) == before == await contents(filled)
    assert (await move_store(server, back, nothing)).rows == moved.rows
    assert await contents(back) == before
    assert made_of(back) == made_of(filled)


async def test_tables_indexes_and_references_are_as_in_a_new_database(
    filled: Path, new_database: NewDatabase, cluster: Cluster
) -> None:
    new, target = new_database(), new_database()
    async with Store(new):
        pass
    await move_store(filled, target, nothing)
    for sql in (
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint ORDER BY 1, 2",
    ):
        made, wanted = (cluster.fetch(sql, (), one.url.rpartition("/")[2]) for one in (target, new))
        assert made == wanted
        assert len(made) > 20


def made_of(path: Path) -> list[tuple[str, str]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        made = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
        return connection.execute(made).fetchall()


async def test_the_next_row_gets_the_number_that_it_would_have_got(
    filled: Path, new_database: NewDatabase, tmp_path: Path
) -> None:
    server, back = new_database(), tmp_path / "back.db"
    await move_store(filled, server, nothing)
    await move_store(server, back, nothing)
    for one in (server, back):
        async with Store(one) as store, store.write() as unit:
            assert (await make_target(unit)).id == LAST_ID + 1


async def test_more_rows_than_are_in_memory_at_a_time(
    empty_database: Path, new_database: NewDatabase, tmp_path: Path
) -> None:
    path, server = tmp_path / "many.db", new_database()
    shutil.copy(empty_database, path)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        rows = ((f"{n:09}", str(n)) for n in range(2 * BATCH + 1))
        connection.executemany("INSERT INTO facts VALUES (?, ?)", rows)
    done: list[int] = []
    await move_store(path, server, lambda now: done.append(now.done))
    assert done == 2 * [BATCH, 2 * BATCH, 2 * BATCH + 1]
    assert await contents(server) == await contents(path)


async def test_large_values_are_few_in_memory_at_a_time(
    empty_database: Path, new_database: NewDatabase, tmp_path: Path
) -> None:
    path, server, many = tmp_path / "large.db", new_database(), 2 * LARGE_BATCH + 1
    shutil.copy(empty_database, path)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        rows = [("clip.mp4", n, os.urandom(CHUNK_BYTES)) for n in range(many)]
        connection.executemany("INSERT INTO file_chunks VALUES (?, ?, ?)", rows)
    done: list[int] = []
    await move_store(path, server, lambda now: done.append(now.done))
    assert done == 2 * [LARGE_BATCH, 2 * LARGE_BATCH, many]
    assert await contents(server) == await contents(path)


async def test_nul_characters_go_and_are_counted(filled: Path, new_database: NewDatabase) -> None:
    name, server = "a \0 coin\0", new_database()
    change(filled, "UPDATE coins SET name = ?", name)
    change(filled, "UPDATE places SET name = ? WHERE id = 1", r"no \x00 at all")
    assert (await move_store(filled, server, nothing)).cleaned == ROWS
    moved = await contents(server)
    assert {row[2] for row in moved["coins"][0]} == {"a  coin"}
    assert moved["places"][0][0][3] == r"no \x00 at all"


def test_only_columns_that_are_truths_are_read_as_such() -> None:
    assert any(isinstance(column.type, Boolean) for table in TABLES for column in table.c)


# What is refused, and that nothing is changed by it


async def test_a_value_that_does_not_fit_is_said_and_leaves_the_target_empty(
    filled: Path, new_database: NewDatabase
) -> None:
    server = new_database()
    change(filled, "UPDATE streams SET viewers = ? WHERE id = 3", 2**40)
    with pytest.raises(CopyFailed, match="streams: ") as refused:
        await move_store(filled, server, nothing)
    assert refused.value.path == server.name
    assert not any(rows for rows, _ in (await contents(server)).values())
    change(filled, "UPDATE streams SET viewers = 1 WHERE id = 3")
    await move_store(filled, server, nothing)
    assert await contents(server) == await contents(filled)


async def test_a_row_that_refers_to_none_is_said(filled: Path, new_database: NewDatabase) -> None:
    server = new_database()
    change(filled, "UPDATE targets SET place_id = 99 WHERE id = 3")
    for target in (server, filled.with_name("other.db")):
        with pytest.raises(CopyFailed, match=r"place_id|refers to none"):
            await move_store(filled, target, nothing)
        assert not any(rows for rows, _ in (await contents(target)).values())


async def test_whatever_differs_when_it_is_read_again_is_found(
    filled: Path, new_database: NewDatabase, cluster: Cluster
) -> None:
    server = new_database()
    async with Store(server):
        pass
    cluster.execute(
        "CREATE FUNCTION change() RETURNS trigger AS "
        "$$ BEGIN NEW.title := NEW.title || ' '; RETURN NEW; END $$ LANGUAGE plpgsql",
        "CREATE TRIGGER change BEFORE INSERT ON streams FOR EACH ROW EXECUTE FUNCTION change()",
        database=server.url.rpartition("/")[2],
    )
    with pytest.raises(CopyFailed, match="streams is not the same there"):
        await move_store(filled, server, nothing)
    assert not any(rows for rows, _ in (await contents(server)).values())


async def test_neither_may_be_used_by_a_service(
    filled: Path, new_database: NewDatabase, tmp_path: Path
) -> None:
    server, other = new_database(), tmp_path / "other.db"
    for used, source, target in ((filled, filled, server), (server, filled, server)):
        async with Store(used):
            with pytest.raises(DatabaseInUse) as refused:
                await move_store(source, target, nothing)
        assert refused.value.path in (str(used), getattr(used, "name", ""))
    async with Store(server):
        with pytest.raises(DatabaseInUse):
            await move_store(server, other, nothing)
    assert not other.exists()


@pytest.mark.parametrize("fault", [CopyFault.SAME, CopyFault.NOT_EMPTY, CopyFault.NO_DATABASE])
async def test_what_cannot_be_meant_is_refused(
    filled: Path, cluster: Cluster, empty_database: Path, tmp_path: Path, fault: CopyFault
) -> None:
    source, target = filled, tmp_path / "new.db"
    if fault is CopyFault.SAME:
        target = filled
    elif fault is CopyFault.NOT_EMPTY:
        shutil.copy(empty_database, target)
        change(target, "INSERT INTO facts VALUES ('a', 'b')")
    else:
        source = tmp_path / "missing.db"
    with pytest.raises(CopyRefused) as refused:
        await move_store(source, target, nothing)
    assert refused.value.fault is fault
    assert target.exists() == (fault is not CopyFault.NO_DATABASE)


async def test_an_older_database_is_to_be_started_once(filled: Path, tmp_path: Path) -> None:
    change(filled, "UPDATE alembic_version SET version_num = '0001'")
    before = filled.read_bytes()
    with pytest.raises(CopyRefused) as refused:
        await move_store(filled, tmp_path / "new.db", nothing)
    assert refused.value.fault is CopyFault.OLDER
    assert filled.read_bytes() == before


@pytest.mark.parametrize("is_server", [False, True])
async def test_an_older_database_that_is_not_empty_is_left_as_it_is(
    filled: Path,
    new_database: NewDatabase,
    cluster: Cluster,
    empty_database: Path,
    tmp_path: Path,
    is_server: bool,
) -> None:
    target, row = tmp_path / "target.db", "INSERT INTO facts VALUES ('a', 'b')"
    older = f"UPDATE alembic_version SET version_num = '{SCHEMA.revisions()[-2]}'"
    shutil.copy(empty_database, target)
    if is_server:
        server = new_database()
        async with Store(server):
            pass
        cluster.execute(row, older, database=server.url.rpartition("/")[2])
    else:
        for sql in (row, older):
            change(target, sql)
    there = server if is_server else target
    before = await report_database(there)
    with pytest.raises(CopyRefused) as refused:
        await move_store(filled, there, nothing)
    assert refused.value.fault is CopyFault.NOT_EMPTY
    assert await report_database(there) == before
    assert before.revision == SCHEMA.revisions()[-2]


async def test_one_file_by_two_names_is_one(
    filled: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(filled.parent)
    (tmp_path / "link.db").symlink_to(filled)
    for source in (Path(filled.name), Path("link.db"), Path("./backups/..") / filled.name):
        with pytest.raises(CopyRefused) as refused:
            await move_store(source, filled, nothing)
        assert refused.value.fault is CopyFault.SAME


async def test_what_is_not_a_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text("a" * 5000)
    with pytest.raises(StoreError):
        await move_store(tmp_path / "a.db", tmp_path / "b.db", nothing)
    assert not (tmp_path / "b.db").exists()
