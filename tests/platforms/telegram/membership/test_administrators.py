"""Who may change alerts, by commands and by buttons."""

from __future__ import annotations

from functools import partial

import pytest

from tests.fakes.telegram import Chat, Refuse, User
from tests.platforms.telegram.harness import PlatformHarness, owner
from tests.pumpfun.samples import MINT

SUBSCRIBE = f"/subscribe {MINT}"
HIDDEN = ["CHAT_ADMIN_REQUIRED", "member list is inaccessible", "PARTICIPANT_ID_INVALID"]


def member(harness: PlatformHarness, chat: Chat, status: str = "member") -> User:
    user = harness.telegram.add_user(f"{status} of {chat.title}")
    chat.add_member(user, status)
    return user


def answered_since(harness: PlatformHarness, before: int) -> bool:
    return len(harness.telegram.made("answerCallbackQuery")) > before


async def test_a_member_may_not_and_an_administrator_may(harness: PlatformHarness) -> None:
    group = harness.telegram.add_supergroup("Coins")
    answer = await harness.say(SUBSCRIBE, member(harness, group), group)
    assert "Only admins of this group" in answer.text
    assert await harness.mints(group) == []
    answer = await harness.say(SUBSCRIBE, member(harness, group, "administrator"), group)
    assert "Following " in answer.text


async def test_telegram_is_asked_once_in_a_while_about_an_administrator(
    harness: PlatformHarness,
) -> None:
    group = harness.telegram.add_supergroup("Coins")
    for _ in range(2):
        await harness.say("/resume", owner(group), group)
    about = [
        c
        for c in harness.telegram.made("getChatMember")
        if c.parameters["user_id"] == owner(group).id
    ]
    assert len(about) == 1


async def test_an_anonymous_administrator_may(harness: PlatformHarness) -> None:
    group = harness.telegram.add_supergroup("Coins")
    other = harness.telegram.add_supergroup("Other")
    await harness.say(SUBSCRIBE, owner(group), group, anonymous=True)
    await harness.say(SUBSCRIBE, owner(other), other, anonymous=True)
    persons = set()
    async with harness.commands.store.read() as unit:
        for chat in (group, other):
            (target,) = await unit.places.targets_at("telegram", str(chat.id))
            persons.add(await unit.places.first_subscriber(target.id))
    assert {person.id for person in persons if person} == {f"chat:{group.id}", f"chat:{other.id}"}


async def test_who_writes_in_the_name_of_another_channel_may_not(harness: PlatformHarness) -> None:
    group = harness.telegram.add_supergroup("Coins")
    channel = harness.telegram.add_channel("News")
    somebody = member(harness, group)
    answer = await harness.say(SUBSCRIBE, somebody, group, as_channel=channel)
    assert "Only admins of this group" in answer.text
    assert await harness.mints(group) == []


async def test_a_post_of_a_channel_is_its_own_proof(harness: PlatformHarness) -> None:
    channel = harness.telegram.add_channel("News")
    answer = await harness.say(SUBSCRIBE, owner(channel), channel)
    assert "Following " in answer.text
    assert await harness.mints(channel) == [(str(channel.id), MINT)]


@pytest.mark.parametrize("said", HIDDEN)
async def test_where_members_are_hidden_the_list_of_administrators_tells(
    harness: PlatformHarness, said: str
) -> None:
    """The bot is no administrator there, and may not ask about a single person."""
    group = harness.telegram.add_supergroup("Coins")
    group.hides_members = said
    answer = await harness.say(SUBSCRIBE, owner(group), group)
    assert "Following " in answer.text
    for _ in range(2):
        answer = await harness.say(SUBSCRIBE, member(harness, group), group)
        assert "Only admins of this group" in answer.text
    assert len(harness.telegram.made("getChatAdministrators")) == 1


