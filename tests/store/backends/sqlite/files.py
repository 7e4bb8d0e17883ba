"""What a database is as a file: without room, damaged, and what it consists of."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, Engine, event

from tests.store.raw_sql import ask


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


def schema_of(database: Path) -> list[tuple[str, list[str]]]:
    """All that it consists of, as words: constraints in any order, without the quotes that SQLite
    puts around the name of a table that was renamed, and wherever a column was added."""
    made = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
    marks = str.maketrans({",": " ", '"': "", ")": " ) "})
    plain = ((name, sql.translate(marks)) for name, sql in ask(database, made))
    return [(name, sorted(sql.split())) for name, sql in plain]
