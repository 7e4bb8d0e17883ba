"""One SQLite file, as the store uses it."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

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

    async def open(self, schema: Schema, *, exclusive: bool, backups: int) -> None:
        if exclusive:
            await asyncio.to_thread(self._lock.take)
        await asyncio.to_thread(prepare, self._path, schema, self._lock, backups, self._patience)
        if not exclusive:
            self._lock.release()

    async def connect(self, *, writes: bool) -> AsyncConnection:
        engine = self._engine_of(WRITING if writes else READING)
        with self.translate_errors():
            connection = await engine.connect()
            if writes:
                await self._try(connection)
        return connection

    def _engine_of(self, begin: str) -> AsyncEngine:
        """One for all connections of a kind: what it has compiled once, it knows for all."""
        if begin not in self._engines:
            self._engines[begin] = open_async_engine(self._path, self._patience, begin)
        return self._engines[begin]

    async def _try(self, connection: AsyncConnection) -> None:
        """To be told now that it cannot be written, not at the first alert."""
        try:
            await connection.execute(TRIAL)
            await connection.rollback()
        except BaseException:
            await connection.close()
            raise
        self._identity = await asyncio.to_thread(FileIdentity, self._path)

    def limit_wait(self, connection: AsyncConnection, seconds: float | None) -> None:
        patience = self._patience
        limit_wait(connection, patience if seconds is None else min(seconds, patience))

    def translate_errors(self) -> AbstractContextManager[None]:
        return translated_errors(self._path)

    async def find_damage(self, connection: AsyncConnection) -> str | None:
        return await connection.run_sync(find_damage)

    def needs_commit(self) -> bool:
        if self._identity is None:
            return False
        self._identity.check()
        return self._identity.is_short()

    def close(self) -> None:
        self._lock.release()
