"""Who may change alerts, by commands and by buttons, and where it can be posted."""

from __future__ import annotations

from functools import partial

import pytest

from bot.platforms.telegram.addresses import chat_address
from bot.platforms.telegram.membership.permissions import readiness
from tests.fakes.telegram import Chat, Refuse, User
from tests.platforms.telegram.harness import Scene
from tests.pumpfun.samples import MINT

SUBSCRIBE = f"/subscribe {MINT}"


def member(scene: Scene, chat: Chat, status: str = "member") -> User:
    user = scene.telegram.add_user(f"{status} of {chat.title}")
    chat.add_member(user, status)
    return user


def answered_since(scene: Scene, before: int) -> bool:
    return len(scene.telegram.made("answerCallbackQuery")) > before


def owner(chat: Chat) -> User:
    assert chat.owner is not None
    return chat.owner


async def test_a_member_may_not_and_an_administrator_may(scene: Scene) -> None:
    group = scene.telegram.add_supergroup("Coins")
    answer = await scene.say(SUBSCRIBE, member(scene, group), group)
    assert "Only managers" in answer.text
    assert await scene.mints(group) == []
    answer = await scene.say(SUBSCRIBE, member(scene, group, "administrator"), group)
    assert "1 coin is followed now" in answer.text


async def test_telegram_is_asked_once_in_a_while_about_an_administrator(scene: Scene) -> None:
    group = scene.telegram.add_supergroup("Coins")
    for _ in range(2):
        await scene.say("/resume", owner(group), group)
    about = [
        c
        for c in scene.telegram.made("getChatMember")
        if c.parameters["user_id"] == owner(group).id
    ]
    assert len(about) == 1


async def test_an_anonymous_administrator_may(scene: Scene) -> None:
    group = scene.telegram.add_supergroup("Coins")
    other = scene.telegram.add_supergroup("Other")
    await scene.say(SUBSCRIBE, owner(group), group, anonymous=True)
    await scene.say(SUBSCRIBE, owner(other), other, anonymous=True)
    persons = set()
    async with scene.room.store.read() as unit:
        for chat in (group, other):
            (target,) = await unit.places.targets_at("telegram", str(chat.id))
            persons.add(await unit.places.first_subscriber(target.id))
    assert {person.id for person in persons if person} == {f"chat:{group.id}", f"chat:{other.id}"}


async def test_who_writes_in_the_name_of_another_channel_may_not(scene: Scene) -> None:
    group = scene.telegram.add_supergroup("Coins")
    channel = scene.telegram.add_channel("News")
    somebody = member(scene, group)
    answer = await scene.say(SUBSCRIBE, somebody, group, as_channel=channel)
    assert "Only managers" in answer.text
    assert await scene.mints(group) == []


async def test_a_post_of_a_channel_is_its_own_proof(scene: Scene) -> None:
    channel = scene.telegram.add_channel("News")
    answer = await scene.say(SUBSCRIBE, owner(channel), channel)
    assert "1 coin is followed now" in answer.text
    assert await scene.mints(channel) == [(str(channel.id), MINT)]


async def test_where_telegram_does_not_say_nothing_is_changed(scene: Scene) -> None:
    group = scene.telegram.add_supergroup("Coins")
    scene.telegram.faults.add("getChatMember", Refuse(400, "Bad Request: CHAT_ADMIN_REQUIRED"))
    await scene.say(SUBSCRIBE, owner(group), group)
    assert await scene.mints(group) == []


async def test_somebody_whom_telegram_does_not_find_is_no_manager(scene: Scene) -> None:
    group = scene.telegram.add_supergroup("Coins")
    scene.telegram.faults.add("getChatMember", Refuse(400, "Bad Request: user not found"))
    answer = await scene.say(SUBSCRIBE, owner(group), group)
    assert "Only managers" in answer.text


async def test_a_press_is_checked_like_a_command_and_refused_to_the_presser_alone(
    scene: Scene,
) -> None:
    group = scene.telegram.add_supergroup("Coins")
    card = await scene.say(f"/live {MINT}", owner(group), group)
    pressed = await member(scene, group).press(card, label="Subscribe here")
    assert pressed.alert
    assert "Only managers" in pressed.text
    assert not pressed.changed
    assert await scene.mints(group) == []
    pressed = await owner(group).press(card, label="Subscribe here")
    assert not pressed.alert
    await scene.telegram.until(lambda: pressed.posts)
    assert await scene.mints(group) == [(str(group.id), MINT)]


async def test_a_press_by_who_may_not_post_in_a_channel_changes_nothing(scene: Scene) -> None:
    channel = scene.telegram.add_channel("News")
    card = await scene.say(f"/live {MINT}", owner(channel), channel)
    inviter, poster = scene.telegram.add_user("Inviter"), scene.telegram.add_user("Poster")
    channel.add_member(inviter, "administrator", ["invite_users"])
    channel.add_member(poster, "administrator", ["post_messages"])
    pressed = await inviter.press(card, label="Subscribe here")
    assert pressed.alert
    assert await scene.mints(channel) == []
    pressed = await poster.press(card, label="Subscribe here")
    await scene.telegram.until(lambda: pressed.posts)
    assert await scene.mints(channel) == [(str(channel.id), MINT)]


async def test_a_press_in_a_channel_is_a_persons_and_proves_nothing(scene: Scene) -> None:
    channel = scene.telegram.add_channel("News")
    card = await scene.say(f"/live {MINT}", owner(channel), channel)
    pressed = await member(scene, channel).press(card, label="Subscribe here")
    assert pressed.alert
    assert await scene.mints(channel) == []


async def test_a_button_of_another_age_is_answered_to_the_presser(scene: Scene) -> None:
    card = await scene.say(f"/live {MINT}")
    for data in ("what:ever", "m:z:1", "m:c:short", f"m:v:a:explode:{MINT}"):
        told = {
            "id": f"9{len(data)}",
            "from": scene.al.as_json(),
            "message": card.as_json(),
            "chat_instance": "1",
            "data": data,
        }
        before = len(scene.telegram.made("answerCallbackQuery"))
        scene.telegram.tell("callback_query", told)
        await scene.telegram.until(partial(answered_since, scene, before))
        last = scene.telegram.made("answerCallbackQuery")[-1]
        assert last.parameters["show_alert"] is True
        assert "do not know this button" in last.parameters["text"]


@pytest.mark.parametrize(
    ("taken", "said"),
    [
        ("can_send_messages", "Send text messages"),
        ("can_send_photos", "Alerts come without their picture"),
        ("can_send_videos", "Clips cannot be posted"),
    ],
)
async def test_a_group_hears_what_it_does_not_allow(scene: Scene, taken: str, said: str) -> None:
    group = scene.telegram.add_supergroup("Coins")
    group.permissions.discard(taken)
    found = await readiness(scene.platform.connection, chat_address(group.id))
    assert said in " ".join((*found.missing, *found.notes))
    assert bool(found.missing) == (taken == "can_send_messages")


async def test_subscribing_says_that_alerts_will_be_text(scene: Scene) -> None:
    group = scene.telegram.add_supergroup("Coins")
    group.permissions.discard("can_send_photos")
    answer = await scene.say(SUBSCRIBE, owner(group), group)
    assert "1 coin is followed now" in answer.text
    assert "Send media: Photos" in answer.text


async def test_an_administrator_of_a_group_lacks_nothing(scene: Scene) -> None:
    group = scene.telegram.add_supergroup("Coins", bot="administrator")
    group.permissions.clear()
    answer = await scene.say(SUBSCRIBE, owner(group), group)
    assert "lack" not in answer.text
