"""What pump.fun's moderators say of a coin: learnt from the roster, or from its record."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.demo.site.server import DemoCoin
from bot.model import CoinMarks
from tests.watch.harness import POLL, WatchHarness

MARKED = CoinMarks(nsfw=True)


async def marks(harness: WatchHarness, coin: DemoCoin) -> CoinMarks:
    async with harness.store.read() as unit:
        known = await unit.coins.get(coin.mint)
    return known.marks if known is not None else CoinMarks()


async def wanted(harness: WatchHarness, coin: DemoCoin) -> int:
    owed = await harness.owed(coin.mint)
    return owed.wanted if owed is not None else 0


async def test_an_alert_is_owed_with_the_mark_already_known(harness: WatchHarness) -> None:
    coin = harness.coin(1)
    coin.nsfw = True
    await harness.subscribe(coin.mint)
    coin.go_live()
    await harness.tick()
    assert await marks(harness, coin) == MARKED
    assert await wanted(harness, coin) == 1


async def test_a_mark_that_comes_or_goes_in_mid_stream_changes_the_alert(
    harness: WatchHarness,
) -> None:
    coin = await harness.live_coin()
    await harness.tick()
    assert (await marks(harness, coin), await wanted(harness, coin)) == (CoinMarks(), 1)
    coin.nsfw = True
    await harness.tick()
    assert (await marks(harness, coin), await wanted(harness, coin)) == (MARKED, 2)
    await harness.tick(3)
    assert await wanted(harness, coin) == 2
    coin.nsfw = False
    await harness.tick()
    assert (await marks(harness, coin), await wanted(harness, coin)) == (CoinMarks(), 3)


async def test_a_ban_that_takes_a_stream_off_the_air_is_told_before_it_counts_as_over(
    harness: WatchHarness,
) -> None:
    coin = await harness.live_coin()
    until = (harness.clock.now() + timedelta(days=3)).replace(microsecond=0)
    coin.streams_banned_until = until
    coin.end()
    await harness.tick(2)
    assert await marks(harness, coin) == CoinMarks(streams_banned_until=until)
    assert await wanted(harness, coin) == 3  # paused, and banned


@pytest.mark.parametrize("is_paused", [False, True])
async def test_a_coin_that_the_roster_lacks_is_asked_about_now_and_then(
    harness: WatchHarness, is_paused: bool
) -> None:
    coin = harness.coin(1, hidden=True)
    await harness.subscribe(coin.mint)
    coin.go_live()
    await harness.tick(4)
    assert harness.site.count("coins-v3") == 1
    if is_paused:
        coin.drop()
    coin.is_banned = True
    soon = 60.0 if is_paused else 600.0
    while not (await marks(harness, coin)).is_banned:
        await harness.tick()
        soon -= POLL
    assert soon > -2 * POLL
    assert harness.site.count("coins-v3") == 2
