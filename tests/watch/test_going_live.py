"""From the site to what is owed: announcing, flapping, ending."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest.mock import patch

import pytest

from bot.demo.site.server import Fault
from bot.errors import DatabaseBusy
from bot.kit.notifier import DELIVERIES, STREAMS
from bot.model import ENDED_FIRST, DeliveryState, Live, Offline, Priority, StreamState, Unknown
from bot.store import Unit
from bot.store.rows.streams import Streams
from tests.fakes.failing_store import answer_lost
from tests.watch.harness import POLL, WatchHarness, mint

JPEG = b"\xff\xd8 not the one of before"


async def test_a_coin_that_goes_live_is_announced_by_the_next_tick(harness: WatchHarness) -> None:
    coin = harness.coin(1)
    await harness.subscribe(coin.mint)
    await harness.tick()
    assert await harness.stream(coin.mint) is None
    coin.go_live("hello", viewers=7)
    with harness.notifier.listening(DELIVERIES) as woken:
        await harness.tick()
        assert woken.is_set()
    stream = await harness.stream(coin.mint)
    assert stream is not None
    assert stream.broadcast.state is StreamState.LIVE
    assert (stream.broadcast.title, stream.broadcast.viewers) == ("hello", 7)
    owed = await harness.owed(coin.mint)
    assert owed is not None
    assert (owed.state, owed.silent) == (DeliveryState.DUE, False)


async def test_only_those_who_subscribed_are_owed_an_alert(harness: WatchHarness) -> None:
    one, other = harness.coin(1), harness.coin(2)
    await harness.subscribe(one.mint, channel="here")
    await harness.subscribe(one.mint, other.mint, channel="there")
    await harness.target("nobody asked here")
    one.go_live()
    await harness.tick()
    assert await harness.alerts() == 2
    assert await harness.owed(one.mint, "here")
    assert await harness.owed(one.mint, "there")
    assert not await harness.owed(other.mint, "there")


async def test_a_coin_that_shows_nothing_is_announced_after_the_start_grace(
    harness: WatchHarness,
) -> None:
    coin = harness.coin(1)
    await harness.subscribe(coin.mint)
    coin.go_live(media=False)
    await harness.tick(6)
    assert await harness.alerts() == 0
    await harness.tick()
    assert await harness.alerts() == 1


async def test_a_coin_that_shows_nothing_is_announced_as_soon_as_it_does(
    harness: WatchHarness,
) -> None:
    coin = harness.coin(1)
    await harness.subscribe(coin.mint)
    coin.go_live(media=False)
    await harness.tick()
    coin.show_media()
    await harness.tick()
    assert await harness.alerts() == 1


async def test_a_start_that_comes_to_nothing_alerts_nobody(harness: WatchHarness) -> None:
    coin = harness.coin(1)
    await harness.subscribe(coin.mint)
    coin.go_live(media=False)
    await harness.tick()
    coin.end()
    await harness.tick(10)
    stream = await harness.stream(coin.mint)
    assert stream is not None
    assert stream.broadcast.state is StreamState.ENDED
    assert await harness.alerts() == 0


async def test_drops_of_one_to_four_minutes_are_one_alert_and_one_end(
    harness: WatchHarness,
) -> None:
    coin = harness.coin(1)
    await harness.subscribe(coin.mint)
    for drop in range(7):
        coin.go_live(viewers=drop)
        await harness.tick(3)
        coin.end() if drop % 2 else coin.drop()
        await harness.tick(6 + 3 * drop)
    stream = await harness.stream(coin.mint)
    assert stream is not None
    assert stream.broadcast.state is StreamState.GRACE
    await harness.tick(31)
    ended = await harness.stream(coin.mint)
    assert ended is not None
    assert (ended.id, ended.broadcast.state) == (stream.id, StreamState.ENDED)
    assert ended.broadcast.ended_at == ended.broadcast.last_seen_at
    assert ended.broadcast.peak_viewers == 6
    assert await harness.alerts() == 1


async def test_a_drop_that_no_tick_sees_is_nothing_at_all(harness: WatchHarness) -> None:
    coin = harness.coin(1)
    await harness.subscribe(coin.mint)
    coin.go_live()
    await harness.tick(2)
    for _ in range(5):
        coin.flap()
        await harness.tick(2)
        coin.rotate_media()
        await harness.tick(2)
    stream = await harness.stream(coin.mint)
    assert stream is not None
    assert stream.broadcast.state is StreamState.LIVE
    assert coin.broadcast is not None
    assert stream.broadcast.site_id == coin.broadcast.stream_id
    assert await harness.alerts() == 1


async def test_pause_return_and_end_each_raise_what_is_wanted(harness: WatchHarness) -> None:
    coin = harness.coin(1)
    target = await harness.subscribe(coin.mint)
    coin.go_live()
    await harness.tick()

    async def wanted() -> tuple[int, int]:
        owed = await harness.owed(coin.mint)
        assert owed is not None
        return owed.wanted, owed.priority

    async with harness.store.write() as unit:
        (claimed,) = await unit.deliveries.claim("local", "me", 1, harness.clock.now())
        assert await unit.deliveries.mark_sending(claimed, harness.clock.now())
        assert await unit.deliveries.mark_shown(claimed, "m1", harness.clock.now())
    assert target.id == claimed.target_id
    await harness.clock.advance(1)
    coin.show_media(JPEG)  # so that a picture is no reason any more
    await harness.tick()
    before, _ = await wanted()
    coin.drop()
    await harness.tick()
    assert await wanted() == (before + 1, Priority.CHANGE)
    coin.go_live()
    await harness.tick()
    assert await wanted() == (before + 2, Priority.CHANGE)
    coin.end()
    await harness.tick(32)
    assert await wanted() == (before + 4, Priority.END)


async def test_an_alert_that_was_never_sent_is_dropped_at_the_end(harness: WatchHarness) -> None:
    coin = await harness.live_coin()
    coin.end()
    await harness.tick(32)
    owed = await harness.owed(coin.mint)
    assert owed is not None
    assert (owed.state, owed.error) == (DeliveryState.DEAD, ENDED_FIRST)


async def test_the_picture_that_was_missing_is_told_when_its_row_shows_it(
    harness: WatchHarness,
) -> None:
    coin = harness.coin(1)
    await harness.subscribe(coin.mint)
    coin.go_live(media=False)
    await harness.tick(8)
    owed = await harness.owed(coin.mint)
    assert owed is not None
    await harness.clock.advance(1)
    coin.show_media(JPEG)
    await harness.tick()
    again = await harness.owed(coin.mint)
    assert again is not None
    assert again.wanted == owed.wanted + 1
    await harness.clock.advance(1)
    coin.show_media(JPEG)
    await harness.tick(2)
    assert await harness.owed(coin.mint) == again


async def test_a_title_that_changes_is_kept_and_owes_nothing_by_itself(
    harness: WatchHarness,
) -> None:
    coin = harness.coin(1)
    await harness.subscribe(coin.mint)
    coin.go_live("one", viewers=2)
    await harness.tick()
    owed = await harness.owed(coin.mint)
    coin.retitle("two")
    coin.watch(40)
    await harness.tick()
    stream = await harness.stream(coin.mint)
    assert stream is not None
    assert (stream.broadcast.title, stream.broadcast.peak_viewers) == ("two", 40)
    assert await harness.owed(coin.mint) == owed


async def test_a_stream_that_began_while_we_were_down_is_announced(harness: WatchHarness) -> None:
    coin, old = harness.coin(1), harness.coin(2)
    await harness.subscribe(coin.mint, old.mint)
    await harness.tick()
    old.go_live()
    await harness.clock.advance(10 * 60)
    coin.go_live()
    await harness.clock.advance(14 * 60)
    harness.restart()
    await harness.watcher.tick()
    fresh, late = await harness.owed(coin.mint), await harness.owed(old.mint)
    assert fresh is not None
    assert late is not None
    assert not fresh.silent
    assert late.silent  # it began 24 minutes ago


async def test_a_stream_that_went_on_while_we_were_down_is_the_same(harness: WatchHarness) -> None:
    coin, other = harness.coin(1), harness.coin(2)
    await harness.subscribe(coin.mint, other.mint)
    coin.go_live()
    other.go_live()
    await harness.tick()
    before = {one: stream.id for one, stream in (await harness.opened()).items()}
    await harness.clock.advance(4 * 60)
    other.flap()  # within grace of when it was last seen
    await harness.clock.advance(3 * 3600)
    harness.restart()
    await harness.watcher.tick()
    assert {one: stream.id for one, stream in (await harness.opened()).items()} == before
    assert await harness.alerts() == 2


async def test_a_stream_that_ended_while_we_were_down_and_its_successor_are_two(
    harness: WatchHarness,
) -> None:
    coin = harness.coin(1)
    await harness.subscribe(coin.mint)
    coin.go_live("monday")
    await harness.tick()
    first = await harness.stream(coin.mint)
    coin.end()
    await harness.clock.advance(3600)
    coin.go_live("tuesday")
    await harness.clock.advance(60)
    harness.restart()
    await harness.watcher.tick()
    second = await harness.stream(coin.mint)
    assert first is not None
    assert second is not None
    assert first.id != second.id
    async with harness.store.read() as unit:
        gone = await unit.streams.get(first.id)
    assert gone is not None
    assert gone.broadcast.state is StreamState.ENDED
    assert second.broadcast.title == "tuesday"
    assert await harness.alerts() == 2


async def test_a_look_answers_and_is_applied_at_once(harness: WatchHarness) -> None:
    coin = harness.coin(1)
    coin.go_live()
    await harness.subscribe(coin.mint)
    assert isinstance(await harness.watcher.look(coin.mint), Live)
    assert await harness.owed(coin.mint)
    assert await harness.watcher.look(mint(2)) == Offline()


async def test_a_look_at_a_coin_that_nobody_follows_opens_nothing(harness: WatchHarness) -> None:
    coin = harness.coin(1)
    coin.go_live()
    assert isinstance(await harness.watcher.look(coin.mint), Live)
    assert not await harness.opened()


async def test_a_stream_is_followed_to_its_end_though_nobody_subscribes_any_more(
    harness: WatchHarness,
) -> None:
    coin = harness.coin(1)
    target = await harness.subscribe(coin.mint)
    coin.go_live()
    await harness.tick()
    async with harness.store.write() as unit:
        await unit.subscriptions.remove(target.id, coin.mint)
    coin.end()
    await harness.tick(32)
    assert not await harness.opened()


async def test_looks_and_ticks_at_the_same_moment_announce_once(harness: WatchHarness) -> None:
    coins = [harness.coin(number) for number in range(12)]
    await harness.subscribe(*(coin.mint for coin in coins))
    for coin in coins:
        coin.go_live()
    await harness.clock.advance(POLL)
    looks = [harness.watcher.look(coin.mint) for coin in coins for _ in range(3)]
    await asyncio.gather(harness.watcher.tick(), *looks)
    assert await harness.alerts() == 12
    assert len(await harness.opened()) == 12


async def test_many_who_look_at_one_coin_ask_once(harness: WatchHarness) -> None:
    coin = harness.coin(1)
    coin.go_live()
    await asyncio.gather(*(harness.watcher.look(coin.mint) for _ in range(50)))
    assert harness.site.count("livestream") == 1


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.GARBAGE, Fault.FORBIDDEN])
async def test_a_look_that_finds_nothing_out_changes_nothing(
    harness: WatchHarness, fault: Fault
) -> None:
    coin = harness.coin(1)
    await harness.subscribe(coin.mint)
    coin.go_live()
    harness.site.fail("livestream", fault)
    assert isinstance(await harness.watcher.look(coin.mint), Unknown)
    assert not await harness.opened()


async def test_whoever_keeps_what_streams_show_hears_of_each_that_begins_or_ends(
    harness: WatchHarness,
) -> None:
    coin = harness.coin(1)
    await harness.subscribe(coin.mint)
    with harness.notifier.listening(STREAMS) as news:
        await harness.tick()
        assert not news.is_set()
        coin.go_live()
        await harness.tick()
        assert news.is_set()
        news.clear()
        coin.end()
        await harness.tick()
        assert news.is_set()


BUSY = DatabaseBusy("mintcast.db")


async def test_a_start_that_could_not_be_saved_is_looked_at_again_by_the_next_poll(
    harness: WatchHarness,
) -> None:
    coins = [harness.coin(number, hidden=True) for number in range(200)]
    await harness.subscribe(*(coin.mint for coin in coins))
    await harness.tick(10)
    coins[0].go_live()
    with patch.object(Streams, "insert", side_effect=BUSY) as insert:
        with pytest.raises(ExceptionGroup):
            await harness.tick(10)
        assert insert.call_count == 1
    assert await harness.alerts() == 0
    await harness.tick()
    assert await harness.owed(coins[0].mint) is not None


async def _is_owed(unit: Unit) -> bool:
    return sum((await unit.deliveries.counts()).values()) > 0


async def test_an_alert_is_hinted_at_where_it_is_not_known_to_be_saved(
    harness: WatchHarness,
) -> None:
    coin = harness.coin(1)
    await harness.subscribe(coin.mint)
    coin.go_live()
    with harness.notifier.listening(DELIVERIES) as woken, answer_lost(harness.store, _is_owed):
        with pytest.raises(ExceptionGroup):
            await harness.tick()
        assert woken.is_set()
    await harness.tick()
    assert await harness.alerts() == 1


async def test_an_alert_is_hinted_at_where_who_asked_leaves_while_it_is_saved(
    harness: WatchHarness,
) -> None:
    coin = harness.coin(1)
    await harness.subscribe(coin.mint)
    coin.go_live()
    looking = asyncio.ensure_future(harness.watcher.look(coin.mint))
    commit = harness.store._commit

    async def leave(raw: Any) -> None:
        looking.cancel()
        await commit(raw)

    with (
        patch.object(harness.store, "_commit", leave),
        harness.notifier.listening(DELIVERIES) as woken,
    ):
        await asyncio.wait([looking])
        assert looking.cancelled()
        assert woken.is_set()
    assert await harness.alerts() == 1


async def test_what_a_person_saw_that_could_not_be_saved_is_looked_at_by_the_next_poll(
    harness: WatchHarness,
) -> None:
    coins = [harness.coin(number, hidden=True) for number in range(200)]
    await harness.subscribe(*(coin.mint for coin in coins[1:]))
    await harness.tick(10)
    await harness.subscribe(coins[0].mint)
    coins[0].go_live()
    harness.site.fail("livestream", Fault.SERVER_ERROR)
    await harness.tick()
    harness.site.heal()
    with patch.object(Streams, "insert", side_effect=BUSY), pytest.raises(DatabaseBusy):
        await harness.watcher.look(coins[0].mint)
    assert harness.watcher.seen_lately(coins[0].mint) is None
    await harness.tick()
    assert await harness.owed(coins[0].mint) is not None
