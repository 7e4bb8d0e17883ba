"""Whole databases: what is in one, copies as files, and from one kind to the other."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Table

from bot.errors import CopyFailed, CopyRefused
from bot.model import CopyFault, DatabaseAge, DatabaseReport, ServerReport
from bot.store.backends import Bulk, PostgresAddress, Row, copies, inspect_database
from bot.store.store import Store, name_of
from bot.store.tables import SCHEMA


@dataclass(frozen=True, slots=True)
class MoveProgress:
    """How far a move is: in which table, and whether that is read again to compare it."""

    table: str
    done: int
    total: int
    verifies: bool = False


Tell = Callable[[MoveProgress], None]


async def report_database(address: Path | PostgresAddress) -> DatabaseReport:
    """What is in it. Changes nothing, and a service may be using it. Raises StoreError."""
    return await copies.report(address, SCHEMA)


async def report_server(address: PostgresAddress) -> ServerReport:
    """Of the server of a database, and what may be done there. Raises StoreError."""
    return await copies.report_server(address)


async def save_database(address: Path | PostgresAddress, file: Path) -> None:
    """A copy of all of it as it is now; a service may be using it. Raises StoreError."""
    await copies.save(address, SCHEMA, file)


async def restore_database(
    address: Path | PostgresAddress, file: Path, folder: Path
) -> Path | None:
    """Put that copy in its place, all or nothing. Returns where what was there before is kept, if
    anything was: beside a file, else in that folder. Raises StoreError, DatabaseInUse too."""
    async with copies.locked(address):
        return await copies.restore(address, SCHEMA, file, folder)


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved: the rows of each table; of how many texts NUL characters were taken out,
    which PostgreSQL does not keep."""

    rows: dict[str, int]
    cleaned: int


async def move_store(
    source: Path | PostgresAddress, target: Path | PostgresAddress, tell: Tell
) -> Moved:
    """All that is in `source` into `target`, which is empty or new, in one transaction: whole, and
    the same when it is read again, or not at all. Meanwhile no service can use either. Raises
    StoreError."""
    if _identity(source) == _identity(target):
        raise CopyRefused(name_of(target), CopyFault.SAME)
    await _require_source(source)
    await _require_target(target)
    async with (
        copies.locked(source),
        Store(target),
        copies.bulk(source, SCHEMA, writes=False) as old,
        copies.bulk(target, SCHEMA, writes=True) as new,
    ):
        return await _Move(old, new, name_of(target), tell).run()


def _identity(address: Path | PostgresAddress) -> str:
    """What two names of one file have in common."""
    return os.path.realpath(address) if isinstance(address, Path) else address.name


async def _require_source(source: Path | PostgresAddress) -> None:
    age = await _age(source)
    if age is not DatabaseAge.CURRENT:
        fault = CopyFault.NO_DATABASE if age is DatabaseAge.NONE else CopyFault.OLDER
        raise CopyRefused(name_of(source), fault)


async def _require_target(target: Path | PostgresAddress) -> None:
    """An older one is updated when it is opened, and is looked at before that."""
    if await _age(target) is not DatabaseAge.OLDER:
        return
    if any((await report_database(target)).rows.values()):
        raise CopyRefused(name_of(target), CopyFault.NOT_EMPTY)


async def _age(address: Path | PostgresAddress) -> DatabaseAge:
    return await asyncio.to_thread(inspect_database, address, SCHEMA, 5.0)


class _Move:
    """One move."""

    def __init__(self, old: Bulk, new: Bulk, name: str, tell: Tell) -> None:
        assert SCHEMA.tables is not None
        self._tables = SCHEMA.tables.sorted_tables
        self._old = old
        self._new = new
        self._name = name
        self._tell = tell
        self._cleaned = 0

    async def run(self) -> Moved:
        if any((await self._new.counts()).values()):
            raise CopyRefused(self._name, CopyFault.NOT_EMPTY)
        counts = await self._old.counts()
        await self._new.begin_load()
        sums = {}
        for table in self._tables:
            sums[table.name] = await self._copy(table, counts[table.name])
            await self._new.set_last_id(table, await self._old.last_id(table))
        await self._new.end_load()
        for table in self._tables:
            await self._compare(table, sums[table.name], counts[table.name])
        return Moved(counts, self._cleaned)

    async def _copy(self, table: Table, total: int) -> _Sum:
        done = _Sum()
        async for rows in self._old.rows(table):
            await self._new.add(table, self._clean(rows, done))
            self._tell(MoveProgress(table.name, done.rows, total))
        return done

    def _clean(self, rows: list[Row], done: _Sum) -> list[Row]:
        """As the new database keeps them."""
        words = repr(rows)
        if not self._new.keeps_nul and r"\x00" in words:
            rows = [tuple(map(self._without_nul, row)) for row in rows]
            words = repr(rows)
        done.add(len(rows), words)
        return rows

    def _without_nul(self, value: object) -> object:
        if not isinstance(value, str) or "\0" not in value:
            return value
        self._cleaned += 1
        return value.replace("\0", "")

    async def _compare(self, table: Table, wanted: _Sum, total: int) -> None:
        found = _Sum()
        async for rows in self._new.rows(table):
            found.add(len(rows), repr(rows))
            self._tell(MoveProgress(table.name, found.rows, total, verifies=True))
        if (found.rows, found.digest) != (total, wanted.digest):
            raise CopyFailed(self._name, f"{table.name} is not the same there")


class _Sum:
    """Of all rows of a table, in their order: how many, and a digest of their values."""

    def __init__(self) -> None:
        self.rows = 0
        self._hash = hashlib.blake2b(digest_size=16)

    def add(self, count: int, words: str) -> None:
        """`words`: so many rows, as Python writes a list of them."""
        self.rows += count
        self._hash.update(words[1:-1].encode(errors="surrogatepass") + b", ")

    @property
    def digest(self) -> bytes:
        return self._hash.digest()
