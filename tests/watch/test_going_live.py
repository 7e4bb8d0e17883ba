"""From the site to what is owed: announcing, flapping, ending."""

from __future__ import annotations

import asyncio

import pytest

from bot.demo.site.server import Fault
from bot.kit.notifier import DELIVERIES
from bot.model import ENDED_FIRST, DeliveryState, Live, Offline, Priority, StreamState, Unknown
from tests.watch.harness import POLL, Tower, mint

JPEG = b"\xff\xd8 not the one of before"


async def test_a_coin_that_goes_live_is_announced_by_the_next_tick(tower: Tower) -> None:
    coin = tower.coin(1)
    await tower.subscribe(coin.mint)
    await tower.tick()
    assert await tower.stream(coin.mint) is None
    coin.go_live("hello", viewers=7)
    with tower.notifier.listening(DELIVERIES) as woken:
        await tower.tick()
        assert woken.is_set()
    stream = await tower.stream(coin.mint)
    assert stream is not None
    assert stream.broadcast.state is StreamState.LIVE
    assert (stream.broadcast.title, stream.broadcast.viewers) == ("hello", 7)
    owed = await tower.owed(coin.mint)
    assert owed is not None
    assert (owed.state, owed.silent) == (DeliveryState.DUE, False)


async def test_only_those_who_subscribed_are_owed_an_alert(tower: Tower) -> None:
    one, other = tower.coin(1), tower.coin(2)
    await tower.subscribe(one.mint, channel="here")
    await tower.subscribe(one.mint, other.mint, channel="there")
    await tower.target("nobody asked here")
    one.go_live()
    await tower.tick()
    assert await tower.alerts() == 2
    assert await tower.owed(one.mint, "here")
    assert await tower.owed(one.mint, "there")
    assert not await tower.owed(other.mint, "there")


async def test_a_coin_that_shows_nothing_is_announced_after_the_start_grace(tower: Tower) -> None:
    coin = tower.coin(1)
    await tower.subscribe(coin.mint)
    coin.go_live(media=False)
    await tower.tick(6)
    assert await tower.alerts() == 0
    await tower.tick()
    assert await tower.alerts() == 1


async def test_a_coin_that_shows_nothing_is_announced_as_soon_as_it_does(tower: Tower) -> None:
    coin = tower.coin(1)
    await tower.subscribe(coin.mint)
    coin.go_live(media=False)
    await tower.tick()
    coin.show_media()
    await tower.tick()
    assert await tower.alerts() == 1


async def test_a_start_that_comes_to_nothing_alerts_nobody(tower: Tower) -> None:
    coin = tower.coin(1)
    await tower.subscribe(coin.mint)
    coin.go_live(media=False)
    await tower.tick()
    coin.end()
    await tower.tick(10)
    stream = await tower.stream(coin.mint)
    assert stream is not None
    assert stream.broadcast.state is StreamState.ENDED
    assert await tower.alerts() == 0


async def test_drops_of_one_to_four_minutes_are_one_alert_and_one_end(tower: Tower) -> None:
    coin = tower.coin(1)
    await tower.subscribe(coin.mint)
    for drop in range(7):
        coin.go_live(viewers=drop)
        await tower.tick(3)
        coin.end() if drop % 2 else coin.drop()
        await tower.tick(6 + 3 * drop)
    stream = await tower.stream(coin.mint)
    assert stream is not None
    assert stream.broadcast.state is StreamState.GRACE
    await tower.tick(31)
    ended = await tower.stream(coin.mint)
    assert ended is not None
    assert (ended.id, ended.broadcast.state) == (stream.id, StreamState.ENDED)
    assert ended.broadcast.ended_at == ended.broadcast.last_seen_at
    assert ended.broadcast.peak_viewers == 6
    assert await tower.alerts() == 1


