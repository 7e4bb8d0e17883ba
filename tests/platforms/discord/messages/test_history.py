"""What became of a send that was in doubt: by its nonce, by the history, or nobody knows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from bot.alerts import Fault, Found, SendError, Settled
from bot.model import Address, Message, MessageKind, Span, Target
from tests.fakes.discord import Refuse, Reset, When
from tests.platforms.discord.messages.test_sender import ALERT, CLIP
from tests.platforms.discord.sender_harness import Line, line

DIGEST = Message(kind=MessageKind.ALERT, title="Two streams", lines=((Span("in the night"),),))


@pytest.fixture
async def up(database: Path) -> AsyncIterator[Line]:
    async with line(database.parent) as running:
        yield running


async def lost(up: Line, message: Message, when: When = When.AFTER) -> datetime:
    """Send it so that no answer comes; when that began. It is five minutes later then."""
    begun = up.clock.now()
    rule = up.fake.faults.add(("POST", up.channel), Reset(when), times=1)
    with pytest.raises(SendError):
        await up.sender.send(up.target(), message, nonce="abc")
    up.fake.faults.remove(rule)
    await up.clock.advance(300)
    return begun


async def test_a_young_one_may_be_repeated(up: Line) -> None:
    begun = up.clock.now()
    await up.clock.advance(100)

    assert await up.sender.settle(up.target(), "abc", begun=begun) is Settled.REPEATABLE


async def test_one_that_arrived_is_found_by_its_buttons(up: Line) -> None:
    begun = await lost(up, ALERT)
    await up.sender.send(up.target(), ALERT, nonce="another")

    settled = await up.sender.settle(up.target(), "abc", begun=begun)

    assert settled == Found(str(up.channel.messages[0].id))


async def test_one_without_buttons_is_found_by_its_title(up: Line) -> None:
    begun = await lost(up, DIGEST)

    settled = await up.sender.settle(up.target(), "abc", begun=begun)

    assert settled == Found(str(up.channel.messages[0].id))


async def test_a_clip_is_found(up: Line) -> None:
    begun = await lost(up, replace(CLIP, video=up.video()))

    settled = await up.sender.settle(up.target(), "abc", begun=begun)

    assert settled == Found(str(up.channel.messages[0].id))


async def test_a_clip_that_replaced_its_progress_is_found(tmp_path: Path) -> None:
    async with line(tmp_path, gateway=True) as up:
        _, interaction = await up.asked()
        reply = up.reply(interaction)
        await reply.show(Message(kind=MessageKind.PROGRESS, title="A clip", progress=0.1))
        await up.clock.advance(14 * 60)
        begun = up.clock.now()
        up.fake.faults.add(("PATCH", "/webhooks/*"), Reset(When.AFTER), times=1)
        clip = replace(CLIP, video=up.video())
        with pytest.raises(SendError):
            await up.sender.send(up.target(), clip, nonce="abc", reply_to=reply.reply_to)
        await up.clock.advance(300)

        settled = await up.sender.settle(up.target(), "abc", begun=begun)

        assert settled == Found(str(up.channel.messages[0].id))


async def test_one_that_did_not_arrive_is_not_there(up: Line) -> None:
    await up.sender.send(up.target(), ALERT, nonce="another")
    begun = await lost(up, ALERT, When.BEFORE)

    assert await up.sender.settle(up.target(), "abc", begun=begun) is Settled.NOT_THERE


async def test_it_is_found_behind_pages_of_what_others_wrote(up: Line) -> None:
    up.fake.limits.enabled = False
    for number in range(120):
        await up.sender.send(up.target(), ALERT, nonce=f"n{number}")
    begun = await lost(up, ALERT)

    settled = await up.sender.settle(up.target(), "abc", begun=begun)

    assert settled == Found(str(up.channel.messages[-1].id))


async def test_an_empty_channel_that_cannot_be_read_leaves_it_uncertain(up: Line) -> None:
    begun = await lost(up, ALERT)
    up.channel.deny("read_message_history")  # the answer is an empty list, not an error

    assert await up.sender.settle(up.target(), "abc", begun=begun) is Settled.UNCERTAIN


async def test_a_channel_that_cannot_be_seen_leaves_it_uncertain(up: Line) -> None:
    begun = await lost(up, ALERT)
    up.channel.deny("view_channel")

    assert await up.sender.settle(up.target(), "abc", begun=begun) is Settled.UNCERTAIN


async def test_discord_that_does_not_answer_is_asked_again_later(up: Line) -> None:
    begun = await lost(up, ALERT)
    up.fake.faults.add(("GET", up.channel), Refuse(503), times=1)

    with pytest.raises(SendError) as caught:
        await up.sender.settle(up.target(), "abc", begun=begun)

    assert caught.value.fault is Fault.SERVER_ERROR


async def test_where_the_bot_is_no_member_nobody_can_look(up: Line) -> None:
    begun = up.clock.now()
    await up.clock.advance(300)
    outside = Target(1, 1, "discord", Address("discord", "user:5", "77"))

    assert await up.sender.settle(outside, "abc", begun=begun) is Settled.UNCERTAIN


async def test_an_empty_channel_that_can_be_read_says_that_it_is_not_there(tmp_path: Path) -> None:
    async with line(tmp_path, gateway=True) as up:  # which tells what we may do
        begun = await lost(up, ALERT, When.BEFORE)

        assert await up.sender.settle(up.target(), "abc", begun=begun) is Settled.NOT_THERE


async def test_the_same_of_another_bot_is_not_taken_for_ours(up: Line) -> None:
    begun = await lost(up, ALERT)
    other = up.fake.add_user("another Mintcast")  # it makes the same nonces of the same streams
    up.channel.messages[0].author_id = other.id

    assert await up.sender.settle(up.target(), "abc", begun=begun) is Settled.NOT_THERE
