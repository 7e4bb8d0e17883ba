"""A go-live on a real store: everybody gets it, and nobody is held up by another."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.alerts import Fault, SendError
from bot.kit.rate_limits import REPLY, RateLimits
from bot.model import (
    DeliveryState,
)
from bot.store import Store
from tests.alerts.harness import AlertHarness
from tests.fakes.clock import FakeClock
from tests.fakes.sender import FakeSender


async def test_a_go_live_reaches_every_target_once(
    harness: AlertHarness, sender: FakeSender
) -> None:
    targets = await harness.targets(30)
    async with harness.running():
        await harness.go_live()
    assert sorted(p.target_id for p in sender.posts.values()) == [t.id for t in targets]
    assert {row.state for row in await harness.rows()} == {DeliveryState.SENT}
    assert "Puffer ($PUFF) is live" in next(iter(sender.posts.values())).shows.title
    assert harness.metrics.registry.get_sample_value(
        "mintcast_sends_total", {"sender": "fake", "outcome": "sent"}
    ) == len(targets)


async def test_no_more_than_eight_are_under_way_at_once(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    await harness.targets(40)
    sender.latency = 1.0
    async with harness.running():
        await harness.go_live()
        assert len(sender.calls) == 8
        await clock.advance(5)
    assert sender.most_in_flight == 8
    assert len(sender.posts) == 40


async def test_a_slow_target_holds_up_nobody(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    targets = await harness.targets(20)
    sender.slow[targets[0].id] = 100.0
    async with harness.running():
        await harness.go_live()
        await clock.advance(1)
        assert len(sender.posts) == 19
        await clock.advance(100)
    assert len(sender.posts) == 20


async def test_what_is_in_doubt_waits_for_a_slot_in_which_nothing_is_done_for_it(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    doubtful, *slow = await harness.targets(9)
    sender.fail(doubtful.id, Fault.MAYBE_SENT, Fault.NOT_SENT)
    sender.slow = {target.id: 10.0 for target in slow}
    async with harness.running():
        await harness.go_live()
        await clock.advance(5)  # fails where something goes on: it was due three seconds ago
        assert sender.in_flight == 8
        await clock.advance(6)
    calls = [call for call in sender.calls if call.target_id == doubtful.id]
    assert [(call.method, call.at) for call in calls] == [
        ("send", 0),
        ("settle", 0),
        ("settle", 10),
    ]


async def test_replies_that_wait_for_one_chat_hold_up_no_alert(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    """Twenty commands of one person are answered one by one, in half a minute."""
    sender.rate_limits = limits = RateLimits(
        clock, per_second=25, burst=2, per_target_seconds=1.6, by_place=True
    )

    async def answer() -> None:
        async with limits.turn(-1, -1, REPLY):
            pass

    for number in range(10):
        await harness.targets(place=f"place-{number}")
    replies = [asyncio.create_task(answer()) for _ in range(20)]
    async with harness.running():
        await harness.go_live()
        await clock.advance(2)
        assert len(sender.posts) == 10
        assert not all(task.done() for task in replies)
        await clock.advance(30)
    await asyncio.gather(*replies)


async def test_a_dead_platform_holds_up_no_other(
    store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    dead, alive = FakeSender(clock, name="dead"), FakeSender(clock, name="alive")
    dead.judge = lambda _: SendError(Fault.NOT_SENT)
    harness = AlertHarness(store, tmp_path / "files", clock, dead, alive)
    await harness.targets(20, sender="dead")
    await harness.targets(20, sender="alive")
    async with harness.running():
        await harness.go_live()
        assert len(alive.posts) == 20
        assert not dead.posts
        assert not harness.health.part("alerts dead").ok
        assert harness.health.part("alerts alive").ok
        assert len(dead.calls) < 20  # it is left alone for a while
        dead.judge = lambda _: None
        await clock.advance(120)
    assert len(dead.posts) == 20
    assert harness.health.part("alerts dead").ok


async def test_lanes_are_kept_and_what_cannot_go_yet_waits_in_the_table(
    store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    sender = FakeSender(clock, rate_limits=RateLimits(clock, per_second=2, burst=2))
    harness = AlertHarness(store, tmp_path / "files", clock, sender)
    await harness.targets(40)
    async with harness.running():
        await harness.go_live()
        await clock.advance(10)
        assert 20 <= len(sender.posts) <= 22
        due = [row for row in await harness.rows() if row.state is DeliveryState.DUE]
        assert len(due) >= 2
        await clock.advance(10)
    assert len(sender.posts) == 40


async def test_a_crowded_place_gives_its_slots_to_others(
    store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    sender = FakeSender(clock, rate_limits=RateLimits(clock, per_place_minute=5))
    harness = AlertHarness(store, tmp_path / "files", clock, sender)
    crowded = {target.id for target in await harness.targets(20)}
    others = {target.id for target in await harness.targets(4, place="another")}
    async with harness.running():
        await harness.go_live()
        reached = [post.target_id for post in sender.posts.values()]
        assert len(crowded.intersection(reached)) == 5
        assert others <= set(reached)
        await clock.advance(190)
    assert len(sender.posts) == 24