async def test_a_drop_that_no_tick_sees_is_nothing_at_all(tower: Tower) -> None:
    coin = tower.coin(1)
    await tower.subscribe(coin.mint)
    coin.go_live()
    await tower.tick(2)
    for _ in range(5):
        coin.flap()
        await tower.tick(2)
        coin.rotate_media()
        await tower.tick(2)
    stream = await tower.stream(coin.mint)
    assert stream is not None
    assert stream.broadcast.state is StreamState.LIVE
    assert coin.broadcast is not None
    assert stream.broadcast.site_id == coin.broadcast.stream_id
    assert await tower.alerts() == 1


async def test_pause_return_and_end_each_raise_what_is_wanted(tower: Tower) -> None:
    coin = tower.coin(1)
    target = await tower.subscribe(coin.mint)
    coin.go_live()
    await tower.tick()

    async def wanted() -> tuple[int, int]:
        owed = await tower.owed(coin.mint)
        assert owed is not None
        return owed.wanted, owed.priority

    async with tower.store.write() as unit:
        (claimed,) = await unit.deliveries.claim("local", "me", 1, tower.clock.now())
        assert await unit.deliveries.mark_sending(claimed, tower.clock.now())
        assert await unit.deliveries.mark_shown(claimed, "m1", tower.clock.now())
    assert target.id == claimed.target_id
    await tower.clock.advance(1)
    coin.show_media(JPEG)  # so that a picture is no reason any more
    await tower.tick()
    before, _ = await wanted()
    coin.drop()
    await tower.tick()
    assert await wanted() == (before + 1, Priority.CHANGE)
    coin.go_live()
    await tower.tick()
    assert await wanted() == (before + 2, Priority.CHANGE)
    coin.end()
    await tower.tick(32)
    assert await wanted() == (before + 4, Priority.END)


async def test_an_alert_that_was_never_sent_is_dropped_at_the_end(tower: Tower) -> None:
    coin = tower.coin(1)
    await tower.subscribe(coin.mint)
    coin.go_live()
    await tower.tick()
    coin.end()
    await tower.tick(32)
    owed = await tower.owed(coin.mint)
    assert owed is not None
    assert (owed.state, owed.error) == (DeliveryState.DEAD, ENDED_FIRST)


async def test_the_picture_that_was_missing_is_told_when_its_row_shows_it(tower: Tower) -> None:
    coin = tower.coin(1)
    await tower.subscribe(coin.mint)
    coin.go_live(media=False)
    await tower.tick(8)
    owed = await tower.owed(coin.mint)
    assert owed is not None
    await tower.clock.advance(1)
    coin.show_media(JPEG)
    await tower.tick()
    again = await tower.owed(coin.mint)
    assert again is not None
    assert again.wanted == owed.wanted + 1
    await tower.clock.advance(1)
    coin.show_media(JPEG)
    await tower.tick(2)
    assert await tower.owed(coin.mint) == again


async def test_a_title_that_changes_is_kept_and_owes_nothing_by_itself(tower: Tower) -> None:
    coin = tower.coin(1)
    await tower.subscribe(coin.mint)
    coin.go_live("one", viewers=2)
    await tower.tick()
    owed = await tower.owed(coin.mint)
    coin.retitle("two")
    coin.watch(40)
    await tower.tick()
    stream = await tower.stream(coin.mint)
    assert stream is not None
    assert (stream.broadcast.title, stream.broadcast.peak_viewers) == ("two", 40)
    assert await tower.owed(coin.mint) == owed


async def test_a_stream_that_began_while_we_were_down_is_announced(tower: Tower) -> None:
    coin, old = tower.coin(1), tower.coin(2)
    await tower.subscribe(coin.mint, old.mint)
    await tower.tick()
    old.go_live()
    await tower.clock.advance(10 * 60)
    coin.go_live()
    await tower.clock.advance(14 * 60)
    tower.restart()
    await tower.watcher.tick()
    fresh, late = await tower.owed(coin.mint), await tower.owed(old.mint)
    assert fresh is not None
    assert late is not None
    assert not fresh.silent
    assert late.silent  # it began 24 minutes ago


