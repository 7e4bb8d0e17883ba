"""`backup`, `restore`, `move-store` and `status`, in this process, where nothing runs."""

from __future__ import annotations

import codecs
import json
import os
import re
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app, database_command
from bot.cli.common import Exit
from bot.demo.ports import free_port
from bot.store import PostgresAddress, restore_database
from tests.fakes.clock import settle
from tests.store.backends.sqlite.migrating.scripts import as_nobody

MINT = "So11111111111111111111111111111111111111112"


@pytest.fixture
def folder(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """With a database where the defaults have it."""
    if request.config.getoption("database") != "sqlite":
        pytest.skip("these tests name a file where they mean one")
    empty_database = request.getfixturevalue("empty_database")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MINTCAST_HTTP__PORT", str(free_port()))
    (tmp_path / "data").mkdir()
    shutil.copy(empty_database, tmp_path / "data" / "mintcast.db")
    mask = os.umask(0o022)
    yield tmp_path
    os.umask(mask)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def note(database: Path, name: str) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("INSERT INTO facts VALUES (?, 'yes')", (name,))


def notes(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM facts ORDER BY name")]


def test_a_backup_has_a_name_of_its_own_and_is_put_back(folder: Path) -> None:
    database = folder / "data" / "mintcast.db"
    note(database, "before")
    made = run("backup")
    (file,) = folder.glob("mintcast-*.db")
    assert re.fullmatch(r"Saved mintcast-\d{8}T\d{6}Z\.db \(\d+ KB\)\n", made.stdout), made.output
    assert (made.exit_code, file.stat().st_mode & 0o777) == (Exit.DONE, 0o600)
    note(database, "later")
    restored = run("restore", file.name)
    assert restored.exit_code == Exit.DONE, restored.output
    (kept,) = (folder / "data").glob("mintcast.db.*.bak")
    assert str(kept.relative_to(folder)) in restored.stdout
    assert (notes(database), notes(kept)) == (["before"], ["before", "later"])


def test_a_database_behind_a_link_is_restored_where_it_is(folder: Path) -> None:
    link, disk = folder / "data" / "mintcast.db", folder / "disk" / "mintcast.db"
    disk.parent.mkdir()
    link.rename(disk)
    link.symlink_to(disk)
    note(link, "before")
    assert run("backup", "copy.db").exit_code == Exit.DONE
    note(link, "later")
    restored = run("restore", "copy.db")
    assert restored.exit_code == Exit.DONE, restored.output
    assert link.is_symlink()
    assert notes(disk) == ["before"]
    assert list(disk.parent.glob("*.bak"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_restore_that_is_told_to_stop_says_what_became_of_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    assert run("backup", "copy.db").exit_code == Exit.DONE
    note(folder / "data" / "mintcast.db", "later")

    async def told(*arguments: Any) -> Path | None:
        for _ in range(2):
            os.kill(os.getpid(), number)
            await settle()
        return await restore_database(*arguments)

    monkeypatch.setattr(database_command, "restore_database", told)
    restored = run("restore", "copy.db")
    assert restored.exit_code == Exit.DONE, restored.output
    (kept,) = (folder / "data").glob("mintcast.db.*.bak")
    assert str(kept.relative_to(folder)) in restored.stdout
    assert restored.stderr.count("never left halfway") == 2
    assert notes(folder / "data" / "mintcast.db") == []


@pytest.mark.parametrize("command", [["backup", "copy.dump"], ["restore", "copy.dump"]])
def test_settings_that_can_be_read_only_once_are_the_ones_that_hold(
    folder: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    """As those of `--config <(sops -d config.toml)`, which are a pipe."""
    asked: list[object] = []

    async def take(*arguments: object) -> None:
        asked.extend(arguments)
        (folder / "copy.dump").touch()

    monkeypatch.setattr(database_command, "save_database", take)
    monkeypatch.setattr(database_command, "restore_database", take)
    reader, writer = os.pipe()
    os.write(writer, b"[storage]\ndatabase = 'postgresql://a@db.example/b'\nbackups = 'kept'\n")
    os.close(writer)
    done = run(*command, "--config", f"/dev/fd/{reader}")
    os.close(reader)
    assert done.exit_code == Exit.DONE, done.output
    address = asked[0]
    assert isinstance(address, PostgresAddress)
    assert (address.name, address.backups) == ("postgresql://db.example:5432/b", Path("kept"))
    assert [Path("kept")] * (command[0] == "restore") == asked[2:]


def test_a_folder_takes_a_backup_and_a_file_that_is_there_does_not(folder: Path) -> None:
    (folder / "backups").mkdir()
    (folder / "taken.db").write_text("mine")
    assert run("backup", "backups").exit_code == Exit.DONE
    assert len(list((folder / "backups").iterdir())) == 1
    refused = run("backup", "taken.db")
    assert (refused.exit_code, refused.stdout) == (Exit.USAGE, "")
    assert "taken.db exists already" in refused.stderr


def test_a_password_that_is_no_text_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PASSWORD", os.fsdecode(b"p\xe4ss"))
    refused = run("status")
    assert (refused.exit_code, refused.stdout) == (Exit.SETTINGS, "")
    assert "HTTP_PASSWORD: " in refused.stderr
    assert "Traceback" not in refused.stderr


def test_all_moves_to_another_database(folder: Path) -> None:
    note(folder / "data" / "mintcast.db", "kept")
    moved = run("move-store", "data/mintcast.db", "new.db")
    assert moved.exit_code == Exit.DONE, moved.output
    assert moved.stdout.startswith("Moved 1 row to new.db, and checked them.")
    assert moved.stderr.splitlines() == ["facts: 1 of 1", "checking facts"]
    assert notes(folder / "new.db") == ["kept"]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("restore", "missing.db"), 2, "missing.db can't be read (No such file"),
        (("restore", "config.toml"), 2, "isn't a whole backup of Mintcast's"),
        (("restore",), 2, "FILE"),
        (("move-store", "data/mintcast.db", "data/mintcast.db"), 2, "Name two databases"),
        (("move-store", "missing.db", "new.db"), 2, "no Mintcast database at missing.db"),
        (("move-store", "data/mintcast.db", "mysql://a@b/c"), 2, "must be a path, or postgresql"),
        (("move-store", "data/mintcast.db", "postgresql://a:b@c/d"), 2, "DATABASE_PASSWORD"),
        (("move-store", "data/mintcast.db", "postgresql://a@127.0.0.1:9/d"), 1, "be reached"),
        (("move-store", "config.toml", "new.db"), 1, "isn't a Mintcast database"),
        (("backup", "--config", "missing.toml"), 78, "no such file"),
        (("backup", "no/such/folder/a.db"), 1, "Copying no/such/folder/a.db failed"),
        (("backup", "config.toml/a.db"), 1, "Copying config.toml/a.db failed"),
        (("backup", "a" * 300), 1, "File name too long"),
        (("backup", "backups/"), 2, "there is no folder backups; make it first"),
        (("restore", "a" * 300), 2, "File name too long"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    folder: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    (folder / "config.toml").write_text("[log]\nlevel = 'info'\n")
    before = sorted(folder.iterdir())
    refused = run(*arguments)
    assert (refused.exit_code, refused.stdout) == (code, ""), refused.output
    assert says in refused.stderr.replace("\n", " ")
    assert "Traceback" not in refused.stderr
    assert sorted(folder.iterdir()) == before


def test_the_status_tells_of_a_database_that_nothing_uses(folder: Path) -> None:
    note(folder / "data" / "mintcast.db", "kept")
    told = run("status")
    assert told.exit_code == Exit.OFFLINE
    service, database, rows, subscriptions = told.stdout.splitlines()
    assert service == "FAIL  service: Mintcast isn't running"
    assert re.fullmatch(r"ok    database: SQLite 3\S+, \S+, \d+ KB, revision \d+", database)
    assert rows == "ok    database: 1 row: facts 1"
    assert subscriptions == "ok    database: 0 subscriptions"


def test_the_status_for_a_script_has_what_it_does_not_know_as_null(folder: Path) -> None:
    (folder / "data" / "mintcast.db").unlink()
    told = run("status", "--json")
    assert told.exit_code == Exit.OFFLINE
    assert json.loads(told.stdout) == {
        "status": "stopped",
        "nodes": [],
        "version": None,
        "origin": None,
        "database": None,
        "parts": {},
    }


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("check",), 1, "FAIL  database: User 65534 can't write the database data/mintcast.db"),
        (("status",), 3, "FAIL  database: User 65534 can't write the database data/mintcast.db"),
        (("backup", "open/a.db"), 1, "Run this as its owner"),
        (("backup", "data/a.db"), 1, "data/a.db failed, and nothing was changed: Permission d"),
        (("restore", "data/mintcast.db"), 1, "Run this as its owner"),
        (("move-store", "data/mintcast.db", "open/new.db"), 1, "database data/mintcast.db (Permi"),
        (("live", MINT, "--config", "data/config.toml"), 78, "config.toml: cannot be read: Permi"),
    ],
)
def test_another_user_is_told_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, says: str
) -> None:
    """The folder of the database is the service's alone, and no name in it can be looked up."""
    if os.geteuid() != 0:
        pytest.skip("only root can be another user for a moment")
    codecs.lookup("idna")  # of each name that is looked up: another user may not read its module
    for name in ("LIVESTREAM_URL", "FRONTEND_URL"):
        monkeypatch.setenv(f"MINTCAST_PUMPFUN__{name}", "http://127.0.0.1:9")
    monkeypatch.setenv("SSL_CERT_DIR", "data/certificates")
    monkeypatch.setattr(os, "getuid", os.geteuid)
    (folder / "open").mkdir()
    for path, mode in ((folder, 0o755), (folder / "open", 0o777), (folder / "data", 0o700)):
        path.chmod(mode)
    with as_nobody():
        ran = run(*arguments)
    assert ran.exit_code == code, ran.output
    assert says in ran.output.replace("\n", " ")
    assert "Traceback" not in ran.output
    assert list((folder / "open").iterdir()) == []


def test_a_password_that_is_refused_is_not_shown(folder: Path) -> None:
    refused = run("move-store", "data/mintcast.db", "postgresql://me:sesame@h.example/mintcast")
    assert refused.exit_code == 2
    assert "sesame" not in refused.output
    assert "h.example/mintcast must not have the password in it" in refused.output.replace(":", "")
