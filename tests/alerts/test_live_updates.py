"""Title and viewers, where a place asked for them to be kept up to date."""

from __future__ import annotations

import pytest

from bot.alerts import live_updates
from bot.alerts.live_updates import LastShown, LiveUpdates, has_moved
from bot.model import Preference, StreamState
from tests.alerts.harness import AlertHarness
from tests.fakes.clock import FakeClock
from tests.fakes.sender import FakeSender
from tests.store.raw_sql import changes, statements

EVERY = 5 * 60.0


@pytest.mark.parametrize(
    ("shown", "now", "moved"),
    [
        (10, 11, False),
        (10, 12, True),
        (100, 109, False),
        (100, 110, True),
        (100, 90, True),
        (1, 2, False),
        (0, 2, True),
        (None, 5, True),
        (5, None, True),
        (None, None, False),
    ],
)
def test_a_real_change_is_a_tenth_and_two_at_least(
    shown: int | None, now: int | None, moved: bool
) -> None:
    assert has_moved(shown, now) is moved


async def test_only_who_asked_gets_updates_and_only_every_five_minutes(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    asked, other = await harness.targets(2)
    await harness.prefer(Preference.UPDATES, "yes", asked)
    async with harness.running():
        stream = await harness.go_live(viewers=100)
        for viewers in (150, 200, 300):
            await clock.advance(EVERY / 3 + 1)
            stream = await harness.change(stream, viewers=viewers)
            await harness.service.refresh()
            await clock.advance(0)
        await clock.advance(60)
        await harness.change(stream, viewers=400)
        await harness.service.refresh()
        await clock.advance(0)
    counts = [message.text for message in sender.only_post_to(asked.id).shown]
    assert ["100 viewers" in counts[0], "300 viewers" in counts[1]] == [True, True]
    assert len(counts) == 2
    assert len(sender.only_post_to(other.id).shown) == 1


async def test_a_small_change_is_none_and_a_new_title_is_one(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    await harness.prefer(Preference.UPDATES, "yes", target)
    async with harness.running():
        stream = await harness.go_live(viewers=100)
        await clock.advance(EVERY + 1)
        stream = await harness.change(stream, viewers=105)
        assert await harness.service.refresh() == 0
        await harness.change(stream, title="Now something else")
        assert await harness.service.refresh() == 1
        await clock.advance(0)
    assert "Now something else" in sender.only_post_to(target.id).shows.text


async def test_a_paused_alert_is_left_alone(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    await harness.prefer(Preference.UPDATES, "yes", target)
    async with harness.running():
        stream = await harness.go_live(viewers=100)
        await clock.advance(EVERY + 1)
        await harness.change(stream, StreamState.GRACE, viewers=500)
        assert await harness.service.refresh() == 0


async def test_an_old_message_is_left_alone(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    await harness.prefer(Preference.UPDATES, "yes", target)
    async with harness.running():
        stream = await harness.go_live(viewers=100)
        await clock.advance(24 * 3600 - 10)
        await harness.change(stream, viewers=9000)
        assert await harness.service.refresh() == 1
        await clock.advance(20)
        await harness.change(stream, viewers=100)
        assert await harness.service.refresh() == 0


async def test_after_a_restart_only_the_next_change_is_an_update(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    await harness.prefer(Preference.UPDATES, "yes", target)
    async with harness.running():
        stream = await harness.go_live(viewers=100)
    async with harness.running():
        await clock.advance(EVERY + 1)
        stream = await harness.change(stream, viewers=200)
        assert await harness.service.refresh() == 0
        await clock.advance(1)
        await harness.change(stream, viewers=400)
        assert await harness.service.refresh() == 1


async def test_the_states_of_deliveries_are_counted(harness: AlertHarness) -> None:
    await harness.targets(3)
    async with harness.running():
        await harness.go_live()
        await harness.service.refresh()
    value = harness.metrics.registry.get_sample_value("mintcast_deliveries", {"state": "sent"})
    assert value == 3


async def test_after_ten_minutes_any_change_is_an_update_and_none_is_none(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    await harness.prefer(Preference.UPDATES, "yes", target)
    async with harness.running():
        stream = await harness.go_live(viewers=100)
        await clock.advance(2 * EVERY - 10)
        stream = await harness.change(stream, viewers=101)
        assert await harness.service.refresh() == 0
        await clock.advance(11)
        assert await harness.service.refresh() == 1
        await clock.advance(1)
        await clock.advance(4 * EVERY)
        assert await harness.service.refresh() == 0
    assert "101 viewers" in sender.only_post_to(target.id).shows.text


async def test_many_are_owed_a_page_at_a_time_and_others_write_in_between(
    harness: AlertHarness, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_updates, "_PAGE", 2, raising=False)
    targets = await harness.targets(5)
    for target in targets:
        await harness.prefer(Preference.UPDATES, "yes", target)
    async with harness.running():
        stream = await harness.go_live()
    await clock.advance(2 * EVERY + 1)
    await harness.change(stream, viewers=300)
    updates = LiveUpdates(harness.store, LastShown(), clock, harness.notifier, harness.metrics)
    with changes() as changed:
        assert await updates.refresh({"fake": None}) == 5
    assert [len(transaction) for transaction in changed] == [1, 1, 1]
    async with harness.store.read() as unit:
        for target in targets:
            alert = await unit.deliveries.find(target.id, f"alert:{stream.id}")
            assert alert is not None
            assert alert.wanted == alert.shown + 1
    assert await updates.refresh({"fake": None}) == 0


async def test_a_node_that_sends_nothing_only_counts(harness: AlertHarness) -> None:
    updates = LiveUpdates(
        harness.store, LastShown(), harness.clock, harness.notifier, harness.metrics
    )
    with statements() as sent:
        assert await updates.refresh({}) == 0
    assert len(sent) == 1
