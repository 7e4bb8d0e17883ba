"""Moving pictures, where a place asked for them: else the still, the site's, the coin's own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.alerts.planning.compose import plainer
from bot.model import Message, Preference, Spoiler, StreamState, Target
from bot.store import Unit
from tests.alerts.harness import AlertHarness, jpeg
from tests.fakes.clock import FakeClock
from tests.fakes.failing_store import FragileStore, answer_lost
from tests.fakes.sender import After, FakeSender, Memory, Outcome

CLIP, NEWER = b"the first mp4", b"a newer mp4"


def moving(harness: AlertHarness, shown: Message) -> bytes | None:
    return harness.files.path(shown.moving.key).read_bytes() if shown.moving else None


async def wanting(harness: AlertHarness, count: int = 1, first: int = 0) -> list[Target]:
    targets = await harness.targets(count, first=first)
    for target in targets:
        await harness.prefer(Preference.PICTURE, "moving", target)
    return targets


async def test_it_is_made_once_and_only_for_who_asked(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    asked = await wanting(harness, 10)
    (other,) = await harness.targets(1, first=10)
    harness.live.clip = CLIP
    async with harness.running():
        await harness.go_live()
    for target in asked:
        (shown,) = sender.only_post_to(target.id).shown
        assert moving(harness, shown) == CLIP
        assert shown.picture is not None, "where the platform takes no moving one"
        assert shown.moving is not None
        assert (shown.moving.seconds, shown.moving.width) == (4.0, 640)
    assert sender.only_post_to(other.id).shows.moving is None
    assert harness.live.asked_moving == 1


async def test_nobody_who_wants_none_makes_one(harness: AlertHarness) -> None:
    await harness.targets(3)
    harness.live.clip = CLIP
    async with harness.running():
        await harness.go_live()
    assert harness.live.asked_moving == 0


async def test_the_still_stands_in_and_it_comes_by_an_edit_to_who_asked_alone(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (asked,) = await wanting(harness)
    (other,) = await harness.targets(1, first=1)
    async with harness.running():
        await harness.go_live()
        (shown,) = sender.only_post_to(asked.id).shown
        assert (shown.moving, shown.picture is not None) == (None, True)
        harness.live.clip = CLIP
        await clock.advance(20)
    assert moving(harness, sender.only_post_to(asked.id).shows) == CLIP
    assert len(sender.only_post_to(other.id).shown) == 1
    assert [call.target_id for call in sender.calls if call.method == "edit"] == [asked.id]


async def test_one_that_was_noted_though_the_database_did_not_say_so_comes_and_ends_the_search(
    harness: AlertHarness, store: FragileStore, sender: FakeSender, clock: FakeClock
) -> None:
    (asked,) = await wanting(harness)

    async def is_noted(unit: Unit) -> bool:
        return await unit.streams.moving(stream.id) is not None

    async with harness.running():
        stream = await harness.go_live()
        harness.live.clip, harness.live.behind = CLIP, 0.0
        with answer_lost(store, is_noted):
            await clock.advance(6)
        harness.live.behind = 100.0  # no newer one is to be had
        await clock.advance(60)
        assert moving(harness, sender.only_post_to(asked.id).shows) == CLIP
        tries = harness.live.asked_moving
        await clock.advance(600)
        assert harness.live.asked_moving == tries


@pytest.mark.parametrize("outcome", [None, After.HANG])
async def test_a_restart_looks_on_for_one_that_was_not_ready(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock, outcome: Outcome
) -> None:
    """Where the first showing had arrived, and nobody knew, too."""
    (asked,) = await wanting(harness)
    (other,) = await harness.targets(1, first=1)
    sender.memory = Memory.LOOKS_UP
    sender.fail(asked.id, outcome)
    async with harness.running():
        await harness.go_live()
    async with harness.running():
        harness.live.clip = CLIP
        await clock.advance(20)
    first, last = sender.only_post_to(asked.id).shown
    assert (first.moving, moving(harness, last)) == (None, CLIP)
    assert len(sender.only_post_to(other.id).shown) == 1


async def test_nor_does_a_restart_look_for_one_that_nobody_wants(
    harness: AlertHarness, clock: FakeClock
) -> None:
    await harness.targets(3)
    async with harness.running():
        await harness.go_live()
    async with harness.running():
        await clock.advance(20)
    assert harness.live.asked_moving == 0


async def test_a_slow_host_delays_no_alert(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (asked,) = await wanting(harness)
    harness.site.stream_picture = None
    harness.live.picture, harness.live.clip, harness.live.latency = jpeg(150), CLIP, 14.0
    async with harness.running():
        await harness.go_live()
        await clock.advance(3.1)
        assert len(sender.posts) == 1
        await clock.advance(12)
    assert moving(harness, sender.only_post_to(asked.id).shows) == CLIP


async def test_it_is_hidden_where_the_coin_is_marked_and_a_spoiler_wins(
    harness: AlertHarness, sender: FakeSender
) -> None:
    (asked,) = await wanting(harness)
    (hidden,) = await harness.targets(1, first=1)
    await harness.prefer(Preference.PICTURE, "spoiler", hidden)
    harness.live.clip = CLIP
    async with harness.running():
        await harness.go_live()
    assert sender.only_post_to(asked.id).shows.spoiler is Spoiler.NO
    shown = sender.only_post_to(hidden.id).shows
    assert (shown.spoiler, shown.moving) == (Spoiler.ALWAYS, None)


async def test_updates_bring_a_newer_one_every_ten_minutes_at_most(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (asked,) = await wanting(harness)
    await harness.prefer(Preference.UPDATES, "yes", asked)
    harness.live.clip = CLIP
    async with harness.running():
        stream = await harness.go_live(thumbnail_updated_at=clock.now())
        for viewers, data in ((50, NEWER), (90, NEWER), (200, b"the newest")):
            await clock.advance(301)
            harness.live.clip = data
            stream = await harness.change(stream, viewers=viewers)
            assert await harness.service.refresh() == 1
            await clock.advance(1)
    shown = [moving(harness, one) for one in sender.only_post_to(asked.id).shown]
    assert shown == [CLIP, CLIP, NEWER, NEWER]


async def test_an_ended_alert_keeps_it_across_a_restart(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (asked,) = await wanting(harness)
    harness.live.clip = CLIP
    async with harness.running():
        stream = await harness.go_live()
    harness.live.clip = NEWER
    async with harness.running():
        await clock.advance(timedelta(hours=1).total_seconds())
        await harness.change(stream, StreamState.ENDED)
    assert moving(harness, sender.only_post_to(asked.id).shows) == CLIP


async def test_where_it_is_refused_the_still_is_shown_then_none(
    harness: AlertHarness, sender: FakeSender
) -> None:
    (asked,) = await wanting(harness)
    harness.live.clip = CLIP
    async with harness.running():
        await harness.go_live()
    shown = sender.only_post_to(asked.id).shows
    still = plainer(shown, too_large=False)
    assert still is not None
    assert (still.moving, still.picture) == (None, shown.picture)
    bare = plainer(still, too_large=True)
    assert bare is not None
    assert bare.picture is None
