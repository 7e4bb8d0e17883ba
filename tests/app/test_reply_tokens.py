"""What an interaction was answered by is forgotten once it is dead."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app.reply_tokens import ReplyTokenRetention
from bot.store import Store, Unit
from tests.fakes.clock import FakeClock
from tests.store.make_rows import make_target, order
from tests.store.raw_sql import ask as rows_of

NAME = "1196853520987654321/aW50ZXJhY3Rpb246MTM"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store(tmp_path / "mintcast.db") as opened:
        yield opened


async def ask(unit: Unit, clock: FakeClock, reply_to: str, number: int = 1) -> None:
    """A clip was asked for, and is owed."""
    target = await make_target(unit)
    key = f"{reply_to} {number}"
    asked = order(target, key, reply_to=reply_to, asked_at=clock.now())
    job, _ = await unit.jobs.add(asked, clock.now())
    await unit.deliveries.owe_clip(job.id, target.id, clock.now(), reply_to=reply_to)


def names(store: Store) -> dict[str, list[str]]:
    """Of both tables, in the order of their rows."""
    return {
        table: [
            name
            for (name,) in rows_of(store.name, f"SELECT reply_to FROM {table} ORDER BY id")
            if name is not None
        ]
        for table in ("clip_jobs", "deliveries")
    }


async def test_a_name_is_forgotten_after_its_fifteen_minutes(store: Store) -> None:
    clock = FakeClock()
    replies = ReplyTokenRetention(store, clock)
    async with store.write() as unit:
        await ask(unit, clock, NAME)
        await ask(unit, clock, "77")
    await clock.advance(14 * 60)
    async with store.write() as unit:
        await ask(unit, clock, f"{NAME}2")
    await replies.run()
    everything = [NAME, "77", f"{NAME}2"]
    assert names(store) == {"clip_jobs": everything, "deliveries": everything}
    await clock.advance(2 * 60)
    await replies.run()
    assert names(store) == {"clip_jobs": everything[1:], "deliveries": everything[1:]}
    await clock.advance(15 * 60)
    await replies.run()
    assert names(store) == {"clip_jobs": ["77"], "deliveries": ["77"]}


async def test_all_of_an_old_database_are_forgotten_in_pages(store: Store) -> None:
    clock = FakeClock()
    async with store.write() as unit:
        for number in range(5):
            await ask(unit, clock, f"{NAME}{number}", number)
    await clock.advance(timedelta(hours=1).total_seconds())
    await ReplyTokenRetention(store, clock, rows=2).run()
    assert names(store) == {"clip_jobs": [], "deliveries": []}
