"""A platform is told of the commands when they have changed, and only then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.alerts import Fault, SendError
from bot.kit.backoff import Backoff
from bot.kit.leadership import HeldLease, under
from bot.platforms.shared.registration import CommandRegistration, Offer, fingerprint
from bot.store import Store
from tests.fakes.clock import PassingClock
from tests.store.rows.cluster.terms import end_terms


@dataclass
class Platform:
    """It takes commands after it has refused `refusals` tries; before that, so many tries find it
    `absent`, and it cannot be asked at all."""

    refusals: int = 0
    absent: int = 0
    told: list[object] = field(default_factory=list)
    has: object = None

    def offer(self, *names: str) -> Offer:
        if self.absent:
            self.absent -= 1
            raise SendError(Fault.NOT_SENT)
        content = [{"name": name} for name in names]
        return Offer(
            "fake:commands",
            content,
            len(names),
            tell=lambda: self._take(content),
            stands=lambda: self._has(content),
        )

    async def _take(self, content: object) -> None:
        if self.refusals:
            self.refusals -= 1
            raise SendError(Fault.SERVER_ERROR)
        self.told.append(content)
        self.has = content

    async def _has(self, content: object) -> bool:
        if self.refusals:
            self.refusals -= 1
            raise SendError(Fault.SERVER_ERROR)
        return self.has == content


@pytest.fixture
async def store(database: Path) -> AsyncIterator[Store]:
    async with Store(database) as opened:
        yield opened


def registration(store: Store, clock: PassingClock) -> CommandRegistration:
    return CommandRegistration("Fake", store, Backoff(clock))


async def test_the_same_commands_are_told_once_in_all_lives(
    store: Store, clock: PassingClock
) -> None:
    platform = Platform()
    for _ in range(3):
        await registration(store, clock).keep_trying(lambda: platform.offer("clip", "help"))
    assert platform.told == [[{"name": "clip"}, {"name": "help"}]]


async def test_other_commands_are_told_anew(store: Store, clock: PassingClock) -> None:
    platform = Platform()
    registered = registration(store, clock)
    await registered.keep_trying(lambda: platform.offer("clip"))
    await registered.keep_trying(lambda: platform.offer("clip", "help"))
    await registered.keep_trying(lambda: platform.offer("clip"))
    assert len(platform.told) == 3


async def test_who_refuses_or_cannot_be_asked_is_told_later_and_ever_more_seldom(
    store: Store, clock: PassingClock
) -> None:
    platform = Platform(absent=2, refusals=2)
    await registration(store, clock).keep_trying(lambda: platform.offer("clip"))
    assert clock.slept == [1, 2, 4, 8]
    assert platform.told == [[{"name": "clip"}]]


async def test_commands_that_another_program_has_replaced_are_told_again_once_in_each_life(
    store: Store, clock: PassingClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Not again and again: that program may be doing the same."""
    platform = Platform()
    await registration(store, clock).keep_trying(lambda: platform.offer("clip"))
    platform.has = ["theirs"]
    registered = registration(store, clock)
    await registered.keep_trying(lambda: platform.offer("clip"))
    assert len(platform.told) == 2
    platform.has = ["theirs"]
    for _ in range(2):
        await registered.keep_trying(lambda: platform.offer("clip"))
    assert len(platform.told) == 2
    assert caplog.text.count("another program registers its own with this token") == 1
    await registration(store, clock).keep_trying(lambda: platform.offer("clip"))
    assert len(platform.told) == 3


async def test_who_does_not_say_what_it_has_is_asked_again(
    store: Store, clock: PassingClock
) -> None:
    platform = Platform()
    await registration(store, clock).keep_trying(lambda: platform.offer("clip"))
    platform.has, platform.refusals = None, 2
    await registration(store, clock).keep_trying(lambda: platform.offer("clip"))
    assert (len(platform.told), clock.slept) == (2, [1, 2])


@pytest.mark.parametrize("is_noticed", [True, False])
async def test_who_lost_the_lease_leaves_it_to_the_node_that_has_it(
    store: Store, clock: PassingClock, is_noticed: bool
) -> None:
    """Else an older version would tell its commands again and again."""
    async with store.write() as unit:
        lease = await unit.leases.win("shards:fake", "us", 30.0)
    assert lease is not None
    held = HeldLease(lease, float("inf"), clock)
    end_terms(store)
    if is_noticed:
        held.give_up()
    platform = Platform()
    with under(held):
        await registration(store, clock).keep_trying(lambda: platform.offer("clip"))
    assert clock.slept == []
    assert len(platform.told) == (0 if is_noticed else 1)


def test_a_fingerprint_does_not_depend_on_the_order_of_names_in_an_object() -> None:
    assert fingerprint([{"a": 1, "b": 2}]) == fingerprint([{"b": 2, "a": 1}])
    assert fingerprint([{"a": 1}, {"b": 2}]) != fingerprint([{"b": 2}, {"a": 1}])
