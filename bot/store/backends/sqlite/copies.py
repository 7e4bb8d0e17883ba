"""A database as a file of its own: made while a service runs, put back while none does."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from sqlalchemy import Connection

from bot.errors import CopyFailed, CopyRefused, DatabaseDamaged, DatabaseNewer
from bot.kit.error_text import reason
from bot.model import CopyFault, DatabaseReport
from bot.store.backends.backups import Backups
from bot.store.backends.schema import Schema, current_revision
from bot.store.backends.sqlite.engine import READING, WRITING, copy_into
from bot.store.backends.sqlite.files import is_file_there
from bot.store.backends.sqlite.migrate import (
    back_up,
    connected,
    made_whole,
    our_revision,
    require_sound,
)

_BESIDE = ("-wal", "-shm")
_OF_THE_COPY = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY})
"""Errors of copying: the database itself is open by then, and only read."""


def report(path: Path, schema: Schema, patience: float) -> DatabaseReport:
    """What is in it. Changes nothing. Raises StoreError. Blocks."""
    _require(path)
    with connected(path, patience, READING) as connection:
        revision = current_revision(connection)
        return DatabaseReport(
            str(path),
            f"SQLite {sqlite3.sqlite_version}",
            sum(_size(Path(f"{path}{end}")) for end in ("", "-wal")),
            revision,
            schema.count_rows(connection),
        )


def save(path: Path, schema: Schema, file: Path, patience: float) -> None:
    """A whole, compact copy of it as it is now, sound and ours. Raises StoreError. Blocks."""
    _require(path)
    with connected(path, patience, READING) as connection:
        our_revision(connection, path, schema.revisions())
        with made_whole(file, file, _not_copied) as part:
            _copy_into(connection, part, file)
            with connected(part, patience, READING) as copy:
                require_sound(copy, part)


def _copy_into(connection: Connection, part: Path, file: Path) -> None:
    """What keeps SQLite from writing `part` is told of the copy, and not of the database that is
    copied: its folder is another."""
    try:
        copy_into(connection, part)
    except sqlite3.Error as error:
        if error.sqlite_errorcode & 0xFF in _OF_THE_COPY:
            raise CopyFailed(str(file), str(error)) from error
        raise


def _not_copied(file: Path, error: OSError) -> CopyFailed:
    return CopyFailed(str(file), reason(error))


def restore(path: Path, schema: Schema, file: Path, patience: float) -> Path | None:
    """Put that copy in its place, all or nothing, and return the copy of what was there before, if
    anything was. Its lock is ours. Raises StoreError. Blocks."""
    with made_whole(path, path) as part:
        _copy_sound(file, schema, part, patience)
        kept = _set_aside(path, patience) if is_file_there(path) else None
        for end in _BESIDE:  # empty by now, and the new file must not take them for its own
            Path(f"{path}{end}").unlink(missing_ok=True)
    return kept


def _copy_sound(file: Path, schema: Schema, part: Path, patience: float) -> None:
    try:
        with connected(file, patience, READING) as connection:
            revision = our_revision(connection, file, schema.revisions())
            require_sound(connection, file)
            if revision is None:
                raise CopyRefused(str(file), CopyFault.NOT_A_BACKUP)
            copy_into(connection, part)
    except DatabaseNewer:
        raise CopyRefused(str(file), CopyFault.NEWER) from None
    except DatabaseDamaged as error:
        raise CopyRefused(str(file), CopyFault.NOT_A_BACKUP, error.detail) from None


def _set_aside(path: Path, patience: float) -> Path:
    """A copy of it; where it cannot be read any more, it and its log themselves."""
    try:
        with connected(path, patience, WRITING) as connection:
            require_sound(connection, path)
            kept = back_up(connection, path, current_revision(connection) or "0000")
            _end_log(connection)
    except DatabaseDamaged:
        kept = Backups.of_file(path).new_damaged()
        for end in (*_BESIDE, ""):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{path}{end}").replace(f"{kept}{end}")
    return kept


def _end_log(connection: Connection) -> None:
    """All that is in the log goes to the file, which is whole without it from then on."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.execute("PRAGMA journal_mode = DELETE")


def _require(path: Path) -> None:
    if not is_file_there(path):
        raise CopyRefused(str(path), CopyFault.NO_DATABASE)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
