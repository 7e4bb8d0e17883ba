"""Copies of whole databases: as files, and what is to be put back. A front of the backends, as
`bot.store.backends` is."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from bot.errors import CopyFailed, CopyRefused
from bot.kit.files import look_for
from bot.kit.tasks import to_its_end
from bot.model import CopyFault, DatabaseReport, ServerReport
from bot.store.backends.port import Bulk, PostgresAddress, driver_needed
from bot.store.backends.schema import Schema
from bot.store.backends.sqlite import copies as of_sqlite
from bot.store.backends.sqlite.bulk import sqlite_bulk
from bot.store.backends.sqlite.lock import Lock

_PATIENCE = 5.0
_BEGINNINGS = {b"SQLite format 3\0": False, b"PGDMP": True}
"""Of files: whether that is PostgreSQL's."""


@contextlib.asynccontextmanager
async def locked(address: Path | PostgresAddress) -> AsyncIterator[None]:
    """Meanwhile no service can begin to use it. Raises DatabaseInUse where one does."""
    if isinstance(address, Path):
        lock = Lock(address)
        lock.take()
        try:
            yield
        finally:
            lock.release()
        return
    with driver_needed(address):
        from bot.store.backends.postgres.service_lock import ServiceLock
    of_server = ServiceLock(address)
    try:
        await of_server.take()
        yield
    finally:
        await of_server.close()


async def report(address: Path | PostgresAddress, schema: Schema) -> DatabaseReport:
    """What is in it. Changes nothing. Raises StoreError."""
    if isinstance(address, Path):
        return await asyncio.to_thread(of_sqlite.report, address, schema, _PATIENCE)
    with driver_needed(address):
        from bot.store.backends.postgres import copies as of_postgres
    return await of_postgres.report(address, schema)


async def report_server(address: PostgresAddress) -> ServerReport:
    """Of its server, and what may be done there. Changes nothing. Raises StoreError."""
    with driver_needed(address):
        from bot.store.backends.postgres import copies as of_postgres
    return await of_postgres.report_server(address)


async def save(address: Path | PostgresAddress, schema: Schema, file: Path) -> None:
    """A copy of all of it as it is now. Raises StoreError: CopyRefused where it is there."""
    try:
        if await asyncio.to_thread(look_for, file):
            raise CopyRefused(str(file), CopyFault.EXISTS)
    except OSError as error:
        raise CopyFailed(str(file), error.strerror or "") from error
    if isinstance(address, Path):
        return await asyncio.to_thread(of_sqlite.save, address, schema, file, _PATIENCE)
    with driver_needed(address):
        from bot.store.backends.postgres import copies as of_postgres
    return await of_postgres.save(address, schema, file)


async def restore(
    address: Path | PostgresAddress, schema: Schema, file: Path, folder: Path
) -> Path | None:
    """Put that copy in its place, all or nothing, and return the copy of what was there before, if
    anything was: beside a file, else in that folder. Its lock is ours. Whoever is cancelled waits
    for its end: threads and programs go on with it. Raises StoreError."""
    is_server = isinstance(address, PostgresAddress)
    if _is_of_server(file) is not is_server:
        raise CopyRefused(str(file), CopyFault.OTHER_KIND)
    if isinstance(address, Path):
        of_file = asyncio.to_thread(of_sqlite.restore, address, schema, file, _PATIENCE)
        return await to_its_end(of_file)
    with driver_needed(address):
        from bot.store.backends.postgres import copies as of_postgres
    return await to_its_end(of_postgres.restore(address, schema, file, folder))


@contextlib.asynccontextmanager
async def bulk(
    address: Path | PostgresAddress, schema: Schema, *, writes: bool
) -> AsyncIterator[Bulk]:
    """All of it in one transaction, which is saved where it `writes` and nothing is raised. What
    is refused is a StoreError."""
    if isinstance(address, Path):
        async with sqlite_bulk(address, schema, _PATIENCE, writes=writes) as of_file:
            yield of_file
        return
    with driver_needed(address):
        from bot.store.backends.postgres.bulk import postgres_bulk
    async with postgres_bulk(address, schema, writes=writes) as of_server:
        yield of_server


def _is_of_server(file: Path) -> bool:
    """Whether it is PostgreSQL's, by how it begins. Raises CopyRefused."""
    try:
        with file.open("rb") as stream:
            begins = stream.read(16)
    except PermissionError as error:
        raise CopyRefused(str(file), CopyFault.OF_SOMEBODY_ELSE) from error
    except OSError as error:
        raise CopyRefused(str(file), CopyFault.MISSING, error.strerror or "") from error
    for beginning, is_of_server in _BEGINNINGS.items():
        if begins.startswith(beginning):
            return is_of_server
    raise CopyRefused(str(file), CopyFault.NOT_A_BACKUP)
