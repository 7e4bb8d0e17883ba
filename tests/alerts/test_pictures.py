"""The picture of an alert: fetched once, shared, replaced when the real one appears."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import PumpfunError
from bot.kit.notifier import DELIVERIES
from bot.model import Priority, Reason, StreamState
from tests.alerts.harness import COIN, MINT, Scene, jpeg, unreachable
from tests.fakes.clock import FakeClock
from tests.fakes.sender import FakeSender


async def test_the_thumbnail_is_fetched_once_for_all_targets(
    scene: Scene, sender: FakeSender, clock: FakeClock
) -> None:
    await scene.targets(20)
    scene.site.latency = 1.0
    async with scene.running():
        stream = await scene.go_live()
        assert not sender.posts
        await clock.advance(1)
    keys = {post.shows.picture.key for post in sender.posts.values() if post.shows.picture}
    assert len(sender.posts) == 20
    assert len(keys) == 1
    assert scene.site.asked.count(f"thumbnail {MINT}") == 1
    (key,) = keys
    assert scene.files.path(key).read_bytes() == jpeg().data
    async with scene.store.read() as unit:
        kept = await unit.streams.get(stream.id)
    assert kept is not None
    assert kept.picture_key == key
    assert {call.method for call in sender.calls} == {"send"}  # nobody needs an edit


async def test_sizes_go_with_the_picture(scene: Scene, sender: FakeSender) -> None:
    (target,) = await scene.targets(1)
    async with scene.running():
        stream = await scene.go_live()
    async with scene.running():  # another life: it reads the file's header
        await scene.change(stream, StreamState.GRACE)
    for message in sender.only_post_to(target.id).shown:
        assert message.picture is not None
        assert (message.picture.width, message.picture.height) == (32, 18)


async def test_the_coin_stands_in_until_the_real_picture_appears(
    scene: Scene, sender: FakeSender, clock: FakeClock
) -> None:
    targets = await scene.targets(12)
    scene.site.stream_picture = None
    async with scene.running():
        await scene.go_live()
        assert len(sender.posts) == 12  # nobody waited
        scene.site.stream_picture = jpeg()
        await clock.advance(20)
    for target in targets:
        first, second = sender.only_post_to(target.id).shown
        assert first.picture is not None
        assert second.picture is not None
        assert scene.files.path(first.picture.key).read_bytes() == jpeg(90).data
        assert scene.files.path(second.picture.key).read_bytes() == jpeg().data
        assert first.lines == second.lines
    assert scene.site.asked.count(f"picture {COIN.image}") == 1


async def test_a_slow_picture_is_waited_for_three_seconds_once_for_all(
    scene: Scene, sender: FakeSender, clock: FakeClock
) -> None:
    await scene.targets(20)
    scene.site.latency = 30.0
    async with scene.running():
        await scene.go_live()
        await clock.advance(2.9)
        assert not sender.posts
        await clock.advance(0.2)
        assert len(sender.posts) == 20
        await clock.advance(30)
    assert all(len(post.shown) == 2 for post in sender.posts.values())
    assert scene.site.asked.count(f"thumbnail {MINT}") == 1


@pytest.mark.parametrize("error", [unreachable(), PumpfunError(Reason.NOT_A_PICTURE)])
async def test_without_any_picture_the_card_goes_alone(
    scene: Scene, sender: FakeSender, clock: FakeClock, error: PumpfunError
) -> None:
    (target,) = await scene.targets(1)
    scene.site.stream_picture = scene.site.coin_picture = error
    async with scene.running():
        await scene.go_live()
        assert sender.only_post_to(target.id).shows.picture is None
        await clock.advance(300)
        assert 4 <= scene.site.asked.count(f"thumbnail {MINT}") <= 8  # ever longer pauses
        assert scene.site.asked.count(f"picture {COIN.image}") == 1


async def test_several_streams_look_for_their_pictures_at_the_same_time(
    scene: Scene, sender: FakeSender, clock: FakeClock
) -> None:
    mints = [f"{n:04}{MINT[4:]}" for n in range(1, 41)]
    for mint in mints:
        await scene.targets(1, mint=mint)
    scene.site.latency = 60.0
    async with scene.running():
        for mint in mints:
            await scene.go_live(mint, told=False)
        scene.notifier.notify(DELIVERIES)
        await clock.advance(3.2)
        assert len(sender.posts) == 40


async def test_the_search_ends_with_the_stream(
    scene: Scene, sender: FakeSender, clock: FakeClock
) -> None:
    await scene.targets(1)
    scene.site.stream_picture = None
    async with scene.running():
        stream = await scene.go_live()
        await scene.change(stream, StreamState.ENDED)
        await clock.advance(6)
        asked = len(scene.site.asked)
        await clock.advance(600)
        assert len(scene.site.asked) == asked


async def test_a_restart_looks_on_for_a_picture_that_was_missing(
    scene: Scene, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await scene.targets(1)
    scene.site.stream_picture = None
    async with scene.running():
        await scene.go_live()
    scene.site.stream_picture = jpeg()
    async with scene.running():
        await clock.advance(1)
    assert len(sender.only_post_to(target.id).shown) == 2


async def test_a_full_disk_costs_the_picture_and_not_the_alert(
    scene: Scene, sender: FakeSender
) -> None:
    (target,) = await scene.targets(1)
    scene.files.folder.parent.mkdir(parents=True, exist_ok=True)
    await asyncio.to_thread(scene.files.folder.write_bytes, b"in the way of the folder")
    async with scene.running():
        await scene.go_live()
    assert sender.only_post_to(target.id).shows.picture is None


async def test_a_picture_that_was_swept_away_is_fetched_anew(
    scene: Scene, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await scene.targets(1)
    async with scene.running():
        stream = await scene.go_live()
    shows = sender.only_post_to(target.id).shows
    assert shows.picture is not None
    await scene.files.delete(shows.picture.key)
    async with scene.running():
        await scene.change(stream, StreamState.GRACE)
        assert len(sender.only_post_to(target.id).shown) == 2


async def test_when_the_site_names_a_picture_it_is_fetched_at_once_and_shown_by_one_edit(
    scene: Scene, sender: FakeSender, clock: FakeClock
) -> None:
    targets = await scene.targets(30)
    scene.site.stream_picture = None
    async with scene.running():
        stream = await scene.go_live(thumbnail=None)
        await clock.advance(200)  # by now it is asked for rarely
        scene.site.stream_picture = jpeg()
        scene.site.latency = 1.0
        await scene.change(stream, thumbnail="http://127.0.0.1/first.jpg")
        async with scene.store.write() as unit:
            await unit.deliveries.raise_wanted(stream.id, clock.now(), Priority.CHANGE)
        scene.notifier.notify(DELIVERIES)
        await clock.advance(1.5)
    for target in targets:
        shows = sender.only_post_to(target.id).shows
        assert shows.picture is not None
        assert scene.files.path(shows.picture.key).read_bytes() == jpeg().data
    assert sum(call.method == "edit" for call in sender.calls) < 30 + 20
