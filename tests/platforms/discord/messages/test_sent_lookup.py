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
from tests.platforms.discord.sender_harness import ALERT, CLIP, SenderHarness, open_sender

DIGEST = Message(kind=MessageKind.ALERT, title="Two streams", lines=((Span("in the night"),),))


@pytest.fixture
async def harness(database: Path) -> AsyncIterator[SenderHarness]:
    async with open_sender(database.parent) as opened:
        yield opened


async def lost(harness: SenderHarness, message: Message, when: When = When.AFTER) -> datetime:
    """Send it so that no answer comes; when that began. It is five minutes later then."""
    begun = harness.clock.now()
    rule = harness.fake.faults.add(("POST", harness.channel), Reset(when), times=1)
    with pytest.raises(SendError):
        await harness.sender.send(harness.target(), message, nonce="abc")
    harness.fake.faults.remove(rule)
    await harness.clock.advance(300)
    return begun


async def test_a_young_one_may_be_repeated(harness: SenderHarness) -> None:
    begun = harness.clock.now()
    await harness.clock.advance(100)

    assert await harness.sender.settle(harness.target(), "abc", begun=begun) is Settled.REPEATABLE


async def test_one_that_arrived_is_found_by_its_buttons(harness: SenderHarness) -> None:
    begun = await lost(harness, ALERT)
    await harness.sender.send(harness.target(), ALERT, nonce="another")

    settled = await harness.sender.settle(harness.target(), "abc", begun=begun)

    assert settled == Found(str(harness.channel.messages[0].id))


async def test_one_without_buttons_is_found_by_its_title(harness: SenderHarness) -> None:
    begun = await lost(harness, DIGEST)

    settled = await harness.sender.settle(harness.target(), "abc", begun=begun)

    assert settled == Found(str(harness.channel.messages[0].id))


async def test_a_clip_is_found(harness: SenderHarness) -> None:
    begun = await lost(harness, replace(CLIP, video=harness.video()))

    settled = await harness.sender.settle(harness.target(), "abc", begun=begun)

    assert settled == Found(str(harness.channel.messages[0].id))


async def test_a_clip_that_replaced_its_progress_is_found(tmp_path: Path) -> None:
    async with open_sender(tmp_path, gateway=True) as harness:
        _, interaction = await harness.asked()
        reply = harness.reply(interaction)
        await reply.show(Message(kind=MessageKind.PROGRESS, title="A clip", progress=0.1))
        await harness.clock.advance(14 * 60)
        begun = harness.clock.now()
        harness.fake.faults.add(("PATCH", "/webhooks/*"), Reset(When.AFTER), times=1)
        clip = replace(CLIP, video=harness.video())
        with pytest.raises(SendError):
            await harness.sender.send(harness.target(), clip, nonce="abc", reply_to=reply.reply_to)
        await harness.clock.advance(300)

        settled = await harness.sender.settle(harness.target(), "abc", begun=begun)

        assert settled == Found(str(harness.channel.messages[0].id))


async def test_one_that_did_not_arrive_is_not_there(harness: SenderHarness) -> None:
    await harness.sender.send(harness.target(), ALERT, nonce="another")
    begun = await lost(harness, ALERT, When.BEFORE)

    assert await harness.sender.settle(harness.target(), "abc", begun=begun) is Settled.NOT_THERE


async def test_it_is_found_behind_pages_of_what_others_wrote(harness: SenderHarness) -> None:
    harness.fake.limits.enabled = False
    for number in range(120):
        await harness.sender.send(harness.target(), ALERT, nonce=f"n{number}")
    begun = await lost(harness, ALERT)

    settled = await harness.sender.settle(harness.target(), "abc", begun=begun)

    assert settled == Found(str(harness.channel.messages[-1].id))


async def test_an_empty_channel_that_cannot_be_read_leaves_it_uncertain(
    harness: SenderHarness,
) -> None:
    begun = await lost(harness, ALERT)
    harness.channel.deny("read_message_history")  # the answer is an empty list, not an error

    assert await harness.sender.settle(harness.target(), "abc", begun=begun) is Settled.UNCERTAIN


async def test_a_channel_that_cannot_be_seen_leaves_it_uncertain(harness: SenderHarness) -> None:
    begun = await lost(harness, ALERT)
    harness.channel.deny("view_channel")

    assert await harness.sender.settle(harness.target(), "abc", begun=begun) is Settled.UNCERTAIN


async def test_discord_that_does_not_answer_is_asked_again_later(harness: SenderHarness) -> None:
    begun = await lost(harness, ALERT)
    harness.fake.faults.add(("GET", harness.channel), Refuse(503), times=1)

    with pytest.raises(SendError) as caught:
        await harness.sender.settle(harness.target(), "abc", begun=begun)

    assert caught.value.fault is Fault.SERVER_ERROR


async def test_where_the_bot_is_no_member_nobody_can_look(harness: SenderHarness) -> None:
    begun = harness.clock.now()
    await harness.clock.advance(300)
    outside = Target(1, 1, "discord", Address("discord", "user:5", "77"))

    assert await harness.sender.settle(outside, "abc", begun=begun) is Settled.UNCERTAIN


async def test_an_empty_channel_that_can_be_read_says_that_it_is_not_there(tmp_path: Path) -> None:
    async with open_sender(tmp_path, gateway=True) as harness:  # which tells what we may do
        begun = await lost(harness, ALERT, When.BEFORE)

        assert (
            await harness.sender.settle(harness.target(), "abc", begun=begun) is Settled.NOT_THERE
        )


async def test_the_same_of_another_bot_is_not_taken_for_ours(harness: SenderHarness) -> None:
    begun = await lost(harness, ALERT)
    other = harness.fake.add_user(
        "another Mintcast"
    )  # it makes the same nonces of the same streams
    harness.channel.messages[0].author_id = other.id

    assert await harness.sender.settle(harness.target(), "abc", begun=begun) is Settled.NOT_THERE