async def test_a_stream_that_went_on_while_we_were_down_is_the_same(tower: Tower) -> None:
    coin, other = tower.coin(1), tower.coin(2)
    await tower.subscribe(coin.mint, other.mint)
    coin.go_live()
    other.go_live()
    await tower.tick()
    before = {one: stream.id for one, stream in (await tower.opened()).items()}
    await tower.clock.advance(4 * 60)
    other.flap()  # within grace of when it was last seen
    await tower.clock.advance(3 * 3600)
    tower.restart()
    await tower.watcher.tick()
    assert {one: stream.id for one, stream in (await tower.opened()).items()} == before
    assert await tower.alerts() == 2


async def test_a_stream_that_ended_while_we_were_down_and_its_successor_are_two(
    tower: Tower,
) -> None:
    coin = tower.coin(1)
    await tower.subscribe(coin.mint)
    coin.go_live("monday")
    await tower.tick()
    first = await tower.stream(coin.mint)
    coin.end()
    await tower.clock.advance(3600)
    coin.go_live("tuesday")
    await tower.clock.advance(60)
    tower.restart()
    await tower.watcher.tick()
    second = await tower.stream(coin.mint)
    assert first is not None
    assert second is not None
    assert first.id != second.id
    async with tower.store.read() as unit:
        gone = await unit.streams.get(first.id)
    assert gone is not None
    assert gone.broadcast.state is StreamState.ENDED
    assert second.broadcast.title == "tuesday"
    assert await tower.alerts() == 2


async def test_a_look_answers_and_is_applied_at_once(tower: Tower) -> None:
    coin = tower.coin(1)
    coin.go_live()
    await tower.subscribe(coin.mint)
    assert isinstance(await tower.watcher.look(coin.mint), Live)
    assert await tower.owed(coin.mint)
    assert await tower.watcher.look(mint(2)) == Offline()


async def test_a_look_at_a_coin_that_nobody_follows_opens_nothing(tower: Tower) -> None:
    coin = tower.coin(1)
    coin.go_live()
    assert isinstance(await tower.watcher.look(coin.mint), Live)
    assert not await tower.opened()


async def test_a_stream_is_followed_to_its_end_though_nobody_subscribes_any_more(
    tower: Tower,
) -> None:
    coin = tower.coin(1)
    target = await tower.subscribe(coin.mint)
    coin.go_live()
    await tower.tick()
    async with tower.store.write() as unit:
        await unit.subscriptions.remove(target.id, coin.mint)
    coin.end()
    await tower.tick(32)
    assert not await tower.opened()


async def test_looks_and_ticks_at_the_same_moment_announce_once(tower: Tower) -> None:
    coins = [tower.coin(number) for number in range(12)]
    await tower.subscribe(*(coin.mint for coin in coins))
    for coin in coins:
        coin.go_live()
    await tower.clock.advance(POLL)
    looks = [tower.watcher.look(coin.mint) for coin in coins for _ in range(3)]
    await asyncio.gather(tower.watcher.tick(), *looks)
    assert await tower.alerts() == 12
    assert len(await tower.opened()) == 12


async def test_many_who_look_at_one_coin_ask_once(tower: Tower) -> None:
    coin = tower.coin(1)
    coin.go_live()
    await asyncio.gather(*(tower.watcher.look(coin.mint) for _ in range(50)))
    assert tower.site.count("livestream") == 1


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.GARBAGE, Fault.FORBIDDEN])
async def test_a_look_that_finds_nothing_out_changes_nothing(tower: Tower, fault: Fault) -> None:
    coin = tower.coin(1)
    await tower.subscribe(coin.mint)
    coin.go_live()
    tower.site.fail("livestream", fault)
    assert isinstance(await tower.watcher.look(coin.mint), Unknown)
    assert not await tower.opened()
