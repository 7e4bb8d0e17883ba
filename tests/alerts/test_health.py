"""The health of the delivery service: that its loops go round, and that what is owed moves."""

from __future__ import annotations

import asyncio

import pytest

from bot import texts
from bot.alerts import Fault
from bot.alerts.delivery.loop import LONGEST_SILENCE
from bot.errors import StoreError
from bot.kit.notifier import DELIVERIES
from bot.kit.tasks import supervise
from bot.model import DeliveryState, StreamState
from tests.alerts.harness import AlertHarness
from tests.fakes.clock import FakeClock, settle
from tests.fakes.failing_store import FragileStore
from tests.fakes.sender import After, FakeSender, Memory, Outcome

TEN_MINUTES = 600


async def test_a_loop_that_has_nothing_to_do_is_well_for_ever(
    harness: AlertHarness, clock: FakeClock
) -> None:
    async with harness.running():
        part = harness.health.part("dispatcher")
        for _ in range(10):
            await clock.advance(60)
            assert part.ok
        assert part.age is not None
        assert part.age <= LONGEST_SILENCE


async def test_nor_is_it_ill_because_its_platform_is(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets()
    sender.fail(target.id, *[Fault.UNAUTHORIZED] * 20)
    async with harness.running():
        await harness.go_live()
        await clock.advance(TEN_MINUTES)
        assert not harness.health.part("alerts fake").ok
        assert harness.health.part("dispatcher").ok


@pytest.mark.parametrize(
    ("memory", "outcome"),
    [(Memory.DEDUPES, Fault.SERVER_ERROR), (Memory.LOOKS_UP, After.NO_ANSWER)],
)
async def test_a_platform_that_took_all_after_a_doubt_is_well(
    harness: AlertHarness,
    sender: FakeSender,
    clock: FakeClock,
    memory: Memory,
    outcome: Outcome | Fault,
) -> None:
    sender.memory = memory
    for target in await harness.targets(3):
        sender.fail(target.id, outcome)
    async with harness.running():
        await harness.go_live()
        await clock.advance(30)
        assert len(sender.posts) == 3
        part = harness.health.part("alerts fake")
        assert (part.ok, part.detail) == (True, texts.alerts.delivering("fake"))


async def test_a_platform_that_cannot_say_what_arrived_is_ill(
    harness: AlertHarness, sender: FakeSender
) -> None:
    targets = await harness.targets(3)
    for target in targets:
        sender.fail(target.id, After.HANG)
    async with harness.running():
        await harness.go_live()
    for target in targets:
        sender.fail(target.id, Fault.NOT_SENT)
    async with harness.running():
        assert not harness.health.part("alerts fake").ok


async def test_nobody_calls_a_platform_ill_that_is_owed_nothing_any_more(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    for target in await harness.targets(3):
        sender.fail(target.id, *[Fault.NOT_SENT] * 20)
    async with harness.running():
        stream = await harness.go_live()
        await clock.advance(30)
        part = harness.health.part("alerts fake")
        assert not part.ok
        await harness.change(stream, StreamState.ENDED)
        assert not part.ok
        await clock.advance(60)
        assert (part.ok, part.detail) == (True, "")


@pytest.mark.parametrize("memory", [Memory.LOOKS_UP, Memory.DEDUPES])
async def test_nor_because_its_platform_wants_to_be_left_alone_while_sends_are_in_doubt(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock, memory: Memory
) -> None:
    sender.memory = memory
    targets = await harness.targets(8)
    for target in targets:
        sender.fail(target.id, Fault.MAYBE_SENT)
    sender.latency = 1
    async with harness.running():
        await harness.go_live()
        # They ask what arrived, or are told that a repeat is harmless.
        await clock.advance(0.5 if memory is Memory.LOOKS_UP else 1.5)
        sender.rate_limits.sleep_all(3600)
        await clock.advance(TEN_MINUTES)
        assert harness.health.part("dispatcher").ok
        await clock.advance(3600)
    assert {call.method for call in sender.calls} >= {"send", "settle"}
    later = {call.target_id for call in sender.calls if call.at > 3600}
    assert later == {target.id for target in targets}


async def test_where_no_slot_becomes_free_it_stands_still(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    await harness.targets(8)
    sender.latency = 10 * TEN_MINUTES
    async with harness.running():
        await harness.go_live()
        await clock.advance(TEN_MINUTES)
        part = harness.health.part("dispatcher")
        assert not part.ok
        assert "nothing is sent to fake" in part.detail


async def test_after_a_failure_of_the_database_it_is_well_again_by_itself(
    harness: AlertHarness, store: FragileStore, clock: FakeClock
) -> None:
    part = harness.health.part("dispatcher", vital=True)
    running = asyncio.create_task(
        supervise(harness.service.run, part, clock, (StoreError,), 10.0), name="service"
    )
    await settle()
    assert part.ok
    store.is_broken = True
    await clock.advance(61)
    assert (part.ok, part.detail) == (False, "the database can't be used (the disk is gone)")
    store.is_broken = False
    await clock.advance(10)
    assert part.ok
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_platform_that_joins_late_gets_what_was_owed_there(
    harness: AlertHarness, clock: FakeClock
) -> None:
    (target,) = await harness.targets(sender="late")
    async with harness.running():
        await harness.go_live()
        late = FakeSender(clock, name="late")
        harness.service.join(late)
        await settle()
        assert len(late.posts_to(target.id)) == 1


async def test_what_was_sent_while_the_database_failed_is_noted_once_it_works(
    harness: AlertHarness, sender: FakeSender, store: FragileStore, clock: FakeClock
) -> None:
    """Blind as this platform is, a restart in the middle would leave it uncertain for ever."""
    (target,) = await harness.targets()
    sender.latency = 2
    part = harness.health.part("dispatcher", vital=True)
    running = asyncio.create_task(
        supervise(harness.service.run, part, clock, (StoreError,), 10.0), name="service"
    )
    stream = await harness.go_live()
    store.is_broken = True
    harness.notifier.notify(DELIVERIES)  # to claim more fails at once
    await clock.advance(15)
    store.is_broken = False
    await clock.advance(10)
    assert (await harness.alert_to(target, stream)).state is DeliveryState.SENT
    assert len(sender.posts_to(target.id)) == 1
    assert part.ok
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
