"""A database as a file of its own: made while a service runs, put back while none does."""

from __future__ import annotations

import asyncio
import contextlib
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bot.errors import CopyFailed, CopyRefused
from bot.model import CopyFault, DatabaseReport, ServerReport
from bot.store.backends.port import PostgresAddress
from bot.store.backends.postgres.dump import back_up, dump
from bot.store.backends.postgres.engine import connected
from bot.store.backends.postgres.tools import run, version_of
from bot.store.backends.schema import Schema, current_revision, other_tables

_HOW = ("--exit-on-error", "--clean", "--if-exists", "--no-owner", "--no-privileges")
_TABLE = re.compile(r"^\d+; \d+ \d+ TABLE \S+ (\S+) ", re.MULTILINE)
_REVISION = re.compile(r"^COPY .*alembic_version .*;\n(\w+)$", re.MULTILINE)
_ABOUT = text(
    "SELECT split_part(current_setting('server_version'), ' ', 1),"
    " pg_database_size(current_database())"
)

_RIGHTS = text(
    "SELECT split_part(current_setting('server_version'), ' ', 1),"
    " current_setting('server_version_num')::int / 10000, current_setting('server_encoding'),"
    " current_user::text, current_schema()::text,"
    " coalesce(has_schema_privilege(current_schema(), 'CREATE'), false), pg_is_in_recovery()"
)


async def report(address: PostgresAddress, schema: Schema) -> DatabaseReport:
    """What is in it. Changes nothing. Raises StoreError."""
    async with connected(address) as connection:
        version, size = (await connection.execute(_ABOUT)).one()
        await connection.rollback()
        revision = await connection.run_sync(current_revision)
        rows = await connection.run_sync(schema.count_rows)
    return DatabaseReport(address.name, f"PostgreSQL {version}", size, revision, rows)


async def report_server(address: PostgresAddress) -> ServerReport:
    """Of its server, and of our own programs. Changes nothing. Raises StoreError."""
    async with connected(address) as connection:
        told: list[Any] = list((await connection.execute(_RIGHTS)).one())
    told.append(await asyncio.to_thread(version_of, "pg_dump"))
    return ServerReport(*told)


async def save(address: PostgresAddress, schema: Schema, file: Path) -> None:
    """All of it as it is now, if it is ours. Raises StoreError."""
    if await _revision(address) is None:
        raise CopyRefused(address.name, CopyFault.NO_DATABASE)
    await asyncio.to_thread(dump, address, file)


async def restore(
    address: PostgresAddress, schema: Schema, file: Path, folder: Path
) -> Path | None:
    """Put that copy in its place, all or nothing, and return the copy of what was there before,
    in that folder, if anything was. Its lock is ours. Raises StoreError."""
    listed = await asyncio.to_thread(_tables_of, address, file)
    revision = await asyncio.to_thread(_revision_of, address, file)
    if revision is None or "alembic_version" not in listed:
        raise CopyRefused(str(file), CopyFault.NOT_A_BACKUP)
    if revision not in schema.revisions():
        raise CopyRefused(str(file), CopyFault.NEWER)
    at = await _revision(address)
    async with connected(address) as connection:
        added = set(await connection.run_sync(other_tables)) - listed
    ours = schema.names() if at is not None else set()  # what was never ours has only others'
    if others := added - ours:
        raise CopyRefused(address.name, CopyFault.OTHER_TABLES, ", ".join(sorted(others)[:5]))
    kept = None
    if at is not None:
        await _require_unlocked(address)
        kept = await asyncio.to_thread(back_up, address, at, folder)
    if added:
        await asyncio.to_thread(_restore_without, address, sorted(added), file, folder)
    else:
        await asyncio.to_thread(_restore, address, file)
    return kept


async def _require_unlocked(address: PostgresAddress) -> None:
    """Raises DatabaseBusy where somebody has a table open, such as a `psql` in a transaction:
    `pg_restore` would wait for that without end."""
    async with connected(address, writes=True) as connection:
        for table in await connection.run_sync(other_tables):
            await connection.execute(text(f'LOCK TABLE "{table}"'))
        await connection.rollback()


def _restore(address: PostgresAddress, file: Path) -> None:
    run(address, "pg_restore", "--single-transaction", *_HOW, str(file), to_its_end=True)


def _restore_without(address: PostgresAddress, added: list[str], file: Path, folder: Path) -> None:
    """The same, and in that transaction those tables go which an update has added since: the next
    start would find them there. Only `psql` does both in one, by a script that is whole before."""
    drop = f"DROP TABLE {', '.join(added)}"
    with _script_in(folder) as script:
        run(address, "pg_restore", *_HOW, f"--file={script}", str(file), connects=False)
        run(
            address, "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1",
            "--single-transaction", f"--command={drop}", f"--file={script}", to_its_end=True,
        )  # fmt: skip


@contextlib.contextmanager
def _script_in(folder: Path) -> Iterator[Path]:
    """A file for a while, beside the copies: a dump is many times as large as a script, and /tmp
    may be small."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="restoring-", dir=folder) as made:
            yield Path(made) / "restore.sql"
    except OSError as error:
        raise CopyFailed(str(folder), error.strerror or str(error)) from error


def _tables_of(address: PostgresAddress, file: Path) -> set[str]:
    """Raises CopyRefused where it is no copy of anything."""
    try:
        listed = run(address, "pg_restore", "--list", str(file), connects=False)
    except CopyFailed as error:
        raise CopyRefused(str(file), CopyFault.NOT_A_BACKUP, error.detail) from None
    return set(_TABLE.findall(listed))


def _revision_of(address: PostgresAddress, file: Path) -> str | None:
    """Which script was run last when it was made."""
    arguments = ("--data-only", "--table=alembic_version", "--file=-", str(file))
    try:
        found = _REVISION.search(run(address, "pg_restore", *arguments, connects=False))
    except CopyFailed as error:
        raise CopyRefused(str(file), CopyFault.NOT_A_BACKUP, error.detail) from None
    return found[1] if found else None


async def _revision(address: PostgresAddress) -> str | None:
    async with connected(address) as connection:
        return await connection.run_sync(current_revision)
