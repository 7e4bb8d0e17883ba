"""Somebody sets this machine's clock while coins come and go; the site's own stays right."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.demo.site.server import Fault
from bot.model import StreamState
from tests.fakes.clock import FakeClock
from tests.watch.harness import Tower, mint

DAY, YEAR = 86_400.0, 365 * 86_400.0
STEPS = [-45.0, -DAY, 3600.0, YEAR]


@pytest.mark.parametrize("step", STEPS)
async def test_a_coin_is_announced_by_the_next_tick_all_the_same(tower: Tower, step: float) -> None:
    roster, hidden = tower.coin(1), tower.coin(2, hidden=True)
    await tower.subscribe(roster.mint, hidden.mint, checked=False)
    await tower.tick(3)
    tower.clock.set(step)
    roster.go_live()
    hidden.go_live()
    await tower.tick()
    assert await tower.alerts() == 2
    assert await tower.owed(roster.mint)


@pytest.mark.parametrize("step", [-45.0, YEAR])
async def test_a_pause_after_failures_is_over_when_it_was_meant_to_be(
    tower: Tower, step: float
) -> None:
    coin = tower.coin(1)
    await tower.subscribe(coin.mint)
    for endpoint in ("livestream", "roster"):
        tower.site.fail(endpoint, Fault.SERVER_ERROR)
    while not tower.watcher.report.waits_until:
        await tower.tick()
    tower.site.heal()
    coin.go_live()
    tower.clock.set(step)
    await tower.tick(7)
    assert await tower.alerts() == 1


@pytest.mark.parametrize("step", [-DAY, 3600.0])
async def test_a_grace_is_as_long_as_it_is_meant_to_be(tower: Tower, step: float) -> None:
    coin = tower.coin(1)
    await tower.subscribe(coin.mint)
    coin.go_live()
    await tower.tick()
    coin.end()
    await tower.tick(2)
    tower.clock.set(step)
    await tower.tick(10)
    assert await state(tower) is StreamState.GRACE
    await tower.tick(25)
    assert await state(tower) is StreamState.ENDED


async def test_a_stream_that_comes_back_in_time_is_the_same(tower: Tower) -> None:
    coin = tower.coin(1)
    await tower.subscribe(coin.mint)
    coin.go_live()
    await tower.tick()
    tower.clock.set(-DAY)
    await tower.tick(31)
    coin.end()
    await tower.tick()
    coin.go_live()  # under another id
    await tower.tick(2)
    tower.clock.set(DAY)
    await tower.tick(2)
    assert await state(tower) is StreamState.LIVE
    assert await tower.alerts() == 1


async def test_a_clock_that_is_set_all_the_time_makes_one_alert_of_one_stream(
    tower: Tower,
) -> None:
    coin = tower.coin(1)
    await tower.subscribe(coin.mint)
    coin.go_live()
    for n in range(8):
        await tower.tick()
        tower.clock.set(30 if n % 2 else -30)
    assert await tower.alerts() == 1
    coin.end()
    for n in range(34):
        await tower.tick()
        tower.clock.set(30 if n % 2 else -30)
    assert await state(tower) is StreamState.ENDED
    assert await tower.alerts() == 1


async def test_a_grace_that_an_earlier_life_dated_in_the_future_is_one_grace_at_most(
    tower: Tower,
) -> None:
    coin = tower.coin(1)
    await tower.subscribe(coin.mint)
    coin.go_live()
    await tower.tick()
    coin.end()
    await tower.tick(2)
    tower.clock = FakeClock(tower.clock.right() - timedelta(days=1))
    tower.restart()
    await tower.tick(32)
    assert await state(tower) is StreamState.ENDED


async def state(tower: Tower) -> StreamState | None:
    stream = await tower.stream(mint(1))
    return stream.broadcast.state if stream else None
