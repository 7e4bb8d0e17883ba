"""Which index SQLite takes, where it has a choice."""

from __future__ import annotations

from datetime import timedelta

from bot.store import Store
from tests.store.make_rows import NOW, SENDER
from tests.store.query_plans import plan_of
from tests.store.raw_sql import statements


async def test_updates_are_sought_from_the_streams_that_are_open(store: Store) -> None:
    with statements() as sent:
        async with store.read() as unit:
            await unit.deliveries.for_updates([SENDER], NOW, timedelta(minutes=5))
    used = plan_of(store.name, *sent[-1]).indexes
    assert {"uq_streams_open", "ix_deliveries_stream_id"} <= set(used)
