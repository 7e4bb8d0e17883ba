"""Whom a tick asks, what it costs, and what it does when nobody answers."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from bot.demo.site.server import Fault, Offline
from bot.errors import DatabaseBusy, PumpfunError
from bot.kit.leadership import HeldLease, under
from bot.model import Asker, Observation, Reason, StreamState, Unknown
from bot.model import Offline as OffAir
from bot.pumpfun.payloads import RosterPage
from bot.store.rows.streams import Streams
from tests.demo.conftest import plain_client
from tests.watch.harness import POLL, WatchHarness, asked, mint, open_harness


async def test_a_live_coin_is_refreshed_by_its_row_and_costs_no_look_of_its_own(
    harness: WatchHarness,
) -> None:
    coins = [harness.coin(number) for number in range(30)]
    await harness.subscribe(*(coin.mint for coin in coins))
    for coin in coins:
        coin.go_live(viewers=1)
    await harness.tick(2)
    looks = asked(harness)
    for coin in coins:
        coin.watch(5)
    await harness.clock.advance(POLL)
    await harness.watcher.tick()
    streams = await harness.opened()
    assert len(streams) == 30
    assert {stream.broadcast.last_seen_at for stream in streams.values()} == {harness.clock.now()}
    assert {stream.broadcast.peak_viewers for stream in streams.values()} == {5}
    assert looks() <= 33  # they are looked at in their turn, where there is room


async def test_a_coin_that_the_roster_hides_is_found_within_the_time_that_is_told(
    harness: WatchHarness,
) -> None:
    coins = [harness.coin(number, hidden=True) for number in range(200)]
    await harness.subscribe(*(coin.mint for coin in coins))
    await harness.tick(10)
    told = harness.watcher.rotation_seconds
    assert 50 <= told <= 90
    for coin in coins[::40]:
        coin.go_live()
    began, found = harness.clock.now(), 0
    while found < 5:
        await harness.tick()
        assert harness.clock.now() - began <= timedelta(seconds=told)
        found = await harness.alerts()


async def test_a_coin_whose_look_meets_a_defect_costs_no_other_its_alert(
    harness: WatchHarness, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever its answer was that we were not ready for, it is asked for in each poll."""
    odd, fine = harness.coin(1, hidden=True), harness.coin(2, hidden=True)
    await harness.subscribe(odd.mint, fine.mint)
    answer = harness.pumpfun.livestream

    async def livestream(mint: str, *, asker: Asker) -> Observation:
        if mint == odd.mint:
            raise OverflowError("date value out of range")
        return await answer(mint, asker=asker)

    monkeypatch.setattr(harness.pumpfun, "livestream", livestream)
    odd.go_live()
    fine.go_live()
    await harness.tick(3)
    assert await harness.owed(fine.mint) is not None
    assert harness.health.part("watcher").ok
    assert caplog.text.count(f"a look at {odd.mint} met a mistake of ours") == 1


async def test_only_the_per_mint_answer_says_offline(harness: WatchHarness) -> None:
    coin = await harness.live_coin()
    coin.hidden_from_roster = True
    await harness.tick(40)
    stream = await harness.stream(coin.mint)
    assert stream is not None
    assert stream.broadcast.state is StreamState.LIVE
    coin.hidden_from_roster = False
    harness.site.fail("livestream", Fault.SERVER_ERROR)
    coin.drop()
    await harness.tick(40)
    stream = await harness.stream(coin.mint)
    assert stream is not None
    assert stream.broadcast.state is StreamState.LIVE


@pytest.mark.parametrize("way", list(Offline))
async def test_every_way_to_say_offline_pauses_and_ends(
    harness: WatchHarness, way: Offline
) -> None:
    harness.site.offline_as = way
    coin = await harness.live_coin()
    coin.end()
    await harness.tick(32)
    assert not await harness.opened()


async def test_a_roster_that_goes_on_naming_a_coin_does_not_keep_it_on_air(
    harness: WatchHarness,
) -> None:
    coin = await harness.live_coin()
    async with plain_client() as client:
        rows = (await client.get(f"{harness.site.origin}/coins/currently-live")).text
    harness.site.fail("roster", Fault.GARBAGE, body=rows)
    coin.end()
    await harness.tick(33)
    assert not await harness.opened()
    assert harness.health.part("pump.fun board").ok


