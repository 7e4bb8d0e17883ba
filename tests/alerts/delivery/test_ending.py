"""How a run of the delivery service ends, and how the next one takes up what is left."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from bot.alerts import before_sending
from bot.kit.notifier import DELIVERIES, Notifier
from bot.model import Delivery, DeliveryState, Message, StreamState, Target
from bot.platforms.local.message_board import MessageBoard
from bot.platforms.local.sender import LocalSender
from bot.store import Unit
from bot.store.rows.deliveries import Deliveries
from tests.alerts.harness import AlertHarness
from tests.alerts.leads import LeadsUntilLost
from tests.fakes.clock import FakeClock, settle
from tests.fakes.failing_store import FragileStore, answer_lost
from tests.fakes.sender import After, Call, FakeSender, Memory


async def test_what_is_being_sent_has_a_moment_to_end(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    await harness.targets(20)
    sender.latency = 2.0
    await harness.go_live()
    run = asyncio.create_task(harness.service.run())
    await settle()
    run.cancel()
    await clock.advance(2)
    assert run.done()
    assert len(sender.posts) == 8
    states = [row.state for row in await harness.rows()]
    assert states.count(DeliveryState.SENT) == 8
    assert states.count(DeliveryState.SENDING) == 0
    async with harness.running():  # the rest is owed still
        await clock.advance(4)
    assert len(sender.posts) == 20


async def test_what_does_not_end_is_left_after_three_seconds(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    await harness.targets(1)
    sender.latency = 100.0
    await harness.go_live()
    run = asyncio.create_task(harness.service.run())
    await settle()
    run.cancel()
    await clock.advance(2.9)
    assert not run.done()
    await clock.advance(0.2)
    assert run.done()


async def test_what_was_claimed_and_not_begun_is_simply_owed(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    sender.rate_limits.sleep_target(target.id, 0.8)
    async with harness.running():
        stream = await harness.go_live()
        assert (await harness.alert_to(target, stream)).state is DeliveryState.CLAIMED
    async with harness.running():
        await clock.advance(2)
    assert len(sender.posts_to(target.id)) == 1


@pytest.mark.parametrize("arrived", [True, False])
@pytest.mark.parametrize("memory", list(Memory))
async def test_what_stood_in_sending_is_settled_as_the_platform_can(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock, memory: Memory, arrived: bool
) -> None:
    (target,) = await harness.targets(1)
    sender.memory = memory
    if arrived:
        sender.fail(target.id, After.HANG)
    else:
        sender.latency = 1000.0
    async with harness.running():
        stream = await harness.go_live()
        assert (await harness.alert_to(target, stream)).state is DeliveryState.SENDING
    sender.latency = 0.0
    async with harness.running():
        await clock.advance(5)
    row = await harness.alert_to(target, stream)
    if memory is Memory.BLIND:
        assert (row.state, row.error) == (DeliveryState.UNCERTAIN, "crash")
        assert len(sender.posts_to(target.id)) == arrived
    else:
        assert row.state is DeliveryState.SENT
        assert len(sender.posts_to(target.id)) == 1


async def test_a_repeat_after_a_long_night_is_no_repeat_any_more(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    sender.memory = Memory.DEDUPES
    sender.fail(target.id, After.HANG)
    async with harness.running():
        stream = await harness.go_live()
    await clock.advance(600)
    async with harness.running():
        pass
    assert (await harness.alert_to(target, stream)).state is DeliveryState.UNCERTAIN
    assert len(sender.posts_to(target.id)) == 1


async def test_what_is_found_after_a_crash_is_brought_up_to_date(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    sender.memory = Memory.LOOKS_UP
    sender.fail(target.id, After.HANG)
    async with harness.running():
        stream = await harness.go_live()
    await harness.change(stream, StreamState.ENDED)
    async with harness.running():
        await clock.advance(1)
    post = sender.only_post_to(target.id)
    assert [message.title[:1] for message in post.shown] == ["🔴", "⚫"]


async def test_what_did_not_arrive_before_a_crash_is_not_sent_after_the_end(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    sender.memory = Memory.LOOKS_UP
    sender.latency = 100.0
    async with harness.running():
        stream = await harness.go_live()
    sender.latency = 0.0
    await harness.change(stream, StreamState.ENDED)
    async with harness.running():
        await clock.advance(5)
    assert not sender.posts
    row = await harness.alert_to(target, stream)
    assert (row.state, row.error) == (DeliveryState.DEAD, "ended-first")


async def test_a_broken_database_ends_nothing_and_loses_nothing(
    harness: AlertHarness, store: FragileStore, sender: FakeSender, clock: FakeClock
) -> None:
    """Blind as the platform is: what was under way is noted, and not done again."""
    targets = await harness.targets(12)
    sender.latency = 1.0
    async with harness.running():
        await harness.go_live()
        store.is_broken = True
        await clock.advance(10)
        store.is_broken = False
        await clock.advance(30)
        assert harness.health.part("dispatcher").ok
    assert [len(sender.posts_to(target.id)) for target in targets] == [1] * 12
    assert {row.state for row in await harness.rows()} == {DeliveryState.SENT}


async def test_what_was_begun_without_a_word_of_the_database_is_sent_all_the_same(
    harness: AlertHarness, store: FragileStore, sender: FakeSender, clock: FakeClock
) -> None:
    """Nothing had left, and the platform could not say so."""
    (target,) = await harness.targets(1)

    async def is_begun(unit: Unit) -> bool:
        return (await unit.deliveries.counts()).get(DeliveryState.SENDING, 0) > 0

    async with harness.running():
        with answer_lost(store, is_begun):
            stream = await harness.go_live()
        await clock.advance(30)
    assert len(sender.posts_to(target.id)) == 1
    assert (await harness.alert_to(target, stream)).state is DeliveryState.SENT


@contextlib.contextmanager
def when_begun(act: Callable[[], object]) -> Iterator[None]:
    """`act` right before the commit by which the first delivery is in `sending`."""
    mark_sending, times = Deliveries.mark_sending, iter([act])

    async def marked(
        self: Deliveries, d: Delivery, now: datetime, mention: str | None = None
    ) -> bool:
        done = await mark_sending(self, d, now, mention)
        next(times, bool)()
        return done

    with patch.object(Deliveries, "mark_sending", marked):
        yield


async def test_what_was_cut_off_right_when_it_was_begun_is_owed(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    """Nothing had left: a platform that cannot be asked is sent it all the same."""
    (target,) = await harness.targets(1)

    def cut_off() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()

    async with harness.running():
        with when_begun(cut_off):
            stream = await harness.go_live()
        await clock.advance(30)
    assert len(sender.posts_to(target.id)) == 1
    assert (await harness.alert_to(target, stream)).state is DeliveryState.SENT


async def test_what_was_begun_when_the_lease_ran_out_is_left_to_the_next_holder(
    harness: AlertHarness, store: FragileStore, sender: FakeSender, clock: FakeClock
) -> None:
    """Who begins nothing more may still write for a third of the term."""
    harness.leadership = leads = LeadsUntilLost(store, clock)
    (target,) = await harness.targets(1)
    async with harness.running():
        with when_begun(lambda: leads.begin_no_more("sender:fake")):
            stream = await harness.go_live()
        assert not sender.calls
        await leads.lose("sender:fake")
        await leads.win_again("sender:fake")
        await clock.advance(1)
    assert [call.method for call in sender.calls] == ["send"]
    assert (await harness.alert_to(target, stream)).state is DeliveryState.SENT


async def test_what_the_end_cuts_off_before_it_left_is_sent_by_the_next_run(
    harness: AlertHarness, clock: FakeClock
) -> None:
    """It waited for another's upload."""

    class Uploading(FakeSender):
        async def send(self, target: Target, message: Message, **more: Any) -> str:
            with before_sending():
                await clock.sleep(self.latency)
            return await FakeSender.send(self, target, message, **more)

    sender = harness.senders["fake"] = Uploading(clock, latency=20.0)
    targets = await harness.targets(4)
    async with harness.running():
        await harness.go_live()
    assert not sender.posts
    assert {row.state for row in await harness.rows()} == {DeliveryState.DUE}
    sender.latency = 0.0
    async with harness.running():
        await clock.advance(5)
    assert [len(sender.posts_to(target.id)) for target in targets] == [1] * 4


