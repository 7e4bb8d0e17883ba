"""The database, opened by one service.

One connection writes, and one task at a time has it from the beginning of a transaction to its
commit. Some others only read.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseFull,
    DatabaseReadOnly,
    LeaseLost,
    StoreError,
)
from bot.kit.leadership import current_lease
from bot.kit.tasks import to_its_end
from bot.model import DatabaseAge
from bot.store import backends
from bot.store.backends import LOCKED, Access, NodeLink, PostgresAddress, database_at
from bot.store.rows import Unit
from bot.store.rows.base import Connection
from bot.store.tables import SCHEMA
from bot.store.write_waits import current_timeout, write_timeout

_PROBE_SECONDS = 2.0
_CROWDED = "many writes wait for it"
_LEAST_SECONDS = 0.05
_NOTHING_SAVED = (DatabaseBusy, DatabaseFull, DatabaseReadOnly)
"""What of the errors at a commit says for sure that nothing was committed."""


def name_of(address: Path | PostgresAddress) -> str:
    """For logs and sentences."""
    return str(address) if isinstance(address, Path) else address.name


def inspect_database(address: Path | PostgresAddress, patience: float = 5.0) -> DatabaseAge:
    """How the database there stands to this program. Changes nothing, and a service may be
    using it. Raises StoreError as opening it does. Blocks."""
    return backends.inspect_database(address, SCHEMA, patience)


class Store:
    """`async with Store(path) as store:` migrates the database, after a backup, and opens it.

    Raises DatabaseInUse where a service has it that `access` does not allow beside this one, and
    DatabaseNewer, DatabaseDamaged, DatabaseReadOnly, DatabaseFull or DatabaseBusy, then and later.
    `backups` is how many copies from before migrations are kept. `patience`, in seconds, is how
    long another program's lock is waited for.
    """

    def __init__(
        self,
        address: Path | PostgresAddress,
        *,
        access: Access = Access.ALONE,
        backups: int = 3,
        patience: float = 5.0,
    ) -> None:
        if isinstance(address, Path):
            address = address.absolute()
        self.address = address
        self.name = name_of(address)
        self._access = access
        self._backups = backups
        self._database = database_at(address, patience)
        self._is_open = False
        self._writing = asyncio.Lock()
        self._who_writes: asyncio.Task[object] | None = None
        self._has_failed = False
        self._is_locked = False

    async def __aenter__(self) -> Self:
        try:
            await to_its_end(self._open())
        except BaseException:
            await to_its_end(self._close())
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Wait for those who write and read now, then close."""
        await to_its_end(self._close())

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[Unit]:
        """One transaction, one at a time.

        Any exception rolls it back, a cancellation too; whoever is cancelled at the commit itself
        finds it done. Not to be opened inside another of the same task. Raises StoreError:
        DatabaseBusy where it is not our turn within the time that `write_timeout` leaves; LeaseLost
        where a lease is needed (`bot.kit.leadership.under`) that is another's by now.
        """
        if self._who_writes is asyncio.current_task():
            raise RuntimeError("write() inside write(): the inner one would wait for the outer")
        async with self._turn() as writer:
            self._who_writes = asyncio.current_task()
            try:
                async with self._transaction(writer, writes=True) as unit:
                    await _require_lease(unit)
                    yield unit
                self._has_failed = False
                if (limit := current_timeout()) is not None:
                    limit.has_saved = True
            except StoreError:
                self._has_failed = True
                raise
            finally:
                self._who_writes = None

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[Unit]:
        """A snapshot: what is committed meanwhile is not seen. A write through it fails.

        Keep it short: while it lasts, the database keeps what others replace. Raises StoreError,
        also where a server gives no connection within the time that `write_timeout` leaves.
        """
        limit = current_timeout()
        async with (
            self._connection(writes=False, seconds=limit.seconds if limit else None) as reader,
            self._transaction(reader, writes=False) as unit,
        ):
            yield unit

    async def probe(self) -> None:
        """Whether it can be written now: within seconds, and without leaving a trace unless there
        is a doubt that only a commit can settle. Raises StoreError."""
        needs_commit = await asyncio.to_thread(self._database.needs_commit)
        self._has_failed |= needs_commit  # with what has failed meanwhile
        with write_timeout(_PROBE_SECONDS), contextlib.suppress(_TakenBackError):
            async with self.write() as unit:
                await unit.key_values.put("probe", "1")
                if not self._has_failed:
                    raise _TakenBackError

    def node_link(
        self, heard: Callable[[str], None], ended: Callable[[], None]
    ) -> AbstractAsyncContextManager[NodeLink]:
        """What the nodes that share the database tell one another, each time to all that are
        linked then: `heard` is called with it. It may be lost. `ended`: the link has broken.
        Raises StoreError; ValueError where the database is a file."""
        return self._database.node_link(heard, ended)

    async def check(self) -> None:
        """Look through all of it. Raises StoreError: DatabaseDamaged where something is wrong
        with it."""
        async with self._connection(writes=False, seconds=None) as reader:
            try:
                with self._database.translate_errors():
                    damage = await to_its_end(self._database.find_damage(reader))
            finally:
                await to_its_end(reader.rollback())
        if damage is not None:
            raise DatabaseDamaged(self.name, damage)

    @contextlib.asynccontextmanager
    async def _turn(self) -> AsyncIterator[AsyncConnection]:
        """The connection that writes, once it is our turn; it knows how long to wait for others."""
        limit, clock = current_timeout(), asyncio.get_running_loop().time
        until = clock() + limit.seconds if limit else None
        try:
            async with asyncio.timeout_at(until):
                await self._writing.acquire()
        except TimeoutError:
            raise DatabaseBusy(self.name, LOCKED if self._is_locked else _CROWDED) from None

        def left() -> float | None:
            return max(_LEAST_SECONDS, until - clock()) if until is not None else None

        try:
            async with self._connection(writes=True, seconds=left()) as writer:
                self._database.limit_wait(writer, left())
                yield writer
        finally:
            self._writing.release()

    def _connection(
        self, *, writes: bool, seconds: float | None
    ) -> AbstractAsyncContextManager[AsyncConnection]:
        if not self._is_open:
            raise RuntimeError("the store is not open")
        return self._database.connection(writes=writes, seconds=seconds)

    @contextlib.asynccontextmanager
    async def _transaction(self, raw: AsyncConnection, *, writes: bool) -> AsyncIterator[Unit]:
        connection = Connection(raw, self._database, writes=writes)
        try:
            if writes:
                self._is_locked = True  # as far as whoever waits behind us knows
            with self._database.translate_errors():
                await to_its_end(_begin(raw))
            if writes:
                self._is_locked = False
            yield Unit(connection)
            await self._commit(raw)
        except BaseException:
            await self._roll_back(raw)
            raise
        finally:
            connection.end()

    async def _roll_back(self, raw: AsyncConnection) -> None:
        """Where it fails the connection is lost, and with it the transaction."""
        with contextlib.suppress(StoreError), self._database.translate_errors():
            await to_its_end(raw.rollback())

    async def _commit(self, raw: AsyncConnection) -> None:
        try:
            with self._database.translate_errors():
                await to_its_end(raw.commit())
        except StoreError as error:
            error.in_doubt = not isinstance(error, _NOTHING_SAVED)
            raise

    async def _open(self) -> None:
        await self._database.open(SCHEMA, access=self._access, backups=self._backups)
        self._is_open = True

    async def _close(self) -> None:
        async with self._writing:
            self._is_open = False
            await self._database.close()


async def _require_lease(unit: Unit) -> None:
    """Nobody can win it before this transaction ends."""
    held = current_lease()
    if held is not None and not await unit.leases.is_held(held.lease):
        held.give_up()
        raise LeaseLost(held.lease.name)


async def _begin(raw: AsyncConnection) -> None:
    await raw.begin()


class _TakenBackError(Exception):
    """The probe has seen enough: its transaction is rolled back."""