async def test_where_the_bot_may_list_nobody_people_are_told_what_to_do(
    harness: PlatformHarness,
) -> None:
    group = harness.telegram.add_supergroup("Coins")
    menu = await harness.say("/settings", owner(group), group, anonymous=True)
    for method in ("getChatMember", "getChatAdministrators"):
        harness.telegram.faults.add(method, Refuse(400, f"Bad Request: {HIDDEN[0]}"))
    answer = await harness.say(SUBSCRIBE, owner(group), group)
    assert "Make me an admin" in answer.text
    assert await harness.mints(group) == []
    pressed = await owner(group).press(menu, label=menu.buttons[0].label)
    assert pressed.alert
    assert "Make me an admin" in pressed.text
    harness.telegram.faults.clear()
    answer = await harness.say(SUBSCRIBE, owner(group), group)
    assert "Following " in answer.text


async def test_a_new_list_is_asked_for_when_the_bot_becomes_something_else(
    harness: PlatformHarness,
) -> None:
    group = harness.telegram.add_supergroup("Coins")
    group.hides_members = HIDDEN[0]
    await harness.say("/resume", owner(group), group)
    new = member(harness, group, "administrator")
    answer = await harness.say(SUBSCRIBE, new, group)
    assert "Only admins of this group" in answer.text
    group.bot("restricted", ["send_messages"])
    group.bot("member")
    await harness.idle()
    answer = await harness.say(SUBSCRIBE, new, group)
    assert "Following " in answer.text


async def test_somebody_whom_telegram_does_not_find_is_no_manager(harness: PlatformHarness) -> None:
    group = harness.telegram.add_supergroup("Coins")
    harness.telegram.faults.add("getChatMember", Refuse(400, "Bad Request: user not found"))
    answer = await harness.say(SUBSCRIBE, owner(group), group)
    assert "Only admins of this group" in answer.text


async def test_a_press_is_checked_like_a_command_and_refused_to_the_presser_alone(
    harness: PlatformHarness,
) -> None:
    group = harness.telegram.add_supergroup("Coins")
    card = await harness.say(f"/live {MINT}", owner(group), group)
    pressed = await member(harness, group).press(card, label="Subscribe here")
    assert pressed.alert
    assert "Only admins of this group" in pressed.text
    assert not pressed.changed
    assert await harness.mints(group) == []
    pressed = await owner(group).press(card, label="Subscribe here")
    assert not pressed.alert
    await harness.telegram.until(lambda: pressed.posts)
    assert await harness.mints(group) == [(str(group.id), MINT)]


async def test_a_press_by_who_may_not_post_in_a_channel_changes_nothing(
    harness: PlatformHarness,
) -> None:
    channel = harness.telegram.add_channel("News")
    card = await harness.say(f"/live {MINT}", owner(channel), channel)
    inviter, poster = harness.telegram.add_user("Inviter"), harness.telegram.add_user("Poster")
    channel.add_member(inviter, "administrator", ["invite_users"])
    channel.add_member(poster, "administrator", ["post_messages"])
    pressed = await inviter.press(card, label="Subscribe here")
    assert pressed.alert
    assert await harness.mints(channel) == []
    pressed = await poster.press(card, label="Subscribe here")
    await harness.telegram.until(lambda: pressed.posts)
    assert await harness.mints(channel) == [(str(channel.id), MINT)]


async def test_a_press_in_a_channel_is_a_persons_and_proves_nothing(
    harness: PlatformHarness,
) -> None:
    channel = harness.telegram.add_channel("News")
    card = await harness.say(f"/live {MINT}", owner(channel), channel)
    pressed = await member(harness, channel).press(card, label="Subscribe here")
    assert pressed.alert
    assert await harness.mints(channel) == []


async def test_a_button_of_an_older_version_is_refused_to_the_presser(
    harness: PlatformHarness,
) -> None:
    card = await harness.say(f"/live {MINT}")
    refused = "This button no longer works"
    pressed = dict.fromkeys(("what:ever", "m:z:1", "m:c:short"), refused)
    pressed[f"m:v:a:explode:{MINT}"] = "isn't a choice here"
    for data, why in pressed.items():
        told = {
            "id": f"9{len(data)}",
            "from": harness.al.as_json(),
            "message": card.as_json(),
            "chat_instance": "1",
            "data": data,
        }
        before = len(harness.telegram.made("answerCallbackQuery"))
        harness.telegram.tell("callback_query", told)
        await harness.telegram.until(partial(answered_since, harness, before))
        last = harness.telegram.made("answerCallbackQuery")[-1]
        assert last.parameters["show_alert"] is True
        assert why in last.parameters["text"]
