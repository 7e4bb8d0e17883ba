"""Bringing the database to the tables of this program, after a copy, before anybody uses it."""

from __future__ import annotations

import asyncio

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import DatabaseDamaged, DatabaseNewer, StoreError
from bot.model import DatabaseAge
from bot.store.backends.port import PostgresAddress
from bot.store.backends.postgres.dump import back_up, keep_newest, newest_backup
from bot.store.backends.postgres.engine import connected, open_engine, translated_errors
from bot.store.backends.postgres.service_lock import ServiceLock
from bot.store.backends.schema import Schema, current_revision, other_tables

_OLDEST_SERVER = 130000
_ABOUT_SERVER = text(
    "SELECT current_setting('server_version_num')::int, current_setting('server_encoding')"
)


async def prepare(
    address: PostgresAddress, schema: Schema, lock: ServiceLock, backups: int, engine: AsyncEngine
) -> None:
    """Look whether the database is ours, back it up and migrate it, where there is something to
    migrate. Raises StoreError. Of two that start at once, one migrates, and the other is refused.
    """
    known = schema.revisions()
    if await _revision(address, known, engine) == known[-1]:
        return
    await lock.take()
    at = await _revision(address, known, engine)  # another may have been quicker
    if at is not None and at != known[-1] and address.backups is not None:
        await asyncio.to_thread(back_up, address, at, address.backups)
        keep_newest(address, backups)
    async with connected(address, writes=True, long=True) as connection:
        await connection.run_sync(schema.migrate)


async def inspect(address: PostgresAddress, schema: Schema) -> DatabaseAge:
    """How the database stands to this program. Changes nothing, and a service may be using it.
    Raises StoreError as `prepare` does."""
    known = schema.revisions()
    engine = open_engine(address, writes=False, most=1)
    try:
        at = await _revision(address, known, engine)
    finally:
        await engine.dispose()
    if at is None:
        return DatabaseAge.NONE
    return DatabaseAge.CURRENT if at == known[-1] else DatabaseAge.OLDER


async def _revision(address: PostgresAddress, known: list[str], engine: AsyncEngine) -> str | None:
    """Which script was run last; None where none was. Raises StoreError for what is not ours."""
    with translated_errors(address.name):
        async with engine.connect() as connection:
            version, encoding = (await connection.execute(_ABOUT_SERVER)).one()
            await connection.rollback()
            at, others = await connection.run_sync(_contents)
    if version < _OLDEST_SERVER:
        raise StoreError(address.name, f"PostgreSQL {version // 10000} is too old: 13 or newer")
    if encoding != "UTF8":
        raise StoreError(address.name, f"its encoding is {encoding}, and has to be UTF8")
    if at is not None and at not in known:
        raise DatabaseNewer(address.name, newest_backup(address, known))
    if at is None and others:
        raise DatabaseDamaged(address.name, f"another program's: {', '.join(others[:5])}")
    return at


def _contents(connection: Connection) -> tuple[str | None, list[str]]:
    at = current_revision(connection)
    return at, other_tables(connection) if at is None else []
