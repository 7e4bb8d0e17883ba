"""A store whose disk the test can take away."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from bot.errors import DatabaseBusy, StoreError
from bot.store import Store, Unit


class FragileStore(Store):
    """It works, until it `is_broken` and nothing is written, or `is_busy` and nothing is read."""

    is_broken = False
    is_busy = False

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[Unit]:
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
