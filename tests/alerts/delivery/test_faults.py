"""What platforms do to a delivery, and what becomes of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.alerts import Fault, SendError
from bot.kit.notifier import DELIVERIES
from bot.kit.rate_limits import RateLimits
from bot.model import (
    Address,
    DeliveryKind,
    DeliveryState,
    Preference,
    StreamState,
)
from tests.alerts.harness import MINT, OTHER, AlertHarness
from tests.fakes.clock import FakeClock
from tests.fakes.sender import After, FakeSender, Memory


async def test_a_limited_target_sleeps_alone(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    targets = await harness.targets(5)
    sender.fail(targets[2].id, SendError(Fault.RATE_LIMITED, retry_after=40))
    async with harness.running():
        stream = await harness.go_live()
        assert len(sender.posts) == 4
        assert sender.rate_limits.asleep(targets[2].id) == 40
        assert sender.rate_limits.asleep(targets[1].id) == 0
        await clock.advance(39)
        assert len(sender.posts) == 4
        row = await harness.alert_to(targets[2], stream)
        assert (row.attempts, row.error) == (0, "rate-limited")  # it says nothing against it
        await clock.advance(2)
    assert len(sender.posts) == 5


async def test_a_restart_leaves_a_limited_target_asleep(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    await harness.targets(1, mint=OTHER)
    sender.fail(target.id, SendError(Fault.RATE_LIMITED, retry_after=40))
    async with harness.running():
        await harness.go_live(told=False)
        await harness.go_live(OTHER)
    sender.rate_limits = RateLimits.unlimited(clock)
    async with harness.running():
        await clock.advance(39)
        assert len(sender.calls) == 1
        await clock.advance(2)
    assert len(sender.posts_to(target.id)) == 2


async def test_a_limit_of_the_token_stops_all_for_so_long(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    targets = await harness.targets(30)
    everywhere = SendError(Fault.RATE_LIMITED, retry_after=60, everywhere=True)
    sender.fail(targets[0].id, everywhere)
    async with harness.running():
        await harness.go_live()
        before = len(sender.calls)
        assert before < 30
        await clock.advance(59)
        assert len(sender.calls) == before
        await clock.advance(2)
    assert len(sender.posts) == 30


@pytest.mark.parametrize("fault", [Fault.FORBIDDEN, Fault.TARGET_GONE, Fault.TARGET_CLOSED])
async def test_a_target_that_takes_nothing_is_disabled_and_keeps_everything(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock, fault: Fault
) -> None:
    broken, fine = await harness.targets(2)
    sender.fail(broken.id, fault)
    async with harness.running():
        stream = await harness.go_live()
        await clock.advance(1200)
        assert (await harness.target(broken)).disabled == fault
        assert len([call for call in sender.calls if call.target_id == broken.id]) == 1
        assert len(sender.posts_to(fine.id)) == 1
        async with harness.store.read() as unit:
            assert await unit.subscriptions.get(broken.id, MINT) is not None
        row = await harness.alert_to(broken, stream)
        assert (row.state, row.error) == (DeliveryState.DUE, fault)

        async with harness.store.write() as unit:  # somebody mended it
            await unit.places.enable(broken.id, clock.now())
        harness.notifier.notify(DELIVERIES)
        await clock.advance(0)
    assert sender.only_post_to(broken.id).shows.silent  # 20 minutes late, so without a sound


async def test_who_subscribed_is_told_where_the_platform_can(
    harness: AlertHarness, sender: FakeSender
) -> None:
    (broken,) = await harness.targets(1)
    sender.fail(broken.id, Fault.FORBIDDEN)
    async with harness.running():
        await harness.go_live()
    ((person, message),) = sender.whispers
    assert person.name == "Ann"
    assert "#ch-0" in message.text


async def test_a_notice_goes_where_notices_go(harness: AlertHarness, sender: FakeSender) -> None:
    broken, elsewhere = await harness.targets(2)
    await harness.prefer(Preference.NOTICES, str(elsewhere.id), broken)
    sender.fail(broken.id, Fault.FORBIDDEN)
    async with harness.running():
        await harness.go_live()
    texts = [post.shows.text for post in sender.posts_to(elsewhere.id)]
    assert any("I can no longer post in #ch-0" in text for text in texts)
    assert not sender.whispers


@pytest.mark.parametrize("where", ["", "999", "soon", "²", "1", "3"])
async def test_a_notice_that_has_nowhere_to_go_stands_in_the_row(
    harness: AlertHarness, sender: FakeSender, where: str
) -> None:
    broken, _ = await harness.targets(2)
    (foreign,) = await harness.targets(1, place="another")
    assert (broken.id, foreign.id) == (1, 3)
    await harness.prefer(Preference.NOTICES, where, broken)
    sender.fail(broken.id, Fault.FORBIDDEN)
    async with harness.running():
        await harness.go_live()
    assert (await harness.target(broken)).disabled == "forbidden"
    assert {row.kind for row in await harness.rows()} == {DeliveryKind.ALERT}
    assert len(sender.whispers) == 1


async def test_a_notice_does_not_wait_for_a_channel_that_was_stopped_itself(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    broken, log = await harness.targets(2)
    await harness.prefer(Preference.NOTICES, str(log.id), broken)
    async with harness.store.write() as unit:
        await unit.places.disable(log.id, "forbidden", clock.now())
    sender.fail(broken.id, Fault.FORBIDDEN)
    async with harness.running():
        await harness.go_live()
    assert {row.kind for row in await harness.rows()} == {DeliveryKind.ALERT}
    assert len(sender.whispers) == 1


async def test_a_target_that_is_disabled_already_is_told_of_once(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    broken, elsewhere = await harness.targets(2)
    await harness.prefer(Preference.NOTICES, str(elsewhere.id), broken)
    sender.fail(broken.id, Fault.FORBIDDEN)
    sender.slow[broken.id] = 2.0
    async with harness.running():
        await harness.go_live()
        async with harness.store.write() as unit:
            await unit.places.disable(broken.id, "forbidden", clock.now())
        await clock.advance(3)
    assert len(sender.posts) == 1
    assert not sender.whispers


async def test_a_chat_that_moved_is_followed(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    new = Address("fake", "supergroup", "general")
    sender.fail(target.id, SendError(Fault.MOVED, address=new))
    async with harness.running():
        await harness.go_live()
        await clock.advance(3)
    assert (await harness.target(target)).address.place == "supergroup"
    assert len(sender.posts_to(target.id)) == 1


async def test_no_connection_is_tried_again(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    sender.fail(target.id, *[Fault.NOT_SENT] * 4)
    async with harness.running():
        stream = await harness.go_live()
        await clock.advance(40)
    assert [round(call.at) for call in sender.calls] == [0, 2, 6, 14, 30]
    assert (await harness.alert_to(target, stream)).attempts == 0


async def test_what_fails_here_stops_no_platform(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    """Such as files that cannot be had: it says nothing of the platform."""
    for target in await harness.targets(3):
        sender.fail(target.id, *[SendError(Fault.NOT_SENT, is_ours=True)] * 9)
    (other,) = await harness.targets(1, mint=OTHER, first=3)
    async with harness.running():
        await harness.go_live()
        await clock.advance(1)
        await harness.go_live(OTHER)
        sender.only_post_to(other.id)
    assert harness.health.part("alerts fake").ok


@pytest.mark.parametrize("fault", [Fault.MAYBE_SENT, Fault.SERVER_ERROR])
async def test_what_may_have_arrived_is_uncertain_and_never_repeated(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock, fault: Fault
) -> None:
    (target,) = await harness.targets(1)
    sender.fail(target.id, fault)
    async with harness.running():
        stream = await harness.go_live()
        await clock.advance(600)
        await harness.change(stream, StreamState.ENDED)
        await clock.advance(600)
    assert [call.method for call in sender.calls] == ["send", "settle"]
    row = await harness.alert_to(target, stream)
    assert (row.state, row.error) == (DeliveryState.UNCERTAIN, fault)


async def test_a_platform_that_can_be_asked_says_whether_it_arrived(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    there, away = await harness.targets(2)
    sender.memory = Memory.LOOKS_UP
    sender.fail(there.id, After.NO_ANSWER)
    sender.fail(away.id, Fault.MAYBE_SENT)
    async with harness.running():
        stream = await harness.go_live()
        await clock.advance(5)
    for target in (there, away):
        assert len(sender.posts_to(target.id)) == 1
        assert (await harness.alert_to(target, stream)).state is DeliveryState.SENT


async def test_a_repeat_is_harmless_where_the_nonce_is_known(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    sender.memory = Memory.DEDUPES
    sender.fail(target.id, After.NO_ANSWER)
    async with harness.running():
        stream = await harness.go_live()
        await clock.advance(5)
    assert [call.method for call in sender.calls] == ["send", "settle", "send"]
    assert sender.calls[0].nonce == sender.calls[2].nonce
    assert len(sender.posts_to(target.id)) == 1
    assert (await harness.alert_to(target, stream)).state is DeliveryState.SENT


async def test_a_nonce_that_is_forgotten_by_now_is_not_repeated(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    sender.memory = Memory.DEDUPES
    sender.judge = lambda call: SendError(Fault.SERVER_ERROR) if call.method == "send" else None
    async with harness.running():
        stream = await harness.go_live()
        await clock.advance(600)
    assert max(call.at for call in sender.calls if call.method == "send") < 120
    assert (await harness.alert_to(target, stream)).state is DeliveryState.UNCERTAIN


async def test_a_forgotten_nonce_is_looked_for_where_that_can_be_done(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    there, away = await harness.targets(2)
    sender.memory = Memory.BOTH
    sender.fail(there.id, After.NO_ANSWER, *[Fault.NOT_SENT] * 7)
    sender.fail(away.id, *[Fault.SERVER_ERROR] * 9)
    async with harness.running():
        stream = await harness.go_live()
        await clock.advance(600)
    for target in (there, away):
        assert len(sender.posts_to(target.id)) == 1
        assert (await harness.alert_to(target, stream)).state is DeliveryState.SENT


async def test_a_turn_that_is_long_in_coming_makes_nobody_repeat_a_forgotten_nonce(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    sender.memory = Memory.BOTH
    sender.fail(target.id, After.NO_ANSWER)
    sender.latency = 1.0
    async with harness.running():
        stream = await harness.go_live()
        await clock.advance(1.5)
        # The answer is "repeatable", and the turn far away.
        sender.rate_limits.sleep_target(target.id, 300)
        await clock.advance(320)
    assert [call.method for call in sender.calls] == ["send", "settle", "settle"]
    assert len(sender.posts_to(target.id)) == 1
    assert (await harness.alert_to(target, stream)).state is DeliveryState.SENT


@pytest.mark.parametrize("arrived", [True, False])
async def test_what_ended_while_it_was_in_doubt_is_looked_for_and_changed(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock, *, arrived: bool
) -> None:
    (target,) = await harness.targets(1)
    sender.memory = Memory.BOTH
    sender.fail(target.id, After.NO_ANSWER if arrived else Fault.MAYBE_SENT)
    async with harness.running():
        sender.latency = 1.0
        stream = await harness.go_live()
        await clock.advance(0.5)
        await harness.change(stream, StreamState.ENDED)
        await clock.advance(300)
    row = await harness.alert_to(target, stream)
    if arrived:
        assert row.state is DeliveryState.SENT
        assert "was live" in sender.only_post_to(target.id).shows.title
    else:
        assert (row.state, row.error) == (DeliveryState.DEAD, "ended-first")
        assert not sender.posts


@pytest.mark.parametrize("memory", [Memory.LOOKS_UP, Memory.BOTH])
async def test_what_was_unfollowed_while_it_was_in_doubt_is_not_sent_any_more(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock, memory: Memory
) -> None:
    (target,) = await harness.targets(1)
    sender.memory = memory
    sender.fail(target.id, Fault.MAYBE_SENT, Fault.NOT_SENT)
    async with harness.running():
        stream = await harness.go_live()
        async with harness.store.write() as unit:
            removed = await unit.subscriptions.remove(target.id, MINT)
            await unit.deliveries.withdraw(removed.subscriptions, clock.now())
        await clock.advance(300)
    assert not sender.posts
    row = await harness.alert_to(target, stream)
    assert (row.state, row.error) == (DeliveryState.DEAD, "unfollowed")


async def test_a_platform_is_told_when_the_first_try_began(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    sender.rate_limits.sleep_target(target.id, 0.9)
    sender.fail(target.id, After.HANG)
    start = clock.now()
    async with harness.running():
        await harness.go_live()
        await clock.advance(60)
    sender.relent()
    async with harness.running():
        await clock.advance(1)
    sent = next(call for call in sender.calls if call.method == "send")
    assert sent.at == pytest.approx(0.9)
    assert sender.begun == [start + timedelta(seconds=0.9)]


async def test_a_repeat_that_is_too_large_tells_that_the_first_was_refused_as_well(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    sender.memory = Memory.DEDUPES
    sender.fail(target.id, Fault.SERVER_ERROR, None, Fault.TOO_LARGE)  # the settling in between
    async with harness.running():
        stream = await harness.go_live()
        await clock.advance(30)
    assert (await harness.alert_to(target, stream)).state is DeliveryState.SENT
    assert len(sender.posts_to(target.id)) == 1


async def test_a_platform_that_cannot_be_asked_is_asked_later(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    sender.memory = Memory.LOOKS_UP
    sender.fail(target.id, After.NO_ANSWER, Fault.NOT_SENT, Fault.NOT_SENT)
    async with harness.running():
        stream = await harness.go_live()
        assert (await harness.alert_to(target, stream)).state is DeliveryState.SENDING
        await clock.advance(10)
    assert (await harness.alert_to(target, stream)).state is DeliveryState.SENT
    assert len(sender.posts_to(target.id)) == 1


async def test_a_target_that_goes_while_it_is_asked_is_disabled_and_the_alert_uncertain(
    harness: AlertHarness, sender: FakeSender
) -> None:
    (target,) = await harness.targets(1)
    sender.fail(target.id, Fault.MAYBE_SENT, Fault.FORBIDDEN)
    async with harness.running():
        stream = await harness.go_live()
    assert (await harness.alert_to(target, stream)).state is DeliveryState.UNCERTAIN
    assert (await harness.target(target)).disabled == "forbidden"


@pytest.mark.parametrize("fault", [Fault.TOO_LARGE, Fault.REFUSED])
async def test_a_refused_picture_does_not_cost_the_alert(
    harness: AlertHarness, sender: FakeSender, fault: Fault
) -> None:
    (target,) = await harness.targets(1)
    sender.fail(target.id, fault)
    async with harness.running():
        await harness.go_live()
    first, second = sender.calls
    assert first.message is not None
    assert first.message.picture is not None
    assert second.message is not None
    assert second.message.picture is None
    assert len(sender.posts_to(target.id)) == 1


async def test_what_the_platform_never_takes_is_dead_and_says_why(
    harness: AlertHarness, sender: FakeSender
) -> None:
    (target,) = await harness.targets(1)
    sender.fail(target.id, Fault.REFUSED, Fault.REFUSED)
    async with harness.running():
        stream = await harness.go_live()
    row = await harness.alert_to(target, stream)
    assert (row.state, row.error) == (DeliveryState.DEAD, "refused")


async def test_a_refused_token_stops_its_platform_for_a_while(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    targets = await harness.targets(30)
    for target in targets[:8]:
        sender.fail(target.id, Fault.UNAUTHORIZED)
    async with harness.running():
        await harness.go_live()
        assert len(sender.calls) <= 16
        assert not harness.health.part("alerts fake").ok
        await clock.advance(599)
        assert len(sender.calls) <= 16
        await clock.advance(2)
    assert len(sender.posts) == 30


async def test_what_could_not_be_sent_for_six_hours_is_given_up(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    sender.judge = lambda _: SendError(Fault.NOT_SENT)
    stream = await harness.go_live()
    await clock.advance(6 * 3600 - 10)
    async with harness.running():
        assert sender.calls
        await clock.advance(30)
    row = await harness.alert_to(target, stream)
    assert (row.state, row.error) == (DeliveryState.DEAD, "too-late")


@pytest.mark.parametrize("error", [ZeroDivisionError, asyncio.CancelledError])
async def test_a_defect_of_ours_costs_one_delivery_and_no_other(
    harness: AlertHarness,
    sender: FakeSender,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
    error: type[BaseException],
) -> None:
    """What a library cancelled by itself, while it was waited for, is no end of ours."""
    hit, fine = await harness.targets(2)

    def judge(call: object) -> None:
        if getattr(call, "target_id", None) == hit.id:
            raise error

    sender.judge = judge
    async with harness.running():
        stream = await harness.go_live()
        await clock.advance(600)
        await harness.change(stream, viewers=500)
    assert (await harness.alert_to(hit, stream)).state is DeliveryState.UNCERTAIN
    assert len(sender.posts_to(fine.id)) == 1
    assert "met a fault of Mintcast" in caplog.text


async def test_a_body_that_nobody_can_read_is_given_up(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    async with harness.store.write() as unit:
        for key, body in (("odd", '{"about": "tea"}'), ("torn", "{")):
            await unit.deliveries.owe_body(target.id, key, DeliveryKind.NOTICE, body, clock.now())
    async with harness.running():
        await clock.advance(600)
    assert [(row.state, row.error) for row in await harness.rows()] == [
        (DeliveryState.DEAD, "gone"),
        (DeliveryState.DEAD, "fault"),
    ]
    assert not sender.calls
