"""The card of a clip after a restart: it is always finished, and never at the cost of the clip."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bot.alerts import Fault, SendError
from bot.model import JobState, Phase
from bot.platforms.discord.requests.replies import HOLD_SECONDS
from tests.commands.progress.clip_work import ClipWork
from tests.fakes.clock import until
from tests.fakes.discord import Asked, Member
from tests.platforms.discord.harness import PlatformHarness, answered, open_platform
from tests.platforms.discord.sender_harness import CLIP, PROGRESS, SenderHarness, open_sender
from tests.pumpfun.samples import MINT

UPLOADING = replace(PROGRESS, title="Uploading", progress=1.0)
OVER = 16 * 60
"""Seconds after which an interaction cannot be answered any more."""


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[PlatformHarness]:
    async with open_platform(tmp_path) as opened:
        yield opened


@pytest.fixture
async def chat(database: Path) -> AsyncIterator[SenderHarness]:
    async with open_sender(database.parent, gateway=True) as opened:
        yield opened


async def recording(harness: PlatformHarness) -> tuple[Member, Asked]:
    """Somebody has asked for a clip, which is being recorded; then the service restarts, when the
    interaction is long over."""
    guild, channel = await harness.start_in_a_server()
    await harness.follow(guild, channel)
    await harness.commands.go_live()
    ada = harness.manager(guild)
    asked = await ada.slash(channel, "clip", duration="30s", mint=MINT)
    assert "Recording the next 30 s" in await answered(asked)
    work = ClipWork(harness.commands)
    await work.claim()
    await work.reach(Phase.RECORDING, 4)
    await asked.until(lambda one: "Recording 4 of 30 s" in str(one.answer.embeds))
    await harness.pass_time(OVER)
    await harness.restart()
    async with harness.store.write() as unit:
        await unit.jobs.recover("another", harness.commands.clock.now())
    await harness.commands.service.resume_cards(lambda _: harness.platform.sender)
    return ada, asked


async def test_a_card_goes_on_when_its_interaction_is_over_and_can_be_cancelled(
    harness: PlatformHarness,
) -> None:
    ada, asked = await recording(harness)
    await harness.pass_time_until(lambda: "ready" in str(asked.answer.embeds))
    await ada.press(asked.answer, label="Cancel")
    await harness.pass_time_until(lambda: "Clip cancelled." in str(asked.answer.embeds))
    await until(partial(is_forgotten, harness))


async def test_a_card_goes_when_the_clip_has_come_elsewhere(harness: PlatformHarness) -> None:
    _, asked = await recording(harness)
    card = asked.answer
    work = ClipWork(harness.commands)
    await work.claim()
    await work.end(JobState.DONE, is_owed=True)
    await harness.commands.show_all("clip")
    await harness.pass_time_until(lambda: card.deleted)
    await until(partial(is_forgotten, harness))


async def is_forgotten(harness: PlatformHarness) -> bool:
    """That is written once Discord has answered."""
    return (await harness.commands.job()).card_id is None


async def card_of(chat: SenderHarness) -> tuple[str, str]:
    """The id of a card, and what it answers; then the service restarts."""
    _, interaction = await chat.asked()
    reply = chat.reply(interaction)
    await reply.show(PROGRESS)
    assert reply.message_id is not None
    assert reply.reply_to is not None
    chat.restart()
    return reply.message_id, reply.reply_to


def titles(chat: SenderHarness) -> list[str]:
    return [one.embeds[0]["title"] for one in chat.channel.messages]


@pytest.mark.parametrize("later", [60, OVER])
async def test_another_life_changes_a_card_and_takes_it_away(
    chat: SenderHarness, later: float
) -> None:
    card, answers = await card_of(chat)
    await chat.clock.advance(later)
    await chat.sender.edit_card(chat.target(), card, UPLOADING, reply_to=answers)
    assert titles(chat) == ["Uploading"]
    await chat.sender.delete_card(chat.target(), card, reply_to=answers)
    assert chat.channel.messages == []


async def test_a_clip_that_takes_the_place_of_its_card_is_never_overwritten(
    chat: SenderHarness,
) -> None:
    card, answers = await card_of(chat)
    sender = chat.sender
    clip = replace(CLIP, video=chat.video())
    shown, _ = await asyncio.gather(
        sender.send(chat.target(), clip, nonce="abc", reply_to=answers),
        sender.edit_card(chat.target(), card, UPLOADING, reply_to=answers),
    )
    assert shown == card
    await sender.edit_card(chat.target(), card, UPLOADING, reply_to=answers)
    await sender.delete_card(chat.target(), card, reply_to=answers)
    (message,) = chat.channel.messages
    assert message.embeds == []
    assert len(message.attachments) == 1


async def test_a_clip_of_another_node_waits_for_the_acknowledgement_of_the_one_that_heard_it(
    chat: SenderHarness,
) -> None:
    asked, interaction = await chat.asked()
    heard = chat.reply(interaction)
    chat.restart()  # as on another node, which knows only what stands in the rows
    with pytest.raises(SendError) as early:
        await chat.send_clip(heard)
    assert early.value.fault is Fault.NOT_YET
    holding = asyncio.create_task(heard.hold())
    await chat.clock.advance(HOLD_SECONDS + 0.1)
    await holding
    await chat.send_clip(heard)
    assert asked.response is not None
    assert [len(one.attachments) for one in chat.channel.messages] == [1]
    assert chat.channel.messages == [asked.response]


async def test_a_clip_is_posted_where_the_node_that_heard_the_command_died_without_a_word(
    chat: SenderHarness,
) -> None:
    _, interaction = await chat.asked()
    heard = chat.reply(interaction)
    chat.restart()
    await chat.clock.advance(6)
    await chat.send_clip(heard)
    assert [len(one.attachments) for one in chat.channel.messages] == [1]


async def test_a_wait_is_known_by_the_message_that_a_delivery_of_another_node_fills(
    chat: SenderHarness,
) -> None:
    asked, reply = await chat.held()
    assert asked.original is not None
    assert asked.original.loading
    assert reply.message_id == str(asked.original.id)
    chat.restart()  # as on another node
    assert await chat.send_clip(reply) == reply.message_id
