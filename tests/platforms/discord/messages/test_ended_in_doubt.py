"""A clip whose sending is in doubt when its interaction ends: it is there once in the end.

By our reckoning an interaction ends half a minute before it does at Discord.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from bot.alerts import Fault, Found, SendError, Settled
from bot.platforms.discord.requests.replies import DiscordReply
from tests.fakes.discord import Hold, Refuse, Reset, ServerError, When
from tests.platforms.discord.sender_harness import PROGRESS, SenderHarness, open_sender

CHANGE = ("PATCH", "/webhooks/*")


@pytest.fixture
async def harness(database: Path) -> AsyncIterator[SenderHarness]:
    async with open_sender(database.parent, gateway=True) as opened:
        yield opened


async def asked(harness: SenderHarness, minutes: float) -> DiscordReply:
    """Somebody who has been following the progress of a clip for so long."""
    _, interaction = await harness.asked()
    reply = harness.reply(interaction)
    await reply.show(PROGRESS)
    await harness.clock.advance(60 * minutes)
    return reply


async def lost(
    harness: SenderHarness, reply: DiscordReply, trouble: ServerError | Reset
) -> datetime:
    """The clip is sent, and nobody learns what came of it; when that began."""
    begun = harness.clock.now()
    harness.fake.faults.add(CHANGE, trouble, times=1)
    with pytest.raises(SendError):
        await harness.send_clip(reply)
    return begun


async def settled(harness: SenderHarness, reply: DiscordReply, begun: datetime) -> Found | Settled:
    """What is said of it at last, after as long as we are asked to wait."""

    async def said() -> Found | Settled:
        return await harness.sender.settle(
            harness.target(), "abc", begun=begun, reply_to=reply.reply_to
        )

    try:
        return await said()
    except SendError as error:
        await harness.clock.advance(error.retry_after or 0.0)
    return await said()


async def test_an_upload_that_the_end_overtakes_is_not_posted_as_well(
    harness: SenderHarness,
) -> None:
    reply = await asked(harness, 14)
    begun, hold = harness.clock.now(), Hold(is_lost=True)
    harness.fake.faults.add(CHANGE, hold, times=1)
    sending = asyncio.create_task(harness.send_clip(reply))
    await hold.held.wait()
    await harness.clock.advance(45)
    hold.go_on.set()
    with pytest.raises(SendError) as caught:
        await sending
    assert caught.value.fault is Fault.MAYBE_SENT

    found = await settled(harness, reply, begun)

    (shown,) = harness.channel.messages
    assert found == Found(str(shown.id))
    assert len(shown.attachments) == 1


async def test_it_is_looked_for_and_not_repeated_once_the_interaction_is_over(
    harness: SenderHarness,
) -> None:
    reply = await asked(harness, 14)
    begun = await lost(harness, reply, Reset(When.AFTER))
    await harness.clock.advance(45)

    found = await settled(harness, reply, begun)

    (shown,) = harness.channel.messages
    assert found == Found(str(shown.id))


async def test_after_a_restart_it_is_looked_for_as_well(harness: SenderHarness) -> None:
    reply = await asked(harness, 14)
    begun = await lost(harness, reply, Reset(When.AFTER))
    await harness.clock.advance(45)
    harness.restart()

    found = await settled(harness, reply, begun)

    (shown,) = harness.channel.messages
    assert found == Found(str(shown.id))


async def test_one_that_did_not_arrive_is_posted_then(harness: SenderHarness) -> None:
    reply = await asked(harness, 14)
    begun = await lost(harness, reply, ServerError())
    await harness.clock.advance(45)

    assert await settled(harness, reply, begun) is Settled.NOT_THERE
    clip_id = await harness.send_clip(reply)
    await reply.remove()

    assert [str(one.id) for one in harness.channel.messages] == [clip_id]


async def test_while_the_interaction_is_open_a_repeat_changes_the_same_answer(
    harness: SenderHarness,
) -> None:
    reply = await asked(harness, 10)
    begun = await lost(harness, reply, Reset(When.AFTER))

    assert await settled(harness, reply, begun) is Settled.REPEATABLE
    clip_id = await harness.send_clip(reply)

    assert [str(one.id) for one in harness.channel.messages] == [clip_id]


@pytest.mark.parametrize("is_known", [True, False], ids=["by us", "by Discord alone"])
async def test_a_repeat_that_the_end_overtakes_is_not_posted_as_well(
    harness: SenderHarness, is_known: bool
) -> None:
    reply = await asked(harness, 14)
    begun = await lost(harness, reply, Reset(When.AFTER))
    assert await settled(harness, reply, begun) is Settled.REPEATABLE
    if is_known:
        await harness.clock.advance(45)
    harness.fake.faults.add(CHANGE, Refuse(401, 50027))

    with pytest.raises(SendError) as caught:
        await harness.send_clip(reply)

    assert caught.value.fault is Fault.MAYBE_SENT
    (shown,) = harness.channel.messages
    assert await settled(harness, reply, begun) == Found(str(shown.id))


async def test_where_the_bot_is_no_member_nobody_can_look(harness: SenderHarness) -> None:
    _, reply, target = await harness.asked_outside()
    await reply.show(PROGRESS)
    await harness.clock.advance(14 * 60)
    begun = harness.clock.now()
    await harness.clock.advance(45)

    settle = harness.sender.settle(target, "abc", begun=begun, reply_to=reply.reply_to)
    assert await settle is Settled.UNCERTAIN


async def test_one_that_was_posted_after_the_end_is_repeated_by_its_nonce(
    harness: SenderHarness,
) -> None:
    reply = await asked(harness, 15)
    begun = harness.clock.now()
    harness.fake.faults.add(("POST", "/channels/*/messages"), Reset(When.AFTER), times=1)
    with pytest.raises(SendError):
        await harness.send_clip(reply)

    assert await settled(harness, reply, begun) is Settled.REPEATABLE
    clip_id = await harness.send_clip(reply)

    shown = [str(one.id) for one in harness.channel.messages if one.attachments]
    assert shown == [clip_id]
