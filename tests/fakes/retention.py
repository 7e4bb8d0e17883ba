"""What the service does to old rows, all at once."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.store import RETAINED, Key, Store

PAGE = 3
_BEYOND = timedelta(days=1)


async def forgettable(store: Store, table: str, before: datetime) -> list[Key]:
    """Every key of the table that may go, as its pages tell."""
    keys: list[Key] = []
    after: Key | None = None
    while True:
        async with store.read() as unit:
            page = await unit.retention.look(table, after, before, before + _BEYOND, PAGE)
        keys += page.keys
        if (after := page.after) is None:
            return keys


async def forget(store: Store, before: datetime) -> dict[str, int]:
    """Remove what was over before then; how many rows of which tables that were."""
    removed = {}
    for table in RETAINED:
        if keys := await forgettable(store, table, before):
            async with store.write() as unit:
                removed[table] = await unit.retention.remove(table, keys, before)
    return {table: count for table, count in removed.items() if count}
