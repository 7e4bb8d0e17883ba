"""Forums: a topic is a place to post of its own, and General has no number."""

from __future__ import annotations

from bot.alerts import Fault
from bot.commands import Request
from tests.platforms.telegram.harness import PlatformHarness, owner, until
from tests.pumpfun.samples import MINT, OTHER_MINT


async def test_what_is_subscribed_in_a_topic_is_answered_and_posted_there(
    harness: PlatformHarness,
) -> None:
    forum = harness.telegram.add_supergroup("Big", forum=True)
    topic = forum.add_topic("Coins")
    answer = await harness.say(f"/subscribe {MINT}", owner(forum), topic)
    assert answer.topic is topic
    (target,) = await harness.targets(forum)
    assert target.address.channel == f"{forum.id}/{topic.id}"
    assert (target.address.place_name, target.address.channel_name) == ("Big", "Coins")


async def test_general_is_the_forum_itself(harness: PlatformHarness) -> None:
    forum = harness.telegram.add_supergroup("Big", forum=True)
    answer = await harness.say(f"/subscribe {MINT}", owner(forum), forum)
    assert answer.topic is forum.general
    (target,) = await harness.targets(forum)
    assert (target.address.channel, target.address.channel_name) == (str(forum.id), "General")


async def test_a_chain_of_replies_is_no_topic(harness: PlatformHarness) -> None:
    group = harness.telegram.add_supergroup("Coins")
    first = await owner(group).say(group, "hello")
    await harness.say(f"/subscribe {MINT}", owner(group), group, reply_to=first)
    assert await harness.mints(group) == [(str(group.id), MINT)]


async def test_topics_of_one_forum_follow_different_coins(harness: PlatformHarness) -> None:
    forum = harness.telegram.add_supergroup("Big", forum=True)
    one, two = forum.add_topic("One"), forum.add_topic("Two")
    await harness.say(f"/subscribe {MINT}", owner(forum), one)
    await harness.say(f"/subscribe {OTHER_MINT}", owner(forum), two)
    assert sorted(await harness.mints(forum)) == sorted(
        [(f"{forum.id}/{one.id}", MINT), (f"{forum.id}/{two.id}", OTHER_MINT)]
    )


async def test_a_topic_that_is_reopened_gets_alerts_again_and_no_other(
    harness: PlatformHarness,
) -> None:
    forum = harness.telegram.add_supergroup("Big", forum=True)
    one, two = forum.add_topic("One"), forum.add_topic("Two")
    for topic in (one, two):
        await harness.say(f"/subscribe {MINT}", owner(forum), topic)
    async with harness.commands.store.write() as unit:
        for target in await unit.places.targets_at("telegram", str(forum.id)):
            await unit.places.disable(target.id, Fault.TARGET_CLOSED, harness.commands.clock.now())
    one.close()
    one.reopen()
    await harness.say("/help", harness.telegram.add_user("somebody else"))
    await harness.idle()
    found = {target.address.channel: target.disabled for target in await harness.targets(forum)}
    assert found == {
        f"{forum.id}/{one.id}": None,
        f"{forum.id}/{two.id}": Fault.TARGET_CLOSED,
    }


async def test_what_stands_in_a_topic_answers_nothing_by_itself(harness: PlatformHarness) -> None:
    """Telegram has it answer the topic's first message, which is no alert."""
    forum = harness.telegram.add_supergroup("Big", forum=True)
    topic = forum.add_topic("Coins")
    asked: list[str | None] = []

    async def run(request: Request, text: str) -> None:
        asked.append(request.message_id)

    harness.commands.service.run = run  # type: ignore[method-assign]
    await owner(forum).say(topic, "/clip 30s")
    await owner(forum).say(topic, "/clip 30s", reply_to=await owner(forum).say(topic, "look"))
    await until(lambda: len(asked) == 2)
    assert asked[0] is None
    assert asked[1] is not None


async def test_a_press_on_a_message_of_an_unknown_topic_changes_nothing(
    harness: PlatformHarness,
) -> None:
    """Of an old message Telegram may tell the chat and the number alone: it was not General."""
    forum = harness.telegram.add_supergroup("Big", forum=True)
    topic = forum.add_topic("Coins")
    card = await harness.say(f"/live {MINT}", owner(forum), topic)
    pressed = await owner(forum).press(card, label="Subscribe here", inaccessible=True)
    assert pressed.alert
    assert "Type the command" in pressed.text
    await harness.idle()
    assert await harness.mints(forum) == []


async def test_where_there_are_no_topics_an_old_message_is_where_it_is(
    harness: PlatformHarness,
) -> None:
    group = harness.telegram.add_supergroup("Coins")
    card = await harness.say(f"/live {MINT}", owner(group), group)
    await owner(group).press(card, label="Subscribe here", inaccessible=True)
    await harness.idle()
    assert await harness.mints(group) == [(str(group.id), MINT)]