async def test_what_the_page_shows_though_the_database_did_not_say_so_ends_with_its_stream(
    store: FragileStore, tmp_path: Path, clock: FakeClock
) -> None:
    board = MessageBoard(store, clock, Notifier())
    harness = AlertHarness(store, tmp_path / "files", clock, LocalSender(board, clock))
    await harness.targets(sender="local")

    async def titles(unit: Unit) -> list[str]:
        shown = await unit.page.history(10)
        return [json.loads(message.body)["title"] for message in shown]

    async def is_shown(unit: Unit) -> bool:
        return bool(await titles(unit))

    async with harness.running():
        with answer_lost(store, is_shown):
            stream = await harness.go_live()
        await harness.change(stream, StreamState.ENDED)
        await clock.advance(60)
    async with store.read() as unit:
        (title,) = await titles(unit)
    assert "was live" in title


async def test_a_sender_that_is_gone_keeps_what_it_owes(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    await harness.targets(1, sender="discord")
    (target,) = await harness.targets(1)
    async with harness.running():
        await harness.go_live()
        await clock.advance(60)
    assert len(sender.posts) == len(sender.posts_to(target.id)) == 1
    assert [row.state for row in await harness.rows()].count(DeliveryState.DUE) == 1


async def test_what_a_platform_had_begun_that_is_not_here_now_is_settled_when_it_is(
    harness: AlertHarness, clock: FakeClock
) -> None:
    away = FakeSender(clock, name="away", memory=Memory.LOOKS_UP)
    harness.senders["away"] = away
    (target,) = await harness.targets(1, sender="away")
    away.fail(target.id, After.HANG)
    async with harness.running():
        stream = await harness.go_live()
    del harness.senders["away"]
    async with harness.running():
        await clock.advance(60)
        left = await harness.alert_to(target, stream)
        harness.service.join(away)
        await clock.advance(1)
    assert (left.state, left.worker_id) == (DeliveryState.SENDING, "test-1.2")
    assert (await harness.alert_to(target, stream)).state is DeliveryState.SENT
    assert len(away.posts) == 1


async def test_without_any_sender_it_waits_for_its_end(
    harness: AlertHarness, clock: FakeClock
) -> None:
    harness.senders.clear()
    async with harness.running():
        await harness.service.drain()
        await clock.advance(600)
        assert harness.is_running
    assert not harness.is_running


async def test_an_unknown_fault_in_the_middle_of_a_drain_does_not_hold_up_the_end(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    await harness.targets(3)

    def judge(call: Call) -> None:
        raise ZeroDivisionError(call.method)

    sender.judge = judge
    sender.latency = 1.0
    await harness.go_live()
    run = asyncio.create_task(harness.service.run())
    await settle()
    run.cancel()
    await clock.advance(1)
    await asyncio.gather(run, return_exceptions=True)
    assert run.cancelled()
    harness.notifier.notify(DELIVERIES)
    assert {row.state for row in await harness.rows()} == {DeliveryState.SENDING}
