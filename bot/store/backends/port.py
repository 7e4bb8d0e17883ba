"""What the store needs of a database, whichever it is."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.backends.schema import Schema

LOCKED = "another program keeps it locked"
"""Why a database is busy: of ourselves one task at a time writes."""


class Database(Protocol):
    """One database. Every transaction sees one state of it; of those that write there is one at a
    time. What is refused, here and by its connections within `translate_errors`, is a StoreError.
    """

    async def open(self, schema: Schema, *, exclusive: bool, backups: int) -> None:
        """Bring it to the schema, after a copy of what it was, of which so many are kept. Where
        it is `exclusive`, no other service may have it until it is closed."""
        ...

    def connection(self, *, writes: bool) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection for one transaction that writes, or for one that only reads; of those that
        read there are a few, and one more waits for them."""
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

    def needs_commit(self) -> bool:
        """Whether only a commit can tell that it can be written. Raises DatabaseGone where what was
        opened is no longer what others would open. Blocks."""
        ...

    async def close(self) -> None:
        """Wait for those who have a connection, close them all, and let others have it."""
        ...
