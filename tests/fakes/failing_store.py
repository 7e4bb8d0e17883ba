"""A store whose disk the test can take away, or the answer to a commit."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any
from unittest.mock import patch

from bot.errors import DatabaseBusy, DatabaseUnreachable, StoreError
from bot.store import Store, Unit


class FragileStore(Store):
    """It works, until it `is_broken` and nothing is written, or `is_busy` and nothing is read.
    `writes` counts what was begun to be written."""

    is_broken = False
    is_busy = False
    writes = 0

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[Unit]:
        self.writes += 1
        if self.is_broken:
            raise StoreError(self.name, "the disk is gone")
        async with super().write() as unit:
            yield unit

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[Unit]:
        if self.is_busy:
            raise DatabaseBusy(self.name)
        async with super().read() as unit:
            yield unit


@contextlib.contextmanager
def answer_lost(
    store: Store, when: Callable[[Unit], Awaitable[bool]]
) -> Iterator[list[StoreError]]:
    """The first commit that makes `when` true is made, and its answer lost: as where a connection
    breaks, or a server dies, right after it. Gives what was raised, once it was."""
    commit, lost = store._commit, list[StoreError]()

    async def made(raw: Any) -> None:
        await commit(raw)
        if lost or store._who_writes is not asyncio.current_task():
            return
        with patch.object(store, "_commit", commit):
            async with store.read() as unit:
                is_it = await when(unit)
        if is_it:
            lost.append(DatabaseUnreachable(store.name, "its answer was lost", in_doubt=True))
            raise lost[0]

    with patch.object(store, "_commit", made):
        yield lost
    assert lost, "no commit was that one"
