"""A database is migrated whole, after a copy, or left as it was."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import (
    DatabaseInUse,
)
from bot.store import Store
from tests.patience import PATIENCE
from tests.store.backends.sqlite.migrating.scripts import (
    AT,
    BROKEN,
    GOOD,
    NEXT,
    add,
    ask,
    backups_of,
    database_of,
    prepare,
    script,
    tables,
)


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
    subprocess.run([sys.executable, "-c", code, database], check=True, timeout=PATIENCE)


async def test_a_service_that_must_migrate_is_refused_while_another_runs(
    old: Path, scripts: Path
) -> None:
    add(scripts, f"v{NEXT:04}_birds", GOOD)
    async with Store(old):
        with pytest.raises(DatabaseInUse):
            prepare(old, scripts)
    assert "birds" not in tables(old)