async def test_a_roster_of_another_shape_is_told_and_hides_no_coin(harness: WatchHarness) -> None:
    coin = await harness.live_coin()
    harness.site.fail("roster", Fault.GARBAGE, body=json.dumps([{"address": coin.mint}]))
    await harness.tick(5)
    assert not harness.health.part("pump.fun board").ok
    assert await harness.opened()


async def test_without_the_roster_live_coins_are_asked_about_one_by_one(
    harness: WatchHarness,
) -> None:
    coins = [harness.coin(number) for number in range(6)]
    await harness.subscribe(*(coin.mint for coin in coins))
    for coin in coins[:4]:
        coin.go_live()
    harness.site.fail("roster", Fault.ROUTE_GONE)
    await harness.tick(5)
    assert len(await harness.opened()) == 4
    assert harness.health.part("pump.fun").ok
    assert not harness.health.part("pump.fun board").ok
    coins[0].end()
    await harness.tick(32)
    assert len(await harness.opened()) == 3
    harness.site.heal()
    await harness.tick()
    assert harness.health.part("pump.fun board").ok


async def test_a_tick_stays_within_its_budget_and_the_roster_within_its_limit(
    harness: WatchHarness,
) -> None:
    harness.site.page_clamp = 10
    coins = [harness.coin(number, hidden=number < 50) for number in range(200)]
    await harness.subscribe(*(coin.mint for coin in coins))
    for coin in coins[20:]:
        coin.go_live()
    looks = asked(harness, "livestream")
    roster = asked(harness, "roster")
    await harness.tick(4)
    assert looks() + roster() <= 5 * POLL * 4
    assert 20 <= roster() <= 50 * 4 * POLL / 60 + 10


