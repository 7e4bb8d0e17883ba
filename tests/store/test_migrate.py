from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from bot.errors import (
    DatabaseDamaged,
    DatabaseInUse,
    DatabaseNewer,
    DatabaseReadOnly,
)
from bot.model import ENDED_FIRST, Coin, CoinMarks, DatabaseAge, UndoKind
from bot.store import Store, inspect_database
from bot.store.backends import Schema
from bot.store.backends.sqlite import migrate as real
from bot.store.backends.sqlite.lock import Lock
from bot.store.tables import SCHEMA, metadata
from tests.store.make_rows import later, make_target, order
from tests.store.raw_sql import schema_of

NOBODY = 65534
AT = SCHEMA.revisions()[-1]
NEXT = int(AT) + 1


def script(number: int, body: str) -> str:
    """A migration, after the one before it."""
    return (
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f'revision = "{number:04}"\ndown_revision = "{number - 1:04}"\n'
        f"def upgrade():\n    {body}\n"
    )


GOOD = script(NEXT, 'op.execute("CREATE TABLE birds (name TEXT)")')
BROKEN = script(
    NEXT + 1,
    'op.execute("CREATE TABLE bees (name TEXT)"); '
    "op.execute(\"INSERT INTO birds VALUES ('wren')\"); "
    'op.execute("ALTER TABLE facts ADD COLUMN more TEXT"); '
    'op.execute("INSERT INTO nowhere VALUES (1)")',
)


