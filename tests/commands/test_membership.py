"""The bot is removed from a place, and comes back: what is kept, and what is owed then."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot import texts
from bot.kit.notifier import DELIVERIES
from bot.model import Address, DeliveryState, StreamState
from tests.commands.harness import ELSEWHERE, FAR_AWAY, HERE, THIRD_MINT, Room
from tests.fakes.chat import channel
from tests.fakes.clock import settle
from tests.fakes.failing_store import FragileStore
from tests.pumpfun.samples import MINT, OTHER_MINT

PLACE = HERE.place


def anywhere(_: Address) -> bool:
    return True


async def disable(room: Room, reason: str, where: Address = HERE, *, used: bool = True) -> None:
    if used:
        await room.follow(OTHER_MINT, where)
    target = await room.target(where)
    async with room.store.write() as unit:
        await unit.places.disable(target.id, reason, room.clock.now())


async def reasons(room: Room, *where: Address) -> list[str | None]:
    return [(await room.target(each)).disabled for each in where]


async def test_who_removes_the_bot_gets_nothing_and_loses_nothing(room: Room) -> None:
    await room.follow(MINT)
    await room.follow(OTHER_MINT, ELSEWHERE)
    await room.follow(MINT, FAR_AWAY)
    await room.go_live(MINT)
    await room.commands.left("fake", PLACE)
    await room.commands.left("fake", PLACE)
    assert await reasons(room, HERE, ELSEWHERE, FAR_AWAY) == ["left", "left", None]
    (posted,) = await room.show_all()
    assert posted.target_id == (await room.target(FAR_AWAY)).id
    async with room.store.read() as unit:
        assert await unit.subscriptions.count() == 3
        assert (await unit.deliveries.counts())[DeliveryState.DUE] == 1


async def test_where_nothing_would_be_posted_nothing_is_stopped_or_counted(room: Room) -> None:
    await room.follow(MINT)
    await room.target(ELSEWHERE)
    await room.commands.left("fake", PLACE)
    assert await reasons(room, HERE, ELSEWHERE) == ["left", None]
    await disable(room, "left", ELSEWHERE, used=False)  # as it was done once
    assert await room.commands.returned("fake", PLACE, anywhere) == 1
    assert await reasons(room, HERE, ELSEWHERE) == [None, None]


async def test_another_platform_may_have_a_place_of_that_name(room: Room) -> None:
    await room.target()
    await room.commands.left("another", PLACE)
    assert await room.commands.returned("another", PLACE, anywhere) == 0
    assert await reasons(room, HERE) == [None]


async def test_a_place_that_was_never_heard_of_is_no_trouble(room: Room) -> None:
    await room.commands.left("fake", "999")
    assert await room.commands.returned("fake", "999", anywhere) == 0
    assert await room.commands.places("fake") == ()


async def test_who_invites_it_again_gets_what_is_still_owed_and_what_is_on(room: Room) -> None:
    for mint in (MINT, OTHER_MINT, THIRD_MINT):
        await room.follow(mint)
    await room.go_live(MINT)
    await room.commands.left("fake", PLACE)
    await room.go_live(OTHER_MINT, started_at=room.clock.now() - timedelta(minutes=20))
    await room.go_live(THIRD_MINT, StreamState.STARTING)
    with room.notifier.listening(DELIVERIES) as hint:
        assert await room.commands.returned("fake", PLACE, anywhere) == 1
    assert hint.is_set()
    posted = {d.stream_id: d.silent for d in await room.show_all()}
    assert list(posted.values()) == [False, True]  # the second began long ago
    assert await room.commands.returned("fake", PLACE, anywhere) == 0
    assert not await room.show_all()


@pytest.mark.parametrize("reason", ["left", "forbidden", "target-gone", "target-closed"])
async def test_what_was_stopped_goes_on_where_it_can_be_posted(room: Room, reason: str) -> None:
    await disable(room, reason)
    await disable(room, reason, ELSEWHERE)
    count = await room.commands.returned("fake", PLACE, lambda one: one.channel == HERE.channel)
    assert count == 1
    still = "forbidden" if reason == "left" else reason  # it is a member there again
    assert await reasons(room, HERE, ELSEWHERE) == [None, still]


async def test_what_nobody_knows_of_goes_on_once_where_the_bot_had_left(room: Room) -> None:
    await disable(room, "left")
    await disable(room, "target-gone", ELSEWHERE)
    assert await room.commands.returned("fake", PLACE, lambda _: None) == 1
    assert await reasons(room, HERE, ELSEWHERE) == [None, "target-gone"]
    await disable(room, "target-gone")  # so said the next send
    assert await room.commands.returned("fake", PLACE, lambda _: None) == 0
    assert await reasons(room, HERE) == ["target-gone"]


async def test_what_was_stopped_for_another_reason_stays_so(room: Room) -> None:
    await disable(room, "somebody-said-so")
    assert await room.commands.returned("fake", PLACE, anywhere) == 0
    assert await reasons(room, HERE) == ["somebody-said-so"]


async def test_nothing_that_was_not_stopped_is_owed_anything_new(room: Room) -> None:
    await room.follow(MINT)
    await room.go_live(MINT)
    await room.say("/unsubscribe all")
    await room.follow(MINT)
    before = len(await room.show_all())
    assert await room.commands.returned("fake", PLACE, anywhere) == 0
    assert (before, await room.show_all()) == (1, [])


async def test_the_places_of_a_platform_are_those_with_a_target(room: Room) -> None:
    for where in (HERE, ELSEWHERE, FAR_AWAY):
        await room.target(where)
    async with room.store.write() as unit:
        moved = await unit.places.target(channel("old", "300"), "fake", room.clock.now())
        await unit.places.target(Address("another", "400", "x"), "another", room.clock.now())
        await unit.places.move(moved.id, channel("new", "100"))
    assert await room.commands.places("fake") == ("100", "200")


async def test_why_nothing_is_posted_is_said_in_words() -> None:
    assert texts.alerts.disabled_because("left") == "I am no longer a member there"


async def test_a_database_that_fails_meanwhile_neither_loses_it_nor_turns_its_order(
    room: Room,
) -> None:
    await room.follow(MINT)
    async with FragileStore(room.store.path, exclusive=False) as store:
        commands = room.fresh(store=store)
        store.is_broken = True
        leaving = asyncio.create_task(commands.left("fake", PLACE))
        await settle()
        returning = asyncio.create_task(commands.returned("fake", PLACE, anywhere))
        await room.clock.advance(10)
        assert await reasons(room, HERE) == [None]
        store.is_broken = False
        await room.clock.advance(30)
        await leaving
        assert await returning == 1
    assert await reasons(room, HERE) == [None]
