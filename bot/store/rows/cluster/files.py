"""Files that all nodes can have, in chunks: a write of more would hold up all others for long.

A file is whole once its row says how many bytes it has; who puts one tells that last.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, delete, func, select, update

from bot.kit.files import StoredFile
from bot.store.backends import insert
from bot.store.rows.base import Rows, in_parts
from bot.store.rows.cluster.leases import database_now, seconds_until
from bot.store.tables import file_chunks, files

CHUNK_BYTES = 1 << 20
"""So large is each chunk of a file that is put now, but for the last. What was put in chunks of
another size is still read; only two nodes that put the same file at the same time need the same."""

_rows, _chunks = files.c, file_chunks.c
_IS_WHOLE = _rows.bytes.is_not(None)
_COUNT = select(func.count()).where(_chunks.key == _rows.key).scalar_subquery()
_TAKES = func.coalesce(_rows.bytes, CHUNK_BYTES * _COUNT)


class FileRows(Rows):
    """Put with `begin`, `add_chunk` and `complete`, each in a transaction of its own."""

    async def begin(self, key: str) -> bool:
        """It is going to be put. True: it is there already, and as if it had been put now."""
        now = {"changed_at": database_now()}
        new = insert(files).values(key=key, **now)
        row = await self._first(
            new.on_conflict_do_update(index_elements=[_rows.key], set_=now).returning(_rows.bytes)
        )
        return row is not None and row.bytes is not None

    async def add_chunk(self, key: str, number: int, data: bytes) -> None:
        """They are numbered from 0, and each but the last has as many bytes as the first."""
        new = insert(file_chunks).values(key=key, number=number, data=data)
        same = [_chunks.key, _chunks.number]
        await self._change(new.on_conflict_do_update(index_elements=same, set_={"data": data}))

    async def complete(self, key: str, size: int) -> bool:
        """All chunks of it are there. False: it was deleted meanwhile, and they are now."""
        whole = {"bytes": size, "changed_at": database_now()}
        if await self._change(update(files).where(_rows.key == key).values(**whole)):
            return True
        await self.delete([key])
        return False

    async def size(self, key: str) -> int | None:
        """In bytes; None: it is not there, or not whole."""
        size: int | None = await self._value(select(_rows.bytes).where(_rows.key == key))
        return size

    async def chunks(self, key: str, first: int, count: int) -> Sequence[bytes]:
        """From that number on."""
        wanted = and_(_chunks.key == key, _chunks.number.between(first, first + count - 1))
        return await self._values(select(_chunks.data).where(wanted).order_by(_chunks.number))

    async def all(self) -> tuple[StoredFile, ...]:
        """Those that are whole, by their keys."""
        statement = select(files).where(_IS_WHOLE).order_by(_rows.key)
        return tuple(
            StoredFile(row.key, row.bytes, row.changed_at) for row in await self._all(statement)
        )

    async def delete(self, keys: Collection[str]) -> int:
        """They go, if they are there; how many did."""
        gone = 0
        for some in in_parts(keys):
            gone += await self._change(delete(files).where(_rows.key.in_(some)))
            await self._change(delete(file_chunks).where(_chunks.key.in_(some)))
        return gone

    async def old(self, keys: Collection[str], seconds: float) -> dict[str, int]:
        """Of these, and of those that never became whole, those that nobody put for so long; of
        each, about how many bytes it takes."""
        found = select(_rows.key, _TAKES.label("takes")).where(_is_old(seconds))
        rows = [*await self._all(found.where(~_IS_WHOLE))]
        for some in in_parts(keys):
            rows += await self._all(found.where(_rows.key.in_(some)))
        return {row.key: row.takes for row in rows}

    async def sweep(self, keys: Collection[str], seconds: float) -> int:
        """Of these, those go that nobody put for so long; how many."""
        old = select(_rows.key).where(_rows.key.in_(keys), _is_old(seconds))
        return await self.delete(await self._values(old))


def _is_old(seconds: float) -> ColumnElement[bool]:
    return seconds_until(_rows.changed_at) < -seconds
