"""Somebody sets this machine's clock while coins come and go; the site's own stays right."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.demo.site.server import Fault
from bot.model import StreamState
from tests.fakes.clock import FakeClock
from tests.watch.harness import WatchHarness, mint, open_harness

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


AHEAD = [1200.0, YEAR, -1200.0, -YEAR]


@pytest.fixture
async def wrong(database: Path, ahead: float) -> AsyncIterator[WatchHarness]:
    """This machine's clock is wrong from the beginning."""
    async with open_harness(database.parent, ahead=ahead) as ready:
        yield ready


@pytest.mark.parametrize("ahead", AHEAD)
@pytest.mark.parametrize(("minutes", "is_silent"), [(0, False), (14, False), (16, True)])
async def test_how_late_an_alert_is_the_site_s_clock_tells(
    wrong: WatchHarness, minutes: float, *, is_silent: bool
) -> None:
    coin = wrong.coin(1)
    coin.go_live()
    await wrong.clock.advance(60 * minutes)
    await wrong.subscribe(coin.mint)
    await wrong.tick()
    owed = await wrong.owed(coin.mint)
    assert owed is not None
    assert owed.silent is is_silent


@pytest.mark.parametrize("ahead", AHEAD)
@pytest.mark.parametrize(("off_air", "on_air", "alerts"), [(23, 2, 2), (6, 4, 2), (4, 6, 1)])
async def test_after_an_outage_the_site_s_clock_tells_which_stream_it_is(
    wrong: WatchHarness, off_air: float, on_air: float, alerts: int
) -> None:
    coin = await wrong.live_coin()
    coin.drop()
    await wrong.clock.advance(60 * off_air)
    coin.go_live()  # under another id
    await wrong.clock.advance(60 * on_air)
    await wrong.tick()
    assert await wrong.alerts() == alerts


@pytest.mark.parametrize("ahead", AHEAD)
async def test_the_first_renewal_of_a_picture_is_told_by_the_site_s_clock(
    wrong: WatchHarness,
) -> None:
    coin = await wrong.live_coin()
    await wrong.clock.advance(60)
    coin.show_media()
    await wrong.tick()
    owed = await wrong.owed(coin.mint)
    assert owed is not None
    assert owed.wanted == 2


async def state(harness: WatchHarness) -> StreamState | None:
    stream = await harness.stream(mint(1))
    return stream.broadcast.state if stream else None
