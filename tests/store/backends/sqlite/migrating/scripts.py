"""Migrations that a test adds, and what a database has after them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.store.backends import Schema
from bot.store.backends.sqlite import migrate as real
from bot.store.backends.sqlite.lock import Lock
from bot.store.tables import SCHEMA

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


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may read and write everywhere: be somebody else for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
