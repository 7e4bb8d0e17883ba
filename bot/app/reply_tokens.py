"""Forgets how interactions could be answered, once they cannot be."""

from __future__ import annotations

from datetime import timedelta

from bot.kit.timing.clock import Clock
from bot.store import ANSWERED, Store

ALIVE = timedelta(minutes=15)
"""Discord's own rule."""

_BATCH = 100
"""Rows in one transaction: it holds up others for a few milliseconds."""


class ReplyTokenRetention:
    """`run` is called now and then. What was looked at once is not looked at again. `rows` are read
    at once."""

    def __init__(self, store: Store, clock: Clock, rows: int = 500) -> None:
        self._store = store
        self._clock = clock
        self._rows = rows
        self._after = dict.fromkeys(ANSWERED, 0)

    async def run(self) -> None:
        """All that is dead by now. Raises StoreError."""
        for table in ANSWERED:
            while not await self._page(table):
                pass

    async def _page(self, table: str) -> bool:
        """One page; whether it was the last."""
        now, before = self._clock.now(), self._clock.before(ALIVE)
        async with self._store.read() as unit:
            looked = await unit.replies.look(table, self._after[table], before, now, self._rows)
        for start in range(0, len(looked.ids), _BATCH):
            async with self._store.write() as unit:
                await unit.replies.forget(table, looked.ids[start : start + _BATCH])
        self._after[table] = looked.after
        return looked.is_done
