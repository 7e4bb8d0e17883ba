"""Forgetting a history of full size, beside somebody who writes; and under a wrong clock."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from bot.demo.running import PACE
from bot.demo.service import Service
from bot.demo.world import World
from bot.store import Store
from tests.app.load import growth, wait_for_writer, write_history
from tests.e2e.seed import until
from tests.e2e.wall_clock import WallClock

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]


async def test_who_writes_hardly_waits_while_two_hundred_thousand_rows_go(tmp_path: Path) -> None:
    waits = await wait_for_writer(tmp_path, 200_000, 60.0)
    assert waits.meanwhile[-1] <= 0.05
    assert waits.removed > 10_000
    assert waits.wal_bytes < 16 << 20


async def test_the_file_stops_growing(tmp_path: Path) -> None:
    assert await growth(tmp_path, 20_000) <= 1.05


async def test_a_clock_that_is_a_year_ahead_from_the_start_costs_only_what_is_old_by_the_site(
    tmp_path: Path,
) -> None:
    clock, database = WallClock(tmp_path), tmp_path / "mintcast.db"
    clock.step(365 * 86_400.0)
    async with Store(database):
        pass
    write_history(database, 20, timedelta(days=60))
    write_history(database, 20, timedelta(days=2), first=2)
    async with World(livekit=False) as world:
        environment = {**world.environment, **PACE, **clock.environment}
        environment |= {"MINTCAST_HTTP__PORT": "0"}
        async with Service(tmp_path, environment):
            await until(lambda: 1 not in streams_in(database), "the old stream is forgotten")
            assert streams_in(database) == [2]


def streams_in(database: Path) -> list[int]:
    connection = sqlite3.connect(database)
    try:
        return [row[0] for row in connection.execute("SELECT id FROM streams")]
    finally:
        connection.close()