async def test_when_pumpfun_fails_it_is_told_once_polls_back_off_and_nothing_changes(
    harness: WatchHarness, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot")
    coins = [harness.coin(number) for number in range(60)]
    await harness.subscribe(*(coin.mint for coin in coins))
    for coin in coins[:5]:
        coin.go_live()
    await harness.tick(3)
    before = await harness.opened()
    for endpoint in ("livestream", "roster", "coins-v3", "coins-v2"):
        harness.site.fail(endpoint, Fault.BAD_GATEWAY_TEXT)
    await harness.tick(3)
    assert not harness.health.part("pump.fun").ok
    requests = asked(harness), asked(harness, "roster")
    await harness.tick(60)
    assert requests[0]() <= 15  # one look a minute, after the first few
    assert requests[1]() == 0
    assert await harness.opened() == before
    coins[7].go_live()
    harness.site.heal()
    await harness.tick(7)
    assert len(await harness.opened()) == 6
    assert harness.health.part("pump.fun").ok
    lines = [r.getMessage() for r in caplog.records if r.getMessage().startswith("pump.fun ")]
    assert [line.split(":")[0] for line in lines if "board" not in line] == [
        "pump.fun fails",
        "pump.fun works again",
    ]


async def test_the_first_good_answer_is_followed_by_a_full_poll_at_once(
    harness: WatchHarness,
) -> None:
    coins = [harness.coin(number, hidden=True) for number in range(20)]
    await harness.subscribe(*(coin.mint for coin in coins))
    harness.site.fail("livestream", Fault.RESET)
    harness.site.fail("roster", Fault.RESET)
    await harness.tick(20)
    for coin in coins:
        coin.go_live()
    harness.site.heal()
    await harness.watcher.look(coins[0].mint)  # a command's look is an answer, too
    await harness.watcher.tick()
    assert await harness.alerts() == 20


async def test_a_site_that_breaks_in_the_middle_of_a_poll_is_not_asked_to_its_end(
    harness: WatchHarness,
) -> None:
    await harness.subscribe(*(mint(number) for number in range(500)))
    harness.site.fail("livestream", Fault.SERVER_ERROR)
    looks = asked(harness)
    await harness.tick()
    assert looks() <= 16


async def test_a_stated_wait_is_kept(harness: WatchHarness) -> None:
    await harness.subscribe(*(mint(number) for number in range(100)))
    await harness.tick()
    harness.site.fail("livestream", Fault.RATE_LIMITED, retry_after=45, times=8)
    await harness.tick()
    requests = asked(harness)
    await harness.tick(4)
    assert requests() == 0
    await harness.tick()
    assert requests() > 0


async def test_a_wait_of_minutes_is_told_while_it_is_kept(harness: WatchHarness) -> None:
    await harness.subscribe(*(mint(number) for number in range(100)))
    await harness.tick()
    harness.site.fail("livestream", Fault.RATE_LIMITED, retry_after=300, times=1)
    await harness.tick()
    await harness.tick(29)
    site = harness.health.part("pump.fun")
    assert (site.ok, site.detail) == (False, "it asks Mintcast to slow down (error 429)")
    await harness.tick(2)
    assert site.ok


async def test_a_wait_is_kept_also_where_what_else_was_seen_could_not_be_saved(
    harness: WatchHarness,
) -> None:
    coins = [harness.coin(number, hidden=True) for number in range(100)]
    await harness.subscribe(*(coin.mint for coin in coins))
    await harness.tick()
    for coin in coins:
        coin.go_live()
    harness.site.fail("livestream", Fault.RATE_LIMITED, retry_after=300, times=1)
    failing = patch.object(Streams, "insert", side_effect=DatabaseBusy("mintcast.db"))
    with failing, pytest.raises(ExceptionGroup):
        await harness.tick()
    requests = asked(harness)
    await harness.tick(20)
    assert requests() == 0


async def test_a_look_that_a_person_asked_for_ends_no_wait_that_was_stated(
    harness: WatchHarness,
) -> None:
    coin = harness.coin(200)
    await harness.subscribe(*(mint(number) for number in range(100)))
    await harness.tick()
    harness.site.fail("livestream", Fault.RATE_LIMITED, retry_after=45, times=8)
    await harness.tick()
    assert not isinstance(await harness.watcher.look(coin.mint), Unknown)
    requests = asked(harness)
    await harness.tick(4)
    assert requests() == 0
    await harness.tick()
    assert requests() > 0


async def test_a_roster_that_says_to_wait_is_left_alone_while_looks_go_on(
    harness: WatchHarness,
) -> None:
    await harness.subscribe(*(mint(number) for number in range(100)))
    harness.site.fail("roster", Fault.RATE_LIMITED, retry_after=55)
    await harness.tick()
    roster, looks = asked(harness, "roster"), asked(harness)
    await harness.tick(5)
    assert roster() == 0
    assert looks() > 100
    await harness.tick()
    assert roster() > 0


async def test_a_later_page_of_the_roster_that_says_to_wait_leaves_the_rows_before_it(
    harness: WatchHarness,
) -> None:
    coin = await harness.live_coin()
    first_page = harness.pumpfun._roster_page

    async def page(offset: int, *, asker: Asker) -> RosterPage:
        if offset > 0:
            raise PumpfunError(Reason.RATE_LIMITED, status=429, retry_after=55.0)
        return await first_page(offset, asker=asker)

    coin.watch(7)
    roster = asked(harness, "roster")
    with patch.object(harness.pumpfun, "_roster_page", page):
        await harness.tick()
        assert harness.watcher.report.answered_at == harness.clock.now()
        stream = await harness.stream(coin.mint)
        assert stream is not None
        assert stream.broadcast.viewers == 7
        await harness.tick(5)
        assert roster() == 1
        await harness.tick()
        assert roster() == 2
    board = harness.health.part("pump.fun board")
    assert not board.ok
    assert "can't be read in full" in board.detail
    assert "it asks Mintcast to slow down" in board.detail
    await harness.tick(6)
    assert board.ok


async def test_a_report_tells_how_it_is(harness: WatchHarness) -> None:
    coin = harness.coin(1)
    await harness.subscribe(coin.mint, mint(2))
    coin.go_live()
    await harness.tick(2)
    report = harness.watcher.report
    assert (report.coins, report.streams) == (2, 1)
    assert report.rotation_seconds == 2 * POLL
    assert report.ticked_at == report.answered_at == harness.clock.now()
    assert report.waits_until is None
    assert "mintcast_subscriptions 2.0" in harness.metrics.render().decode()


async def test_a_watcher_that_is_stopped_ends_its_tick_soon_and_begins_no_other(
    harness: WatchHarness,
) -> None:
    await harness.subscribe(*(mint(number) for number in range(100)))
    ticking = asyncio.ensure_future(harness.tick())
    await harness.site.reached("livestream", 3)
    harness.watcher.stop()
    await ticking
    looks = harness.site.count("livestream")
    assert looks <= 16
    await harness.tick(3)
    assert harness.site.count("livestream") == looks


async def test_a_roster_that_takes_all_the_time_leaves_some_for_looks(tmp_path: Path) -> None:
    async with open_harness(tmp_path, timeout=0.2) as harness:
        coin = harness.coin(1, hidden=True)
        await harness.subscribe(coin.mint)
        coin.go_live()
        harness.site.fail("roster", Fault.HANG)
        ticking = asyncio.ensure_future(harness.watcher.tick())
        await harness.site.reached("roster")
        await harness.clock.advance(25)
        await ticking
        assert await harness.alerts() == 1


async def test_a_watcher_whom_a_slow_site_keeps_waiting_is_not_late(
    harness: WatchHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight pages that take 9 s each, then four records of 12 s each."""
    clock = harness.clock

    async def page(offset: int, *, asker: Asker) -> RosterPage:
        await clock.sleep(9)
        return RosterPage(60, frozenset({str(offset)}), ())

    async def livestream(mint: str, *, asker: Asker) -> Observation:
        return OffAir()

    async def coin(mint: str, *, asker: Asker) -> None:
        await clock.sleep(12)

    monkeypatch.setattr(harness.pumpfun, "_roster_page", page)
    monkeypatch.setattr(harness.pumpfun, "livestream", livestream)
    monkeypatch.setattr(harness.pumpfun, "coin", coin)
    await harness.subscribe(*(mint(number) for number in range(4)), checked=False)
    part = harness.health.part("watcher")
    part.expect(40, lambda seconds: f"{seconds:.0f} s")
    began, ticking = clock.monotonic(), asyncio.ensure_future(harness.watcher.tick())
    while not ticking.done():
        await clock.advance(1)
        assert part.ok, f"{part.detail}, {clock.monotonic() - began:.0f} s after its beginning"
    await ticking
    assert clock.monotonic() - began == 8 * 9 + 4 * 12


async def test_the_coins_that_are_live_are_known_the_most_watched_first(
    harness: WatchHarness,
) -> None:
    for number, viewers in ((1, 5), (2, 50)):
        coin = harness.coin(number)
        coin.go_live(f"stream {number}")
        coin.watch(viewers)
    await harness.tick()
    assert [coin.mint for coin in (await harness.watcher.findings()).live] == [mint(2), mint(1)]


async def _watching(harness: WatchHarness) -> HeldLease:
    async with harness.store.write() as unit:
        lease = await unit.leases.win("watch", "here", 1000.0)
    assert lease is not None
    return HeldLease(lease, float("inf"), harness.clock)


@pytest.mark.parametrize(
    ("fault", "counts"),
    [
        (Fault.RESET, True),
        (Fault.BAD_GATEWAY_TEXT, True),
        (Fault.FORBIDDEN, True),  # what stands in between refuses this address
        (Fault.GARBAGE, True),  # and answers with a page of its own
        (Fault.RATE_LIMITED, False),
    ],
)
async def test_what_counts_as_out_of_reach_is_that_nobody_answers(
    harness: WatchHarness, fault: Fault, *, counts: bool
) -> None:
    coins = [harness.coin(number) for number in range(3)]
    await harness.subscribe(*(coin.mint for coin in coins))
    held = await _watching(harness)
    with under(held):
        await harness.tick(2)
        for endpoint in ("livestream", "roster"):
            harness.site.fail(endpoint, fault)
        await harness.tick(12)
        assert (held.reach.failing_for >= 30) is counts
        harness.site.heal()
        await harness.tick(12)
        assert held.reach.failing_for == 0.0


async def test_one_poll_that_fails_says_nothing_of_that(harness: WatchHarness) -> None:
    coin = harness.coin(1)
    await harness.subscribe(coin.mint)
    harness.site.fail("livestream", Fault.RESET)
    held = await _watching(harness)
    with under(held):
        await harness.tick(1)
    assert held.reach.failing_for == 0.0
