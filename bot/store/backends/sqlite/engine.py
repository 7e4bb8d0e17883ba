"""How SQLite is opened, copied and checked, and what its errors mean."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from bot.errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseFull,
    DatabaseReadOnly,
    StoreError,
)
from bot.store.backends.port import LOCKED

WRITING = "BEGIN IMMEDIATE"
"""Takes the one right to write at once. A plain BEGIN takes it at the first write, when what was
read may be old by then: that fails with "database is locked", which no waiting mends."""
READING = "BEGIN"

_PRAGMAS = {
    WRITING: (
        "PRAGMA journal_mode = WAL",  # whoever reads and whoever writes do not wait for each other
        # Each commit reaches the disk. With NORMAL a power cut takes back the last commits whole:
        # an alert that was sent would be owed again. Killing the process alone loses neither.
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
    ),
    READING: ("PRAGMA query_only = ON",),
}

_PATIENCE, _PATIENCE_NOW = "patience to be set", "patience"
"""Of a connection: milliseconds."""

TRIAL = text("PRAGMA user_version = 1")
"""A write, to be rolled back: of a file that cannot be written not even BEGIN IMMEDIATE says so."""
_QUICK_CHECK = text("PRAGMA quick_check(1)")

_ERRORS: dict[int, type[StoreError]] = {
    sqlite3.SQLITE_BUSY: DatabaseBusy,
    sqlite3.SQLITE_LOCKED: DatabaseBusy,
    sqlite3.SQLITE_PROTOCOL: DatabaseBusy,
    sqlite3.SQLITE_PERM: DatabaseReadOnly,
    sqlite3.SQLITE_READONLY: DatabaseReadOnly,
    sqlite3.SQLITE_CANTOPEN: DatabaseReadOnly,
    sqlite3.SQLITE_CORRUPT: DatabaseDamaged,
    sqlite3.SQLITE_NOTADB: DatabaseDamaged,
    sqlite3.SQLITE_FULL: DatabaseFull,
    sqlite3.SQLITE_IOERR: StoreError,
}


@contextlib.contextmanager
def translated_errors(path: Path) -> Iterator[None]:
    """Turns what SQLite says of its file into a StoreError. What is our own fault stays as it is:
    a broken constraint, a wrong statement, a write on a connection that only reads."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        if code not in _ERRORS:
            raise
        kind, name = _ERRORS[code], getattr(cause, "sqlite_errorname", "")
        detail = LOCKED if kind is DatabaseBusy else f"{cause} ({name})"
        raise kind(str(path), detail) from error


def open_engine(path: Path, patience: float, begin: str) -> Engine:
    """For what is done before the service starts, on a thread."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=NullPool,
        connect_args=_arguments(patience),
    )
    _listen(engine, begin)
    return engine


def open_async_engine(path: Path, patience: float, begin: str) -> AsyncEngine:
    """Its transactions start with `begin`; those that only read cannot write by mistake."""
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        poolclass=NullPool,
        connect_args=_arguments(patience),
        execution_options={"preserve_rowcount": True},  # of INSERT too: how many were new
    )
    _listen(engine.sync_engine, begin)
    return engine


def _arguments(patience: float) -> dict[str, Any]:
    """`isolation_level=None`: Python's driver begins no transaction behind our back. By default it
    begins one only before a write, so that what was read before is read outside of it: updates
    get lost without any error."""
    return {"isolation_level": None, "timeout": patience}


def _listen(engine: Engine, begin: str) -> None:
    @event.listens_for(engine, "connect")
    def _(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        for pragma in _PRAGMAS[begin]:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        if (patience := connection.info.pop(_PATIENCE, None)) is not None:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {patience:d}")
        connection.exec_driver_sql(begin)


def limit_wait(connection: AsyncConnection, seconds: float) -> None:
    """From its next transaction on, it waits so long for another program's lock."""
    sync = connection.sync_connection
    assert sync is not None
    patience = max(1, round(seconds * 1000))
    if sync.info.get(_PATIENCE_NOW) != patience:
        sync.info[_PATIENCE] = sync.info[_PATIENCE_NOW] = patience


@contextlib.contextmanager
def references_checked_late(connection: Connection) -> Iterator[None]:
    """For scripts: where one makes a table anew, the old one goes while others refer to it. What
    refers to nothing is found at each commit, which is refused by it."""

    def check(committing: Connection) -> None:
        if broken := committing.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise RuntimeError(f"a row of {broken[0]} would refer to none of {broken[2]}")

    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.execute("PRAGMA foreign_keys = OFF")  # in a transaction it would do nothing
    event.listen(connection, "commit", check)
    try:
        yield
    finally:
        event.remove(connection, "commit", check)
        driver.execute("PRAGMA foreign_keys = ON")


def copy_into(connection: Connection, path: Path) -> None:
    """A whole, compact copy of the database as it is now."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.execute("PRAGMA query_only = OFF")  # it counts as a write, though not to this file
    # As bytes: a folder's name may be no text, and then Python's driver refuses it as such.
    driver.execute("VACUUM INTO CAST(? AS TEXT)", (os.fsencode(path),))


def find_damage(connection: Connection) -> str | None:
    """What is wrong anywhere in the file; None: it is sound."""
    finding = str(connection.execute(_QUICK_CHECK).scalar())
    return None if finding == "ok" else finding
