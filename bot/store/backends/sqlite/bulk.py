"""All rows of a file, read or added by whole tables, by its driver alone."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateIndex, DropIndex

from bot.errors import CopyFailed
from bot.store.backends.port import Row, batch_of
from bot.store.backends.schema import Schema, rows_of, select_all
from bot.store.backends.sqlite.engine import (
    READING,
    WRITING,
    open_async_engine,
    translated_errors,
)

_UNCHECKED = "PRAGMA foreign_keys = OFF"
"""For a connection; in a transaction it does nothing."""


@contextlib.asynccontextmanager
async def sqlite_bulk(
    path: Path, schema: Schema, patience: float, *, writes: bool
) -> AsyncIterator[SqliteBulk]:
    """See `Bulk`."""
    engine = open_async_engine(path, patience, WRITING if writes else READING)
    with _failures(path), translated_errors(path):
        async with engine.connect() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            if writes:
                await _run(driver, _UNCHECKED)
            async with connection.begin() as transaction:
                yield SqliteBulk(path, schema, connection, driver)
                if not writes:
                    await transaction.rollback()


@contextlib.contextmanager
def _failures(path: Path) -> Iterator[None]:
    """What no longer says anything of the file itself: a row that it does not take, or that nobody
    can read."""
    try:
        yield
    except (sqlite3.Error, DBAPIError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise CopyFailed(str(path), str(cause)) from error


async def _run(driver: Any, statement: str, *values: object) -> None:
    await (await driver.execute(statement, values)).close()


class SqliteBulk:
    """A `Bulk`."""

    keeps_nul = True

    def __init__(
        self, path: Path, schema: Schema, connection: AsyncConnection, driver: Any
    ) -> None:
        assert schema.tables is not None
        self._path = path
        self._tables = schema.tables.sorted_tables
        self._connection = connection
        self._driver = driver

    async def counts(self) -> dict[str, int]:
        return await self._connection.run_sync(rows_of, self._tables)

    async def rows(self, table: Table) -> AsyncIterator[list[Row]]:
        truths = [n for n, column in enumerate(table.c) if isinstance(column.type, Boolean)]
        async with self._driver.execute(select_all(table)) as cursor:
            while rows := await cursor.fetchmany(batch_of(table)):
                yield _with_truths(rows, truths) if truths else [tuple(row) for row in rows]

    async def last_id(self, table: Table) -> int:
        last = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?"
        async with self._driver.execute(last, (table.name,)) as cursor:
            (found,) = await cursor.fetchone() or (0,)
        return int(found)

    async def begin_load(self) -> None:
        for index in self._indexes():
            await self._connection.execute(DropIndex(index))

    async def add(self, table: Table, rows: list[Row]) -> None:
        marks = ", ".join("?" * len(table.c))
        names = ", ".join(f'"{column.name}"' for column in table.c)
        insert = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'  # noqa: S608 our own
        await (await self._driver.executemany(insert, rows)).close()

    async def set_last_id(self, table: Table, last: int) -> None:
        for statement, values in (
            ("DELETE FROM sqlite_sequence WHERE name = ?", (table.name,)),
            ("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table.name, last)),
        ):
            await _run(self._driver, statement, *values)

    async def end_load(self) -> None:
        for index in self._indexes():
            await self._connection.execute(CreateIndex(index))
        async with self._driver.execute("PRAGMA foreign_key_check") as cursor:
            broken = await cursor.fetchone()
        if broken is not None:
            raise CopyFailed(str(self._path), f"a row of {broken[0]} refers to none of {broken[2]}")

    def _indexes(self) -> list[Any]:
        return [index for table in self._tables for index in table.indexes]


def _with_truths(rows: Any, truths: list[int]) -> list[Row]:
    """SQLite keeps them as 0 and 1."""
    changed = []
    for row in rows:
        values = list(row)
        for n in truths:
            if values[n] is not None:
                values[n] = bool(values[n])
        changed.append(tuple(values))
    return changed
