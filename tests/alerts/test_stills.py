"""Stills of what is on air, where the site has no picture of it, or an old one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.errors import PumpfunError
from bot.kit.notifier import DELIVERIES
from bot.model import Preference, Priority, Reason, Stream, StreamState, Target
from tests.alerts.harness import MINT, AlertHarness, jpeg
from tests.fakes.clock import FakeClock
from tests.fakes.sender import FakeSender

SITE, COIN, STILL, NEWER = (jpeg(shade).data for shade in (200, 90, 150, 30))


def aged(clock: FakeClock, minutes: float) -> dict[str, Any]:
    """A stream whose thumbnail is so old."""
    return {"thumbnail_updated_at": clock.now() - timedelta(minutes=minutes)}


def shown_to(harness: AlertHarness, sender: FakeSender, target: Target) -> list[bytes | None]:
    """The pictures that its alert had, one after another."""
    keys = [shows.picture for shows in sender.only_post_to(target.id).shown]
    return [harness.files.path(one.key).read_bytes() if one else None for one in keys]


async def raised(harness: AlertHarness, stream: Stream, clock: FakeClock) -> None:
    """Its alerts are changed for some other reason."""
    async with harness.store.write() as unit:
        await unit.deliveries.raise_wanted(stream.id, clock.now(), Priority.CHANGE)
    harness.notifier.notify(DELIVERIES)
    await clock.advance(1)


@pytest.mark.parametrize("thumbnail", [None, PumpfunError(Reason.NOT_A_PICTURE)])
async def test_where_the_site_has_no_picture_a_still_is_shown(
    harness: AlertHarness, sender: FakeSender, thumbnail: PumpfunError | None
) -> None:
    (target,) = await harness.targets(1)
    harness.site.stream_picture, harness.live.picture = thumbnail, jpeg(150)
    async with harness.running():
        stream = await harness.go_live()
    assert shown_to(harness, sender, target) == [STILL]
    async with harness.store.read() as unit:
        kept = await unit.streams.get(stream.id)
    assert kept is not None
    assert kept.picture_at == harness.clock.now() - timedelta(seconds=14)


async def test_a_new_picture_of_the_site_s_is_enough(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    harness.live.picture = jpeg(150)
    async with harness.running():
        await harness.go_live(**aged(clock, 4.9))
    assert shown_to(harness, sender, target) == [SITE]
    assert harness.live.asked == 0


async def test_in_place_of_an_old_one_a_still_is_shown(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    targets = await harness.targets(12)
    harness.live.picture, harness.live.latency = jpeg(150), 1.0
    async with harness.running():
        await harness.go_live(**aged(clock, 5.1))
        await clock.advance(1.1)
    assert all(shown_to(harness, sender, target) == [STILL] for target in targets)
    assert harness.live.asked == 1


@pytest.mark.parametrize("ahead", [-3600, -30, 30, 3600])
@pytest.mark.parametrize(("minutes", "is_old"), [(4.9, False), (5.1, True)])
async def test_how_old_the_site_s_picture_is_its_own_clock_tells(
    harness: AlertHarness,
    sender: FakeSender,
    clock: FakeClock,
    ahead: int,
    minutes: float,
    *,
    is_old: bool,
) -> None:
    (target,) = await harness.targets(1)
    harness.site.ahead, harness.live.picture = timedelta(minutes=ahead), jpeg(150)
    async with harness.running():
        await harness.go_live(**aged(clock, minutes - ahead))
    assert shown_to(harness, sender, target) == [STILL if is_old else SITE]


@pytest.mark.parametrize("ahead", [-30, 30])
async def test_a_picture_of_the_site_s_grows_old_whatever_this_machine_s_clock_shows(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock, ahead: int
) -> None:
    (target,) = await harness.targets(1)
    harness.site.ahead = timedelta(minutes=ahead)
    async with harness.running():
        stream = await harness.go_live(**aged(clock, -ahead))
        harness.live.picture = jpeg(150)
        await clock.advance(240)
        await raised(harness, stream, clock)
        assert harness.live.asked == 0
        await clock.advance(120)
        await raised(harness, stream, clock)
        await clock.advance(1)
    assert shown_to(harness, sender, target)[-1] == STILL


async def test_an_old_picture_is_better_than_none(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    async with harness.running():
        await harness.go_live(**aged(clock, 60))
    assert shown_to(harness, sender, target) == [SITE]


@pytest.mark.parametrize("thumbnail", [jpeg(), None])
async def test_a_slow_host_delays_no_alert_and_its_still_comes_by_an_edit(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock, thumbnail: Any
) -> None:
    targets = await harness.targets(12)
    harness.site.stream_picture = thumbnail
    harness.live.picture, harness.live.latency = jpeg(150), 12.0
    async with harness.running():
        await harness.go_live(**aged(clock, 60))
        await clock.advance(3.1)
        assert len(sender.posts) == 12
        await clock.advance(12)
    first = SITE if thumbnail else COIN
    assert all(shown_to(harness, sender, target) == [first, STILL] for target in targets)


async def test_a_late_alert_has_a_picture_of_now(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (early,) = await harness.targets(1)
    async with harness.running():
        stream = await harness.go_live()
        await clock.advance(600)
        harness.live.picture = jpeg(150)
        (late,) = await harness.targets(1, first=1)
        stream = await harness.change(stream, **aged(clock, 8))
        async with harness.store.write() as unit:
            await unit.deliveries.owe_alerts(stream.id, clock.now(), silent=True)
        harness.notifier.notify(DELIVERIES)
        await clock.advance(1)
    assert shown_to(harness, sender, late) == [STILL]
    assert shown_to(harness, sender, early) == [SITE]


async def test_a_watched_stream_costs_nothing_while_nobody_shows_anything_of_it(
    harness: AlertHarness, clock: FakeClock
) -> None:
    await harness.targets(1)
    harness.live.picture = jpeg(150)
    async with harness.running():
        await harness.go_live()
        asked = len(harness.site.asked)
        await clock.advance(7200)
        await harness.service.refresh()
        assert harness.live.asked == 0
        assert len(harness.site.asked) == asked


async def test_an_edit_renews_an_old_picture_of_what_is_on_air(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    async with harness.running():
        stream = await harness.go_live(**aged(clock, 0))
        harness.live.picture = jpeg(150)
        await clock.advance(240)
        await raised(harness, stream, clock)
        assert set(shown_to(harness, sender, target)) == {SITE}
        await clock.advance(61)
        await raised(harness, stream, clock)
        harness.live.picture = jpeg(30)
        await raised(harness, stream, clock)
    assert shown_to(harness, sender, target)[-1] == STILL
    assert harness.live.asked == 1


@pytest.mark.parametrize("state", [StreamState.GRACE, StreamState.ENDED])
async def test_what_is_not_on_air_keeps_its_picture(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock, state: StreamState
) -> None:
    (target,) = await harness.targets(1)
    async with harness.running():
        stream = await harness.go_live(**aged(clock, 0))
        harness.live.picture = jpeg(150)
        await clock.advance(900)
        await harness.change(stream, state)
    assert shown_to(harness, sender, target) == [SITE, SITE]
    assert harness.live.asked == 0


async def test_where_no_newer_one_is_had_it_is_not_asked_for_at_each_edit(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    targets = await harness.targets(12)
    async with harness.running():
        stream = await harness.go_live(**aged(clock, 0))
        await clock.advance(900)
        for _ in range(4):
            await raised(harness, stream, clock)
            await clock.advance(30)
    assert harness.live.asked == 1
    assert all(set(shown_to(harness, sender, target)) == {SITE} for target in targets)


async def test_an_alert_that_is_kept_up_to_date_gets_a_new_picture_every_ten_minutes_at_most(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    await harness.prefer(Preference.UPDATES, "yes", target)
    async with harness.running():
        stream = await harness.go_live(**aged(clock, 0))
        await harness.service.refresh()
        for viewers, shade in ((50, 150), (90, 150), (150, 30), (300, 30)):
            await clock.advance(301)
            harness.live.picture = jpeg(shade)
            stream = await harness.change(stream, viewers=viewers)
            assert await harness.service.refresh() == 1
            await clock.advance(1)
    assert shown_to(harness, sender, target) == [SITE, SITE, STILL, STILL, NEWER]


async def test_in_place_of_an_old_one_a_still_is_looked_for_until_the_recording_is_served(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    async with harness.running():
        await harness.go_live(**aged(clock, 60))
        await clock.advance(16)
        harness.live.picture = jpeg(150)
        await clock.advance(20)
        assert shown_to(harness, sender, target) == [SITE, STILL]
        assert harness.site.asked.count(f"thumbnail {MINT}") == 1


async def test_where_none_is_ever_served_the_search_for_one_ends(
    harness: AlertHarness, clock: FakeClock
) -> None:
    await harness.targets(1)
    async with harness.running():
        await harness.go_live(**aged(clock, 60))
        await clock.advance(200)
        asked = harness.live.asked
        assert 3 <= asked <= 6
        await clock.advance(3600)
        assert harness.live.asked == asked


async def test_the_first_new_thumbnail_takes_the_place_of_an_old_one_at_once(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    async with harness.running():
        stream = await harness.go_live(**aged(clock, 60))
        await clock.advance(120)
        harness.site.stream_picture = jpeg(30)
        stream = await harness.change(stream, **aged(clock, 0))
        await raised(harness, stream, clock)
    assert shown_to(harness, sender, target)[-1] == NEWER
