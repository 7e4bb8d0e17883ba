"""A database of a server is migrated whole, after a copy, or left as it was."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bot import texts
from bot.errors import DatabaseInUse, DatabaseNewer, ToolMissing
from bot.store import Access, PostgresAddress, Store
from bot.store.backends import Schema, database_at
from bot.store.backends.postgres import engine
from bot.store.tables import SCHEMA
from tests.databases.postgres import Cluster
from tests.store.backends.postgres.conftest import NewDatabase, name_of
from tests.store.backends.sqlite.migrating.scripts import AT, BROKEN, GOOD, NEXT, add, script
from tests.store.test_store import value_of
from tests.store.writer import add_one

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """The real scripts, to be added to."""
    copy = tmp_path / "scripts"
    shutil.copytree(SCHEMA.scripts, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.fixture
async def old(new_database: NewDatabase, tmp_path: Path) -> PostgresAddress:
    """A database of today with something in it; to the scripts of a test it is an old one."""
    address = replace(new_database(), patience=0.2, backups=tmp_path / "backups")
    async with Store(address) as store:
        await add_one(store)
    return address


async def migrate(address: PostgresAddress, scripts: Path, backups: int = 3) -> None:
    """By `scripts` alone."""
    database = database_at(address, address.patience)
    try:
        await database.open(Schema(None, scripts), access=Access.ALONE, backups=backups)
    finally:
        await database.close()


def backups_of(address: PostgresAddress) -> list[Path]:
    assert address.backups is not None
    return sorted(address.backups.iterdir()) if address.backups.exists() else []


class Contents:
    def __init__(self, cluster: Cluster, address: PostgresAddress) -> None:
        def column(sql: str) -> list[str]:
            return [str(row[0]) for row in cluster.fetch(sql, (), name_of(address))]

        self.tables = set(column(_TABLES))
        self.revision = column("SELECT version_num FROM alembic_version")
        self.kept = column("SELECT value FROM facts")


async def test_an_old_database_is_copied_whole_and_then_migrated(
    old: PostgresAddress, scripts: Path, cluster: Cluster, new_database: NewDatabase
) -> None:
    add(scripts, f"v{NEXT:04}_birds", GOOD)
    await migrate(old, scripts)
    now = Contents(cluster, old)
    assert "birds" in now.tables
    assert (now.revision, now.kept) == ([f"{NEXT:04}"], ["1"])
    (backup,) = backups_of(old)
    assert backup.name.startswith(f"{name_of(old)}.")
    assert backup.name.endswith(f".v{AT}.dump")
    again = new_database()
    restore = await asyncio.create_subprocess_exec(
        "pg_restore", "--no-owner", f"--dbname={again.url}", str(backup)
    )
    assert await restore.wait() == 0
    then = Contents(cluster, again)
    assert "birds" not in then.tables
    assert (then.revision, then.kept) == ([AT], ["1"])


SAME_FOR_BOTH = script(
    NEXT,
    """
    from bot.store.backends import only_where, table_made_anew
    with table_made_anew(op.get_bind(), "clip_jobs"), op.batch_alter_table("clip_jobs") as batch:
        batch.add_column(sa.Column("colour", sa.String))
        batch.alter_column("person_name", nullable=True)
        batch.drop_column("highlight_url")
    op.create_index("ix_red", "clip_jobs", ["colour"], **only_where(sa.text("colour = 'red'")))
