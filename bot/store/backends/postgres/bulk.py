"""All rows of a database, read or added by whole tables, by its driver alone: with COPY."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
from sqlalchemy import Connection, Table, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import AddConstraint, CreateIndex, DropConstraint, DropIndex

from bot.errors import CopyFailed
from bot.store.backends.port import PostgresAddress, Row, batch_of
from bot.store.backends.postgres.engine import connected, driver_connection
from bot.store.backends.schema import Schema, rows_of, select_all

_SEQUENCE = "SELECT pg_get_serial_sequence($1, $2)"


@contextlib.asynccontextmanager
async def postgres_bulk(
    address: PostgresAddress, schema: Schema, *, writes: bool
) -> AsyncIterator[PostgresBulk]:
    """See `Bulk`."""
    with _failures(address.name):
        async with (
            connected(address, writes=writes, long=True) as connection,
            connection.begin() as transaction,
        ):
            await connection.execute(text("SELECT 1"))  # only now it has begun
            yield PostgresBulk(
                address.name, schema, connection, await driver_connection(connection)
            )
            if not writes:
                await transaction.rollback()


@contextlib.contextmanager
def _failures(name: str) -> Iterator[None]:
    """What says nothing of the server: a row that it does not take."""
    try:
        yield
    except (asyncpg.PostgresError, DBAPIError, ValueError, OverflowError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise CopyFailed(name, str(cause)) from error


class PostgresBulk:
    """A `Bulk`."""

    keeps_nul = False

    def __init__(self, name: str, schema: Schema, connection: AsyncConnection, driver: Any) -> None:
        assert schema.tables is not None
        self._name = name
        self._tables = schema.tables.sorted_tables
        self._connection = connection
        self._driver = driver

    async def counts(self) -> dict[str, int]:
        return await self._connection.run_sync(rows_of, self._tables)

    async def rows(self, table: Table) -> AsyncIterator[list[Row]]:
        cursor = await self._driver.cursor(select_all(table))
        while rows := await cursor.fetch(batch_of(table)):
            yield [tuple(row) for row in rows]

    async def last_id(self, table: Table) -> int:
        sequence = await self._sequence(table)
        if sequence is None:
            return 0
        last = f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}"  # noqa: S608
        return int(await self._driver.fetchval(last))

    async def begin_load(self) -> None:
        await self._connection.run_sync(self._loosen)

    def _loosen(self, connection: Connection) -> None:
        for table in self._tables:
            for constraint in table.foreign_key_constraints:
                connection.execute(DropConstraint(constraint))
            for index in table.indexes:
                connection.execute(DropIndex(index))

    async def add(self, table: Table, rows: list[Row]) -> None:
        names = [column.name for column in table.c]
        try:
            await self._driver.copy_records_to_table(table.name, records=rows, columns=names)
        except (ValueError, OverflowError) as error:  # its driver's own, before it is sent
            raise CopyFailed(self._name, f"{table.name}: {error}") from error

    async def set_last_id(self, table: Table, last: int) -> None:
        sequence = await self._sequence(table)
        if sequence is not None and last > 0:
            await self._driver.fetchval("SELECT setval($1::regclass, $2)", sequence, last)

    async def _sequence(self, table: Table) -> str | None:
        if "id" not in table.c:
            return None
        found: str | None = await self._driver.fetchval(_SEQUENCE, table.name, "id")
        return found

    async def end_load(self) -> None:
        await self._connection.run_sync(self._tighten)

    def _tighten(self, connection: Connection) -> None:
        for table in self._tables:
            for index in table.indexes:
                connection.execute(CreateIndex(index))
        for table in self._tables:
            for constraint in table.foreign_key_constraints:
                connection.execute(AddConstraint(constraint, isolate_from_table=False))
