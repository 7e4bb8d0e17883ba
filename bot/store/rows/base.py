"""One connection inside a transaction, and what every family of rows does on it.

A driver may run each statement on a thread: where the task that waits for it is cancelled, the
statement runs all the same, perhaps after the rollback. So nothing here is cancelled in the middle:
it is run to its end, and the cancellation raised then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import CursorResult, Executable, Row
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import DatabaseReadOnly
from bot.kit.tasks import to_its_end
from bot.store.backends import Database

T = TypeVar("T")

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]


def in_parts(values: Collection[T], most: int = 500) -> Iterator[list[T]]:
    """`values` in lists of at most so many: a statement takes only so many parameters."""
    rest = iter(values)
    while part := list(islice(rest, most)):
        yield part


class Connection:
    """What a unit's rows are read and written on, until its transaction ends."""

    def __init__(self, connection: AsyncConnection, database: Database, *, writes: bool) -> None:
        self._connection = connection
        self._database = database
        self._writes = writes
        self._open = True

    def end(self) -> None:
        """From now on whoever kept the unit is refused: its changes would be another's."""
        self._open = False

    async def run(
        self, statement: Executable, parameters: Parameters | None = None
    ) -> CursorResult[Any]:
        """Run one statement; every row of its answer is here already. Raises StoreError."""
        if not self._open:
            raise RuntimeError("a unit of the store was used after its transaction")
        try:
            with self._database.translate_errors():
                return await to_its_end(self._connection.execute(statement, parameters))
        except DatabaseReadOnly as error:
            if self._writes:
                raise
            raise RuntimeError("a write through a unit that only reads") from error


class Rows:
    """A family of rows, read and written on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def _all(
        self, statement: Executable, parameters: Parameters | None = None
    ) -> Sequence[Row[Any]]:
        return (await self._connection.run(statement, parameters)).all()

    async def _first(self, statement: Executable) -> Row[Any] | None:
        return (await self._connection.run(statement)).first()

    async def _value(self, statement: Executable, parameters: Parameters | None = None) -> Any:
        """The first column of the first row; None where there is none."""
        return (await self._connection.run(statement, parameters)).scalar()

    async def _values(self, statement: Executable) -> Sequence[Any]:
        """The first column of every row."""
        return (await self._connection.run(statement)).scalars().all()

    async def _change(self, statement: Executable, parameters: Parameters | None = None) -> int:
        """How many rows it changed; of several `parameters` PostgreSQL's driver does not say."""
        return (await self._connection.run(statement, parameters)).rowcount
