"""An alert follows its stream: paused, back, ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.alerts import Fault, SendError
from bot.kit.notifier import DELIVERIES
from bot.kit.rate_limits import RateLimits
from bot.model import (
    DeliveryState,
    Preference,
    Priority,
    StreamState,
)
from bot.store import Store
from tests.alerts.harness import OTHER, AlertHarness
from tests.fakes.clock import FakeClock, settle
from tests.fakes.sender import FakeSender


async def test_pause_return_and_end_change_the_same_message(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    async with harness.running():
        stream = await harness.go_live()
        await clock.advance(60)
        stream = await harness.change(stream, StreamState.GRACE, paused_at=clock.now())
        await clock.advance(60)
        stream = await harness.change(stream, StreamState.LIVE)
        await clock.advance(60)
        await harness.change(stream, StreamState.ENDED, ended_at=clock.now())
    post = sender.only_post_to(target.id)
    titles = [message.title for message in post.shown]
    assert [title.rsplit(" ", 1)[-1] for title in titles] == ["live", "paused", "live", "live"]
    assert titles[-1] == "⚫ Puffer ($PUFF) was live"


async def test_a_stream_that_ends_before_its_alert_is_not_announced(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    sender.fail(target.id, Fault.NOT_SENT)
    async with harness.running():
        stream = await harness.go_live()
        await harness.change(stream, StreamState.ENDED)
        await clock.advance(60)
    assert not sender.posts
    row = await harness.alert_to(target, stream)
    assert (row.state, row.error) == (DeliveryState.DEAD, "ended-first")


async def test_a_message_that_may_be_changed_only_later_holds_up_nothing_else(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    await harness.targets(1, mint=OTHER)
    async with harness.running():
        stream = await harness.go_live()
        sender.fail(target.id, SendError(Fault.NOT_YET, retry_after=600))
        await harness.change(stream, StreamState.ENDED)
        await harness.go_live(OTHER)
        await clock.advance(1)
        assert len(sender.posts_to(target.id)) == 2
        assert (await harness.alert_to(target, stream)).attempts == 0
        await clock.advance(590)
        assert "is live" in sender.posts_to(target.id)[0].shows.title
        await clock.advance(10)
    assert "was live" in sender.posts_to(target.id)[0].shows.title


async def test_a_change_while_it_is_being_sent_follows(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    sender.latency = 2.0
    async with harness.running():
        stream = await harness.go_live()
        assert sender.in_flight == 1
        await harness.change(stream, StreamState.ENDED)
        await clock.advance(5)
    post = sender.only_post_to(target.id)
    assert [message.title.split(" ", 1)[0] for message in post.shown] == ["🔴", "⚫"]


async def test_a_deleted_alert_is_not_posted_again(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    async with harness.running():
        stream = await harness.go_live()
        sender.only_post_to(target.id).deleted = True
        stream = await harness.change(stream, StreamState.GRACE)
        await harness.change(stream, StreamState.ENDED)
        await clock.advance(60)
    assert [call.method for call in sender.calls] == ["send", "edit"]
    row = await harness.alert_to(target, stream)
    assert (row.state, row.message_id) == (DeliveryState.SENT, None)


async def test_an_edit_that_fails_is_made_later_and_never_becomes_a_new_message(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    async with harness.running():
        stream = await harness.go_live()
        sender.fail(target.id, Fault.MAYBE_SENT, Fault.SERVER_ERROR, Fault.NOT_SENT)
        await harness.change(stream, StreamState.ENDED)
        await clock.advance(60)
    post = sender.only_post_to(target.id)
    assert post.shows.title == "⚫ Puffer ($PUFF) was live"


async def test_an_edit_that_is_refused_is_passed_over_and_the_next_one_made(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    async with harness.running():
        stream = await harness.go_live()
        sender.fail(target.id, Fault.REFUSED, Fault.REFUSED)
        stream = await harness.change(stream, StreamState.GRACE)
        await clock.advance(60)
        await harness.change(stream, StreamState.ENDED)
        await clock.advance(1)
    assert sender.only_post_to(target.id).shows.title.startswith("⚫")


@pytest.mark.parametrize(("wish", "method"), [("edit", "edit"), ("delete", "delete")])
async def test_at_the_end_a_place_has_it_edited_or_deleted(
    harness: AlertHarness, sender: FakeSender, wish: str, method: str
) -> None:
    (target,) = await harness.targets(1)
    await harness.prefer(Preference.AT_END, wish, target)
    async with harness.running():
        stream = await harness.go_live()
        await harness.change(stream, StreamState.ENDED)
    assert [call.method for call in sender.calls] == ["send", method]


async def test_at_the_end_it_can_be_left_as_it_is(
    harness: AlertHarness, sender: FakeSender
) -> None:
    (target,) = await harness.targets(1)
    await harness.prefer(Preference.AT_END, "leave", target)
    async with harness.running():
        stream = await harness.go_live()
        await harness.change(stream, StreamState.ENDED)
    assert [call.method for call in sender.calls] == ["send"]
    row = await harness.alert_to(target, stream)
    assert row.shown == row.wanted


async def test_what_is_to_be_left_as_it_is_is_never_told_to_be_paused(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    """A stream is paused first wherever it ends, and nothing would take that back."""
    (target,) = await harness.targets(1)
    await harness.prefer(Preference.AT_END, "leave", target)
    async with harness.running():
        stream = await harness.go_live()
        stream = await harness.change(stream, StreamState.GRACE, paused_at=clock.now())
        await clock.advance(60)
        await harness.change(stream, StreamState.ENDED, ended_at=clock.now())
    titles = {message.title for message in sender.only_post_to(target.id).shown}
    assert titles == {"🔴 Puffer ($PUFF) is live"}
    row = await harness.alert_to(target, stream)
    assert row.shown == row.wanted


async def test_one_that_came_while_it_was_paused_is_told_the_end_all_the_same(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    """Else it would wait for the creator for ever."""
    (target,) = await harness.targets(1)
    await harness.prefer(Preference.AT_END, "leave", target)
    stream = await harness.go_live(told=False)
    await clock.advance(60)
    stream = await harness.change(stream, StreamState.GRACE, paused_at=clock.now())
    async with harness.running():
        await clock.advance(1)
        await harness.change(stream, StreamState.ENDED, ended_at=clock.now())
    *before, last = (message.title[0] for message in sender.only_post_to(target.id).shown)
    assert (set(before), last) == ({"⏸"}, "⚫")


async def test_an_alert_that_was_deleted_at_the_end_stands_nowhere(
    harness: AlertHarness, sender: FakeSender
) -> None:
    """Else pump.fun would be asked for its whole stream, and the platform to delete it again."""
    (target,) = await harness.targets(1)
    await harness.prefer(Preference.AT_END, "delete", target)
    async with harness.running():
        stream = await harness.go_live()
        await harness.change(stream, StreamState.ENDED)
        async with harness.store.write() as unit:
            assert not await unit.deliveries.is_shown(stream.id)
            now = harness.clock.now()
            assert await unit.deliveries.raise_wanted(stream.id, now, Priority.UPDATE) == 0
        harness.notifier.notify(DELIVERIES)
        await settle()
    assert [call.method for call in sender.calls] == ["send", "delete"]


async def test_what_is_too_old_to_be_deleted_is_edited(
    harness: AlertHarness, sender: FakeSender
) -> None:
    (target,) = await harness.targets(1)
    await harness.prefer(Preference.AT_END, "delete", target)
    async with harness.running():
        stream = await harness.go_live()
        sender.fail(target.id, Fault.TOO_OLD)
        await harness.change(stream, StreamState.ENDED)
    assert [call.method for call in sender.calls] == ["send", "delete", "edit"]
    assert sender.only_post_to(target.id).shows.title.startswith("⚫")


async def test_the_end_goes_before_updates(store: Store, tmp_path: Path, clock: FakeClock) -> None:
    sender = FakeSender(clock, rate_limits=RateLimits(clock, per_second=1, burst=1))
    harness = AlertHarness(store, tmp_path / "files", clock, sender)
    many = await harness.targets(20)
    (last,) = await harness.targets(1, mint=OTHER, first=50)
    for target in many:
        await harness.prefer(Preference.UPDATES, "yes", target)
    async with harness.running():
        stream, ending = await harness.go_live(), await harness.go_live(OTHER)
        await clock.advance(400)
        begun = len(sender.calls)
        await harness.change(stream, viewers=5000)
        assert await harness.service.refresh() == 20
        await harness.change(ending, StreamState.ENDED)
        await clock.advance(60)
    edited = [call.target_id for call in sender.calls[begun:]]
    assert len(edited) == 21
    assert edited.index(last.id) <= 3  # after what had been claimed by then
