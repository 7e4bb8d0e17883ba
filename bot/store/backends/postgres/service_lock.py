"""One service for one database, or the nodes of one cluster: a lock that lasts as long as the
connection that took it."""

from __future__ import annotations

import asyncio

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import DatabaseBusy, DatabaseInUse
from bot.store.backends.port import LOCKED, PostgresAddress
from bot.store.backends.postgres.engine import (
    SERVICE_LOCK,
    TAKES_WRITES,
    close_for_good,
    driver_connection,
    open_engine,
    translated_errors,
)

_ASKED_FOR = 2.0
_PAUSE_SECONDS = 0.5
"""Each try opens a connection."""

_WAIT = "SELECT set_config('lock_timeout', :wait, false), "
_ASK = f"SELECT {TAKES_WRITES}"
_TAKE = text(f"{_WAIT} pg_advisory_lock(:lock)")
_SHARE = text(f"{_WAIT} pg_advisory_lock_shared(:lock)")


class ServiceLock:
    """Held on a connection of its own. PostgreSQL lets go of it where that connection ends, by a
    restart too: then it is taken anew before anything is written, or another service has it. Where
    `is_shared`, others may share it, and nobody has it alone."""

    def __init__(self, address: PostgresAddress, lock: int = SERVICE_LOCK) -> None:
        self._lock = lock
        self._name = address.name
        self._wait = str(max(1, round(address.patience * 1000)))
        self._engine: AsyncEngine = open_engine(address, writes=False, most=1)
        self._held: AsyncConnection | None = None
        self._writer: object = None
        self.is_shared = False

    async def confirm(self, writer: object) -> None:
        """Before a write on that connection. Where it is a new one, what ended the last may have
        ended ours, which need not have noticed, or left it at a server that only reads by now: so
        it is asked. Raises as `take` does."""
        if writer is not self._writer and not await self._answers():
            await self.release()
        await self.take()
        self._writer = writer

    async def _answers(self) -> bool:
        if self._held is None:
            return False
        held = await driver_connection(self._held)
        try:
            takes_writes: bool = await held.fetchval(_ASK, timeout=_ASKED_FOR)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        return takes_writes

    async def take(self) -> None:
        """Raises DatabaseInUse where another has it, and keeps it: a service that was killed a
        moment ago is waited for. Does nothing where it is ours."""
        if self._held is not None and not (await driver_connection(self._held)).is_closed():
            return
        await self.release()
        connection = self._engine.connect()
        try:
            with translated_errors(self._name):
                await connection.start()
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                take = _SHARE if self.is_shared else _TAKE
                await connection.execute(take, {"lock": self._lock, "wait": self._wait})
        except BaseException as error:
            await close_for_good(connection)
            if isinstance(error, DatabaseBusy) and error.detail == LOCKED:
                raise DatabaseInUse(self._name) from None
            raise  # a server that is full is no other Mintcast
        self._held = connection

    async def take_in_turn(self, seconds: float) -> None:
        """The same where whoever has it lets go of it soon: that is waited for, but no longer."""
        ends = asyncio.get_running_loop().time() + seconds
        while True:
            try:
                return await self.take()
            except DatabaseInUse:
                if asyncio.get_running_loop().time() >= ends:
                    raise
            await asyncio.sleep(_PAUSE_SECONDS)

    async def release(self) -> None:
        """Let go, if it is held."""
        held, self._held = self._held, None
        if held is not None:
            await close_for_good(held)

    async def close(self) -> None:
        await self.release()
        await self._engine.dispose()
