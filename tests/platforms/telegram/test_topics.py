"""Forums: a topic is a place to post of its own, and General has no number."""

from __future__ import annotations

from bot.alerts import Fault
from bot.commands import Request
from tests.fakes.telegram import Chat, User
from tests.platforms.telegram.harness import Scene, until
from tests.pumpfun.samples import MINT, OTHER_MINT


def owner(chat: Chat) -> User:
    assert chat.owner is not None
    return chat.owner


async def test_what_is_subscribed_in_a_topic_is_answered_and_posted_there(scene: Scene) -> None:
    forum = scene.telegram.add_supergroup("Big", forum=True)
    topic = forum.add_topic("Coins")
    answer = await scene.say(f"/subscribe {MINT}", owner(forum), topic)
    assert answer.topic is topic
    (target,) = await scene.targets(forum)
    assert target.address.channel == f"{forum.id}/{topic.id}"
    assert (target.address.place_name, target.address.channel_name) == ("Big", "Coins")


async def test_general_is_the_forum_itself(scene: Scene) -> None:
    forum = scene.telegram.add_supergroup("Big", forum=True)
    answer = await scene.say(f"/subscribe {MINT}", owner(forum), forum)
    assert answer.topic is forum.general
    (target,) = await scene.targets(forum)
    assert (target.address.channel, target.address.channel_name) == (str(forum.id), "General")


async def test_a_chain_of_replies_is_no_topic(scene: Scene) -> None:
    group = scene.telegram.add_supergroup("Coins")
    first = await owner(group).say(group, "hello")
    await scene.say(f"/subscribe {MINT}", owner(group), group, reply_to=first)
    assert await scene.mints(group) == [(str(group.id), MINT)]


async def test_topics_of_one_forum_follow_different_coins(scene: Scene) -> None:
    forum = scene.telegram.add_supergroup("Big", forum=True)
    one, two = forum.add_topic("One"), forum.add_topic("Two")
    await scene.say(f"/subscribe {MINT}", owner(forum), one)
    await scene.say(f"/subscribe {OTHER_MINT}", owner(forum), two)
    assert sorted(await scene.mints(forum)) == sorted(
        [(f"{forum.id}/{one.id}", MINT), (f"{forum.id}/{two.id}", OTHER_MINT)]
    )


async def test_a_topic_that_is_reopened_gets_alerts_again_and_no_other(scene: Scene) -> None:
    forum = scene.telegram.add_supergroup("Big", forum=True)
    one, two = forum.add_topic("One"), forum.add_topic("Two")
    for topic in (one, two):
        await scene.say(f"/subscribe {MINT}", owner(forum), topic)
    async with scene.room.store.write() as unit:
        for target in await unit.places.targets_at("telegram", str(forum.id)):
            await unit.places.disable(target.id, Fault.TARGET_CLOSED, scene.room.clock.now())
    one.close()
    one.reopen()
    await scene.say("/help", scene.telegram.add_user("somebody else"))
    await scene.idle()
    found = {target.address.channel: target.disabled for target in await scene.targets(forum)}
    assert found == {
        f"{forum.id}/{one.id}": None,
        f"{forum.id}/{two.id}": Fault.TARGET_CLOSED,
    }


async def test_what_stands_in_a_topic_answers_nothing_by_itself(scene: Scene) -> None:
    """Telegram has it answer the topic's first message, which is no alert."""
    forum = scene.telegram.add_supergroup("Big", forum=True)
    topic = forum.add_topic("Coins")
    asked: list[str | None] = []

    async def run(request: Request, text: str) -> None:
        asked.append(request.message_id)

    scene.room.commands.run = run  # type: ignore[method-assign]
    await owner(forum).say(topic, "/clip 30s")
    await owner(forum).say(topic, "/clip 30s", reply_to=await owner(forum).say(topic, "look"))
    await until(lambda: len(asked) == 2)
    assert asked[0] is None
    assert asked[1] is not None


async def test_a_press_on_a_message_of_an_unknown_topic_changes_nothing(scene: Scene) -> None:
    """Of an old message Telegram may tell the chat and the number alone: it was not General."""
    forum = scene.telegram.add_supergroup("Big", forum=True)
    topic = forum.add_topic("Coins")
    card = await scene.say(f"/live {MINT}", owner(forum), topic)
    pressed = await owner(forum).press(card, label="Subscribe here", inaccessible=True)
    assert pressed.alert
    assert "type the command" in pressed.text
    await scene.idle()
    assert await scene.mints(forum) == []


async def test_where_there_are_no_topics_an_old_message_is_where_it_is(scene: Scene) -> None:
    group = scene.telegram.add_supergroup("Coins")
    card = await scene.say(f"/live {MINT}", owner(group), group)
    await owner(group).press(card, label="Subscribe here", inaccessible=True)
    await scene.idle()
    assert await scene.mints(group) == [(str(group.id), MINT)]
