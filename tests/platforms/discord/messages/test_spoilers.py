"""Pictures and clips that are hidden, except where everybody has confirmed their age."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import discord
import pytest

from bot.model import Message, Spoiler
from tests.fakes.clock import until
from tests.fakes.discord import Channel
from tests.fakes.discord.state.messages import Message as Shown
from tests.platforms.discord.sender_harness import (
    ALERT,
    CLIP,
    JPEG,
    SenderHarness,
    open_sender,
)


@pytest.fixture
async def harness(database: Path) -> AsyncIterator[SenderHarness]:
    async with open_sender(database.parent, gateway=True) as opened:
        yield opened


def is_hidden(shown: Shown) -> bool:
    """Whether Discord hides its only file."""
    (file,) = shown.attachments
    assert file.data.startswith((JPEG, b"v"))
    assert file.name.startswith("SPOILER_") is (file.url not in shown.in_embeds)
    return file.name.startswith("SPOILER_")


async def restricted(harness: SenderHarness, channel: Channel, *, nsfw: bool = True) -> None:
    """Only for who is of age; and the bot has heard of it."""
    channel.restrict(nsfw=nsfw)

    def is_known() -> bool:
        known = harness.client.get_channel(channel.id)
        return isinstance(known, discord.TextChannel) and known.is_nsfw() is nsfw

    await until(is_known)


async def marked(harness: SenderHarness, spoiler: Spoiler = Spoiler.NSFW) -> Message:
    return replace(ALERT, picture=await harness.picture(), spoiler=spoiler)


async def test_a_marked_picture_is_hidden_but_not_where_all_are_of_age(
    harness: SenderHarness,
) -> None:
    adults = harness.guild.add_text_channel("adults")
    await until(lambda: harness.client.get_channel(adults.id) is not None)
    await restricted(harness, adults)
    thread = adults.add_thread("late")
    await until(lambda: harness.client.get_channel(thread.id) is not None)
    for channel in (harness.channel, adults, thread):
        message = await marked(harness)
        await harness.sender.send(harness.target(channel), message, nonce=str(channel.id))
    everybody, of_age, late = (one.messages[0] for one in (harness.channel, adults, thread))
    assert is_hidden(everybody)
    assert not is_hidden(of_age)
    assert not is_hidden(late)


async def test_what_is_always_to_be_hidden_is_so_everywhere(harness: SenderHarness) -> None:
    await restricted(harness, harness.channel)
    message = await marked(harness, Spoiler.ALWAYS)
    await harness.sender.send(harness.target(), message, nonce="abc")
    assert is_hidden(harness.channel.messages[0])


async def test_a_thread_that_nobody_has_told_of_counts_as_one_for_everybody(
    harness: SenderHarness,
) -> None:
    await restricted(harness, harness.channel)
    thread = harness.channel.add_thread("old", archived=True)
    await harness.sender.send(harness.target(thread), await marked(harness), nonce="abc")
    assert is_hidden(thread.messages[0])


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_an_edit_hides_and_shows_as_the_mark_and_the_channel_say(
    harness: SenderHarness, is_restarted: bool
) -> None:
    target, message = harness.target(), await marked(harness, Spoiler.NO)
    message_id = await harness.sender.send(target, message, nonce="abc")
    (shown,) = harness.channel.messages
    assert not is_hidden(shown)
    for nsfw, hidden in ((False, True), (True, False), (False, True)):
        await restricted(harness, harness.channel, nsfw=nsfw)
        if is_restarted:
            harness.restart()
        await harness.sender.edit(target, message_id, replace(message, spoiler=Spoiler.NSFW))
        assert is_hidden(shown) is hidden


async def test_a_picture_that_we_no_longer_have_is_not_left_in_the_open(
    harness: SenderHarness,
) -> None:
    target, message = harness.target(), await marked(harness, Spoiler.NO)
    message_id = await harness.sender.send(target, message, nonce="abc")
    (shown,) = harness.channel.messages
    lost = replace(message, picture=None, spoiler=Spoiler.NSFW)
    await harness.sender.edit(target, message_id, lost)
    assert shown.attachments == [] or is_hidden(shown)


async def test_a_hidden_picture_stays_as_it_is_while_the_words_change(
    harness: SenderHarness,
) -> None:
    target, message = harness.target(), await marked(harness)
    message_id = await harness.sender.send(target, message, nonce="abc")
    for other in (replace(message, title="other"), replace(message, picture=None)):
        await harness.sender.edit(target, message_id, other)
    (shown,) = harness.channel.messages
    assert is_hidden(shown)
    changes = harness.fake.calls_to("PATCH", "/channels/{channel_id}/messages/{message_id}")
    assert [change.files for change in changes] == [(), ()]


async def test_whoever_chose_no_picture_keeps_none(harness: SenderHarness) -> None:
    target, message = harness.target(), await marked(harness, Spoiler.NO)
    message_id = await harness.sender.send(target, message, nonce="abc")
    bare = replace(message, picture=None, keeps_picture=False)
    await harness.sender.edit(target, message_id, bare)
    (shown,) = harness.channel.messages
    assert shown.attachments == []


async def test_an_answer_is_hidden_as_an_alert_is(harness: SenderHarness) -> None:
    asked, interaction = await harness.asked()
    await harness.reply(interaction).show(await marked(harness))
    assert is_hidden(asked.answer)
    await restricted(harness, harness.channel)
    asked, interaction = await harness.asked(harness.member("bo"))
    await harness.reply(interaction).show(await marked(harness))
    assert not is_hidden(asked.answer)


async def test_a_clip_of_a_marked_coin_is_hidden_too(harness: SenderHarness) -> None:
    clip = replace(CLIP, video=harness.video(), spoiler=Spoiler.NSFW)
    await harness.sender.send(harness.target(), clip, nonce="abc")
    (file,) = harness.channel.messages[0].attachments
    assert file.name == "SPOILER_demo-20261123T120000Z-30s.mp4"
