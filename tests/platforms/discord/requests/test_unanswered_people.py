"""Answers for one person who can't be reached any more: nobody else reads them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.model import Message, Tone, plain
from tests.fakes.discord import Member, Refuse
from tests.platforms.discord.sender_harness import PROGRESS, SenderHarness, open_sender

LIST = plain("#secret hears of $DEMO")
SENTENCE = "Al, I couldn't answer you in time. Try again."


@pytest.fixture
async def harness(database: Path) -> AsyncIterator[SenderHarness]:
    async with open_sender(database.parent, gateway=True) as opened:
        yield opened


def unreachable(harness: SenderHarness, name: str = "al") -> Member:
    """Somebody who takes no direct messages; Discord has given up on what they ask."""
    harness.fake.faults.add(("POST", "/interactions/*"), Refuse(404, 10062))
    member = harness.member(name)
    member.user.blocks = True
    return member


def posted(harness: SenderHarness) -> list[str]:
    """What everybody reads in the channel."""
    return [one.embeds[0]["description"] for one in harness.channel.messages]


@pytest.mark.parametrize(
    ("message", "public"),
    [
        (LIST, False),
        (replace(LIST, tone=Tone.BAD), True),
        (replace(LIST, private=True), True),
        (replace(PROGRESS, lines=LIST.lines), False),
    ],
    ids=["to a private command", "an error", "private by itself", "progress of a private command"],
)
async def test_the_channel_reads_only_that_there_was_no_answer(
    harness: SenderHarness, message: Message, public: bool
) -> None:
    _, interaction = await harness.asked(unreachable(harness))
    reply = harness.reply(interaction, public=public)

    await reply.show(message)
    await reply.show(message)

    assert posted(harness) == [SENTENCE]


async def test_what_everybody_may_read_is_told_in_the_channel(harness: SenderHarness) -> None:
    _, interaction = await harness.asked(unreachable(harness))

    await harness.reply(interaction).show(LIST)

    assert posted(harness) == ["\\#secret hears of $DEMO"]


async def test_an_error_after_progress_in_the_channel_is_not_told_there(
    harness: SenderHarness,
) -> None:
    _, interaction = await harness.asked(unreachable(harness))
    reply = harness.reply(interaction)
    await reply.show(PROGRESS)

    await reply.show(replace(LIST, tone=Tone.BAD))

    assert posted(harness) == [SENTENCE]


async def test_a_name_there_pings_and_links_nothing(harness: SenderHarness) -> None:
    _, interaction = await harness.asked(unreachable(harness, "**@everyone** https://x.example"))

    await harness.reply(interaction, public=False).show(LIST)

    (message,) = harness.channel.messages
    assert not message.pings
    assert not {"@everyone", "://", "x.example"} & set(posted(harness)[0].split())
