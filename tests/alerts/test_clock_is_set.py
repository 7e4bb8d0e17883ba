"""Somebody sets this machine's clock while something is owed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.alerts import Fault, SendError
from bot.model import DeliveryState, Preference, StreamState
from tests.alerts.harness import AlertHarness
from tests.fakes.clock import FakeClock
from tests.fakes.sender import FakeSender

DAY, YEAR = 86_400.0, 365 * 86_400.0


@pytest.mark.parametrize("step", [-45.0, -DAY, 3600.0, YEAR])
async def test_a_back_off_is_no_longer_than_it_was_meant_to_be(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock, step: float
) -> None:
    (target,) = await harness.targets(1)
    sender.fail(target.id, Fault.NOT_SENT)
    async with harness.running():
        await harness.go_live()
        clock.set(step)
        await clock.advance(2)
    assert len(sender.posts_to(target.id)) == 1


@pytest.mark.parametrize("step", [-DAY, YEAR])
async def test_a_limited_target_is_left_alone_all_the_same(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock, step: float
) -> None:
    (target,) = await harness.targets(1)
    sender.fail(target.id, SendError(Fault.RATE_LIMITED, retry_after=30))
    async with harness.running():
        await harness.go_live()
        asked = len(sender.calls)
        clock.set(step)
        await clock.advance(28)
        assert len(sender.calls) == asked
        await clock.advance(4)
    assert len(sender.posts_to(target.id)) == 1


async def test_what_an_earlier_life_put_off_for_a_day_too_long_is_tried_at_once(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    stream = await harness.go_live()
    alert = await harness.alert_to(target, stream)
    tomorrow = clock.now() + timedelta(days=1)
    async with harness.store.write() as unit:
        await unit.deliveries.hold_target(alert.target_id, tomorrow)
    async with harness.running():
        await clock.advance(0)
    assert len(sender.posts_to(target.id)) == 1


async def test_a_clock_that_is_a_year_ahead_for_a_moment_gives_up_nothing(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    sender.fail(target.id, *[Fault.NOT_SENT] * 4)
    async with harness.running():
        stream = await harness.go_live()
        clock.set(YEAR)
        await clock.advance(3)
        clock.set(-YEAR)
        await clock.advance(30)
        assert (await harness.alert_to(target, stream)).state is DeliveryState.SENT
    assert not sender.only_post_to(target.id).shows.silent


async def test_a_night_is_told_of_in_the_morning_though_the_clock_was_set_back_in_it(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    await harness.prefer(Preference.NIGHT, "11:00-14:00", target)  # it is noon
    await harness.prefer(Preference.NIGHT_MODE, "digest", target)
    async with harness.running():
        await harness.change(await harness.go_live(), StreamState.ENDED)
        clock.set(-1800)
        await harness.go_live(site_id=2)
        await clock.advance(2 * 3600)
        assert not sender.posts_to(target.id)
        await clock.advance(3600)
    assert "2 streams" in sender.only_post_to(target.id).shows.text
