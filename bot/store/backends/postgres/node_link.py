"""What nodes tell one another, by NOTIFY and LISTEN on a connection that does nothing else.

It is told in a transaction of its own, after the one that is its reason: see `docs/decisions.md`,
2026-11-30.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import asyncpg

from bot.errors import DatabaseUnreachable
from bot.kit.tasks import to_its_end
from bot.store.backends.port import PostgresAddress
from bot.store.backends.postgres.engine import TAKES_WRITES, connect_directly, translated_errors

CHANNEL = "mintcast"

_ANSWER_SECONDS = 3.0
_CLOSE_SECONDS = 1.0

_NO_WAIT = "SET synchronous_commit = off"
"""What is told is a hint: its commit need not wait for the disk. It is not said at the connection's
start, where PgBouncer takes only what it knows."""

_HEARS = f"{TAKES_WRITES} AND EXISTS (SELECT FROM pg_listening_channels() AS one WHERE one = $1)"
"""After a failover the other nodes are where writes go."""
_LOOK = f"SELECT {_HEARS}"
_TELL = f"SELECT {_HEARS}, pg_notify($1, $2)"


class PostgresNodeLink:
    """A `NodeLink`."""

    def __init__(self, name: str, connection: Any) -> None:
        self._name = name
        self._connection = connection

    async def tell(self, text: str | None) -> None:
        """See `NodeLink`. A link that hears nothing looks as if all were quiet, so it is asked."""
        with _translated_errors(self._name):
            if text is None:
                hears = await self._connection.fetchval(_LOOK, CHANNEL)
            else:
                hears = await self._connection.fetchval(_TELL, CHANNEL, text)
        if not hears:
            raise DatabaseUnreachable(self._name, "what other nodes tell does not arrive any more")


@contextlib.asynccontextmanager
async def node_link(
    address: PostgresAddress, heard: Callable[[str], None], ended: Callable[[], None]
) -> AsyncIterator[PostgresNodeLink]:
    """See `Store.node_link`."""
    with _translated_errors(address.name):
        connection = await connect_directly(address, seconds=_ANSWER_SECONDS)
    try:
        connection.add_termination_listener(lambda _: ended())
        with _translated_errors(address.name):
            await connection.execute(_NO_WAIT)
            await connection.add_listener(CHANNEL, lambda *told: heard(told[-1]))
        yield PostgresNodeLink(address.name, connection)
    finally:
        await to_its_end(_close(connection))


async def _close(connection: Any) -> None:
    with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        await connection.close(timeout=_CLOSE_SECONDS)


@contextlib.contextmanager
def _translated_errors(name: str) -> Iterator[None]:
    """Whatever PostgreSQL refuses, a full queue of notifications too, another link may get."""
    try:
        with translated_errors(name):
            yield
    except asyncpg.PostgresError as error:
        raise DatabaseUnreachable(name, f"{error} ({error.sqlstate})") from error