FIRST_ROWS = """
INSERT INTO places VALUES (1, 'local', 'page', 'Page');
INSERT INTO targets VALUES (1, 1, 'page', 'page', 'local', NULL, 0);
INSERT INTO deliveries (id, target_id, key, kind, sender, state, wanted, shown, priority, silent,
    due_at, created_at, changed_at, attempts, epoch, message_id, sent_at)
VALUES (1, 1, 'alert:1', 'alert', 'local', 'sent', 1, 1, 20, 0, 0, 0, 0, 0, 1, 'm1', 0),
    (2, 1, 'alert:2', 'alert', 'local', 'due', 1, 0, 20, 0, 0, 0, 0, 0, 0, NULL, NULL);
"""


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """The real scripts, to be added to."""
    copy = tmp_path / "scripts"
    shutil.copytree(SCHEMA.scripts, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.fixture
def old(database: Path) -> Path:
    """A database of today with something in it; to the scripts of a test it is an old one."""
    with sqlite3.connect(database) as connection:
        connection.execute("INSERT INTO facts VALUES ('kept', 'yes')")
    connection.close()
    return database


def add(scripts: Path, name: str, body: str) -> None:
    (scripts / "versions" / f"{name}.py").write_text(body)


def prepare(path: Path, scripts: Path | None = None, backups: int = 3) -> None:
    """By `scripts` alone, or as a service does it."""
    schema, lock = Schema(None, scripts) if scripts else SCHEMA, Lock(path)
    try:
        real.prepare(path, schema, lock, backups, patience=0.2)
    finally:
        lock.release()


def ask(path: Path, sql: str) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return [str(row[0]) for row in connection.execute(sql)]
    finally:
        connection.close()


def tables(path: Path) -> set[str]:
    return set(ask(path, "SELECT name FROM sqlite_master WHERE type = 'table'"))


def backups_of(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{path.name}.*.bak"))


# The tables


@pytest.fixture
def migrated(tmp_path: Path, scripts: Path) -> Path:
    """A database that the scripts have made, one after another."""
    path = tmp_path / "migrated.db"
    prepare(path, scripts)
    return path


def test_migrations_make_the_tables_that_the_program_knows(migrated: Path) -> None:
    engine = create_engine(f"sqlite:///{migrated}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_to_the_letter_with_partial_indexes_and_numbers_that_never_return(
    migrated: Path, tmp_path: Path
) -> None:
    """A new database is made at once. Alembic's comparison sees neither of these."""
    made = tmp_path / "made.db"
    prepare(made)
    assert schema_of(made) == schema_of(migrated)
    assert ask(made, "SELECT version_num FROM alembic_version") == [AT]


def test_scripts_are_named_as_alembic_counts_them() -> None:
    script = ScriptDirectory(str(SCHEMA.scripts))
    walked = [revision.revision for revision in script.walk_revisions()]
    assert SCHEMA.revisions() == walked[::-1]
    assert script.get_current_head() == AT


# Migrating


def test_a_new_database_gets_all_tables_and_no_backup(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    prepare(path)
    assert {"deliveries", "streams", "facts"} <= tables(path)
    assert ask(path, "SELECT version_num FROM alembic_version") == [AT]
    assert backups_of(path) == []


def test_where_there_is_nothing_to_migrate_nothing_is_changed_or_copied(old: Path) -> None:
    before = old.read_bytes()
    prepare(old)
    assert old.read_bytes() == before
    assert backups_of(old) == []


def test_an_old_database_is_copied_whole_and_then_migrated(old: Path, scripts: Path) -> None:
    add(scripts, f"v{NEXT:04}_birds", GOOD)
    prepare(old, scripts)
    assert "birds" in tables(old)
    assert ask(old, "SELECT version_num FROM alembic_version") == [f"{NEXT:04}"]
    assert ask(old, "SELECT value FROM facts") == ["yes"]
    (backup,) = backups_of(old)
    assert backup.name.endswith(f".v{AT}.bak")
    assert "birds" not in tables(backup)
    assert ask(backup, "SELECT value FROM facts") == ["yes"]
    assert not list(old.parent.glob("*.part"))


def test_a_script_that_fails_halfway_leaves_what_was_before_it(old: Path, scripts: Path) -> None:
    add(scripts, f"v{NEXT:04}_birds", GOOD)
    add(scripts, f"v{NEXT + 1:04}_bees", BROKEN)
    with pytest.raises(Exception, match="nowhere"):
        prepare(old, scripts)
    assert ask(old, "SELECT version_num FROM alembic_version") == [f"{NEXT:04}"]
    assert "bees" not in tables(old)
    assert ask(old, "SELECT name FROM birds") == []
    assert ask(old, "SELECT * FROM facts") == ["kept"]
    assert ask(old, "SELECT sql FROM sqlite_master WHERE name = 'facts'")[0].count("more") == 0


def test_a_script_that_takes_away_what_others_refer_to_is_not_kept(
    tmp_path: Path, scripts: Path
) -> None:
    path = database_of(int(AT), tmp_path, scripts)
    add(scripts, f"v{NEXT:04}_broken", script(NEXT, 'op.execute("DELETE FROM targets")'))
    with pytest.raises(RuntimeError, match="a row of deliveries would refer to none of targets"):
        prepare(path, scripts)
    assert ask(path, "SELECT key FROM targets") == ["page"]
    assert ask(path, "SELECT version_num FROM alembic_version") == [AT]


def test_a_first_script_that_fails_leaves_an_empty_database(tmp_path: Path) -> None:
    scripts = tmp_path / "scripts"
    (scripts / "versions").mkdir(parents=True)
    first = script(1, 'op.execute("CREATE TABLE a (b)"); op.execute("broken")')
    add(scripts, "v0001_first", first.replace('down_revision = "0000"', "down_revision = None"))
    with pytest.raises(Exception, match="broken"):
        prepare(tmp_path / "new.db", scripts)
    assert tables(tmp_path / "new.db") == set()
    prepare(tmp_path / "new.db")
    assert "facts" in tables(tmp_path / "new.db")


def test_only_the_newest_backups_are_kept(old: Path, scripts: Path) -> None:
    add(scripts, f"v{NEXT:04}_bees", script(NEXT, 'op.execute("broken")'))
    for _ in range(4):
        with pytest.raises(Exception, match="broken"):
            prepare(old, scripts, backups=2)
    kept = backups_of(old)
    assert len(kept) == 2
    others = old.parent / f"{old.name}.my-own.bak"
    others.write_text("mine")
    with pytest.raises(Exception, match="broken"):
        prepare(old, scripts, backups=2)
    assert others.exists()
    assert kept[0] not in backups_of(old)
    assert kept[1] in backups_of(old)


def test_alembic_neither_prints_nor_touches_the_logs(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    before = (list(root.handlers), root.level, root.manager.disable)
    prepare(tmp_path / "new.db")
    assert capfd.readouterr() == ("", "")
    assert (list(root.handlers), root.level, root.manager.disable) == before


def test_a_start_without_migrations_is_spared_alembic(database: Path) -> None:
    code = (
        "import asyncio, sys; from pathlib import Path; from bot.store import Store\n"
        "async def main():\n    async with Store(Path(sys.argv[1])): pass\n"
        "asyncio.run(main()); assert 'alembic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, database], check=True, timeout=60)


async def test_a_service_that_must_migrate_is_refused_while_another_runs(
    old: Path, scripts: Path
) -> None:
    add(scripts, f"v{NEXT:04}_birds", GOOD)
    async with Store(old):
        with pytest.raises(DatabaseInUse):
            prepare(old, scripts)
    assert "birds" not in tables(old)


def database_of(version: int, tmp_path: Path, scripts: Path, rows: str = "") -> Path:
    """A database of that version, with the rows of FIRST_ROWS and others."""
    for file in (scripts / "versions").glob("v*.py"):
        if file.name >= f"v{version + 1:04}":
            file.unlink()
    path = tmp_path / "earlier.db"
    prepare(path, scripts)
    with sqlite3.connect(path) as connection:
        connection.executescript(FIRST_ROWS + rows)
    connection.close()
    return path


async def test_what_was_owed_and_sent_before_mentions_were_kept_goes_on(
    tmp_path: Path, scripts: Path
) -> None:
    path = database_of(1, tmp_path, scripts)
    async with Store(path) as store, store.read() as unit:
        sent, due = await unit.deliveries.get(1), await unit.deliveries.get(2)
    assert sent is not None
    assert due is not None
    assert (sent.message_id, sent.mention, due.state, due.mention) == ("m1", None, "due", None)
    (backup,) = backups_of(path)
    assert backup.name.endswith(".v0001.bak")


async def test_a_sentence_that_was_stored_for_a_code_becomes_it(
    tmp_path: Path, scripts: Path
) -> None:
    rows = """
        UPDATE deliveries SET state = 'dead', error = 'forbidden' WHERE id = 1;
        UPDATE deliveries SET state = 'dead',
            error = 'the stream ended before the alert was sent' WHERE id = 2;
    """
    path = database_of(2, tmp_path, scripts, rows)
    async with Store(path) as store, store.read() as unit:
        found = [await unit.deliveries.get(number) for number in (1, 2)]
    assert [d.error for d in found if d is not None] == ["forbidden", ENDED_FIRST]


async def test_what_is_followed_in_a_database_without_undo_can_be_undone(
    tmp_path: Path, scripts: Path
) -> None:
    rows = """
        INSERT INTO subscriptions VALUES (1, 1, 'mint', 'A', 'p', 'Ann', 1000, 2000);
        INSERT INTO preferences VALUES ('subscription', 1, 'role', '7');
    """
    path = database_of(4, tmp_path, scripts, rows)
    async with Store(path) as store, store.write() as unit:
        assert await unit.undos.all() == ()
        (one,) = await unit.subscriptions.of_target(1)
        removed = await unit.subscriptions.remove_all(1)
        kind = UndoKind.UNSUBSCRIBED
        undo_id = await unit.undos.add(1, "p", kind, one.created_at, removed=removed)
        undo = await unit.undos.get(undo_id)
        assert undo is not None
        assert undo.removed.subscriptions == (one,)
        await unit.subscriptions.restore(undo.removed.subscriptions)
        assert await unit.subscriptions.of_target(1) == (one,)
        assert await unit.preferences.restore(undo.removed.choices) == 1
    (backup,) = backups_of(path)
    assert backup.name.endswith(".v0004.bak")


async def test_a_coin_from_before_marks_were_kept_is_not_marked(
    tmp_path: Path, scripts: Path
) -> None:
    rows = "INSERT INTO coins VALUES ('A', 'GEM', 'Gem', NULL, NULL, 'p-1.jpg');"
    path = database_of(5, tmp_path, scripts, rows)
    async with Store(path) as store, store.write() as unit:
        assert await unit.coins.get("A") == Coin("A", "GEM", "Gem")
        assert await unit.coins.picture("A") == "p-1.jpg"
        assert await unit.coins.put(Coin("A", "GEM", "Gem", marks=CoinMarks(nsfw=True)))
    (backup,) = backups_of(path)
    assert backup.name.endswith(".v0005.bak")


_JOB = """
    INSERT INTO clip_jobs (id, request_key, place_id, target_id, mint, person_id, person_name,
        seconds, ago, max_bytes, asked_at, state, phase, done_seconds, cancel_requested, leader_id,
        holder, epoch, changed_at, card_id)
    VALUES ({id}, 'r{id}', 1, 1, 'A', 'p', 'Ann', {seconds}, 0, 1024, 1000, '{state}', {phase},
        0, 0, {leader}, {holder}, {epoch}, 1000, {card});
"""


def job_row(id_: int, seconds: float, state: str = "queued", **values: object) -> str:
    """A clip job as it lay before jobs had windows."""
    empty = {"phase": "NULL", "leader": "NULL", "holder": "NULL", "card": "NULL", "epoch": 0}
    return _JOB.format(id=id_, seconds=seconds, state=state, **{**empty, **values})


JOBS_UNDER_WAY = (
    job_row(1, 30.0, "running", phase="'recording'", holder="'old life'", epoch=7, card="'m5'")
    + job_row(2, 30.0, "running", leader=1, epoch=7)
    + job_row(3, 12.5)
    + job_row(4, 12.5, leader=3)
)


async def test_jobs_that_were_under_way_before_there_were_windows_go_on(
    tmp_path: Path, scripts: Path
) -> None:
    """What they show begins when they were asked for, as it was meant; leaders, followers, turns
    and cards are as they were."""
    owed = "INSERT INTO undos VALUES (1, 1, 'p', 'unsubscribed', 3, '{}', 0, NULL);"
    path = database_of(7, tmp_path, scripts, JOBS_UNDER_WAY + owed)
    async with Store(path) as store, store.write() as unit:
        jobs = [await unit.jobs.get(number) for number in (1, 2, 3, 4)]
        told = [
            (job.state, job.leader_id, job.epoch, job.card_id, job.order.window.seconds)
            for job in jobs
            if job is not None
        ]
        assert told == [
            ("running", None, 7, "m5", 30.0),
            ("running", 1, 7, None, 30.0),
            ("queued", None, 0, None, 12.5),
            ("queued", 3, 0, None, 12.5),
        ]
        assert all(job is not None and job.order.is_ahead for job in jobs)
        assert [job.id for job in await unit.jobs.recover("new life", later(0))] == [1]
        claimed = [await unit.jobs.claim("new life", later(0)) for _ in range(3)]
    assert [job and (job.id, job.order.stream_id, job.source) for job in claimed] == [
        (1, None, None),
        (3, None, None),
        None,
    ]
    (backup,) = backups_of(path)
    assert backup.name.endswith(".v0007.bak")


async def test_a_job_of_next_to_nothing_has_a_window_all_the_same(
    tmp_path: Path, scripts: Path
) -> None:
    path = database_of(7, tmp_path, scripts, job_row(1, 0.0004))
    async with Store(path) as store, store.read() as unit:
        (job,) = await unit.jobs.queued()
    assert job.order.window.seconds == 0.001


async def test_a_number_that_a_job_once_had_is_not_given_to_a_new_one(
    tmp_path: Path, scripts: Path
) -> None:
    """Though the table was made anew."""
    path = database_of(7, tmp_path, scripts, job_row(8, 30.0) + "DELETE FROM clip_jobs;")
    async with Store(path) as store, store.write() as unit:
        target = await make_target(unit)
        job, _ = await unit.jobs.add(order(target), later(0))
    assert job.id == 9


# What is not ours


def newer(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
    connection.close()


async def test_a_newer_database_is_refused_and_the_backup_to_go_back_to_is_named(
    old: Path,
) -> None:
    newer(old)
    for name in ("20260101T000000000000Z.v0001", "20260301T000000000000Z.v0001"):
        (old.parent / f"{old.name}.{name}.bak").write_bytes(b"")
    (old.parent / f"{old.name}.20260401T000000000000Z.v0777.bak").write_bytes(b"")
    before = old.read_bytes()
    with pytest.raises(DatabaseNewer) as refused:
        async with Store(old):
            pass
    assert refused.value.backup == f"{old}.20260301T000000000000Z.v0001.bak"
    assert old.read_bytes() == before


async def test_a_newer_database_without_a_backup_says_so(old: Path) -> None:
    newer(old)
    with pytest.raises(DatabaseNewer) as refused:
        async with Store(old):
            pass
    assert refused.value.backup is None


async def test_a_refused_database_can_be_opened_once_it_is_mended(old: Path) -> None:
    newer(old)
    with pytest.raises(DatabaseNewer):
        async with Store(old):
            pass
    with sqlite3.connect(old) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (AT,))
    connection.close()
    async with Store(old) as store, store.read() as unit:
        assert await unit.key_values.get("kept") == "yes"


def test_another_programs_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "photos.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE photos (name TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(DatabaseDamaged, match="photos"):
        prepare(path)
    assert path.read_bytes() == before


def test_damage_is_looked_for_at_start_but_not_through_a_huge_file(database: Path) -> None:
    data = bytearray(database.read_bytes())
    data[-4096:] = b"\xa5" * 4096
    database.write_bytes(data)
    lock = Lock(database)
    with pytest.raises(DatabaseDamaged):
        real.prepare(database, SCHEMA, lock, 3, 0.2)
    real.prepare(database, SCHEMA, lock, 3, 0.2, look_through=len(data) - 1)
    with pytest.raises(DatabaseDamaged):
        inspect_database(database)


# What cannot be written


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may write everywhere: be somebody else for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that everybody can reach, as `tmp_path` is not."""
    folder = Path("/tmp") / f"mintcast-{os.getpid()}-{tmp_path.name}"
    folder.mkdir(mode=0o755)
    yield folder
    shutil.rmtree(folder)


async def refuse(path: Path, *, exclusive: bool = True) -> None:
    with as_nobody(), pytest.raises(DatabaseReadOnly):
        async with Store(path, exclusive=exclusive):
            pass


async def test_a_folder_that_cannot_be_written_is_told(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    await refuse(open_folder / "mintcast.db")
    await refuse(open_folder / "deeper" / "mintcast.db")


@pytest.mark.parametrize("exclusive", [True, False])
async def test_a_file_that_cannot_be_written_is_told_at_start(
    database: Path, open_folder: Path, exclusive: bool
) -> None:
    path = Path(shutil.copy(database, open_folder))
    path.chmod(0o444)
    open_folder.chmod(0o777)
    await refuse(path, exclusive=exclusive)


# Looking only


def test_looking_at_a_database_tells_its_age_and_makes_nothing(tmp_path: Path) -> None:
    assert inspect_database(tmp_path / "none.db") is DatabaseAge.NONE
    assert list(tmp_path.iterdir()) == []


async def test_looking_beside_a_running_service_is_fine(database: Path) -> None:
    async with Store(database) as store, store.write():
        assert inspect_database(database) is DatabaseAge.CURRENT


def test_looking_refuses_what_opening_would(old: Path) -> None:
    newer(old)
    with pytest.raises(DatabaseNewer):
        inspect_database(old)
