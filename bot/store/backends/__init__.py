"""The front of what only one kind of database knows: SQLite, where it is a file, or PostgreSQL.

No other file knows which it is: a `Database` is opened by what stands here, and tables, scripts and
statements are made with it. What is said to SQLite here PostgreSQL takes as it is, or
`postgres/dialect.py` says it otherwise.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.kit.processes.name_lookups import NetworkLoop
from bot.model import DatabaseAge
from bot.store.backends.backups import new_copy_name
from bot.store.backends.port import (
    LOCKED,
    MOST_NEWS_BYTES,
    Access,
    Bulk,
    Database,
    NodeLink,
    PostgresAddress,
    Row,
    driver_needed,
)
from bot.store.backends.schema import Schema
from bot.store.backends.sqlite.database import SqliteDatabase
from bot.store.backends.sqlite.dialect import (
    NEVER_REUSE_IDS,
    DatabaseNow,
    insert,
    only_where,
    row_id,
    table_made_anew,
)
from bot.store.backends.sqlite.files import database_files
from bot.store.backends.sqlite.migrate import inspect_database as inspect_file

__all__ = [
    "LOCKED",
    "MOST_NEWS_BYTES",
    "NEVER_REUSE_IDS",
    "Access",
    "Bulk",
    "Database",
    "DatabaseNow",
    "NodeLink",
    "PostgresAddress",
    "Row",
    "Schema",
    "database_at",
    "database_files",
    "insert",
    "inspect_database",
    "new_copy_name",
    "only_where",
    "row_id",
    "table_made_anew",
]


def database_at(address: Path | PostgresAddress, patience: float) -> Database:
    """The one of that address, not opened yet. `patience`, in seconds, is how long a file waits for
    another program."""
    if isinstance(address, Path):
        return SqliteDatabase(address, patience)
    with driver_needed(address):
        from bot.store.backends.postgres.database import PostgresDatabase

        return PostgresDatabase(address)


def inspect_database(
    address: Path | PostgresAddress, schema: Schema, patience: float
) -> DatabaseAge:
    """How the database there stands to this program. Changes nothing, and a service may be using
    it. Raises StoreError as opening it does. Blocks: not to be called inside a loop."""
    if isinstance(address, Path):
        return inspect_file(address, schema, patience)
    with driver_needed(address):
        from bot.store.backends.postgres.migrate import inspect

        with asyncio.Runner(loop_factory=NetworkLoop) as runner:
            return runner.run(inspect(address, schema))
