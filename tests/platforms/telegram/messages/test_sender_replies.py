"""What the sender does for replies: each waits for the rate limits, and progress gives way to
alerts."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.alerts import Fault, SendError
from bot.model import Message, MessageKind, Person
from bot.platforms.telegram.connection.limits import new_rate_limits
from tests.fakes.clock import until
from tests.fakes.telegram import Refuse, Reset, RetryAfter, When
from tests.platforms.telegram.messages.harness import SenderHarness

REPLY = Message(title="Yes")
PROGRESS = Message(kind=MessageKind.PROGRESS, title="A clip", progress=0.5)
ALERT = 20


async def test_a_reply_is_posted_changed_and_taken_away(harness: SenderHarness) -> None:
    asked = await harness.al.say(harness.chat, "/help")
    address = harness.address()
    message_id = await harness.sender.post(address, REPLY, reply_to=str(asked.id))
    (shown,) = harness.chat.messages
    assert (shown.text, shown.reply_to) == ("Yes", asked)
    await harness.sender.replace(address, message_id, Message(title="No"))
    await harness.sender.replace(address, message_id, Message(title="No"))
    assert shown.text == "No"
    await harness.sender.remove(address, message_id)
    await harness.sender.remove(address, message_id)
    assert harness.chat.shown == []


async def test_words_in_private_come_though_telegram_asks_to_wait(harness: SenderHarness) -> None:
    harness.fake.faults.add("sendMessage", RetryAfter(1), times=2)
    telling = asyncio.create_task(harness.sender.whisper(Person(str(harness.al.id)), REPLY))
    for _ in range(2):
        await until(lambda: harness.clock.sleeping > 0)
        await harness.clock.advance(2)
    assert await telling
    assert len(harness.chat.messages) == 1


async def test_words_in_private_that_may_have_come_are_not_said_twice(
    harness: SenderHarness,
) -> None:
    harness.fake.faults.add("sendMessage", Reset(When.AFTER))
    with pytest.raises(SendError):
        await harness.sender.whisper(Person(str(harness.al.id)), REPLY)
    assert len(harness.chat.messages) == 1


async def test_a_reply_whose_picture_may_not_be_sent_comes_without(
    harness: SenderHarness,
) -> None:
    harness.group.permissions.discard("can_send_photos")
    await harness.sender.post(
        harness.address(harness.group), replace(REPLY, picture=await harness.picture())
    )
    assert [one.text for one in harness.group.messages] == ["Yes"]


async def test_what_is_refused_without_a_picture_is_told(harness: SenderHarness) -> None:
    harness.fake.faults.add("sendMessage", Refuse(400, "Bad Request: something new"))
    with pytest.raises(SendError) as caught:
        await harness.sender.post(harness.address(), REPLY)
    assert caught.value.fault is Fault.REFUSED
    assert len(harness.fake.calls) == 1


async def test_a_reply_shares_the_limits_of_its_chat_s_alerts_and_goes_first(
    harness: SenderHarness,
) -> None:
    target = await harness.subscribed(harness.group)
    harness.restart(rate_limits := new_rate_limits(harness.clock))
    order: list[str] = []

    async def alert(name: str) -> None:
        async with rate_limits.turn(target.id, target.place_id, ALERT):
            order.append(name)

    async def reply() -> None:
        await harness.sender.post(target.address, REPLY)
        order.append("reply")

    await asyncio.gather(alert("first"), alert("second"))
    tasks = [asyncio.create_task(one) for one in (alert("third"), reply())]
    await until(lambda: harness.clock.sleeping == 2)
    await harness.clock.advance(1.6)
    await until(lambda: len(order) == 3)
    assert order == ["first", "second", "reply"]
    await harness.clock.advance(1.6)
    await asyncio.gather(*tasks)


async def test_the_topics_of_a_forum_share_its_minute(harness: SenderHarness) -> None:
    forum = harness.fake.add_supergroup("Big", forum=True)
    coins = await harness.subscribed(forum.add_topic("Coins"))
    harness.restart(rate_limits := new_rate_limits(harness.clock))
    await harness.sender.post(harness.address(forum.add_topic("Other")), REPLY)
    assert rate_limits.left(coins.place_id) == 18


async def test_a_person_may_be_told_more_in_a_minute_than_a_group(harness: SenderHarness) -> None:
    al, group = await harness.subscribed(harness.chat), await harness.subscribed(harness.group)
    harness.restart(rate_limits := new_rate_limits(harness.clock))
    await harness.sender.post(al.address, REPLY)
    await harness.sender.post(group.address, REPLY)
    assert (rate_limits.left(al.place_id), rate_limits.left(group.place_id)) == (None, 18)


async def test_progress_is_left_out_where_alerts_may_need_the_minute(
    harness: SenderHarness,
) -> None:
    target = await harness.subscribed(harness.group)
    harness.restart(rate_limits := new_rate_limits(harness.clock))
    message_id = await harness.sender.post(target.address, PROGRESS)
    shown = harness.group.messages[0]
    for step in range(15):
        await harness.clock.advance(1.6)
        await harness.sender.replace(
            target.address, message_id, replace(PROGRESS, title=f"{step} of 20 s")
        )
    assert len(shown.edits) == 9
    assert rate_limits.left(target.place_id) == 9, "so many are left for alerts"
    done = replace(PROGRESS, progress=None, title="Done")
    await harness.sender.replace(target.address, message_id, done)
    assert shown.text == "Done"


async def test_progress_in_private_is_never_left_out(harness: SenderHarness) -> None:
    harness.restart(new_rate_limits(harness.clock))
    message_id = await harness.sender.post(harness.address(), PROGRESS)
    for step in range(30):
        await harness.clock.advance(1.6)
        further = replace(PROGRESS, title=f"{step} of 30 s")
        await harness.sender.replace(harness.address(), message_id, further)
    assert len(harness.chat.messages[0].edits) >= 28
