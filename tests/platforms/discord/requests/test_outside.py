"""Answers where the bot is no member: an open interaction is the only way to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.alerts import Fault, SendError
from bot.model import MessageKind, Target, Tone, plain
from tests.fakes.discord import Asked
from tests.patience import PATIENCE
from tests.platforms.discord.sender_harness import CLIP, PROGRESS, SenderHarness, open_sender

ANSWER = plain("Here you are")


@pytest.fixture
async def harness(database: Path) -> AsyncIterator[SenderHarness]:
    async with open_sender(database.parent, gateway=True) as opened:
        yield opened


async def test_where_the_bot_is_no_member_only_an_open_interaction_is_answered(
    harness: SenderHarness,
) -> None:
    asked, reply, target = await harness.asked_outside()
    await reply.show(PROGRESS)

    message_id = await harness.send_clip(reply, target)
    assert len(asked.answer.attachments) == 1
    await harness.sender.delete(target, message_id)
    assert asked.answers == []

    _, late, there = await harness.asked_outside()
    await harness.clock.advance(15 * 60)
    with pytest.raises(SendError) as caught:
        await harness.send_clip(late, there)
    assert caught.value.fault is Fault.MESSAGE_GONE
    with pytest.raises(SendError) as caught:
        await harness.sender.delete(target, message_id)
    assert caught.value.fault is Fault.MESSAGE_GONE


@pytest.mark.parametrize("is_held", [False, True])
async def test_a_press_there_opens_its_message_once_more(
    harness: SenderHarness, is_held: bool
) -> None:
    asked, reply, target = await harness.asked_outside()
    message_id = await harness.send_clip(reply, target)
    await harness.clock.advance(3600)
    pressed = await asked.user.press(asked.answer, label="Delete", wait=False)
    interaction = await asyncio.wait_for(harness.client.heard.get(), PATIENCE)
    press = harness.reply(interaction, seen=True, address=target.address)
    if is_held:
        await harness.in_time(press.hold())

    changed = replace(CLIP, title="Deleted", keeps_video=True)
    await harness.sender.edit(target, message_id, changed)
    await press.show(replace(ANSWER, kind=MessageKind.TOAST))

    assert "Deleted" in asked.answer.content
    assert len(asked.answer.attachments) == 1
    assert pressed.followups == []
    await press.show(replace(ANSWER, tone=Tone.BAD))
    assert [one.ephemeral for one in pressed.followups] == [True]
    await harness.clock.advance(600)
    await harness.sender.delete(target, message_id)
    assert asked.answers == []


async def refused_later(harness: SenderHarness, seconds: float) -> tuple[Asked, Target, str]:
    """A clip, whose button somebody presses so long after, and is refused with a message."""
    asked, reply, target = await harness.asked_outside()
    message_id = await harness.send_clip(reply, target)
    await harness.clock.advance(seconds)
    await asked.user.press(asked.answer, label="Delete", wait=False)
    interaction = await asyncio.wait_for(harness.client.heard.get(), PATIENCE)
    press = harness.reply(interaction, seen=True, address=target.address)
    await press.show(replace(ANSWER, tone=Tone.BAD))
    return asked, target, message_id


async def test_a_press_that_was_answered_with_a_message_opens_nothing(
    harness: SenderHarness,
) -> None:
    asked, target, message_id = await refused_later(harness, 3600)
    with pytest.raises(SendError) as caught:
        await harness.sender.delete(target, message_id)
    assert caught.value.fault is Fault.MESSAGE_GONE
    assert len(asked.answers) == 1


async def test_nor_does_it_take_the_message_from_its_own_interaction(
    harness: SenderHarness,
) -> None:
    asked, target, message_id = await refused_later(harness, 60)
    await harness.sender.delete(target, message_id)
    assert asked.answers == []
