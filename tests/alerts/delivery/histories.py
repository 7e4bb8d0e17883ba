"""Histories of one coin: go-lives, pauses, ends, crashes and faults of the platform, in any order,
on a real database; and what is promised of all of them."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import strategies as st

from bot.alerts import Fault, SendError
from bot.kit.notifier import DELIVERIES
from bot.model import Delivery, DeliveryState, Preference, Stream, StreamState, Target
from bot.store import Store
from tests.alerts.harness import AlertHarness
from tests.databases.by_path import copied, forget
from tests.fakes.clock import FakeClock
from tests.fakes.sender import After, FakeSender, Memory, Outcome, Post

TARGETS = 3
HALF_AN_HOUR, FOUND_AFTER = timedelta(minutes=30), timedelta(hours=1)
MARKS = {StreamState.LIVE: "🔴", StreamState.GRACE: "⏸", StreamState.ENDED: "⚫"}

_faults: st.SearchStrategy[Outcome] = st.sampled_from(
    [
        SendError(Fault.NOT_SENT),
        SendError(Fault.MAYBE_SENT),
        SendError(Fault.SERVER_ERROR),
        SendError(Fault.RATE_LIMITED, retry_after=20),
        SendError(Fault.RATE_LIMITED, retry_after=5, everywhere=True),
        SendError(Fault.FORBIDDEN),
        SendError(Fault.TOO_LARGE),
        SendError(Fault.UNAUTHORIZED),
        After.NO_ANSWER,
        None,
    ]
)
_target = st.integers(0, TARGETS - 1)
Step = tuple[str, object]

_step: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("state"), st.sampled_from(StreamState)),
    st.tuples(st.just("viewers"), st.integers(1, 5000)),
    st.tuples(st.just("wait"), st.sampled_from([0.0, 1.0, 3.0, 20.0, 130.0, 700.0, 1900.0])),
    st.tuples(st.just("fail"), st.tuples(_target, _faults)),
    st.tuples(st.just("crash"), st.none()),
    st.tuples(st.just("crash in flight"), _target),
    st.tuples(st.just("slow"), st.tuples(_target, st.sampled_from([0.0, 2.0]))),
)

HISTORIES = st.lists(_step, min_size=4, max_size=14)


@dataclass(slots=True)
class World:
    """One coin, whose streams follow one another, and three targets."""

    harness: AlertHarness
    sender: FakeSender
    clock: FakeClock
    targets: list[Target]
    streams: list[Stream] = field(default_factory=list)
    unowed: set[tuple[int, int]] = field(default_factory=set)

    async def play(self, what: str, how: object) -> None:
        match what, how:
            case "state", StreamState() as state:
                await self.enter(state)
            case "viewers", int(viewers):
                if self.streams and self.now is not StreamState.ENDED:
                    self.streams[-1] = await self.harness.change(self.streams[-1], viewers=viewers)
                    await self.harness.service.refresh()
            case "wait", float(seconds):
                await self.clock.advance(seconds)
            case "fail", (int(which), SendError() | After() | None as outcome):
                self.sender.fail(self.targets[which].id, outcome)
            case "slow", (int(which), float(seconds)):
                self.sender.slow[self.targets[which].id] = seconds
            case "crash", _:
                await self.restart()
            case "crash in flight", int(which):
                await self.crash_in_flight(self.targets[which])

    @property
    def now(self) -> StreamState:
        return self.streams[-1].broadcast.state if self.streams else StreamState.ENDED

    async def enter(self, state: StreamState) -> None:
        if self.now is StreamState.ENDED:
            if state is not StreamState.ENDED:
                await self.clock.advance(1)  # two streams never begin at the same instant
                off = [one.id for one in self.targets if (await self.harness.target(one)).disabled]
                self.streams.append(await self.harness.go_live())
                self.unowed |= {(target_id, self.streams[-1].id) for target_id in off}
        elif state in MARKS:
            self.streams[-1] = await self.harness.change(self.streams[-1], state)

    async def restart(self) -> None:
        await self.harness.kill()
        await self.harness.start()

    async def crash_in_flight(self, target: Target) -> None:
        """Its next message arrives, and the answer is never read."""
        self.sender.fail(target.id, After.HANG)
        await self.clock.advance(2)
        await self.harness.kill()
        self.sender.relent()
        await self.harness.start()

    async def come_to_rest(self) -> None:
        """Everything works again, and there is time."""
        self.sender.relent()
        async with self.harness.store.write() as unit:
            for target in self.targets:
                await unit.places.enable(target.id, self.clock.now())
        self.harness.notifier.notify(DELIVERIES)
        await self.clock.advance(1500)


async def check(world: World) -> None:
    """What is promised."""
    posts: dict[tuple[int, str], list[Post]] = {}
    for post in world.sender.posts.values():
        posts.setdefault((post.target_id, post.nonce), []).append(post)
    assert all(len(same) == 1 for same in posts.values()), "an alert was doubled"
    known = {row.message_id for row in await world.harness.rows()}
    for target in world.targets:
        found = world.sender.posts.items()
        check_mentions([p for id_, p in found if p.target_id == target.id and id_ in known])
    for stream in world.streams:
        for target in world.targets:
            if (target.id, stream.id) in world.unowed:  # nothing is owed to what is disabled
                continue
            check_row(world, stream, await world.harness.alert_to(target, stream))


def check_mentions(posts: list[Post]) -> None:
    """A role is left alone for half an hour after it was mentioned, as far as we know, and not for
    longer; what was found after a crash counts from then."""
    pinged_at: datetime | None = None
    for post in posts:
        is_soon = pinged_at is not None and post.at - pinged_at < HALF_AN_HOUR
        if post.shown[0].role is not None:
            assert not is_soon, "a role was mentioned twice in half an hour"
            pinged_at = post.at
        elif not post.shown[0].silent:
            assert pinged_at is not None, "a role was not mentioned"
            assert post.at - pinged_at < HALF_AN_HOUR + FOUND_AFTER, "it was not mentioned for long"


def check_row(world: World, stream: Stream, row: Delivery) -> None:
    state = stream.broadcast.state
    match row.state:
        case DeliveryState.SENT:
            assert row.message_id is not None
            post = world.sender.posts[row.message_id]
            assert post.target_id == row.target_id
            assert row.shown == row.wanted
            assert post.shows.title.startswith(MARKS[state]), "it does not show how things are"
            assert post.shown[0].role == row.mention, "another mention is kept than was shown"
        case DeliveryState.DEAD:
            assert row.error == "ended-first"
            assert state is StreamState.ENDED
        case DeliveryState.UNCERTAIN:
            assert row.error
            is_told = world.sender.memory in (Memory.LOOKS_UP, Memory.BOTH)
            assert not is_told or row.target_id in world.sender.unsettled
        case _:
            pytest.fail(f"still {row.state}: {row}")


async def live_through(empty: Path, memory: Memory, steps: list[Step], *, updates: bool) -> None:
    """One whole history, which begins with a go-live; `empty` is a database to be copied."""
    with tempfile.TemporaryDirectory() as folder:
        async with Store(copied(empty, Path(folder, "mintcast.db"))) as store:
            clock = FakeClock()
            sender = FakeSender(clock, memory=memory)
            harness = AlertHarness(store, Path(folder, "files"), clock, sender)
            world = World(harness, sender, clock, await harness.targets(TARGETS))
            for target in world.targets:
                await harness.prefer(Preference.ROLE, "777", target)
            if updates:
                await harness.prefer(Preference.UPDATES, "yes", world.targets[0])
            try:
                await harness.start()
                for what, how in [("state", StreamState.LIVE), *steps]:
                    await world.play(what, how)
                await world.come_to_rest()
                await check(world)
            finally:
                await harness.kill()
        forget(Path(folder, "mintcast.db"))
