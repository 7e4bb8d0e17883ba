"""How a run of the dispatcher ends, and how the next one takes up what is left."""

from __future__ import annotations

import asyncio

import pytest

from bot.kit.notifier import DELIVERIES
from bot.model import DeliveryState, StreamState
from tests.alerts.harness import Scene
from tests.fakes.clock import FakeClock, settle
from tests.fakes.failing_store import FragileStore
from tests.fakes.sender import After, Call, FakeSender, Memory


async def test_what_is_being_sent_has_a_moment_to_end(
    scene: Scene, sender: FakeSender, clock: FakeClock
) -> None:
    await scene.targets(20)
    sender.latency = 2.0
    await scene.go_live()
    run = asyncio.create_task(scene.dispatcher.run())
    await settle()
    run.cancel()
    await clock.advance(2)
    assert run.done()
    assert len(sender.posts) == 8
    states = [row.state for row in await scene.rows()]
    assert states.count(DeliveryState.SENT) == 8
    assert states.count(DeliveryState.SENDING) == 0
    async with scene.running():  # the rest is owed still
        await clock.advance(4)
    assert len(sender.posts) == 20


async def test_what_does_not_end_is_left_after_three_seconds(
    scene: Scene, sender: FakeSender, clock: FakeClock
) -> None:
    await scene.targets(1)
    sender.latency = 100.0
    await scene.go_live()
    run = asyncio.create_task(scene.dispatcher.run())
    await settle()
    run.cancel()
    await clock.advance(2.9)
    assert not run.done()
    await clock.advance(0.2)
    assert run.done()


async def test_what_was_claimed_and_not_begun_is_simply_owed(
    scene: Scene, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await scene.targets(1)
    sender.lanes.sleep_target(target.id, 0.8)
    async with scene.running():
        stream = await scene.go_live()
        assert (await scene.alert_to(target, stream)).state is DeliveryState.CLAIMED
    async with scene.running():
        await clock.advance(2)
    assert len(sender.posts_to(target.id)) == 1


@pytest.mark.parametrize("arrived", [True, False])
@pytest.mark.parametrize("memory", list(Memory))
async def test_what_stood_in_sending_is_settled_as_the_platform_can(
    scene: Scene, sender: FakeSender, clock: FakeClock, memory: Memory, arrived: bool
) -> None:
    (target,) = await scene.targets(1)
    sender.memory = memory
    if arrived:
        sender.fail(target.id, After.HANG)
    else:
        sender.latency = 1000.0
    async with scene.running():
        stream = await scene.go_live()
        assert (await scene.alert_to(target, stream)).state is DeliveryState.SENDING
    sender.latency = 0.0
    async with scene.running():
        await clock.advance(5)
    row = await scene.alert_to(target, stream)
    if memory is Memory.BLIND:
        assert (row.state, row.error) == (DeliveryState.UNCERTAIN, "crash")
        assert len(sender.posts_to(target.id)) == arrived
    else:
        assert row.state is DeliveryState.SENT
        assert len(sender.posts_to(target.id)) == 1


async def test_a_repeat_after_a_long_night_is_no_repeat_any_more(
    scene: Scene, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await scene.targets(1)
    sender.memory = Memory.DEDUPES
    sender.fail(target.id, After.HANG)
    async with scene.running():
        stream = await scene.go_live()
    await clock.advance(600)
    async with scene.running():
        pass
    assert (await scene.alert_to(target, stream)).state is DeliveryState.UNCERTAIN
    assert len(sender.posts_to(target.id)) == 1


async def test_what_is_found_after_a_crash_is_brought_up_to_date(
    scene: Scene, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await scene.targets(1)
    sender.memory = Memory.LOOKS_UP
    sender.fail(target.id, After.HANG)
    async with scene.running():
        stream = await scene.go_live()
    await scene.change(stream, StreamState.ENDED)
    async with scene.running():
        await clock.advance(1)
    post = sender.only_post_to(target.id)
    assert [message.title[:1] for message in post.shown] == ["🔴", "⚫"]


async def test_what_did_not_arrive_before_a_crash_is_not_sent_after_the_end(
    scene: Scene, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await scene.targets(1)
    sender.memory = Memory.LOOKS_UP
    sender.latency = 100.0
    async with scene.running():
        stream = await scene.go_live()
    sender.latency = 0.0
    await scene.change(stream, StreamState.ENDED)
    async with scene.running():
        await clock.advance(5)
    assert not sender.posts
    row = await scene.alert_to(target, stream)
    assert (row.state, row.error) == (DeliveryState.DEAD, "ended-first")


async def test_a_broken_database_ends_nothing_and_loses_nothing(
    scene: Scene, store: FragileStore, sender: FakeSender, clock: FakeClock
) -> None:
    """Blind as the platform is: what was under way is noted, and not done again."""
    targets = await scene.targets(12)
    sender.latency = 1.0
    async with scene.running():
        await scene.go_live()
        store.is_broken = True
        await clock.advance(10)
        store.is_broken = False
        await clock.advance(30)
        assert scene.health.part("dispatcher").ok
    assert [len(sender.posts_to(target.id)) for target in targets] == [1] * 12
    assert {row.state for row in await scene.rows()} == {DeliveryState.SENT}


async def test_a_sender_that_is_gone_keeps_what_it_owes(
    scene: Scene, sender: FakeSender, clock: FakeClock
) -> None:
    await scene.targets(1, sender="discord")
    (target,) = await scene.targets(1)
    async with scene.running():
        await scene.go_live()
        await clock.advance(60)
    assert len(sender.posts) == len(sender.posts_to(target.id)) == 1
    assert [row.state for row in await scene.rows()].count(DeliveryState.DUE) == 1


async def test_what_a_platform_had_begun_that_is_not_here_now_is_settled_when_it_is(
    scene: Scene, clock: FakeClock
) -> None:
    away = FakeSender(clock, name="away", memory=Memory.LOOKS_UP)
    scene.senders["away"] = away
    (target,) = await scene.targets(1, sender="away")
    away.fail(target.id, After.HANG)
    async with scene.running():
        stream = await scene.go_live()
    del scene.senders["away"]
    async with scene.running():
        await clock.advance(60)
        left = await scene.alert_to(target, stream)
        scene.dispatcher.join(away)
        await clock.advance(1)
    assert (left.state, left.holder) == (DeliveryState.SENDING, "test-1.1")
    assert (await scene.alert_to(target, stream)).state is DeliveryState.SENT
    assert len(away.posts) == 1


async def test_without_any_sender_it_waits_for_its_end(scene: Scene, clock: FakeClock) -> None:
    scene.senders.clear()
    async with scene.running():
        await scene.dispatcher.drain()
        await clock.advance(600)
        assert scene.is_running
    assert not scene.is_running


async def test_an_unknown_fault_in_the_middle_of_a_drain_does_not_hold_up_the_end(
    scene: Scene, sender: FakeSender, clock: FakeClock
) -> None:
    await scene.targets(3)

    def judge(call: Call) -> None:
        raise ZeroDivisionError(call.method)

    sender.judge = judge
    sender.latency = 1.0
    await scene.go_live()
    run = asyncio.create_task(scene.dispatcher.run())
    await settle()
    run.cancel()
    await clock.advance(1)
    await asyncio.gather(run, return_exceptions=True)
    assert run.cancelled()
    scene.notifier.notify(DELIVERIES)
    assert {row.state for row in await scene.rows()} == {DeliveryState.SENDING}
