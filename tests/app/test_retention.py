"""When rows go, and when not: by two clocks, a little at a time, and never in anybody's way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.app.retention import Retention, next_size
from bot.kit.metrics import Metrics
from bot.model import Coin
from bot.store import Store
from tests.fakes.clock import FakeClock, settle
from tests.store.raw_sql import write

DAY = timedelta(days=1)
KEEP = 30 * DAY
MANY = 50


class ServiceContext:
    """A database with uploads of every day of the last year, and a site that has the time."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.metrics = Metrics()
        self.site_is_ahead: timedelta | None = timedelta(0)
        self.use(FakeClock())

    def use(self, clock: FakeClock) -> None:
        """By that clock from now on."""
        self.clock = clock
        self.retention = Retention(
            store=self.store,
            clock=clock,
            metrics=self.metrics,
            site_time=self.site_time,
            keep=KEEP,
        )

    def site_time(self) -> datetime | None:
        ahead = self.site_is_ahead
        return None if ahead is None else self.clock.now() + ahead

    async def fill(self, days: int = MANY) -> None:
        async with self.store.write() as unit:
            for ago in range(days):
                at = self.clock.now() - ago * DAY
                await unit.pictures.put_uploaded("telegram", f"{ago:03}.jpg", "remote", at)

    async def kept(self, days: int = MANY) -> list[int]:
        """How many days old those uploads are that are left."""
        async with self.store.read() as unit:
            return [
                ago
                for ago in range(days)
                if await unit.pictures.uploaded("telegram", f"{ago:03}.jpg")
            ]

    async def run(self, seconds: float = 60.0) -> None:
        run = asyncio.create_task(self.retention.run())
        await self.clock.advance(seconds)
        await run

    def removed(self, table: str) -> float:
        found = self.metrics.registry.get_sample_value(
            "mintcast_rows_removed_total", {"table": table}
        )
        return found or 0.0


@pytest.fixture
async def context(tmp_path: Path) -> AsyncIterator[ServiceContext]:
    async with Store(tmp_path / "mintcast.db") as store:
        made = ServiceContext(store)
        await made.fill()
        yield made


async def test_what_is_older_than_that_goes_and_is_counted(context: ServiceContext) -> None:
    await context.run()
    assert await context.kept() == list(range(30))
    assert context.removed("uploads") == MANY - 30


async def test_after_all_was_looked_through_it_rests_for_an_hour(context: ServiceContext) -> None:
    await context.run()
    async with context.store.write() as unit:
        await unit.coins.put(Coin("a coin that nobody follows"))
    await context.run()
    assert context.removed("coins") == 0
    await context.clock.advance(3600)
    await context.run()
    assert context.removed("coins") == 1


@pytest.mark.parametrize("ahead", [-365 * DAY, None])
async def test_a_wall_clock_that_is_a_year_ahead_removes_nothing(
    context: ServiceContext, ahead: timedelta | None
) -> None:
    """The site says what time it is, or nobody does."""
    context.site_is_ahead = ahead
    await context.run()
    assert await context.kept() == list(range(MANY))
    context.site_is_ahead = timedelta(0)
    await context.clock.advance(3600)
    await context.run()
    assert await context.kept() == list(range(30))


async def test_nor_does_a_site_that_lies(context: ServiceContext) -> None:
    context.site_is_ahead = 3650 * DAY
    await context.run()
    assert await context.kept() == list(range(30))


async def test_others_write_between_two_batches_and_it_ends_after_one(
    context: ServiceContext,
) -> None:
    run = asyncio.create_task(context.retention.run())
    await settle()
    assert not run.done()
    async with context.store.write() as unit:
        await unit.key_values.put("written", "meanwhile")
    context.retention.stop()
    await context.clock.advance(0.1)
    assert run.done()


class SlowClock(FakeClock):
    """Every pause is ten times as long."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(10 * seconds)


async def test_it_goes_on_where_the_last_run_ended(context: ServiceContext) -> None:
    context.use(SlowClock())
    rows = [(f"{number}.jpg",) for number in range(600)]
    write(context.store.name, "INSERT INTO uploads VALUES ('telegram', ?, 'remote', 0)", rows)
    await context.run(15.0)
    first = context.removed("uploads")
    assert 0 < first < 600
    await context.run(60.0)
    assert first < context.removed("uploads") <= 600 + MANY - 30


@pytest.mark.parametrize(
    ("rows", "took", "then"),
    [(20, 0.0, 40), (70, 0.001, 100), (100, 0.01, 100), (100, 0.04, 25), (40, 5.0, 20)],
)
def test_a_batch_is_as_large_as_the_time_allows_that_others_may_wait(
    rows: int, took: float, then: int
) -> None:
    assert next_size(rows, took) == then
