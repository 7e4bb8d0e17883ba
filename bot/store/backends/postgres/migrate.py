"""Bringing the database to the tables of this program, after a copy, before anybody uses it."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import DatabaseDamaged, DatabaseNewer, StoreError
from bot.model import DatabaseAge
from bot.store.backends.backups import Backups
from bot.store.backends.port import PostgresAddress
from bot.store.backends.postgres.dump import back_up
from bot.store.backends.postgres.engine import connected, translated_errors
from bot.store.backends.postgres.service_lock import ServiceLock
from bot.store.backends.schema import Schema, current_revision, other_tables

_OLDEST_SERVER = 130000
_ABOUT_SERVER = text(
    "SELECT current_setting('server_version_num')::int, current_setting('server_encoding')"
)


async def prepare(
    address: PostgresAddress,
    schema: Schema,
    lock: ServiceLock,
    backups: int,
    engine: AsyncEngine,
    *,
    seconds: float = 0.0,
) -> None:
    """Look whether the database is ours, back it up and migrate it, where there is something to
    migrate. Raises StoreError. Of two that start at once, one migrates, and the other is refused,
    unless that one is done within so many `seconds`.
    """
    known = schema.revisions()
    if await _revision(address, known, engine.connect()) == known[-1]:
        return
    await lock.take_in_turn(seconds)
    at = await _revision(address, known, engine.connect())  # another may have been quicker
    if at is not None and at != known[-1] and address.backups is not None:
        made = await asyncio.to_thread(back_up, address, at, address.backups)
        Backups.of_server(address, address.backups).keep(backups, made)
    async with connected(address, writes=True, long=True) as connection:
        await connection.run_sync(schema.migrate)


async def inspect(address: PostgresAddress, schema: Schema) -> DatabaseAge:
    """How the database stands to this program. Changes nothing, and a service may be using it.
    Raises StoreError as `prepare` does."""
    known = schema.revisions()
    at = await _revision(address, known, connected(address))
    if at is None:
        return DatabaseAge.NONE
    return DatabaseAge.CURRENT if at == known[-1] else DatabaseAge.OLDER


async def _revision(
    address: PostgresAddress,
    known: list[str],
    connected_there: AbstractAsyncContextManager[AsyncConnection],
) -> str | None:
    """Which script was run last; None where none was. Raises StoreError for what is not ours."""
    with translated_errors(address.name):
        async with connected_there as connection:
            version, encoding = (await connection.execute(_ABOUT_SERVER)).one()
            await connection.rollback()
            at, others = await connection.run_sync(_contents)
    if version < _OLDEST_SERVER:
        raise StoreError(address.name, f"PostgreSQL {version // 10000} is too old: 13 or newer")
    if encoding != "UTF8":
        raise StoreError(address.name, f"its encoding is {encoding}, and has to be UTF8")
    if at is not None and at not in known:
        folder = address.backups
        newest = Backups.of_server(address, folder).newest(known) if folder is not None else None
        raise DatabaseNewer(address.name, newest)
    if at is None and others:
        raise DatabaseDamaged(address.name, f"another program's: {', '.join(others[:5])}")
    return at


def _contents(connection: Connection) -> tuple[str | None, list[str]]:
    at = current_revision(connection)
    return at, other_tables(connection) if at is None else []
