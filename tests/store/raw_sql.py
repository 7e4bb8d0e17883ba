"""The database seen from beside the store: what is sent to it, how it is read, rows as they lie."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from tests import postgres


@contextlib.contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """Each statement that is sent meanwhile, with its parameters."""
    sent: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, sql: str, parameters: Any, *___: Any) -> None:
        sent.append((sql, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@contextlib.contextmanager
def pages_at_most(limit: int) -> Iterator[None]:
    """What a disk without room does to SQLite, done by its own limit for what begins meanwhile."""

    def restrict(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {limit}")

    event.listen(Engine, "begin", restrict)
    try:
        yield
    finally:
        event.remove(Engine, "begin", restrict)


def plan_of(database: Path | str, sql: str, parameters: Any = ()) -> list[str]:
    """How SQLite finds the rows of that statement."""
    return [str(row[3]) for row in ask(database, f"EXPLAIN QUERY PLAN {sql}", parameters)]


def ask(database: Path | str, sql: str, parameters: Any = ()) -> list[tuple[Any, ...]]:
    """The rows of its answer. `database` is as its store is called."""
    if (others := postgres.in_use()) is not None:
        return others.fetch(str(database), sql, parameters)
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return connection.execute(sql, parameters).fetchall()


def schema_of(database: Path) -> list[tuple[str, list[str]]]:
    """All that it consists of, as words: constraints in any order, without the quotes that SQLite
    puts around the name of a table that was renamed, and wherever a column was added."""
    made = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
    marks = str.maketrans({",": " ", '"': "", ")": " ) "})
    plain = ((name, sql.translate(marks)) for name, sql in ask(database, made))
    return [(name, sorted(sql.split())) for name, sql in plain]


def write(database: Path | str, sql: str, rows: Sequence[Any] = ((),)) -> None:
    """Run it once for each of `rows`, and commit."""
    if (others := postgres.in_use()) is not None:
        others.execute(str(database), sql, rows)
        return
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.executemany(sql, rows)
