"""Rows of any kind for every table, and all that a database has."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, LargeBinary, Table

from bot.store import PostgresAddress
from bot.store.backends import copies
from bot.store.tables import SCHEMA

assert SCHEMA.tables is not None
TABLES = SCHEMA.tables.sorted_tables
ROWS = 3
LAST_ID = 77
"""Was given to a row of each table that is gone."""

Contents = dict[str, tuple[list[tuple[Any, ...]], int]]


def fill(path: Path) -> None:
    """Each table gets some; the second has NULL wherever that may be."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        for table in TABLES:
            for n in range(1, ROWS + 1):
                add(connection, table, [value(table, column, n) for column in table.c])
            if table.dialect_options["sqlite"]["autoincrement"]:
                numbered = "UPDATE sqlite_sequence SET seq = ? WHERE name = ?"
                connection.execute(numbered, (LAST_ID, table.name))


def add(connection: sqlite3.Connection, table: Table, values: list[Any]) -> None:
    marks = ", ".join("?" * len(values))
    connection.execute(f"INSERT INTO {table.name} VALUES ({marks})", values)


def value(table: Table, column: Column[Any], n: int) -> Any:
    if column.foreign_keys or column.name == "id":
        return n
    if column.nullable and n == 2:
        return None
    kind = getattr(column.type, "impl", column.type)
    if isinstance(kind, Boolean):
        return n == 3
    if isinstance(kind, Float):
        return n + 1 / 3
    if isinstance(kind, BigInteger):
        return 2**53 + n
    if isinstance(kind, Integer):
        return 2**31 - n
    if isinstance(kind, LargeBinary):
        return f"{table.name} {n}\0".encode()
    return f"{table.name}.{column.name} {n} “ö” 🎬\n"


async def contents(address: Path | PostgresAddress) -> Contents:
    """All rows of each table, and the last number that was given."""
    async with copies.bulk(address, SCHEMA, writes=False) as bulk:
        return {
            table.name: (
                [row async for rows in bulk.rows(table) for row in rows],
                await bulk.last_id(table),
            )
            for table in TABLES
        }
