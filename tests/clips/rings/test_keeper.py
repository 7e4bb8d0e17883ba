"""What the rows say, and which rings are held because of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.clips.rings.claims import AllOurs, RingClaims
from bot.clips.rings.keeper import RingKeeper
from bot.clips.workers.captures import Captures, ring_order
from bot.errors import PumpfunError
from bot.kit.health import Health
from bot.kit.metrics import Metrics
from bot.kit.notifier import JOBS, STREAMS, Notifier
from bot.model import (
    Address,
    Broadcast,
    ClipOrder,
    ClipRequest,
    Person,
    Preference,
    Reason,
    Scope,
    StreamState,
    Target,
    Window,
)
from bot.store import Store
from tests.fakes.captures import FakeOpener
from tests.fakes.clock import FakeClock, settle

ANN = Person("7", "Ann")
MINT, OTHER, THIRD = "minty", "other", "third"


@dataclass
class KeeperHarness:
    """A keeper at work on rows that the test writes."""

    store: Store
    captures: Captures
    opener: FakeOpener
    clock: FakeClock
    places: int = 3
    is_strict: bool = False
    notifier: Notifier = field(default_factory=Notifier)
    metrics: Metrics = field(default_factory=Metrics)
    asked: int = 0
    unwanted: list[str] = field(default_factory=list)
    claims: RingClaims = field(default_factory=AllOurs)

    def __post_init__(self) -> None:
        self.health = Health(self.clock)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[RingKeeper]:
        keeper = RingKeeper(
            store=self.store,
            captures=self.captures,
            clock=self.clock,
            notifier=self.notifier,
            health=self.health,
            metrics=self.metrics,
            places=self.places,
            is_strict=self.is_strict,
            seconds=60.0,
            on_unwanted=self.unwanted.append,
            claims=self.claims,
        )
        task = asyncio.create_task(keeper.run(), name="keeper")
        await settle()
        try:
            yield keeper
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    @property
    def held(self) -> set[str]:
        """Of which coins a ring is kept."""
        return {one.mint for one in self.captures.all if one.is_held}

    async def follow(self, mint: str = MINT, place: str = "place") -> Target:
        async with self.store.write() as unit:
            address = Address("local", place, "general")
            target = await unit.places.target(address, "local", self.clock.now())
            await unit.subscriptions.add(target.id, mint, ANN, self.clock.now())
        return target

    async def unfollow(self, target: Target, mint: str = MINT) -> None:
        async with self.store.write() as unit:
            await unit.subscriptions.remove(target.id, mint)
        await self.hint(STREAMS)

    async def go_live(self, mint: str = MINT) -> int:
        now = self.clock.now()
        live = Broadcast(StreamState.LIVE, now, now, site_id=1, announced_at=now)
        async with self.store.write() as unit:
            stream_id = await unit.streams.insert(mint, live)
        await self.hint(STREAMS)
        return stream_id

    async def become(self, stream_id: int, state: StreamState) -> None:
        async with self.store.write() as unit:
            stream = await unit.streams.get(stream_id)
            assert stream is not None
            await unit.streams.update(stream_id, replace(stream.broadcast, state=state))
        await self.hint(STREAMS)

    async def ask(self, target: Target, mint: str = MINT) -> None:
        self.asked += 1
        now = self.clock.now()
        order = ClipOrder(
            f"local:{self.asked}", target.place_id, target.id, mint, ANN,
            30.0, Window.before(now, 30), 10 << 20, now,
        )  # fmt: skip
        async with self.store.write() as unit:
            await unit.jobs.add(order, now)
        await self.hint(JOBS)

    async def choose(self, value: str, scope: Scope, owner_id: int) -> None:
        async with self.store.write() as unit:
            await unit.preferences.set(scope, owner_id, Preference.REPLAY, value)

    async def hint(self, topic: str) -> None:
        self.notifier.notify(topic)
        await settle()

    async def pass_minutes(self, minutes: float) -> None:
        """At a stroke: nobody looks meanwhile."""
        self.clock._elapsed += 60 * minutes - 5
        await self.clock.advance(5)

    def metric(self, name: str) -> float | None:
        return self.metrics.registry.get_sample_value(name)


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[KeeperHarness]:
    opener, clock = FakeOpener(), FakeClock()
    ring = ring_order(60.0, 30.0, 120.0, 720)
    async with (
        Store(tmp_path / "mintcast.db") as store,
        Captures(opener, clock=clock, ring=ring, longest=120.0) as captures,
    ):
        yield KeeperHarness(store, captures, opener, clock)


async def test_a_stream_that_goes_live_has_a_ring_at_once(harness: KeeperHarness) -> None:
    await harness.follow()
    async with harness.running():
        assert harness.opener.tries == 0
        await harness.go_live()
        assert harness.held == {MINT}
        assert harness.clock.monotonic() == 0


async def test_one_that_nobody_follows_has_none(harness: KeeperHarness) -> None:
    await harness.follow(OTHER)
    async with harness.running():
        await harness.go_live()
        assert harness.held == set()


async def test_nothing_is_read_of_who_follows_while_nothing_is_live(
    harness: KeeperHarness,
) -> None:
    await harness.follow()
    async with harness.running():
        await harness.pass_minutes(1)
        assert harness.opener.tries == 0


async def test_what_was_live_before_the_start_is_found(harness: KeeperHarness) -> None:
    await harness.follow()
    await harness.go_live()
    async with harness.running():
        assert harness.held == {MINT}


async def test_who_makes_no_clips_has_it_for_ten_minutes(harness: KeeperHarness) -> None:
    await harness.follow()
    async with harness.running():
        await harness.go_live()
        await harness.pass_minutes(9.5)
        assert harness.held == {MINT}
        await harness.pass_minutes(1)
        assert harness.held == set()
        assert harness.opener.open == []


async def test_who_has_made_one_this_week_has_it_for_as_long_as_it_is_live(
    harness: KeeperHarness,
) -> None:
    target = await harness.follow()
    await harness.ask(target, OTHER)
    await harness.pass_minutes(60)
    async with harness.running():
        stream_id = await harness.go_live()
        await harness.pass_minutes(30)
        assert harness.held == {MINT}
        await harness.become(stream_id, StreamState.ENDED)
        assert harness.held == set()


async def test_a_request_brings_back_what_was_freed(harness: KeeperHarness) -> None:
    target = await harness.follow()
    async with harness.running():
        await harness.go_live()
        await harness.pass_minutes(11)
        await harness.ask(target)
        assert harness.held == {MINT}


@pytest.mark.parametrize("scope", [Scope.PLACE, Scope.TARGET, Scope.SUBSCRIPTION])
async def test_managers_can_switch_it_off_and_on(harness: KeeperHarness, scope: Scope) -> None:
    target = await harness.follow()
    async with harness.store.read() as unit:
        subscription = await unit.subscriptions.get(target.id, MINT)
    assert subscription is not None
    owners = {
        Scope.PLACE: target.place_id,
        Scope.TARGET: target.id,
        Scope.SUBSCRIPTION: subscription.id,
    }
    async with harness.running():
        await harness.go_live()
        await harness.choose("off", scope, owners[scope])
        await harness.clock.advance(5)
        assert harness.held == set()
        await harness.choose("on", scope, owners[scope])
        await harness.clock.advance(5)
        assert harness.held == {MINT}
        await harness.pass_minutes(30)
        assert harness.held == {MINT}


async def test_off_in_one_place_leaves_it_to_the_others(harness: KeeperHarness) -> None:
    target = await harness.follow()
    await harness.follow(place="elsewhere")
    await harness.choose("off", Scope.PLACE, target.place_id)
    async with harness.running():
        await harness.go_live()
        assert harness.held == {MINT}


async def test_who_needs_it_most_takes_it_from_who_needs_it_least(harness: KeeperHarness) -> None:
    harness.places = 2
    wanted = await harness.follow(THIRD, place="those who want it")
    await harness.choose("on", Scope.PLACE, wanted.place_id)
    for mint in (MINT, OTHER):
        await harness.follow(mint)
    async with harness.running():
        await harness.go_live(MINT)
        await harness.clock.advance(10)
        await harness.go_live(OTHER)
        assert harness.held == {MINT, OTHER}
        await harness.go_live(THIRD)
        assert harness.held == {OTHER, THIRD}


async def test_a_clip_of_another_coin_takes_a_place_unless_the_operator_says_how_many(
    harness: KeeperHarness, tmp_path: Path
) -> None:
    harness.places = 1
    await harness.follow()
    harness.opener.is_slow = True
    request = ClipRequest(OTHER, 30, tmp_path / "x.mp4", 10 << 20, 720)
    clip = asyncio.create_task(harness.captures.clip(request), name="clip")
    async with harness.running():
        await harness.go_live()
        assert harness.held == set()
    harness.is_strict = True
    async with harness.running():
        assert harness.held == {MINT}
        assert len(harness.opener.open) == 2
    harness.opener.opened[0].make()
    await clip


async def test_a_coin_that_nobody_follows_keeps_the_capture_of_its_clip_for_a_while(
    harness: KeeperHarness, tmp_path: Path
) -> None:
    target = await harness.follow(OTHER)
    harness.opener.is_slow = True
    await harness.ask(target, MINT)
    request = ClipRequest(MINT, 30, tmp_path / "x.mp4", 10 << 20, 720)
    clip = asyncio.create_task(harness.captures.clip(request), name="clip")
    async with harness.running():
        assert harness.held == {MINT}
        harness.opener.last.make()
        await clip
        await harness.pass_minutes(9)
        assert len(harness.opener.open) == 1
        await harness.pass_minutes(2)
        assert harness.opener.open == []


async def test_when_its_room_is_over_what_is_left_stays_for_two_minutes(
    harness: KeeperHarness,
) -> None:
    await harness.follow()
    async with harness.running():
        stream_id = await harness.go_live()
        harness.opener.last.has(0, 0.1)
        await harness.become(stream_id, StreamState.GRACE)
        harness.opener.last.end()
        await settle()
        await harness.pass_minutes(1.5)
        assert harness.held == {MINT}
        assert harness.opener.tries == 1
        await harness.pass_minutes(1)
        assert harness.held == set()


async def test_what_is_left_goes_at_once_where_it_is_switched_off(harness: KeeperHarness) -> None:
    target = await harness.follow()
    async with harness.running():
        stream_id = await harness.go_live()
        harness.opener.last.has(0, 0.1)
        harness.opener.last.end()
        await settle()
        await harness.become(stream_id, StreamState.ENDED)
        assert harness.held == {MINT}
        await harness.choose("off", Scope.PLACE, target.place_id)
        await harness.clock.advance(5)
        assert harness.opener.open == []
        assert harness.unwanted == [MINT]


async def test_what_is_left_goes_where_nobody_follows_the_coin_any_more(
    harness: KeeperHarness,
) -> None:
    target = await harness.follow()
    async with harness.running():
        stream_id = await harness.go_live()
        harness.opener.last.has(0, 0.1)
        harness.opener.last.end()
        await settle()
        await harness.become(stream_id, StreamState.ENDED)
        assert harness.held == {MINT}
        await harness.unfollow(target)
        assert harness.held == set()


async def test_unless_somebody_asked_for_it_of_late(harness: KeeperHarness) -> None:
    target = await harness.follow()
    async with harness.running():
        stream_id = await harness.go_live()
        await harness.ask(target)
        harness.opener.last.has(0, 0.1)
        harness.opener.last.end()
        await settle()
        await harness.become(stream_id, StreamState.ENDED)
        await harness.unfollow(target)
        assert harness.held == {MINT}


async def test_one_that_only_tries_to_get_in_is_no_ring(harness: KeeperHarness) -> None:
    await harness.follow()
    async with harness.running():
        await harness.go_live()
        await harness.clock.advance(5)
        assert harness.metric("mintcast_rings") == 0
        assert harness.health.part("replay").detail == "keeping the last 60 s of 0 of 1 stream"


async def test_a_paused_stream_that_goes_on_has_its_ring_again(harness: KeeperHarness) -> None:
    await harness.follow()
    async with harness.running():
        stream_id = await harness.go_live()
        await harness.become(stream_id, StreamState.GRACE)
        assert harness.held == {MINT}
        harness.opener.last.end()
        await settle()
        await harness.become(stream_id, StreamState.LIVE)
        await harness.clock.advance(0.5)
        assert harness.opener.tries == 2


async def test_it_says_how_many_it_keeps_and_what_they_have(harness: KeeperHarness) -> None:
    await harness.follow()
    part = harness.health.part("replay")
    async with harness.running():
        assert part.detail == "no stream to keep the last seconds of"
        await harness.go_live()
        harness.opener.last.has(0.0, 0.0)
        await harness.clock.advance(3)
        harness.opener.last.has(0.0, 3.0)
        await harness.clock.advance(2)
        assert part.detail == "keeping the last 60 s of 1 stream"
        assert harness.metric("mintcast_rings") == 1
        assert harness.metric("mintcast_ring_seconds") == 5


async def test_a_room_that_refuses_us_leaves_its_place_to_another_coin_and_is_told(
    harness: KeeperHarness,
) -> None:
    harness.places = 1
    target = await harness.follow(MINT)
    await harness.choose("on", Scope.PLACE, target.place_id)
    await harness.follow(OTHER, place="elsewhere")
    part = harness.health.part("replay")
    harness.opener.fails = PumpfunError(Reason.FORBIDDEN, status=403)
    async with harness.running():
        await harness.go_live(MINT)
        await harness.clock.advance(30)
        assert part.ok
        await harness.clock.advance(60)
        assert not part.ok
        assert part.detail == (
            "nothing of 1 stream can be kept "
            "(pump.fun gives no access: it refuses to answer this machine (error 403))"
        )
        await harness.go_live(OTHER)
        assert harness.held == {MINT}
        await harness.clock.advance(120)
        assert harness.held == {OTHER}
        harness.opener.fails = None
        await harness.clock.advance(10)
        assert harness.held == {OTHER}
        assert part.ok
        await harness.ask(target, MINT)
        assert harness.held == {MINT}


async def test_a_ring_that_cannot_be_opened_is_told(harness: KeeperHarness) -> None:
    await harness.follow()
    async with harness.running():
        await harness.go_live()
        harness.opener.last.die()
        await settle()
        await harness.hint(STREAMS)
        detail = harness.health.part("replay").detail
        assert detail == "keeping the last 60 s of 0 of 1 stream"


async def test_a_chat_that_wants_every_ring_leaves_others_their_first(
    harness: KeeperHarness,
) -> None:
    chat = await harness.follow("always 1", place="a private chat")
    for mint in ("always 2", "always 3"):
        await harness.follow(mint, place="a private chat")
    await harness.choose("on", Scope.PLACE, chat.place_id)
    await harness.follow(MINT, place="others")
    async with harness.running():
        for mint in ("always 1", "always 2", "always 3"):
            await harness.go_live(mint)
            await harness.clock.advance(1)
        assert harness.held == {"always 1", "always 2", "always 3"}
        await harness.go_live(MINT)
        assert harness.held == {MINT, "always 2", "always 3"}
        assert len(harness.held) == harness.places


async def test_so_does_one_that_asks_for_clips_of_coins_that_nobody_follows(
    harness: KeeperHarness, tmp_path: Path
) -> None:
    chat = await harness.follow(THIRD, place="a private chat")
    await harness.follow(MINT, place="others")
    asked = ("always 1", "always 2", "always 3")
    harness.opener.is_slow = True
    clips = []
    for mint in asked:
        await harness.ask(chat, mint)
        request = ClipRequest(mint, 30, tmp_path / f"{mint}.mp4", 10 << 20, 720)
        clips.append(asyncio.create_task(harness.captures.clip(request), name=mint))
    async with harness.running():
        assert harness.held == set(asked)
        for one in harness.opener.opened:
            one.make()
        await asyncio.gather(*clips)
        await harness.go_live(MINT)
        assert MINT in harness.held
        assert len(harness.held) == harness.places
