"""What pump.fun says of a coin: what moderators do, learnt from the roster or from its record, or
that there is none."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from datetime import timedelta
from unittest.mock import patch

import pytest

from bot.demo.site.server import DemoCoin, Fault
from bot.errors import DatabaseBusy, PumpfunError
from bot.model import NO_COIN, Asker, Coin, CoinMarks, DeliveryKind, Reason
from bot.store.rows.coins import Coins
from bot.store.rows.deliveries import Deliveries
from bot.watch import stream_writes
from tests.demo.conftest import plain_client
from tests.store.raw_sql import changes
from tests.watch.harness import POLL, WatchHarness, asked, mint

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


async def test_a_row_that_says_nothing_of_marks_takes_none_away(harness: WatchHarness) -> None:
    coin = await harness.live_coin()
    coin.nsfw = True
    await harness.tick()
    async with plain_client() as client:
        rows = (
            await client.get(f"{harness.site.origin}/coins/currently-live?includeNsfw=true")
        ).json()
    del rows[0]["nsfw"]
    harness.site.fail("roster", Fault.GARBAGE, body=json.dumps(rows))
    await harness.tick(2)
    assert (await marks(harness, coin), await wanted(harness, coin)) == (MARKED, 2)
    rows[0]["nsfw"] = False
    harness.site.fail("roster", Fault.GARBAGE, body=json.dumps(rows))
    await harness.tick(2)
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


@pytest.mark.parametrize(
    ("error", "minutes"),
    [
        (PumpfunError(Reason.SERVER_ERROR, status=500), [1, 2, 4]),
        (PumpfunError(Reason.TIMEOUT), [1, 1, 1]),  # it says nothing of that coin
        (OverflowError("date value out of range"), [1, 2, 4]),
    ],
)
async def test_coins_whose_records_cannot_be_had_hold_up_no_others(
    harness: WatchHarness, monkeypatch: pytest.MonkeyPatch, error: Exception, minutes: list[int]
) -> None:
    broken = {mint(number) for number in range(10, 15)}
    on_air, new = harness.coin(1, hidden=True), harness.coin(2)
    answer, asked_at = harness.pumpfun.coin, defaultdict[str, list[float]](list)

    async def coin(mint: str, *, asker: Asker) -> Coin | None:
        asked_at[mint].append(harness.clock.monotonic())
        if mint in broken:
            raise error
        return await answer(mint, asker=asker)

    monkeypatch.setattr(harness.pumpfun, "coin", coin)
    await harness.subscribe(*broken, checked=False)
    await harness.subscribe(on_air.mint)
    await harness.subscribe(new.mint, checked=False)
    on_air.go_live()
    on_air.nsfw = True
    await harness.tick(12)
    assert await marks(harness, on_air) == MARKED
    async with harness.store.read() as unit:
        assert set(await unit.subscriptions.unchecked()) == broken
    await harness.tick(48)
    for one in broken:
        pauses = [after - before for before, after in itertools.pairwise(asked_at[one])]
        assert [pause // 60 for pause in pauses[:3]] == minutes
    assert harness.health.part("watcher").ok


async def test_unchecked_coins_leave_a_place_to_those_that_are_on_air(
    harness: WatchHarness,
) -> None:
    on_air = harness.coin(1, hidden=True)
    await harness.subscribe(on_air.mint)
    on_air.go_live()
    on_air.nsfw = True
    await harness.tick()
    await harness.subscribe(*(mint(number) for number in range(100, 140)), checked=False)
    await harness.tick(3)
    assert await marks(harness, on_air) == MARKED


async def test_a_mark_that_could_not_be_saved_is_asked_for_again_by_the_next_poll(
    harness: WatchHarness,
) -> None:
    coin = harness.coin(1, hidden=True)
    await harness.subscribe(coin.mint)
    coin.go_live()
    await harness.tick(4)
    coin.nsfw = True
    with (
        patch.object(Coins, "put", side_effect=DatabaseBusy("mintcast.db")),
        pytest.raises(DatabaseBusy),
    ):
        await harness.tick(60)
    await harness.tick()
    assert (await marks(harness, coin), await wanted(harness, coin)) == (MARKED, 2)


async def test_of_many_coins_a_few_are_kept_before_others_write(
    harness: WatchHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_writes, "_COINS_AT_ONCE", 2, raising=False)
    for number in range(1, 6):
        harness.coin(number).go_live()
        await harness.subscribe(mint(number), checked=False)
    with changes() as changed:
        await harness.tick()
    kept = [sum("INTO coins" in sql for sql in transaction) for transaction in changed]
    assert sorted(filter(None, kept)) == [1, 2, 2]
    async with harness.store.read() as unit:
        assert await unit.subscriptions.unchecked() == ()


async def test_that_there_is_no_such_coin_all_are_told_by_one_statement_and_once(
    harness: WatchHarness,
) -> None:
    channels = ("one", "two", "three")
    for channel in channels:
        target = await harness.subscribe(mint(1), channel=channel, checked=False)
    async with harness.store.write() as unit:
        await unit.places.disable(target.id, "gone", harness.clock.now())
    with changes() as changed:
        await harness.tick(3)
    told = [sql for transaction in changed for sql in transaction if "INTO deliveries" in sql]
    assert len(told) == 1
    bodies = []
    for channel in channels:
        target = await harness.target(channel)
        async with harness.store.read() as unit:
            notice = await unit.deliveries.find(target.id, f"{NO_COIN}{mint(1)}")
        bodies.append(notice.body if notice is not None else None)
    body = json.dumps({"about": "no-coin", "mint": mint(1)})
    assert bodies == [body, body, None]


# Which coins are asked about


async def test_a_record_that_says_to_wait_leaves_the_others_unasked(harness: WatchHarness) -> None:
    await harness.subscribe(mint(1), mint(2), checked=False)
    harness.site.fail("coins-v3", Fault.RATE_LIMITED, retry_after=55)
    await harness.tick()
    records = asked(harness, "coins-v3")
    await harness.tick(5)
    assert records() == 0
    await harness.tick()
    assert records() > 0


async def test_names_of_followed_coins_are_kept_from_the_roster(harness: WatchHarness) -> None:
    coin, stranger = harness.coin(1), harness.coin(2)
    await harness.subscribe(coin.mint, checked=False)
    coin.go_live()
    stranger.go_live()
    await harness.tick()
    async with harness.store.read() as unit:
        kept = await unit.coins.get(coin.mint)
        assert kept is not None
        assert (kept.symbol, kept.name) == ("C1", "Coin 1")
        assert await unit.coins.get(stranger.mint) is None
        assert await unit.subscriptions.unchecked() == ()
    assert harness.site.count("coins-v3") == 0


async def test_a_subscription_that_nobody_confirmed_is_confirmed_later(
    harness: WatchHarness,
) -> None:
    coin = harness.coin(1)
    await harness.subscribe(coin.mint, checked=False)
    harness.site.fail("coins-v3", Fault.SERVER_ERROR)
    harness.site.fail("coins-v2", Fault.SERVER_ERROR)
    await harness.tick(3)
    async with harness.store.read() as unit:
        assert await unit.subscriptions.unchecked() == (coin.mint,)
    harness.site.heal()
    await harness.tick(5)
    async with harness.store.read() as unit:
        assert await unit.subscriptions.unchecked() == ()
        kept = await unit.coins.get(coin.mint)
    assert kept is not None
    assert kept.name == "Coin 1"


async def test_a_mint_that_names_no_coin_is_told_once_and_its_subscription_stays(
    harness: WatchHarness,
) -> None:
    here = await harness.subscribe(mint(404), checked=False)
    there = await harness.subscribe(mint(404), channel="there", checked=False)
    await harness.tick(5)
    async with harness.store.read() as unit:
        for target in (here, there):
            notice = await unit.deliveries.find(target.id, f"notcoin:{mint(404)}")
            assert notice is not None
            assert notice.kind is DeliveryKind.NOTICE
        assert await unit.subscriptions.by_place() == {here.place_id: {mint(404)}}
        assert sum((await unit.deliveries.counts()).values()) == 2
    assert harness.site.count("coins-v3") == 1
    await harness.clock.advance(3600)
    await harness.tick()  # it is asked about again: the coin may have been too new
    assert harness.site.count("coins-v3") == 2


async def test_who_could_not_be_told_that_a_mint_names_no_coin_is_told_by_the_next_poll(
    harness: WatchHarness,
) -> None:
    here = await harness.subscribe(mint(404), checked=False)
    with (
        patch.object(Deliveries, "owe_notices", side_effect=DatabaseBusy("mintcast.db")),
        pytest.raises(DatabaseBusy),
    ):
        await harness.tick()
    await harness.tick()
    async with harness.store.read() as unit:
        assert await unit.deliveries.find(here.id, f"notcoin:{mint(404)}") is not None


async def test_many_mints_that_nobody_confirmed_leave_the_group_s_budget_to_commands(
    harness: WatchHarness,
) -> None:
    await harness.subscribe(*(mint(number) for number in range(20)), checked=False)
    names = asked(harness, "coins-v3")
    for _ in range(24):  # also where polls are short
        await harness.clock.advance(1)
        await harness.watcher.tick()
    assert 8 <= names() <= 12
