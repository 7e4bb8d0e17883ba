"""How tables, indexes and statements are told to SQLite."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, Table, TextClause
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.dialects.sqlite import insert as _insert

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
