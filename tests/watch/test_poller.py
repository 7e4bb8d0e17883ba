"""Whom a tick asks, what it costs, and what it does when nobody answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.demo.site.server import Fault, Offline
from bot.model import DeliveryKind, StreamState
from tests.watch.harness import POLL, Tower, mint
from tests.watch.harness import tower as opened


def asked(tower: Tower, endpoint: str = "livestream") -> Callable[[], int]:
    """How many requests arrive from now on."""
    before = tower.site.count(endpoint)
    return lambda: tower.site.count(endpoint) - before


async def test_a_live_coin_is_refreshed_by_its_row_and_costs_no_look_of_its_own(
    tower: Tower,
) -> None:
    coins = [tower.coin(number) for number in range(30)]
    await tower.subscribe(*(coin.mint for coin in coins))
    for coin in coins:
        coin.go_live(viewers=1)
    await tower.tick(2)
    looks = asked(tower)
    for coin in coins:
        coin.watch(5)
    await tower.clock.advance(POLL)
    await tower.watcher.tick()
    streams = await tower.opened()
    assert len(streams) == 30
    assert {stream.broadcast.last_seen_at for stream in streams.values()} == {tower.clock.now()}
    assert {stream.broadcast.peak_viewers for stream in streams.values()} == {5}
    assert looks() <= 33  # they are looked at in their turn, where there is room


async def test_a_coin_that_the_board_hides_is_found_within_the_time_that_is_told(
    tower: Tower,
) -> None:
    coins = [tower.coin(number, hidden=True) for number in range(200)]
    await tower.subscribe(*(coin.mint for coin in coins))
    await tower.tick(10)
    told = tower.watcher.rotation_seconds
    assert 50 <= told <= 90
    for coin in coins[::40]:
        coin.go_live()
    began, found = tower.clock.now(), 0
    while found < 5:
        await tower.tick()
        assert tower.clock.now() - began <= timedelta(seconds=told)
        found = await tower.alerts()


async def test_only_the_per_mint_answer_says_offline(tower: Tower) -> None:
    coin = tower.coin(1)
    await tower.subscribe(coin.mint)
    coin.go_live()
    await tower.tick()
    coin.hidden_from_roster = True
    await tower.tick(40)
    stream = await tower.stream(coin.mint)
    assert stream is not None
    assert stream.broadcast.state is StreamState.LIVE
    coin.hidden_from_roster = False
    tower.site.fail("livestream", Fault.SERVER_ERROR)
    coin.drop()
    await tower.tick(40)
    stream = await tower.stream(coin.mint)
    assert stream is not None
    assert stream.broadcast.state is StreamState.LIVE


@pytest.mark.parametrize("way", list(Offline))
async def test_every_way_to_say_offline_pauses_and_ends(tower: Tower, way: Offline) -> None:
    tower.site.offline_as = way
    coin = tower.coin(1)
    await tower.subscribe(coin.mint)
    coin.go_live()
    await tower.tick()
    coin.end()
    await tower.tick(32)
    assert not await tower.opened()


async def test_a_board_that_goes_on_naming_a_coin_does_not_keep_it_on_air(tower: Tower) -> None:
    coin = tower.coin(1)
    await tower.subscribe(coin.mint)
    coin.go_live()
    await tower.tick()
    async with httpx.AsyncClient(trust_env=False) as client:
        rows = (await client.get(f"{tower.site.origin}/coins/currently-live")).text
    tower.site.fail("roster", Fault.GARBAGE, body=rows)
    coin.end()
    await tower.tick(33)
    assert not await tower.opened()
    assert tower.health.part("pump.fun board").ok


async def test_without_the_board_live_coins_are_asked_about_one_by_one(tower: Tower) -> None:
    coins = [tower.coin(number) for number in range(6)]
    await tower.subscribe(*(coin.mint for coin in coins))
    for coin in coins[:4]:
        coin.go_live()
    tower.site.fail("roster", Fault.ROUTE_GONE)
    await tower.tick(5)
    assert len(await tower.opened()) == 4
    assert tower.health.part("pump.fun").ok
    assert not tower.health.part("pump.fun board").ok
    coins[0].end()
    await tower.tick(32)
    assert len(await tower.opened()) == 3
    tower.site.heal()
    await tower.tick()
    assert tower.health.part("pump.fun board").ok


async def test_a_tick_stays_within_its_budget_and_the_board_within_its_limit(
    tower: Tower,
) -> None:
    tower.site.page_clamp = 10
    coins = [tower.coin(number, hidden=number < 50) for number in range(200)]
    await tower.subscribe(*(coin.mint for coin in coins))
    for coin in coins[20:]:
        coin.go_live()
    looks = asked(tower, "livestream")
    roster = asked(tower, "roster")
    await tower.tick(4)
    assert looks() + roster() <= 5 * POLL * 4
    assert 20 <= roster() <= 50 * 4 * POLL / 60 + 10


async def test_when_pumpfun_fails_it_is_told_once_polls_back_off_and_nothing_changes(
    tower: Tower, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot")
    coins = [tower.coin(number) for number in range(60)]
    await tower.subscribe(*(coin.mint for coin in coins))
    for coin in coins[:5]:
        coin.go_live()
    await tower.tick(3)
    before = await tower.opened()
    for endpoint in ("livestream", "roster", "coins-v3", "coins-v2"):
        tower.site.fail(endpoint, Fault.BAD_GATEWAY_TEXT)
    await tower.tick(3)
    assert not tower.health.part("pump.fun").ok
    requests = asked(tower), asked(tower, "roster")
    await tower.tick(60)
    assert requests[0]() <= 15  # one look a minute, after the first few
    assert requests[1]() == 0
    assert await tower.opened() == before
    coins[7].go_live()
    tower.site.heal()
    await tower.tick(7)
    assert len(await tower.opened()) == 6
    assert tower.health.part("pump.fun").ok
    lines = [r.getMessage() for r in caplog.records if r.getMessage().startswith("pump.fun ")]
    assert [line.split(":")[0] for line in lines if "board" not in line] == [
        "pump.fun fails",
        "pump.fun works again",
    ]


async def test_the_first_good_answer_is_followed_by_a_full_poll_at_once(tower: Tower) -> None:
    coins = [tower.coin(number, hidden=True) for number in range(20)]
    await tower.subscribe(*(coin.mint for coin in coins))
    tower.site.fail("livestream", Fault.RESET)
    tower.site.fail("roster", Fault.RESET)
    await tower.tick(20)
    for coin in coins:
        coin.go_live()
    tower.site.heal()
    await tower.watcher.look(coins[0].mint)  # a command's look is an answer, too
    await tower.watcher.tick()
    assert await tower.alerts() == 20


async def test_a_site_that_breaks_in_the_middle_of_a_poll_is_not_asked_to_its_end(
    tower: Tower,
) -> None:
    await tower.subscribe(*(mint(number) for number in range(500)))
    tower.site.fail("livestream", Fault.SERVER_ERROR)
    looks = asked(tower)
    await tower.tick()
    assert looks() <= 16


async def test_a_stated_wait_is_kept(tower: Tower) -> None:
    await tower.subscribe(*(mint(number) for number in range(100)))
    await tower.tick()
    tower.site.fail("livestream", Fault.RATE_LIMITED, retry_after=45, times=8)
    await tower.tick()
    requests = asked(tower)
    await tower.tick(4)
    assert requests() == 0
    await tower.tick()
    assert requests() > 0


async def test_a_board_that_says_to_wait_is_left_alone_while_looks_go_on(tower: Tower) -> None:
    await tower.subscribe(*(mint(number) for number in range(100)))
    tower.site.fail("roster", Fault.RATE_LIMITED, retry_after=55)
    await tower.tick()
    roster, looks = asked(tower, "roster"), asked(tower)
    await tower.tick(5)
    assert roster() == 0
    assert looks() > 100
    await tower.tick()
    assert roster() > 0


async def test_names_of_followed_coins_are_kept_from_the_board(tower: Tower) -> None:
    coin, stranger = tower.coin(1), tower.coin(2)
    await tower.subscribe(coin.mint, checked=False)
    coin.go_live()
    stranger.go_live()
    await tower.tick()
    async with tower.store.read() as unit:
        kept = await unit.coins.get(coin.mint)
        assert kept is not None
        assert (kept.symbol, kept.name) == ("C1", "Coin 1")
        assert await unit.coins.get(stranger.mint) is None
        assert await unit.subscriptions.unchecked() == ()
    assert tower.site.count("coins-v3") == 0


async def test_a_subscription_that_nobody_confirmed_is_confirmed_later(tower: Tower) -> None:
    coin = tower.coin(1)
    await tower.subscribe(coin.mint, checked=False)
    tower.site.fail("coins-v3", Fault.SERVER_ERROR)
    tower.site.fail("coins-v2", Fault.SERVER_ERROR)
    await tower.tick(3)
    async with tower.store.read() as unit:
        assert await unit.subscriptions.unchecked() == (coin.mint,)
    tower.site.heal()
    await tower.tick(2)
    async with tower.store.read() as unit:
        assert await unit.subscriptions.unchecked() == ()
        kept = await unit.coins.get(coin.mint)
    assert kept is not None
    assert kept.name == "Coin 1"


async def test_a_mint_that_names_no_coin_is_told_once_and_its_subscription_stays(
    tower: Tower,
) -> None:
    here = await tower.subscribe(mint(404), checked=False)
    there = await tower.subscribe(mint(404), channel="there", checked=False)
    await tower.tick(5)
    async with tower.store.read() as unit:
        for target in (here, there):
            notice = await unit.deliveries.find(target.id, f"notcoin:{mint(404)}")
            assert notice is not None
            assert notice.kind is DeliveryKind.NOTICE
        assert await unit.subscriptions.by_place() == {here.place_id: {mint(404)}}
        assert sum((await unit.deliveries.counts()).values()) == 2
    assert tower.site.count("coins-v3") == 1
    await tower.clock.advance(3600)
    await tower.tick()  # it is asked about again: the coin may have been too new
    assert tower.site.count("coins-v3") == 2


async def test_many_mints_that_nobody_confirmed_leave_the_group_s_budget_to_commands(
    tower: Tower,
) -> None:
    await tower.subscribe(*(mint(number) for number in range(20)), checked=False)
    names = asked(tower, "coins-v3")
    for _ in range(24):  # also where polls are short
        await tower.clock.advance(1)
        await tower.watcher.tick()
    assert 8 <= names() <= 12


async def test_a_report_tells_how_it_is(tower: Tower) -> None:
    coin = tower.coin(1)
    await tower.subscribe(coin.mint, mint(2))
    coin.go_live()
    await tower.tick(2)
    report = tower.watcher.report
    assert (report.coins, report.streams) == (2, 1)
    assert report.rotation_seconds == 2 * POLL
    assert report.ticked_at == report.answered_at == tower.clock.now()
    assert report.waits_until is None
    assert "mintcast_subscriptions 2.0" in tower.metrics.render().decode()


async def test_a_watcher_that_is_stopped_ends_its_tick_soon_and_begins_no_other(
    tower: Tower,
) -> None:
    await tower.subscribe(*(mint(number) for number in range(100)))
    ticking = asyncio.ensure_future(tower.tick())
    await tower.site.reached("livestream", 3)
    tower.watcher.stop()
    await ticking
    looks = tower.site.count("livestream")
    assert looks <= 16
    await tower.tick(3)
    assert tower.site.count("livestream") == looks


async def test_a_board_that_takes_all_the_time_leaves_some_for_looks(tmp_path: Path) -> None:
    async with opened(tmp_path, timeout=0.2) as tower:
        coin = tower.coin(1, hidden=True)
        await tower.subscribe(coin.mint)
        coin.go_live()
        tower.site.fail("roster", Fault.HANG)
        ticking = asyncio.ensure_future(tower.watcher.tick())
        await tower.site.reached("roster")
        await tower.clock.advance(25)
        await ticking
        assert await tower.alerts() == 1
