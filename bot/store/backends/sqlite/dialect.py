"""How tables, indexes and statements are told to SQLite."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Integer, Table, TextClause
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.dialects.sqlite import insert as _insert
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

row_id = BigInteger().with_variant(Integer, "sqlite")
"""The type of a primary key that the database numbers: SQLite does where it is `INTEGER`."""

NEVER_REUSE_IDS: dict[str, Any] = {"sqlite_autoincrement": True}
"""For a table: no id is given twice, even after its row was deleted."""


def insert(table: Table) -> Insert:
    """An INSERT that can say ON CONFLICT."""
    return _insert(table)


def only_where(condition: ColumnElement[bool] | TextClause) -> dict[str, Any]:
    """For an index: it holds the rows only for which that is so. A query uses it for that very
    condition, written alike."""
    return {"sqlite_where": condition}


class DatabaseNow(FunctionElement[int]):
    """The database's own clock, which all who use it share: milliseconds since 1970. It goes on
    within a transaction."""

    type = BigInteger()
    inherit_cache = True


@compiles(DatabaseNow, "sqlite")
def _now_there(*_: Any, **__: Any) -> str:
    return "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"


@contextlib.contextmanager
def table_made_anew(connection: Connection, name: str) -> Iterator[None]:
    """For a script that alters a table in a way for which SQLite copies it: its next row is
    numbered as if it had not been. The copy would go on from the last row that is still there.
    PostgreSQL alters the table itself."""
    if connection.dialect.name != "sqlite":
        yield
        return
    last = "SELECT seq FROM sqlite_sequence WHERE name = ?"
    numbered = connection.exec_driver_sql(last, (name,)).scalar()
    yield
    if numbered is not None:
        connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
        connection.exec_driver_sql("INSERT INTO sqlite_sequence VALUES (?, ?)", (name, numbered))
