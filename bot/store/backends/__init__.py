"""The front of what only one kind of database knows. Today there is one kind, SQLite.

No other file knows which it is: a `Database` is opened by what stands here, and tables, scripts and
statements are made with it. Another kind is a folder beside `sqlite` that offers the same names.
"""

from __future__ import annotations

from pathlib import Path

from bot.store.backends.port import LOCKED, Database
from bot.store.backends.schema import Schema
from bot.store.backends.sqlite.database import SqliteDatabase
from bot.store.backends.sqlite.dialect import (
    NEVER_REUSE_IDS,
    insert,
    only_where,
    row_id,
    table_made_anew,
)
from bot.store.backends.sqlite.files import database_files
from bot.store.backends.sqlite.migrate import inspect_database

__all__ = [
    "LOCKED",
    "NEVER_REUSE_IDS",
    "Database",
    "Schema",
    "database_at",
    "database_files",
    "insert",
    "inspect_database",
    "only_where",
    "row_id",
    "table_made_anew",
]


def database_at(path: Path, patience: float) -> Database:
    """The one that `path` names, not opened yet. `patience`, in seconds, is how long it waits for
    another program."""
    return SqliteDatabase(path, patience)
