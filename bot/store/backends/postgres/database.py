"""One database of a PostgreSQL server, as the store uses it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager

from sqlalchemy import MetaData, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import DatabaseDamaged, DatabaseReadOnly
from bot.kit.tasks import Tasks, failure_of, first_to_end, spawn, to_its_end
from bot.store.backends.port import Access, NodeLink, PostgresAddress
from bot.store.backends.postgres.engine import (
    MIGRATION_LOCK,
    READERS,
    close_for_good,
    connected,
    driver_connection,
    limit_wait,
    open_engine,
    translated_errors,
)
from bot.store.backends.postgres.migrate import prepare
from bot.store.backends.postgres.node_link import node_link
from bot.store.backends.postgres.service_lock import ServiceLock
from bot.store.backends.schema import Schema

_OTHER_MIGRATES_SECONDS = 300.0
"""For so long a node waits for another that copies the database and migrates it."""


class PostgresDatabase:
    """A `Database`. Its connections are pooled, one that writes and some that read."""

    def __init__(self, address: PostgresAddress) -> None:
        self._address = address
        self._name = address.name
        self._lock = ServiceLock(address)
        self._migration_lock = ServiceLock(address, MIGRATION_LOCK)
        self._access = Access.ANY
        self._tables: MetaData | None = None
        self._late = Tasks()
        self._writing: AsyncEngine = open_engine(address, writes=True, most=1)
        self._reading: AsyncEngine = open_engine(address, writes=False, most=READERS)

    async def open(self, schema: Schema, *, access: Access, backups: int) -> None:
        self._access, self._tables = access, schema.tables
        if access is Access.NODE:
            self._lock.is_shared = True
        if access is not Access.ANY:
            await self._lock.take()
        is_node = access is Access.NODE
        migrating = self._migration_lock if is_node else self._lock
        seconds = _OTHER_MIGRATES_SECONDS if is_node else 0.0
        await prepare(self._address, schema, migrating, backups, self._writing, seconds=seconds)
        if access is not Access.ALONE:
            await migrating.release()

    @contextlib.asynccontextmanager
    async def connection(
        self, *, writes: bool, seconds: float | None
    ) -> AsyncIterator[AsyncConnection]:
        connection = (self._writing if writes else self._reading).connect()
        try:
            await self._start(connection, seconds)
            if writes and self._access is not Access.ANY:
                await to_its_end(self._lock.confirm(await driver_connection(connection)))
            yield connection
        except DatabaseReadOnly:  # after a failover another server takes writes, by the same name
            await to_its_end(close_for_good(connection))
            await to_its_end(self._lock.release())
            raise
        finally:
            if connection.sync_connection is not None:
                await to_its_end(connection.close())

    async def _start(self, connection: AsyncConnection, seconds: float | None) -> None:
        """What comes too late for who waits for it goes back to the pool: broken off on its way, it
        would be lost to that."""
        starting = spawn(_started(connection), "database-connection")
        try:
            with self.translate_errors():
                await first_to_end(starting, seconds=seconds)
                if not starting.done():
                    raise TimeoutError
                starting.result()
        finally:
            if not starting.done():
                self._late.start(_close_late(connection, starting), "late-database-connection")

    def limit_wait(self, connection: AsyncConnection, seconds: float | None) -> None:
        patience = self._address.patience
        limit_wait(connection, patience if seconds is None else min(seconds, patience))

    def translate_errors(self) -> AbstractContextManager[None]:
        return translated_errors(self._name)

    async def find_damage(self, connection: AsyncConnection) -> str | None:
        """Every row is read: where it keeps checksums, it finds what has changed under it. On a
        connection of its own, on which a large table may take its time."""
        async with connected(self._address, long=True) as own:
            for table in self._tables.sorted_tables if self._tables is not None else ():
                try:
                    with self.translate_errors():
                        await own.execute(_read_whole(table.name))
                except DatabaseDamaged as error:
                    return f"{table.name}: {error.detail}"
        return None

    def node_link(
        self, heard: Callable[[str], None], ended: Callable[[], None]
    ) -> AbstractAsyncContextManager[NodeLink]:
        return node_link(self._address, heard, ended)

    def needs_commit(self) -> bool:
        return False

    async def close(self) -> None:
        await self._late.ended()
        await self._writing.dispose()
        await self._reading.dispose()
        await self._lock.close()
        await self._migration_lock.close()


async def _started(connection: AsyncConnection) -> None:
    await connection.start()


async def _close_late(connection: AsyncConnection, starting: asyncio.Task[None]) -> None:
    await first_to_end(starting)
    if failure_of(starting) is None:
        await connection.close()


def _read_whole(table: str) -> TextClause:
    return text(f"SELECT count(md5({table}::text)) FROM {table}")  # noqa: S608 one of our tables
