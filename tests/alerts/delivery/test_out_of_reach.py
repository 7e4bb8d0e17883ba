"""A node that cannot reach a platform: what it tells of that, and how it leaves its sending to
another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.alerts import Fault, SendError
from bot.model import DeliveryState
from bot.store import Store
from tests.alerts.harness import AlertHarness
from tests.alerts.leads import LeadsUntilLost
from tests.fakes.clock import FakeClock
from tests.fakes.sender import Call, FakeSender, Memory

LEASE = "sender:fake"


@pytest.fixture
async def node(
    store: Store, tmp_path: Path, clock: FakeClock, sender: FakeSender
) -> AsyncIterator[tuple[AlertHarness, LeadsUntilLost]]:
    """Its service is not running yet."""
    made = AlertHarness(store, tmp_path / "files", clock, sender)
    made.leadership = leads = LeadsUntilLost(store, clock)
    yield made, leads
    await made.kill()


def fails_with(sender: FakeSender, error: SendError) -> None:
    def judge(_: Call) -> SendError:
        return error

    sender.judge = judge


@pytest.mark.parametrize(
    ("error", "counts"),
    [
        (SendError(Fault.NOT_SENT), True),
        (SendError(Fault.SERVER_ERROR), True),
        (SendError(Fault.MAYBE_SENT), True),
        (SendError(Fault.NOT_SENT, is_ours=True), False),
        (SendError(Fault.RATE_LIMITED, retry_after=2.0), False),
        (SendError(Fault.UNAUTHORIZED), False),
    ],
    ids=str,
)
async def test_what_counts_is_that_nobody_answers(
    node: tuple[AlertHarness, LeadsUntilLost],
    sender: FakeSender,
    clock: FakeClock,
    error: SendError,
    *,
    counts: bool,
) -> None:
    made, leads = node
    sender.memory = Memory.DEDUPES  # what is in doubt is tried again
    fails_with(sender, error)
    await made.targets(1)
    async with made.running():
        await made.go_live()
        await clock.advance(70)
        assert (leads.failing_for(LEASE) >= 30) is counts


async def test_who_fails_for_one_channel_and_not_for_others_can_be_reached(
    node: tuple[AlertHarness, LeadsUntilLost], sender: FakeSender, clock: FakeClock
) -> None:
    made, leads = node
    first, second = await made.targets(2)
    sender.fail(first.id, *[Fault.NOT_SENT] * 20)
    async with made.running():
        await made.go_live()
        for number in range(8):
            await clock.advance(10)
            await made.targets(1, mint=f"coin-{number}", first=1)
            await made.go_live(f"coin-{number}")
            assert leads.failing_for(LEASE) < 30
        assert len(sender.posts_to(second.id)) == 9
        assert not sender.posts_to(first.id)


async def test_what_is_under_way_ends_before_another_node_gets_it(
    node: tuple[AlertHarness, LeadsUntilLost], sender: FakeSender, clock: FakeClock
) -> None:
    """On a network that swallows everything a request takes long to fail: one that was cut off
    would be in doubt, though it never arrived, and a platform that knows no nonces would lose it.
    """
    made, leads = node
    (target,) = await made.targets(1)
    sender.latency = 20.0
    fails_with(sender, SendError(Fault.NOT_SENT))
    async with made.running():
        stream = await made.go_live()
        await leads.hand_over(LEASE)
        await clock.advance(19)
        assert (await made.alert_to(target, stream)).state is DeliveryState.SENDING
        await clock.advance(2)
        assert (await made.alert_to(target, stream)).state is DeliveryState.DUE
        part = made.health.part("alerts fake")
        assert part.detail == "fake couldn't be reached from here, so it's left to another node"
        await clock.advance(60)
        assert len(sender.calls) == 1  # nothing more is begun here


async def test_who_gets_it_tries_at_once_what_the_other_had_put_off(
    node: tuple[AlertHarness, LeadsUntilLost], sender: FakeSender, clock: FakeClock
) -> None:
    made, leads = node
    (target,) = await made.targets(1)
    fails_with(sender, SendError(Fault.NOT_SENT))
    async with made.running():
        stream = await made.go_live()
        await clock.advance(31)  # the next try is half a minute away
        await leads.hand_over(LEASE)
        sender.judge = lambda _: None
        await leads.win_again(LEASE)
        assert (await made.alert_to(target, stream)).state is DeliveryState.SENT
        assert made.health.part("alerts fake").detail == "posting to fake"
