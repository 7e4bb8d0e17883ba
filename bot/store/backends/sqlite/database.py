"""One SQLite file, as the store uses it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.backends.port import Access, NodeLink
from bot.store.backends.schema import Schema
from bot.store.backends.sqlite.engine import (
    READING,
    TRIAL,
    WRITING,
    find_damage,
    limit_wait,
    open_async_engine,
    translated_errors,
)
from bot.store.backends.sqlite.files import FileIdentity
from bot.store.backends.sqlite.lock import Lock
from bot.store.backends.sqlite.migrate import prepare

_READERS = 3
_NOT_SHARED = "a file is not for several nodes"


class SqliteDatabase:
    """The file `path`. `patience`, in seconds, is how long another program's lock is waited for.

    A transaction that reads keeps SQLite from shortening its log for as long as it lasts.
    """

    def __init__(self, path: Path, patience: float) -> None:
        self._path = path
        self._patience = patience
        self._lock = Lock(path)
        self._identity: FileIdentity | None = None
        self._engines: dict[str, AsyncEngine] = {}
        self._writer: AsyncConnection | None = None
        self._readers: asyncio.Queue[AsyncConnection] = asyncio.Queue()
        self._reading = 0

    async def open(self, schema: Schema, *, access: Access, backups: int) -> None:
        if access is Access.NODE:
            raise ValueError(_NOT_SHARED)
        if access is Access.ALONE:
            await asyncio.to_thread(self._lock.take)
        await asyncio.to_thread(prepare, self._path, schema, self._lock, backups, self._patience)
        if access is Access.ANY:
            self._lock.release()
        with self.translate_errors():
            self._writer = await self._engine_of(WRITING).connect()
            await self._try(self._writer)
            for _ in range(_READERS):
                self._readers.put_nowait(await self._engine_of(READING).connect())
                self._reading += 1

    @contextlib.asynccontextmanager
    async def connection(
        self, *, writes: bool, seconds: float | None
    ) -> AsyncIterator[AsyncConnection]:
        """They stay open: opening one starts a thread, and reads the file's tables anew. No server
        is waited for, however many seconds there are for one."""
        if writes:
            assert self._writer is not None
            yield self._writer
            return
        reader = await self._readers.get()
        try:
            yield reader
        finally:
            self._readers.put_nowait(reader)

    def _engine_of(self, begin: str) -> AsyncEngine:
        """One for all connections of a kind: what it has compiled once, it knows for all."""
        if begin not in self._engines:
            self._engines[begin] = open_async_engine(self._path, self._patience, begin)
        return self._engines[begin]

    async def _try(self, connection: AsyncConnection) -> None:
        """To be told now that it cannot be written, not at the first alert."""
        await connection.execute(TRIAL)
        await connection.rollback()
        self._identity = await asyncio.to_thread(FileIdentity, self._path)

    def limit_wait(self, connection: AsyncConnection, seconds: float | None) -> None:
        patience = self._patience
        limit_wait(connection, patience if seconds is None else min(seconds, patience))

    def translate_errors(self) -> AbstractContextManager[None]:
        return translated_errors(self._path)

    async def find_damage(self, connection: AsyncConnection) -> str | None:
        return await connection.run_sync(find_damage)

    def node_link(
        self, heard: Callable[[str], None], ended: Callable[[], None]
    ) -> AbstractAsyncContextManager[NodeLink]:
        raise ValueError(_NOT_SHARED)

    def needs_commit(self) -> bool:
        if self._identity is None:
            return False
        self._identity.check()
        if not self._identity.is_short():
            return False
        self._identity.check_room()
        return True

    async def close(self) -> None:
        if self._writer is not None:
            await self._writer.close()
            self._writer = None
        while self._reading:
            reader = await self._readers.get()
            self._reading -= 1
            await reader.close()
        self._lock.release()
