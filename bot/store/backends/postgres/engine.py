"""How PostgreSQL is reached, and what its errors mean."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseFull,
    DatabaseReadOnly,
    DatabaseUnreachable,
    StoreError,
)
from bot.store.backends.port import LOCKED, PostgresAddress
from bot.store.backends.postgres.dialect import DRIVER

READERS = 3
_CONNECT_SECONDS = 5.0
_STATEMENT_SECONDS = 10.0
_READS_SECONDS = 60
"""For so long a connection that reads is used: after a failover it may lead to a server that was
the primary before, and that nothing new arrives at."""

WRITER_LOCK = int.from_bytes(b"mintcast")
"""Whoever writes holds it to the end of the transaction: of all that use the database one at a
time writes, which is what every rule about two rows rests on."""
SERVICE_LOCK = WRITER_LOCK + 1
"""The service holds it for as long as it runs; the nodes of a cluster share it."""
MIGRATION_LOCK = WRITER_LOCK + 2
"""Of nodes that start at once, the one migrates that holds it."""

TAKES_WRITES = "current_setting('transaction_read_only') = 'off'"
"""Whether a session does, asked outside of a transaction: one with a standby does not, though it
answers, and takes advisory locks (PostgreSQL's manual, "Hot Standby"; tried on 15, 2026-12)."""

_SESSION = {  # docs/running.md names these to who uses PgBouncer, which takes no others
    "application_name": "mintcast",
    # A process that was stopped inside a transaction holds up the others no longer than that.
    "idle_in_transaction_session_timeout": "5000",
    # A machine that was cut off is found dead after ten seconds, and lets go of its locks.
    "tcp_keepalives_idle": "4",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
}

_NO_LIMITS = "SET idle_in_transaction_session_timeout = 0; SET statement_timeout = 0"
"""Not said at the connection's start, for PgBouncer's sake."""

_PATIENCE = "patience"
"""Of a connection: for how many seconds its next transactions wait for another program."""

_NAMELESS = "getpwuid()"
"""What Python up to 3.12 says where our own user, in a container for one, is only a number: its
name is taken where an address has none. Later ones raise an OSError."""

_CLASSES: dict[str, type[StoreError]] = {
    "08": DatabaseUnreachable,  # connection exception
    "25": DatabaseReadOnly,  # among others 25006, read_only_sql_transaction
    "28": DatabaseUnreachable,  # invalid authorization: a password was changed
    "3D": DatabaseUnreachable,  # no such database
    "40": DatabaseBusy,  # rolled back: a deadlock
    "53": DatabaseBusy,  # too little memory, too many connections
    "55": DatabaseBusy,  # lock_not_available
    "57": DatabaseUnreachable,  # it shuts down, or starts
    "58": DatabaseDamaged,  # its files cannot be read
    "XX": DatabaseDamaged,
}
_CODES: dict[str, type[StoreError]] = {
    "25P03": DatabaseUnreachable,  # we were too slow, and it has ended the connection
    "42501": DatabaseReadOnly,  # insufficient privilege
    "53100": DatabaseFull,
    "57014": DatabaseBusy,  # a statement that took too long was ended
}


@contextlib.contextmanager
def translated_errors(name: str) -> Iterator[None]:
    """Turns what PostgreSQL says of itself, or the way there, into a StoreError. What is our own
    fault stays as it is: a broken constraint, a wrong statement."""
    try:
        yield
    except (DBAPIError, asyncpg.PostgresError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        code = getattr(cause, "sqlstate", None) or ""
        kind = _kind(code, error, cause)
        if kind is None:
            raise
        detail = LOCKED if code == "55P03" else f"{cause} ({code})".replace(" ()", "")
        raise kind(name, detail) from error
    except (TimeoutError, PoolTimeoutError) as error:
        raise DatabaseUnreachable(name, "it does not answer in time") from error
    except (OSError, asyncpg.InterfaceError) as error:
        raise DatabaseUnreachable(name, str(error)) from error
    except KeyError as error:
        if _NAMELESS not in str(error):
            raise
        raise DatabaseUnreachable(name, "it names no user, and the one here has no name") from error


def _kind(code: str, error: Exception, cause: BaseException | None) -> type[StoreError] | None:
    if isinstance(getattr(cause, "__cause__", None), asyncpg.ClientConfigurationError):
        return DatabaseUnreachable  # its certificate is to be checked, by a file that is missing
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return _CODES.get(code, DatabaseUnreachable)
    return _CODES.get(code) or _CLASSES.get(code[:2])


def open_engine(
    address: PostgresAddress, *, writes: bool, most: int, long: bool = False
) -> AsyncEngine:
    """At most so many connections at a time; each is tried before it is used, so that one that
    PostgreSQL has lost, by a restart, is replaced without an error. With `long`, no statement and
    no transaction is ended because it takes its time."""
    engine = create_async_engine(
        _url(address),
        pool_size=most,
        max_overflow=0,
        pool_timeout=_STATEMENT_SECONDS,
        pool_pre_ping=True,
        pool_recycle=-1 if writes else _READS_SECONDS,
        isolation_level="READ COMMITTED" if writes else "REPEATABLE READ",
        execution_options={"preserve_rowcount": True, "postgresql_readonly": not writes},
        connect_args={
            "timeout": _CONNECT_SECONDS,
            "command_timeout": None if long else _STATEMENT_SECONDS,
            "server_settings": _SESSION,
        },
    )
    if long:
        _lift_limits(engine)
    if writes:
        _take_turns(engine, address.patience)
    return engine


@contextlib.asynccontextmanager
async def connected(
    address: PostgresAddress, *, writes: bool = False, long: bool = False
) -> AsyncIterator[AsyncConnection]:
    """One connection, for as long as that lasts; what it is refused is a StoreError."""
    engine = open_engine(address, writes=writes, most=1, long=long)
    try:
        with translated_errors(address.name):
            async with engine.connect() as connection:
                yield connection
    finally:
        await engine.dispose()


async def connect_directly(address: PostgresAddress, *, seconds: float) -> Any:
    """A connection of asyncpg's own, outside of any pool: each of its statements has so many
    seconds."""
    url = _url(address)
    return await asyncpg.connect(
        **url.translate_connect_args(username="user"),
        **url.query,
        timeout=_CONNECT_SECONDS,
        command_timeout=seconds,
        server_settings=_SESSION,
    )


def _url(address: PostgresAddress) -> URL:
    url = make_url(address.url).set(drivername=DRIVER)
    if (mode := url.query.get("sslmode")) is not None:  # as libpq says it
        url = url.set(query={"ssl": mode})
    return url.set(password=address.password) if address.password is not None else url


def _take_turns(engine: AsyncEngine, patience: float) -> None:
    """Its transactions begin with the one right to write, as SQLite's do with BEGIN IMMEDIATE."""

    @event.listens_for(engine.sync_engine, "begin")
    def _(connection: Connection) -> None:
        seconds = connection.info.pop(_PATIENCE, patience)
        connection.exec_driver_sql(
            "SELECT set_config('lock_timeout', $1, true), pg_advisory_xact_lock($2)",
            (str(max(1, round(seconds * 1000))), WRITER_LOCK),
        )


def _lift_limits(engine: AsyncEngine) -> None:
    """Of each connection, before its first transaction: what is set within one may be undone."""

    @event.listens_for(engine.sync_engine, "connect")
    def _(connection: Any, _: object) -> None:
        connection.run_async(lambda driver: driver.execute(_NO_LIMITS))


def limit_wait(connection: AsyncConnection, seconds: float) -> None:
    """Its next transaction waits so long for another program's lock."""
    assert connection.sync_connection is not None
    connection.sync_connection.info[_PATIENCE] = seconds


async def close_for_good(connection: AsyncConnection) -> None:
    """Back in the pool it would keep the locks of its session, and its server."""
    if connection.sync_connection is None:
        return
    with contextlib.suppress(Exception):  # it may be gone, and its locks with it
        await connection.invalidate()
    await connection.close()


async def driver_connection(connection: AsyncConnection) -> Any:
    """asyncpg's own."""
    return (await connection.get_raw_connection()).driver_connection
