"""Somebody sets this machine's clock while coins come and go; the site's own stays right."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.demo.site.server import Fault
from bot.model import StreamState
from tests.fakes.clock import FakeClock
from tests.watch.harness import WatchHarness, mint

DAY, YEAR = 86_400.0, 365 * 86_400.0
STEPS = [-45.0, -DAY, 3600.0, YEAR]


@pytest.mark.parametrize("step", STEPS)
async def test_a_coin_is_announced_by_the_next_tick_all_the_same(
    harness: WatchHarness, step: float
) -> None:
    roster, hidden = harness.coin(1), harness.coin(2, hidden=True)
    await harness.subscribe(roster.mint, hidden.mint, checked=False)
    await harness.tick(3)
    harness.clock.set(step)
    roster.go_live()
    hidden.go_live()
    await harness.tick()
    assert await harness.alerts() == 2
    assert await harness.owed(roster.mint)


@pytest.mark.parametrize("step", [-45.0, YEAR])
async def test_a_pause_after_failures_is_over_when_it_was_meant_to_be(
    harness: WatchHarness, step: float
) -> None:
    coin = harness.coin(1)
    await harness.subscribe(coin.mint)
    for endpoint in ("livestream", "roster"):
        harness.site.fail(endpoint, Fault.SERVER_ERROR)
    while not harness.watcher.report.waits_until:
        await harness.tick()
    harness.site.heal()
    coin.go_live()
    harness.clock.set(step)
    await harness.tick(7)
    assert await harness.alerts() == 1


@pytest.mark.parametrize("step", [-DAY, 3600.0])
async def test_a_grace_is_as_long_as_it_is_meant_to_be(harness: WatchHarness, step: float) -> None:
    coin = await harness.live_coin()
    coin.end()
    await harness.tick(2)
    harness.clock.set(step)
    await harness.tick(10)
    assert await state(harness) is StreamState.GRACE
    await harness.tick(25)
    assert await state(harness) is StreamState.ENDED


async def test_a_stream_that_comes_back_in_time_is_the_same(harness: WatchHarness) -> None:
    coin = await harness.live_coin()
    harness.clock.set(-DAY)
    await harness.tick(31)
    coin.end()
    await harness.tick()
    coin.go_live()  # under another id
    await harness.tick(2)
    harness.clock.set(DAY)
    await harness.tick(2)
    assert await state(harness) is StreamState.LIVE
    assert await harness.alerts() == 1


async def test_a_clock_that_is_set_all_the_time_makes_one_alert_of_one_stream(
    harness: WatchHarness,
) -> None:
    coin = harness.coin(1)
    await harness.subscribe(coin.mint)
    coin.go_live()
    for n in range(8):
        await harness.tick()
        harness.clock.set(30 if n % 2 else -30)
    assert await harness.alerts() == 1
    coin.end()
    for n in range(34):
        await harness.tick()
        harness.clock.set(30 if n % 2 else -30)
    assert await state(harness) is StreamState.ENDED
    assert await harness.alerts() == 1


async def test_a_grace_that_an_earlier_life_dated_in_the_future_is_one_grace_at_most(
    harness: WatchHarness,
) -> None:
    coin = await harness.live_coin()
    coin.end()
    await harness.tick(2)
    harness.clock = FakeClock(harness.clock.right() - timedelta(days=1))
    harness.restart()
    await harness.tick(32)
    assert await state(harness) is StreamState.ENDED


async def state(harness: WatchHarness) -> StreamState | None:
    stream = await harness.stream(mint(1))
    return stream.broadcast.state if stream else None
