"""What the store needs of a database, whichever it is."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from sqlalchemy import LargeBinary, Table
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import DriverMissing
from bot.store.backends.schema import Schema

LOCKED = "another program keeps it locked"
"""Why a database is busy: of ourselves one task at a time writes."""


BATCH, LARGE_BATCH = 2000, 8
"""As many rows of a table are in memory at a time, where all are read; of one with large values."""

MOST_NEWS_BYTES = 7999
"""Of one text that nodes tell one another: PostgreSQL takes no more."""

Row = tuple[Any, ...]
"""Of a table, as `int`, `float`, `bool`, `str`, `bytes` or None, whichever database keeps it."""


def batch_of(table: Table) -> int:
    """Which of the two it is."""
    is_large = any(isinstance(column.type, LargeBinary) for column in table.c)
    return LARGE_BATCH if is_large else BATCH


class Access(Enum):
    """Who else may use a database while it is open: nobody that is a service; only the nodes of the
    cluster that we belong to; anybody."""

    ALONE = "alone"
    NODE = "node"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class PostgresAddress:
    """A database of a PostgreSQL server: `postgresql://user@host:port/name`, without a password.

    `patience`, in seconds, is how long another program's lock is waited for. Copies from before
    migrations go to the folder `backups`; None: none is made, whatever becomes of it.
    """

    url: str
    password: str | None = field(default=None, repr=False)
    patience: float = 5.0
    backups: Path | None = None

    @property
    def name(self) -> str:
        """For logs and sentences."""
        parts = urlsplit(self.url)
        return f"postgresql://{parts.hostname or 'localhost'}:{parts.port or 5432}{parts.path}"


@contextlib.contextmanager
def driver_needed(address: PostgresAddress) -> Iterator[None]:
    """Around what imports its driver: an extra, which SQLite does without."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise DriverMissing(address.name, error.name or "") from error


class Database(Protocol):
    """One database. Every transaction sees one state of it; of those that write there is one at a
    time. What is refused, here and by its connections within `translate_errors`, is a StoreError.
    """

    async def open(self, schema: Schema, *, access: Access, backups: int) -> None:
        """Bring it to the schema, after a copy of what it was, of which so many are kept. Until it
        is closed, nobody may have it whom `access` does not allow."""
        ...

    def connection(
        self, *, writes: bool, seconds: float | None
    ) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection for one transaction that writes, or for one that only reads; of those that
        read there are a few, and one more waits for them. `seconds` is how long a server may take
        to give it; None: as long as it may for anything."""
        ...

    def limit_wait(self, connection: AsyncConnection, seconds: float | None) -> None:
        """From its next transaction on, that connection waits at most so long for another program;
        None: for as long as the database's patience is."""
        ...

    def translate_errors(self) -> AbstractContextManager[None]:
        """What the database says of itself becomes a StoreError. Our own faults stay as they are:
        a broken constraint, a wrong statement."""
        ...

    async def find_damage(self, connection: AsyncConnection) -> str | None:
        """What is wrong with it anywhere; None: it is sound."""
        ...

    def node_link(
        self, heard: Callable[[str], None], ended: Callable[[], None]
    ) -> AbstractAsyncContextManager[NodeLink]:
        """See `Store.node_link`."""
        ...

    def needs_commit(self) -> bool:
        """Whether only a commit can tell that it can be written. Raises DatabaseGone where what was
        opened is no longer what others would open, DatabaseFull where nothing can grow. Blocks."""
        ...

    async def close(self) -> None:
        """Wait for those who have a connection, close them all, and let others have it."""
        ...


class NodeLink(Protocol):
    """A connection over which the nodes of a cluster tell one another that there is news."""

    async def tell(self, text: str | None) -> None:
        """Tell it to every node that is linked now, this one too; None: nothing, only see whether
        the link still works. Raises StoreError where it does not: then open another."""
        ...


class Bulk(Protocol):
    """A database, in one transaction, table by table: what is read is one state of it."""

    keeps_nul: bool
    """Whether text may have NUL characters."""

    async def counts(self) -> dict[str, int]:
        """The rows of each table."""
        ...

    def rows(self, table: Table) -> AsyncIterator[list[Row]]:
        """All of them, by their primary key, so many at a time that memory stays flat."""
        ...

    async def last_id(self, table: Table) -> int:
        """The last number that was given to a row; 0: none was, or its rows have no numbers."""
        ...

    async def begin_load(self) -> None:
        """Before anything is added: what slows that down is put off."""
        ...

    async def add(self, table: Table, rows: list[Row]) -> None:
        """As they are, in any order of tables."""
        ...

    async def set_last_id(self, table: Table, last: int) -> None:
        """The next row gets the number after that."""
        ...

    async def end_load(self) -> None:
        """What was put off is made up for. Raises CopyFailed where a row refers to none."""
        ...
