"""The bot is removed from a place, and comes back: what is kept, and what is owed then."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot import texts
from bot.kit.notifier import DELIVERIES
from bot.model import Address, DeliveryState, StreamState
from bot.store import Access, Unit
from tests.commands.harness import ELSEWHERE, FAR_AWAY, HERE, THIRD_MINT, CommandHarness
from tests.fakes.chat import channel
from tests.fakes.clock import settle
from tests.fakes.failing_store import FragileStore, answer_lost
from tests.pumpfun.samples import MINT, OTHER_MINT

PLACE = HERE.place


def anywhere(_: Address) -> bool:
    return True


async def disable(
    harness: CommandHarness, reason: str, where: Address = HERE, *, used: bool = True
) -> None:
    if used:
        await harness.follow(OTHER_MINT, where)
    target = await harness.target(where)
    async with harness.store.write() as unit:
        await unit.places.disable(target.id, reason, harness.clock.now())


async def reasons(harness: CommandHarness, *where: Address) -> list[str | None]:
    return [(await harness.target(each)).disabled for each in where]


async def test_who_removes_the_bot_gets_nothing_and_loses_nothing(harness: CommandHarness) -> None:
    await harness.follow(MINT)
    await harness.follow(OTHER_MINT, ELSEWHERE)
    await harness.follow(MINT, FAR_AWAY)
    await harness.go_live(MINT)
    await harness.service.left("fake", PLACE)
    await harness.service.left("fake", PLACE)
    assert await reasons(harness, HERE, ELSEWHERE, FAR_AWAY) == ["left", "left", None]
    (posted,) = await harness.show_all()
    assert posted.target_id == (await harness.target(FAR_AWAY)).id
    async with harness.store.read() as unit:
        assert await unit.subscriptions.count() == 3
        assert (await unit.deliveries.counts())[DeliveryState.DUE] == 1


async def test_where_nothing_would_be_posted_nothing_is_stopped_or_counted(
    harness: CommandHarness,
) -> None:
    await harness.follow(MINT)
    await harness.target(ELSEWHERE)
    await harness.service.left("fake", PLACE)
    assert await reasons(harness, HERE, ELSEWHERE) == ["left", None]
    await disable(harness, "left", ELSEWHERE, used=False)  # as it was done once
    assert await harness.service.returned("fake", PLACE, anywhere) == 1
    assert await reasons(harness, HERE, ELSEWHERE) == [None, None]


async def test_another_platform_may_have_a_place_of_that_name(harness: CommandHarness) -> None:
    await harness.target()
    await harness.service.left("another", PLACE)
    assert await harness.service.returned("another", PLACE, anywhere) == 0
    assert await reasons(harness, HERE) == [None]


async def test_a_place_that_was_never_heard_of_is_no_trouble(harness: CommandHarness) -> None:
    await harness.service.left("fake", "999")
    assert await harness.service.returned("fake", "999", anywhere) == 0
    assert await harness.service.places("fake") == ()


async def test_who_invites_it_again_gets_what_is_still_owed_and_what_is_on(
    harness: CommandHarness,
) -> None:
    for mint in (MINT, OTHER_MINT, THIRD_MINT):
        await harness.follow(mint)
    await harness.go_live(MINT)
    await harness.service.left("fake", PLACE)
    await harness.go_live(OTHER_MINT, started_at=harness.clock.now() - timedelta(minutes=20))
    await harness.go_live(THIRD_MINT, StreamState.STARTING)
    with harness.notifier.listening(DELIVERIES) as hint:
        assert await harness.service.returned("fake", PLACE, anywhere) == 1
    assert hint.is_set()
    posted = {d.stream_id: d.silent for d in await harness.show_all()}
    assert list(posted.values()) == [False, True]  # the second began long ago
    assert await harness.service.returned("fake", PLACE, anywhere) == 0
    assert not await harness.show_all()


async def test_what_is_owed_is_hinted_at_where_the_return_is_not_known_to_be_saved(
    harness: CommandHarness,
) -> None:
    await harness.follow(MINT)
    await harness.service.left("fake", PLACE)
    await harness.go_live(MINT)

    async def is_back(unit: Unit) -> bool:
        (target,) = await unit.places.targets_at("fake", PLACE)
        return target.disabled is None

    with harness.notifier.listening(DELIVERIES) as hint, answer_lost(harness.store, is_back):
        returning = asyncio.ensure_future(harness.service.returned("fake", PLACE, anywhere))
        await harness.clock.advance(60)
        await returning
    assert hint.is_set()
    assert len(await harness.show_all()) == 1


@pytest.mark.parametrize("reason", ["left", "forbidden", "target-gone", "target-closed"])
async def test_what_was_stopped_goes_on_where_it_can_be_posted(
    harness: CommandHarness, reason: str
) -> None:
    await disable(harness, reason)
    await disable(harness, reason, ELSEWHERE)
    count = await harness.service.returned("fake", PLACE, lambda one: one.channel == HERE.channel)
    assert count == 1
    still = "forbidden" if reason == "left" else reason  # it is a member there again
    assert await reasons(harness, HERE, ELSEWHERE) == [None, still]


async def test_what_nobody_knows_of_goes_on_once_where_the_bot_had_left(
    harness: CommandHarness,
) -> None:
    await disable(harness, "left")
    await disable(harness, "target-gone", ELSEWHERE)
    assert await harness.service.returned("fake", PLACE, lambda _: None) == 1
    assert await reasons(harness, HERE, ELSEWHERE) == [None, "target-gone"]
    await disable(harness, "target-gone")  # so said the next send
    assert await harness.service.returned("fake", PLACE, lambda _: None) == 0
    assert await reasons(harness, HERE) == ["target-gone"]


async def test_what_was_stopped_for_another_reason_stays_so(harness: CommandHarness) -> None:
    await disable(harness, "somebody-said-so")
    assert await harness.service.returned("fake", PLACE, anywhere) == 0
    assert await reasons(harness, HERE) == ["somebody-said-so"]


async def test_nothing_that_was_not_stopped_is_owed_anything_new(harness: CommandHarness) -> None:
    await harness.follow(MINT)
    await harness.go_live(MINT)
    assert len(await harness.show_all()) == 1
    await harness.say("/unsubscribe all")
    await harness.follow(MINT)
    assert await harness.service.returned("fake", PLACE, anywhere) == 0
    assert await harness.show_all() == []


async def test_the_places_of_a_platform_are_those_with_a_target(harness: CommandHarness) -> None:
    for where in (HERE, ELSEWHERE, FAR_AWAY):
        await harness.target(where)
    async with harness.store.write() as unit:
        moved = await unit.places.target(channel("old", "300"), "fake", harness.clock.now())
        await unit.places.target(Address("another", "400", "x"), "another", harness.clock.now())
        await unit.places.move(moved.id, channel("new", "100"))
    assert await harness.service.places("fake") == ("100", "200")


async def test_why_nothing_is_posted_is_said_in_words() -> None:
    assert texts.alerts.disabled_because("left") == "I'm no longer a member"


async def test_nothing_is_written_where_all_stays_as_it_is(harness: CommandHarness) -> None:
    """A new session with Discord asks that of thousands of servers, and alerts are written, too."""
    await harness.follow(MINT)
    await disable(harness, "target-gone", ELSEWHERE)
    await disable(harness, "left", FAR_AWAY)
    async with FragileStore(harness.store.address, access=Access.ANY) as store:
        commands = harness.fresh(store=store)
        assert await commands.returned("fake", PLACE, lambda _: None) == 0
        assert await commands.returned("fake", "999", anywhere) == 0
        await commands.left("fake", FAR_AWAY.place)
        await commands.left("fake", "999")
        assert store.writes == 0
        assert await commands.returned("fake", PLACE, anywhere) == 1
        assert store.writes == 1
    assert await reasons(harness, HERE, ELSEWHERE, FAR_AWAY) == [None, None, "left"]


async def test_which_places_there_are_is_asked_until_the_database_answers(
    harness: CommandHarness,
) -> None:
    await harness.target()
    async with FragileStore(harness.store.address, access=Access.ANY) as store:
        store.is_busy = True
        asking = asyncio.create_task(harness.fresh(store=store).places("fake"))
        await settle()
        store.is_busy = False
        await harness.clock.advance(10)
        assert await asking == (PLACE,)


async def test_a_database_that_fails_meanwhile_neither_loses_it_nor_turns_its_order(
    harness: CommandHarness,
) -> None:
    await harness.follow(MINT)
    async with FragileStore(harness.store.address, access=Access.ANY) as store:
        commands = harness.fresh(store=store)
        store.is_broken = True
        leaving = asyncio.create_task(commands.left("fake", PLACE))
        await settle()
        returning = asyncio.create_task(commands.returned("fake", PLACE, anywhere))
        await harness.clock.advance(10)
        assert await reasons(harness, HERE) == [None]
        store.is_broken = False
        await harness.clock.advance(30)
        await leaving
        assert await returning == 1
    assert await reasons(harness, HERE) == [None]
