"""The picture of an alert: fetched once, shared, replaced when the real one appears."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.alerts.picture_cache import PictureCache
from bot.alerts.pictures.coins import CoinPictures
from bot.errors import DatabaseBusy, PumpfunError
from bot.kit.notifier import DELIVERIES
from bot.kit.tasks import Tasks, background
from bot.model import Picture, Priority, Reason, StreamState
from tests.alerts.harness import COIN, MINT, OTHER, AlertHarness, FakeSite, jpeg, unreachable
from tests.fakes.clock import FakeClock, settle
from tests.fakes.failing_store import FragileStore
from tests.fakes.sender import FakeSender


async def test_the_thumbnail_is_fetched_once_for_all_targets(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    await harness.targets(20)
    harness.site.latency = 1.0
    async with harness.running():
        stream = await harness.go_live()
        assert not sender.posts
        await clock.advance(1)
    keys = {post.shows.picture.key for post in sender.posts.values() if post.shows.picture}
    assert len(sender.posts) == 20
    assert len(keys) == 1
    assert harness.site.asked.count(f"thumbnail {MINT}") == 1
    (key,) = keys
    assert harness.files.path(key).read_bytes() == jpeg().data
    async with harness.store.read() as unit:
        kept = await unit.streams.get(stream.id)
    assert kept is not None
    assert kept.picture_key == key
    assert {call.method for call in sender.calls} == {"send"}  # nobody needs an edit


async def test_sizes_go_with_the_picture(harness: AlertHarness, sender: FakeSender) -> None:
    (target,) = await harness.targets(1)
    async with harness.running():
        stream = await harness.go_live()
    async with harness.running():  # another life: it reads the file's header
        await harness.change(stream, StreamState.GRACE)
    for message in sender.only_post_to(target.id).shown:
        assert message.picture is not None
        assert (message.picture.width, message.picture.height) == (32, 18)


async def test_the_coin_stands_in_until_the_real_picture_appears(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    targets = await harness.targets(12)
    harness.site.stream_picture = None
    async with harness.running():
        await harness.go_live()
        assert len(sender.posts) == 12  # nobody waited
        harness.site.stream_picture = jpeg()
        await clock.advance(20)
    for target in targets:
        first, second = sender.only_post_to(target.id).shown
        assert first.picture is not None
        assert second.picture is not None
        assert harness.files.path(first.picture.key).read_bytes() == jpeg(90).data
        assert harness.files.path(second.picture.key).read_bytes() == jpeg().data
        assert first.lines == second.lines
    assert harness.site.asked.count(f"picture {COIN.image}") == 1


async def test_a_slow_picture_is_waited_for_three_seconds_once_for_all(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    await harness.targets(20)
    harness.site.latency = 30.0
    async with harness.running():
        await harness.go_live()
        await clock.advance(2.9)
        assert not sender.posts
        await clock.advance(0.2)
        assert len(sender.posts) == 20
        await clock.advance(30)
    assert all(len(post.shown) == 2 for post in sender.posts.values())
    assert harness.site.asked.count(f"thumbnail {MINT}") == 1


@pytest.mark.parametrize("error", [unreachable(), PumpfunError(Reason.NOT_A_PICTURE)])
async def test_without_any_picture_the_card_goes_alone(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock, error: PumpfunError
) -> None:
    (target,) = await harness.targets(1)
    harness.site.stream_picture = harness.site.coin_picture = error
    async with harness.running():
        await harness.go_live()
        assert sender.only_post_to(target.id).shows.picture is None
        await clock.advance(300)
        assert 4 <= harness.site.asked.count(f"thumbnail {MINT}") <= 8  # ever longer pauses
        assert harness.site.asked.count(f"picture {COIN.image}") == 1


async def test_while_the_site_says_to_wait_it_is_asked_for_no_stream_s_picture(
    harness: AlertHarness, clock: FakeClock
) -> None:
    await harness.targets(1)
    await harness.targets(1, mint=OTHER)
    harness.site.stream_picture = PumpfunError(Reason.RATE_LIMITED, retry_after=60.0)
    async with harness.running():
        await harness.go_live()
        await harness.go_live(OTHER)
        await clock.advance(59)
        assert [one for one in harness.site.asked if "thumbnail" in one] == [f"thumbnail {MINT}"]
        harness.site.stream_picture = jpeg()
        await clock.advance(60)
    assert {f"thumbnail {MINT}", f"thumbnail {OTHER}"} <= set(harness.site.asked)


async def test_several_streams_look_for_their_pictures_at_the_same_time(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    mints = [f"{n:04}{MINT[4:]}" for n in range(1, 41)]
    for mint in mints:
        await harness.targets(1, mint=mint)
    harness.site.latency = 60.0
    async with harness.running():
        for mint in mints:
            await harness.go_live(mint, told=False)
        harness.notifier.notify(DELIVERIES)
        await clock.advance(3.2)
        assert len(sender.posts) == 40


async def test_the_search_ends_with_the_stream(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    await harness.targets(1)
    harness.site.stream_picture = None
    async with harness.running():
        stream = await harness.go_live()
        await harness.change(stream, StreamState.ENDED)
        await clock.advance(6)
        asked = len(harness.site.asked)
        await clock.advance(600)
        assert len(harness.site.asked) == asked


async def test_a_restart_looks_on_for_a_picture_that_was_missing(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    harness.site.stream_picture = None
    async with harness.running():
        await harness.go_live()
    harness.site.stream_picture = jpeg()
    async with harness.running():
        await clock.advance(1)
    assert len(sender.only_post_to(target.id).shown) == 2


async def test_a_try_that_the_database_fails_is_made_again(
    harness: AlertHarness, store: FragileStore, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    harness.site.stream_picture = None
    async with harness.running():
        await harness.go_live()
        sender.only_post_to(target.id)
        store.is_busy = True
        await clock.advance(6)
        store.is_busy = False
        harness.site.stream_picture = jpeg()
        await clock.advance(54)
    assert len(sender.only_post_to(target.id).shown) == 2


async def test_a_picture_that_another_node_has_found_goes_to_our_alerts_too(
    harness: AlertHarness, store: FragileStore, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    harness.site.stream_picture = None
    async with harness.running():
        stream = await harness.go_live()
        sender.only_post_to(target.id)
        key = await harness.files.put_picture(jpeg().data)
        async with store.write() as unit:
            await unit.streams.set_picture(stream.id, key, clock.now())
        await clock.advance(60)
    assert len(sender.only_post_to(target.id).shown) == 2


async def test_a_picture_that_could_not_be_noted_is_still_owed_to_who_did_not_wait_for_it(
    harness: AlertHarness, store: FragileStore, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    harness.site.latency = 10.0
    async with harness.running():
        await harness.go_live()
        await clock.advance(9)
        sender.only_post_to(target.id)
        store.is_broken = True
        await clock.advance(2)
        store.is_broken = False
        await clock.advance(20)
        assert len(sender.only_post_to(target.id).shown) == 2
        assert harness.health.part("dispatcher").ok


async def test_a_full_disk_costs_the_picture_and_not_the_alert(
    harness: AlertHarness, sender: FakeSender
) -> None:
    (target,) = await harness.targets(1)
    harness.files.folder.parent.mkdir(parents=True, exist_ok=True)
    await asyncio.to_thread(harness.files.folder.write_bytes, b"in the way of the folder")
    async with harness.running():
        await harness.go_live()
    assert sender.only_post_to(target.id).shows.picture is None


async def test_a_picture_that_was_swept_away_is_fetched_anew(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    async with harness.running():
        stream = await harness.go_live()
    shows = sender.only_post_to(target.id).shows
    assert shows.picture is not None
    await harness.files.delete(shows.picture.key)
    async with harness.running():
        await harness.change(stream, StreamState.GRACE)
        assert len(sender.only_post_to(target.id).shown) == 2


async def test_when_the_site_names_a_picture_it_is_fetched_at_once_and_shown_by_one_edit(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    targets = await harness.targets(30)
    harness.site.stream_picture = None
    async with harness.running():
        stream = await harness.go_live(thumbnail=None)
        await clock.advance(200)  # by now it is asked for rarely
        harness.site.stream_picture = jpeg()
        harness.site.latency = 1.0
        await harness.change(stream, thumbnail="http://127.0.0.1/first.jpg")
        async with harness.store.write() as unit:
            await unit.deliveries.raise_wanted(stream.id, clock.now(), Priority.CHANGE)
        harness.notifier.notify(DELIVERIES)
        await clock.advance(1.5)
    for target in targets:
        shows = sender.only_post_to(target.id).shows
        assert shows.picture is not None
        assert harness.files.path(shows.picture.key).read_bytes() == jpeg().data
    assert sum(call.method == "edit" for call in sender.calls) < 30 + 20


async def test_where_our_folder_cannot_be_entered_the_card_goes_alone(
    store: FragileStore, tmp_path: Path, clock: FakeClock, sender: FakeSender
) -> None:
    """Of such a name, since whoever runs the tests may be allowed to enter any folder."""
    harness = AlertHarness(store, tmp_path / ("a" * 300), clock, sender)
    (target,) = await harness.targets(1)
    async with harness.running():
        stream = await harness.go_live(viewers=100)
        assert sender.only_post_to(target.id).shows.picture is None
        await harness.change(stream, viewers=5000)
        await clock.advance(4.0)
    assert all("fault" not in (row.error or "") for row in await harness.rows())


class SlowSite(FakeSite):
    """It takes a second for a coin's picture."""

    async def picture(self, url: str) -> Picture:
        await self.clock.sleep(1.0)
        return await super().picture(url)


async def test_a_search_for_a_coins_picture_that_was_broken_off_begins_anew(
    harness: AlertHarness, store: FragileStore, clock: FakeClock
) -> None:
    tasks = Tasks()
    cache = PictureCache(harness.files)
    coins = CoinPictures(store, cache, SlowSite(clock), clock, tasks)
    store.is_busy = True
    with pytest.raises(DatabaseBusy):
        await coins.prepare(COIN)
    store.is_busy = False
    await coins.prepare(COIN)
    await settle()
    await tasks.stop()  # the lease is another node's, until it is ours again
    async with background(coins.of(COIN), "shows-it") as shown:
        await clock.advance(4.0)
        assert await shown is not None
