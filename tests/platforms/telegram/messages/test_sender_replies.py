"""What the sender does for replies: each takes its turn, and progress gives way to alerts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.alerts import Fault, SendError
from bot.model import Message, MessageKind, Tone
from bot.platforms.telegram.connection.limits import new_rate_limits
from bot.store import Store
from tests.fakes.clock import until
from tests.fakes.telegram import Refuse
from tests.platforms.telegram.messages.harness import Line, line

ANSWER = Message(title="Yes")
PROGRESS = Message(kind=MessageKind.PROGRESS, title="A clip", progress=0.5)
ALERT = 20


@pytest.fixture
async def up(store: Store, tmp_path: Path) -> AsyncIterator[Line]:
    async with line(store, tmp_path / "files") as running:
        yield running


async def test_an_answer_is_posted_changed_and_taken_away(up: Line) -> None:
    asked = await up.al.say(up.chat, "/help")
    address = up.address()
    message_id = await up.sender.post(address, ANSWER, reply_to=str(asked.id))
    (shown,) = up.chat.messages
    assert (shown.text, shown.reply_to) == ("Yes", asked)
    await up.sender.replace(address, message_id, Message(title="No"))
    await up.sender.replace(address, message_id, Message(title="No"))
    assert shown.text == "No"
    await up.sender.remove(address, message_id)
    await up.sender.remove(address, message_id)
    assert up.chat.shown == []


async def test_an_answer_whose_picture_may_not_be_sent_comes_without(up: Line) -> None:
    up.group.permissions.discard("can_send_photos")
    await up.sender.post(up.address(up.group), replace(ANSWER, picture=await up.picture()))
    assert [one.text for one in up.group.messages] == ["Yes"]


async def test_what_is_refused_without_a_picture_is_told(up: Line) -> None:
    up.fake.faults.add("sendMessage", Refuse(400, "Bad Request: something new"))
    with pytest.raises(SendError) as caught:
        await up.sender.post(up.address(), ANSWER)
    assert caught.value.fault is Fault.REFUSED
    assert len(up.fake.calls) == 1


async def test_an_answer_shares_the_lane_of_its_chat_s_alerts_and_goes_first(up: Line) -> None:
    target = await up.subscribed(up.group)
    up.restart(lanes := new_rate_limits(up.clock))
    order: list[str] = []

    async def alert(name: str) -> None:
        async with lanes.turn(target.id, target.place_id, ALERT):
            order.append(name)

    async def answer() -> None:
        await up.sender.post(target.address, ANSWER)
        order.append("answer")

    await asyncio.gather(alert("first"), alert("second"))
    tasks = [asyncio.create_task(one) for one in (alert("third"), answer())]
    await until(lambda: up.clock.sleeping == 2)
    await up.clock.advance(1.6)
    await until(lambda: len(order) == 3)
    assert order == ["first", "second", "answer"]
    await up.clock.advance(1.6)
    await asyncio.gather(*tasks)


async def test_the_topics_of_a_forum_share_its_minute(up: Line) -> None:
    forum = up.fake.add_supergroup("Big", forum=True)
    coins = await up.subscribed(forum.add_topic("Coins"))
    up.restart(lanes := new_rate_limits(up.clock))
    await up.sender.post(up.address(forum.add_topic("Other")), ANSWER)
    assert lanes.left(coins.place_id) == 18


async def test_a_person_may_be_told_more_in_a_minute_than_a_group(up: Line) -> None:
    al, group = await up.subscribed(up.chat), await up.subscribed(up.group)
    up.restart(lanes := new_rate_limits(up.clock))
    await up.sender.post(al.address, ANSWER)
    await up.sender.post(group.address, ANSWER)
    assert (lanes.left(al.place_id), lanes.left(group.place_id)) == (None, 18)


async def test_progress_is_left_out_where_alerts_may_need_the_minute(up: Line) -> None:
    target = await up.subscribed(up.group)
    up.restart(lanes := new_rate_limits(up.clock))
    message_id = await up.sender.post(target.address, PROGRESS)
    shown = up.group.messages[0]
    for step in range(15):
        await up.clock.advance(1.6)
        await up.sender.replace(target.address, message_id, replace(PROGRESS, progress=step / 20))
    assert len(shown.edits) == 9
    assert lanes.left(target.place_id) == 9, "so many are left for alerts"
    done = replace(PROGRESS, progress=None, tone=Tone.GOOD, title="Done")
    await up.sender.replace(target.address, message_id, done)
    assert shown.text == "Done"


async def test_progress_in_private_is_never_left_out(up: Line) -> None:
    up.restart(new_rate_limits(up.clock))
    message_id = await up.sender.post(up.address(), PROGRESS)
    for step in range(30):
        await up.clock.advance(1.6)
        share = replace(PROGRESS, progress=step / 40)
        await up.sender.replace(up.address(), message_id, share)
    assert len(up.chat.messages[0].edits) >= 28