""",
)


async def test_what_a_script_says_to_sqlite_is_understood(
    old: PostgresAddress, scripts: Path, cluster: Cluster
) -> None:
    """In batches; the conditions of indexes, and order by bytes, come of themselves."""
    add(scripts, f"v{NEXT:04}_colours", SAME_FOR_BOTH)
    await migrate(old, scripts)
    columns = """SELECT column_name, is_nullable, collation_name FROM information_schema.columns
        WHERE table_name = 'clip_jobs'"""
    found = {name: how for name, *how in cluster.fetch(columns, (), name_of(old))}
    assert found["colour"] == ["YES", "C"]
    assert found["person_name"] == ["YES", "C"]
    assert "highlight_url" not in found
    ((index,),) = cluster.fetch(
        "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_red'", (), name_of(old)
    )
    assert "WHERE ((colour)::text = 'red'::text)" in index


async def test_where_there_is_nothing_to_migrate_nothing_is_copied(old: PostgresAddress) -> None:
    async with Store(old):
        pass
    assert backups_of(old) == []


async def test_a_script_that_fails_halfway_leaves_what_was_before_it(
    old: PostgresAddress, scripts: Path, cluster: Cluster
) -> None:
    add(scripts, f"v{NEXT:04}_birds", GOOD)
    add(scripts, f"v{NEXT + 1:04}_bees", BROKEN)
    with pytest.raises(Exception, match="nowhere"):
        await migrate(old, scripts)
    now = Contents(cluster, old)
    assert "birds" in now.tables
    assert "bees" not in now.tables
    assert (now.revision, now.kept) == ([f"{NEXT:04}"], ["1"])


async def test_only_the_newest_copies_are_kept(old: PostgresAddress, scripts: Path) -> None:
    add(scripts, f"v{NEXT:04}_bees", script(NEXT, 'op.execute("broken")'))
    assert old.backups is not None
    old.backups.mkdir()
    (old.backups / "another.20260301T000000000000Z.v0001.dump").touch()
    for _ in range(3):
        before = backups_of(old)
        with pytest.raises(Exception, match="broken"):
            await migrate(old, scripts, backups=2)
    assert len(backups_of(old)) == 3
    assert set(backups_of(old)) - set(before)
    assert (old.backups / "another.20260301T000000000000Z.v0001.dump") in backups_of(old)


async def test_without_pg_dump_nothing_is_migrated_unless_somebody_else_copies(
    old: PostgresAddress, scripts: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(scripts, f"v{NEXT:04}_birds", GOOD)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ToolMissing) as refused:
        await migrate(old, scripts)
    assert "Install PostgreSQL's client programs" in texts.service.database_refused(
        refused.value, 0
    )
    assert "birds" not in Contents(cluster, old).tables
    await migrate(replace(old, backups=None), scripts)
    assert "birds" in Contents(cluster, old).tables


async def test_a_pg_dump_that_is_older_than_the_server_is_told(
    old: PostgresAddress, scripts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(scripts, f"v{NEXT:04}_birds", GOOD)
    older = tmp_path / "bin" / "pg_dump"
    older.parent.mkdir()
    older.write_text(
        "#!/bin/sh\n"
        "echo 'pg_dump: error: aborting because of server version mismatch' >&2\n"
        "echo 'pg_dump: detail: server version: 17.2; pg_dump version: 13.9' >&2\nexit 1\n"
    )
    older.chmod(0o755)
    monkeypatch.setenv("PATH", f"{older.parent}:/bin")
    with pytest.raises(ToolMissing) as refused:
        await migrate(old, scripts)
    sentence = texts.service.database_refused(refused.value, 0)
    assert "pg_dump is version 13" in sentence
    assert "its server is version 17" in sentence
    assert backups_of(old) == []


async def test_a_newer_database_names_the_copy_to_go_back_to(
    old: PostgresAddress, cluster: Cluster
) -> None:
    assert old.backups is not None
    old.backups.mkdir()
    for name in ("20260101T000000000000Z.v0001", "20260301T000000000000Z.v0001"):
        (old.backups / f"{name_of(old)}.{name}.dump").touch()
    (old.backups / f"{name_of(old)}.20260401T000000000000Z.v0777.dump").touch()
    newer = "UPDATE alembic_version SET version_num = '0999'"
    cluster.execute(newer, database=name_of(old))
    with pytest.raises(DatabaseNewer) as refused:
        async with Store(old):
            pass
    assert refused.value.backup is not None
    assert refused.value.backup.endswith(".20260301T000000000000Z.v0001.dump")


async def test_of_two_that_start_at_once_one_migrates_and_the_other_is_refused(
    old: PostgresAddress, scripts: Path, cluster: Cluster
) -> None:
    add(scripts, f"v{NEXT:04}_birds", GOOD)
    both = (database_at(old, 0.2), database_at(old, 0.2))
    opened = await asyncio.gather(
        *(one.open(Schema(None, scripts), access=Access.ALONE, backups=3) for one in both),
        return_exceptions=True,
    )
    for one in both:
        await one.close()
    assert {type(one) for one in opened if one is not None} == {DatabaseInUse}
    assert None in opened
    assert Contents(cluster, old).revision == [f"{NEXT:04}"]
    assert len(backups_of(old)) == 1


async def test_of_nodes_that_start_at_once_one_migrates_and_the_others_wait_for_that(
    old: PostgresAddress, scripts: Path, cluster: Cluster
) -> None:
    body = 'op.execute("SELECT pg_sleep(1)"); op.execute("CREATE TABLE birds (name TEXT)")'
    add(scripts, f"v{NEXT:04}_birds", script(NEXT, body))
    nodes = [database_at(old, 0.2) for _ in range(3)]
    opened = await asyncio.gather(
        *(one.open(Schema(None, scripts), access=Access.NODE, backups=3) for one in nodes),
        return_exceptions=True,
    )
    for one in nodes:
        await one.close()
    assert opened == [None] * 3
    assert Contents(cluster, old).revision == [f"{NEXT:04}"]
    assert len(backups_of(old)) == 1


async def test_a_service_that_must_migrate_is_refused_while_another_runs(
    old: PostgresAddress, scripts: Path, cluster: Cluster
) -> None:
    add(scripts, f"v{NEXT:04}_birds", GOOD)
    async with Store(old) as store:
        with pytest.raises(DatabaseInUse):
            await migrate(old, scripts)
        await add_one(store)
    assert "birds" not in Contents(cluster, old).tables


async def test_a_long_migration_is_not_cut_short(
    old: PostgresAddress, scripts: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_STATEMENT_SECONDS", 0.2)
    body = 'op.execute("SELECT pg_sleep(0.5)"); op.execute("CREATE TABLE birds (name TEXT)")'
    add(scripts, f"v{NEXT:04}_birds", script(NEXT, body))
    await migrate(old, scripts)
    assert "birds" in Contents(cluster, old).tables


async def test_two_new_services_make_the_tables_once(new_database: NewDatabase) -> None:
    address = replace(new_database(), patience=5)

    async def start() -> None:
        async with Store(address, access=Access.ANY) as store:
            await add_one(store)

    await asyncio.gather(start(), start())
    async with Store(address) as store:
        assert await value_of(store) == "2"
