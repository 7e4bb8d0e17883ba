"""`/unsubscribe` and its Undo."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import texts
from bot.alerts import Fault, SendError
from bot.model import (
    Action,
    DeliveryState,
    MessageKind,
    Preference,
    Scope,
    Subscription,
    Verb,
)
from tests.commands.harness import BEN, ELSEWHERE, FAR_AWAY, HERE, THIRD_MINT, CommandHarness
from tests.fakes.buttons import labels
from tests.fakes.chat import FakeReply
from tests.pumpfun.samples import MINT, OTHER_MINT

YEAR = 365 * 86_400


@pytest.fixture
async def following(harness: CommandHarness) -> CommandHarness:
    """Two coins are followed here, one of them with a role of its own."""
    await harness.follow(MINT)
    await harness.clock.advance(60)
    await harness.follow(OTHER_MINT)
    (first, _) = await subscriptions(harness)
    async with harness.store.write() as unit:
        await unit.preferences.set(Scope.SUBSCRIPTION, first.id, Preference.ROLE, "55")
    await harness.clock.advance(60)
    return harness


async def subscriptions(harness: CommandHarness) -> tuple[Subscription, ...]:
    target = await harness.target()
    async with harness.store.read() as unit:
        return await unit.subscriptions.of_target(target.id)


async def role(harness: CommandHarness, mint: str = MINT) -> str | None:
    target = await harness.target()
    async with harness.store.read() as unit:
        chosen = (await unit.preferences.of(target.id, mint)).get(Preference.ROLE)
    return None if chosen is None else chosen.value


def undo(answer: FakeReply) -> str:
    return answer.button("Undo").action


def has_undo(answer: FakeReply) -> bool:
    return "Undo" in labels(answer.last)


async def test_all_is_as_it_was_and_the_answer_says_so_in_its_place(
    following: CommandHarness,
) -> None:
    before = await subscriptions(following)
    answer = await following.say("/unsubscribe all")
    assert await subscriptions(following) == ()
    await following.clock.advance(20)
    press = await following.press(undo(answer))
    assert await subscriptions(following) == before
    assert await role(following) == "55"
    assert answer.text == "Following 2 coins again."
    assert not has_undo(answer)
    assert press.last.kind is MessageKind.TOAST, "the press adds no message"


async def test_one_of_several_comes_back_with_what_was_chosen_for_it(
    following: CommandHarness,
) -> None:
    before = await subscriptions(following)
    answer = await following.say(f"/unsubscribe {MINT}")
    assert [one.mint for one in await subscriptions(following)] == [OTHER_MINT]
    await following.press(undo(answer))
    assert await subscriptions(following) == before
    assert await role(following) == "55"
    assert "Minty coin" in answer.text


async def test_where_nothing_was_removed_there_is_nothing_to_undo(
    following: CommandHarness,
) -> None:
    assert not has_undo(await following.say(f"/unsubscribe {THIRD_MINT}"))
    assert not has_undo(await following.say("/unsubscribe all", where=ELSEWHERE))


# Alerts


async def test_no_alert_is_sent_meanwhile_and_one_comes_with_the_undo(
    following: CommandHarness,
) -> None:
    await following.follow(where=ELSEWHERE)
    answer = await following.say("/unsubscribe all")
    await following.go_live()
    assert [d.target_id for d in await following.show_all()] == [
        (await following.target(ELSEWHERE)).id
    ]
    with following.notifier.listening("deliveries") as hint:
        await following.press(undo(answer))
    assert hint.is_set()
    assert [d.target_id for d in await following.show_all()] == [(await following.target()).id]


async def test_an_alert_that_is_there_comes_no_second_time(following: CommandHarness) -> None:
    await following.go_live()
    (alert,) = await following.show_all()
    answer = await following.say("/unsubscribe all")
    await following.press(undo(answer))
    assert await following.show_all() == []
    async with following.store.read() as unit:
        now = await unit.deliveries.get(alert.id)
    assert now is not None
    assert (now.state, now.message_id) == (DeliveryState.SENT, "alert-1")


@pytest.mark.parametrize("by", ["undo", "subscribe"])
async def test_an_alert_that_was_not_sent_yet_is_withdrawn_and_owed_anew(
    following: CommandHarness, by: str
) -> None:
    following.watch.live(MINT)
    await following.go_live()
    answer = await following.say(f"/unsubscribe {MINT}")
    assert await following.show_all() == []
    if by == "undo":
        await following.press(undo(answer))
    else:
        await following.say(f"/subscribe {MINT}")
    assert len(await following.show_all()) == 1


async def test_one_that_is_being_sent_arrives_once(following: CommandHarness) -> None:
    await following.go_live()
    now = following.clock.now()
    async with following.store.write() as unit:
        (d,) = await unit.deliveries.claim("fake", "test", 1, now)
        assert await unit.deliveries.mark_sending(d, now)
    answer = await following.say("/unsubscribe all")
    await following.press(undo(answer))
    async with following.store.write() as unit:
        assert await unit.deliveries.mark_shown(replace(d), "alert-1", now)
    assert await following.show_all() == []


# Who, and for how long


async def test_who_did_it_and_managers_may_and_nobody_else(following: CommandHarness) -> None:
    answer = await following.say("/unsubscribe all")
    refusal = await following.press(undo(answer), who=BEN, manages=False)
    assert refusal.text == "Only managers and the person who removed this can undo it."
    assert await subscriptions(following) == ()
    await following.press(undo(answer), manages=False)
    assert len(await subscriptions(following)) == 2
    again = await following.say("/unsubscribe all")
    await following.press(undo(again), who=BEN, where=ELSEWHERE)
    assert len(await subscriptions(following)) == 2


async def test_after_half_a_minute_the_button_goes_and_it_is_too_late(
    following: CommandHarness,
) -> None:
    answer = await following.say("/unsubscribe all")
    pressed = undo(answer)
    said = answer.text
    await following.clock.advance(29)
    assert has_undo(answer)
    await following.clock.advance(2)
    assert not has_undo(answer)
    assert answer.text == said
    late = await following.press(pressed)
    assert late.text == "Too late to undo. Run /subscribe again."
    assert await subscriptions(following) == ()
    async with following.store.read() as unit:
        assert await unit.undos.all() == ()


async def test_a_second_press_changes_nothing_and_says_so(following: CommandHarness) -> None:
    answer = await following.say("/unsubscribe all")
    pressed = undo(answer)
    await following.press(pressed)
    before = await subscriptions(following)
    for _ in range(2):
        assert (await following.press(pressed)).text == "Already restored."
        await following.clock.advance(31)
    assert await subscriptions(following) == before
    await following.clock.advance(86_400)
    await following.service.sweep_undos()
    async with following.store.read() as unit:
        assert await unit.undos.all() == ()


async def test_after_a_restart_it_can_be_undone_in_the_same_time(following: CommandHarness) -> None:
    answer = await following.say("/unsubscribe all")
    pressed = undo(answer)
    await following.service.stop()
    following.service = following.fresh()
    await following.clock.advance(20)
    await following.service.sweep_undos()
    press = await following.press(pressed)
    assert press.text == "Following 2 coins again."
    assert press.last.kind is MessageKind.REPLY
    assert len(await subscriptions(following)) == 2


async def test_after_a_restart_it_is_too_late_in_the_same_time(following: CommandHarness) -> None:
    answer = await following.say("/unsubscribe all")
    pressed = undo(answer)
    await following.service.stop()
    following.service = following.fresh()
    await following.clock.advance(31)
    assert "Too late" in (await following.press(pressed)).text
    await following.service.sweep_undos()
    assert "Too late" in (await following.press(pressed)).text
    async with following.store.read() as unit:
        assert await unit.undos.all() == ()


@pytest.mark.parametrize("by", [YEAR, -YEAR, 20, -20])
async def test_a_clock_that_is_set_makes_it_neither_shorter_nor_longer(
    following: CommandHarness, by: float
) -> None:
    first = await following.say(f"/unsubscribe {MINT}")
    second = await following.say(f"/unsubscribe {OTHER_MINT}")
    pressed = undo(second)
    following.clock.set(by)
    await following.clock.advance(29)
    await following.service.sweep_undos()
    await following.press(undo(first))
    assert [one.mint for one in await subscriptions(following)] == [MINT]
    await following.clock.advance(2)
    assert "Too late" in (await following.press(pressed)).text


async def test_what_a_clock_dated_a_year_ahead_is_dropped_all_the_same(
    following: CommandHarness,
) -> None:
    """In an earlier life; in this one the clock is right."""
    following.clock.set(YEAR)
    answer = await following.say("/unsubscribe all")
    pressed = undo(answer)
    await following.service.stop()
    following.clock = type(following.clock)(following.clock.right())
    following.service = following.fresh()
    await following.service.sweep_undos()
    await following.clock.advance(31)
    assert "Too late" in (await following.press(pressed)).text
    await following.service.sweep_undos()
    async with following.store.read() as unit:
        assert await unit.undos.all() == ()


@pytest.mark.parametrize("argument", ["", "x", "unsubscribed", "unsubscribed:", "unsubscribed:x"])
async def test_what_nobody_wrote_is_a_sentence(following: CommandHarness, argument: str) -> None:
    reply = await following.press(Action(Verb.UNDO, argument).encode())
    assert "button" in reply.text


async def test_a_number_from_elsewhere_is_as_good_as_over(following: CommandHarness) -> None:
    answer = await following.say("/unsubscribe all")
    for pressed, where in (
        (undo(answer), FAR_AWAY),
        ("undo:clip:1", HERE),
        ("undo:unsubscribed:99", HERE),
        (f"undo:unsubscribed:{'9' * 18}", HERE),
    ):
        assert "Too late" in (await following.press(pressed, where=where)).text
    assert await subscriptions(following) == ()


# What has changed meanwhile


async def test_one_that_was_followed_again_stays_and_gets_back_what_it_lacks(
    following: CommandHarness,
) -> None:
    (_, other) = await subscriptions(following)
    answer = await following.say("/unsubscribe all")
    await following.say(f"/subscribe {MINT}")
    (newer,) = await subscriptions(following)
    await following.press(undo(answer))
    assert await subscriptions(following) == (other, newer)
    assert await role(following) == "55"
    assert "Following Other one ($OTHER) again." in answer.text
    assert "Already followed again: Minty coin ($MINTY)." in answer.text


async def test_what_was_chosen_since_stays(following: CommandHarness) -> None:
    answer = await following.say("/unsubscribe all")
    await following.say(f"/subscribe {MINT}")
    (newer,) = await subscriptions(following)
    async with following.store.write() as unit:
        await unit.preferences.set(Scope.SUBSCRIPTION, newer.id, Preference.ROLE, "66")
    await following.press(undo(answer))
    assert await role(following) == "66"


async def test_where_there_is_no_room_the_rest_is_named_and_can_still_be_had(
    following: CommandHarness,
) -> None:
    before = await subscriptions(following)
    await following.service.stop()
    following.service = following.fresh(replace(following.limits, most_in_place=2))
    answer = await following.say("/unsubscribe all")
    await following.follow(THIRD_MINT, where=ELSEWHERE)
    await following.press(undo(answer))
    assert await subscriptions(following) == before[:1]
    assert "The limit is 2 coins" in answer.text
    assert OTHER_MINT in answer.text
    await following.say("/unsubscribe all", where=ELSEWHERE)
    await following.press(undo(answer))
    assert await subscriptions(following) == before
    assert await role(following) == "55"
    assert not has_undo(answer)


async def test_where_nothing_can_be_posted_it_is_followed_again_and_says_so(
    following: CommandHarness,
) -> None:
    await following.go_live()
    answer = await following.say("/unsubscribe all")
    target = await following.target()
    async with following.store.write() as unit:
        await unit.places.disable(target.id, "forbidden", following.clock.now())
    await following.press(undo(answer))
    assert len(await subscriptions(following)) == 2
    assert texts.alerts.disabled_because("forbidden") in answer.text


async def test_one_of_a_deleted_channel_names_that_channel(following: CommandHarness) -> None:
    """It is taken off from here, where all is well."""
    await following.follow(THIRD_MINT, where=ELSEWHERE)
    gone = await following.target(ELSEWHERE)
    async with following.store.write() as unit:
        await unit.places.disable(gone.id, Fault.TARGET_GONE, following.clock.now())
    answer = await following.say(f"/unsubscribe {THIRD_MINT}")
    await following.press(undo(answer))
    assert answer.text.splitlines() == [
        "Following Third one ($THIRD) again.",
        "I can't post in news. /subscriptions says why.",
    ]


async def test_a_group_that_became_a_supergroup_gets_its_coins_back(
    following: CommandHarness,
) -> None:
    (first, second) = await subscriptions(following)
    answer = await following.say("/unsubscribe all")
    target, other = await following.target(), await following.target(FAR_AWAY)
    async with following.store.write() as unit:
        await unit.places.move(target.id, FAR_AWAY)
    await following.press(undo(answer), where=FAR_AWAY)
    async with following.store.read() as unit:
        assert await unit.subscriptions.of_target(other.id) == (
            replace(first, target_id=other.id),
            replace(second, target_id=other.id),
        )
    assert "Following 2 coins again." in answer.text


async def test_an_answer_that_can_no_longer_be_changed_is_given_anew(
    following: CommandHarness,
) -> None:
    answer = await following.say("/unsubscribe all")
    pressed = undo(answer)
    answer.broken = SendError(Fault.MESSAGE_GONE)
    press = await following.press(pressed)
    assert press.text == "Following 2 coins again."


async def test_five_hundred_come_back_at_once(harness: CommandHarness) -> None:
    target = await harness.target()
    mints = [f"{number:03}{MINT[3:]}" for number in range(500)]
    async with harness.store.write() as unit:
        for mint in mints:
            await unit.subscriptions.add(target.id, mint, BEN, harness.clock.now())
    before = await subscriptions(harness)
    answer = await harness.say("/unsubscribe all")
    await harness.press(undo(answer))
    assert await subscriptions(harness) == before
    assert answer.text == "Following 500 coins again."
