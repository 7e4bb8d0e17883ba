"""Sending, changing and deleting: the real discord.py, a Discord on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.alerts import Fault, Sender, SendError, Whispers
from bot.model import Button, Message, MessageKind, Person, Span
from tests.fakes.clock import settle, until
from tests.fakes.discord import Refuse
from tests.platforms.discord.sender_harness import (
    ALERT,
    CLIP,
    JPEG,
    MINT,
    SenderHarness,
    open_sender,
)


@pytest.fixture
async def harness(database: Path) -> AsyncIterator[SenderHarness]:
    async with open_sender(database.parent) as opened:
        yield opened


async def test_an_alert_arrives_with_its_picture_attached_and_pings_its_role_alone(
    harness: SenderHarness,
) -> None:
    role = harness.guild.add_role("mooners", mentionable=True)
    message = replace(ALERT, picture=await harness.picture(), role=str(role.id), silent=True)

    message_id = await harness.sender.send(harness.target(), message, nonce="abc")

    (shown,) = harness.channel.messages
    assert str(shown.id) == message_id
    assert shown.mention_roles == [role.id]
    assert not shown.mention_everyone
    assert shown.silent
    (attachment,) = shown.attachments
    assert attachment.data == JPEG
    assert attachment.name == message.picture.key if message.picture else False
    assert attachment.description == "Demo is live"
    assert shown.buttons[1]["custom_id"] == f"mc:copy:{MINT}#abc"


async def test_a_repeat_with_the_same_nonce_is_the_same_message(harness: SenderHarness) -> None:
    first = await harness.sender.send(harness.target(), ALERT, nonce="abc")
    again = await harness.sender.send(harness.target(), ALERT, nonce="abc")
    other = await harness.sender.send(harness.target(), ALERT, nonce="abd")

    assert first == again
    assert other != first
    assert len(harness.channel.messages) == 2


async def test_a_clip_is_a_plain_attachment_with_nothing_beside_it(harness: SenderHarness) -> None:
    await harness.sender.send(harness.target(), replace(CLIP, video=harness.video()), nonce="abc")

    (shown,) = harness.channel.messages
    assert shown.embeds == []
    assert shown.content == "**30 s of $DEMO**\nClipped by al"
    assert [one.name for one in shown.attachments] == ["demo-20261123T120000Z-30s.mp4"]


async def test_a_change_of_the_text_alone_uploads_nothing_and_keeps_the_picture(
    harness: SenderHarness,
) -> None:
    role = harness.guild.add_role("mooners", mentionable=True)
    message = replace(ALERT, picture=await harness.picture(), role=str(role.id))
    message_id = await harness.sender.send(harness.target(), message, nonce="abc")

    await harness.sender.edit(
        harness.target(), message_id, replace(message, title="Demo has ended")
    )

    (shown,) = harness.channel.messages
    assert shown.embeds[0]["title"] == "Demo has ended"
    assert [one.data for one in shown.attachments] == [JPEG]
    assert shown.content == f"<@&{role.id}>"  # whoever was pinged still sees why
    (change,) = harness.fake.calls_to("PATCH", "/channels/{channel_id}/messages/{message_id}")
    assert change.files == ()
    assert change.json["allowed_mentions"] == {"parse": []}


async def test_another_picture_takes_the_place_of_the_first(harness: SenderHarness) -> None:
    message = replace(ALERT, picture=await harness.picture())
    message_id = await harness.sender.send(harness.target(), message, nonce="abc")

    other = replace(ALERT, picture=await harness.picture(JPEG + b"2"))
    await harness.sender.edit(harness.target(), message_id, other)

    (shown,) = harness.channel.messages
    assert [one.data for one in shown.attachments] == [JPEG + b"2"]


async def test_after_a_restart_a_change_still_keeps_the_picture(harness: SenderHarness) -> None:
    message = replace(ALERT, picture=await harness.picture())
    message_id = await harness.sender.send(harness.target(), message, nonce="abc")
    harness.restart()

    await harness.sender.edit(harness.target(), message_id, replace(message, picture=None))

    (shown,) = harness.channel.messages
    assert [one.data for one in shown.attachments] == [JPEG]
    assert shown.in_embeds == {shown.attachments[0].url}


async def test_where_nothing_may_be_read_a_change_brings_its_picture_along(
    harness: SenderHarness,
) -> None:
    message = replace(ALERT, picture=await harness.picture())
    message_id = await harness.sender.send(harness.target(), message, nonce="abc")
    harness.restart()
    harness.channel.deny("read_message_history")

    await harness.sender.edit(
        harness.target(), message_id, replace(message, title="Demo has ended")
    )

    (shown,) = harness.channel.messages
    assert [one.data for one in shown.attachments] == [JPEG]


async def test_a_deleted_message_is_gone(harness: SenderHarness) -> None:
    message_id = await harness.sender.send(harness.target(), ALERT, nonce="abc")

    await harness.sender.delete(harness.target(), message_id)

    assert harness.channel.messages == []
    with pytest.raises(SendError) as caught:
        await harness.sender.edit(harness.target(), message_id, ALERT)
    assert caught.value.fault is Fault.MESSAGE_GONE


async def test_an_old_message_is_changed_once_in_ten_minutes(harness: SenderHarness) -> None:
    message_id = await harness.sender.send(harness.target(), ALERT, nonce="abc")
    await harness.clock.advance(3700)
    await harness.sender.edit(harness.target(), message_id, replace(ALERT, title="one"))
    await harness.clock.advance(60)

    with pytest.raises(SendError) as caught:
        await harness.sender.edit(harness.target(), message_id, replace(ALERT, title="two"))

    assert caught.value.fault is Fault.NOT_YET
    assert caught.value.retry_after == 540
    await harness.clock.advance(541)
    await harness.sender.edit(harness.target(), message_id, replace(ALERT, title="three"))
    assert harness.channel.messages[0].embeds[0]["title"] == "three"


async def test_what_discord_says_of_old_messages_is_heeded(harness: SenderHarness) -> None:
    message_id = await harness.sender.send(harness.target(), ALERT, nonce="abc")
    await harness.clock.advance(3700)
    harness.fake.faults.add(("PATCH", "/channels/*"), Refuse(400, 30046), times=1)

    for expected in (600.0, 600.0):  # the second time, nobody is asked
        with pytest.raises(SendError) as caught:
            await harness.sender.edit(harness.target(), message_id, ALERT)
        assert caught.value.fault is Fault.NOT_YET
        assert caught.value.retry_after == expected
    assert len([one for one in harness.fake.calls if one.method == "PATCH"]) == 1


def test_it_is_what_alerts_need(harness: SenderHarness) -> None:
    sender: Sender = harness.sender

    assert isinstance(sender, Whispers)


async def test_a_file_that_is_too_large_teaches_how_large_the_next_may_be(
    harness: SenderHarness,
) -> None:
    harness.guild.attachment_limit = 3 << 20
    clip = replace(CLIP, video=harness.video((9 << 20) + 5))

    error = await harness.fault_of(clip)

    assert (error.fault, error.limit) == (Fault.TOO_LARGE, 8 << 20)
    assert await harness.upload_limits.learned(str(harness.guild.id)) == 8 << 20


async def test_a_file_that_is_gone_is_refused_and_its_message_is_not_sent(
    harness: SenderHarness,
) -> None:
    clip = replace(CLIP, video=harness.video())
    assert clip.video is not None
    await harness.files.delete(clip.video.key)

    assert (await harness.fault_of(clip)).fault is Fault.REFUSED
    assert harness.channel.messages == []


async def test_where_the_bot_may_not_post_it_is_forbidden(harness: SenderHarness) -> None:
    harness.channel.deny("send_messages")
    assert (await harness.fault_of()).fault is Fault.FORBIDDEN

    harness.guild.delete_channel(harness.channel)
    assert (await harness.fault_of()).fault is Fault.TARGET_GONE


@pytest.mark.parametrize("code", [40333, 9_999_999], ids=["Cloudflare's block", "an unknown code"])
async def test_a_403_that_may_be_of_this_machine_is_no_word_of_the_channel(
    harness: SenderHarness, code: int
) -> None:
    message_id = await harness.sender.send(harness.target(), ALERT, nonce="abc")
    begun = harness.clock.now()
    await harness.clock.advance(300)
    harness.restart()
    harness.fake.faults.add(("*", "*"), Refuse(403, code))
    person, here = Person(str(harness.fake.add_user("al").id)), harness.target()

    for request in (
        lambda: harness.sender.send(here, ALERT, nonce="abd"),
        lambda: harness.sender.edit(here, message_id, ALERT),
        lambda: harness.sender.settle(here, "abc", begun=begun),
    ):
        with pytest.raises(SendError) as caught:
            await harness.in_time(request())
        assert caught.value.fault is Fault.NOT_SENT
        assert not caught.value.is_answer
    told = await harness.in_time(harness.sender.whisper(person, ALERT))
    assert not told, "they read in the channel that there was no answer"


async def test_a_person_is_told_in_private_unless_they_do_not_want_it(
    harness: SenderHarness,
) -> None:
    al, bo = harness.fake.add_user("al"), harness.fake.add_user("bo")
    bo.blocks = True

    assert await harness.sender.whisper(Person(str(al.id)), ALERT)
    assert not await harness.sender.whisper(Person(str(bo.id)), ALERT)

    assert len(al.dm.messages) == 1
    assert bo.dm.messages == []


async def test_words_in_private_wait_for_their_turns(harness: SenderHarness) -> None:
    people = [harness.fake.add_user(f"user {number}") for number in range(10)]
    before = len(harness.fake.calls)
    words = [
        asyncio.create_task(harness.sender.whisper(Person(str(one.id)), ALERT)) for one in people
    ]
    await until(lambda: len(harness.fake.calls) - before == 5)
    await settle()
    assert len(harness.fake.calls) - before == 5, "as many as leave at once"
    while not all(word.done() for word in words):
        await harness.clock.advance(0.1)
    assert all(len(one.dm.messages) == 1 for one in people)


async def test_a_conversation_with_the_bot_is_a_target_like_others(harness: SenderHarness) -> None:
    al = harness.fake.add_user("al")
    target = harness.target(al.dm)
    assert target.address.place.startswith("dm:")

    message_id = await harness.sender.send(target, ALERT, nonce="abc")
    await harness.sender.edit(target, message_id, replace(ALERT, title="Ended"))

    assert [one.embeds[0]["title"] for one in al.dm.messages] == ["Ended"]
    al.blocks = True
    with pytest.raises(SendError) as caught:
        await harness.sender.send(target, ALERT, nonce="abd")
    assert caught.value.fault is Fault.FORBIDDEN


async def test_hostile_names_ping_nobody_and_break_nothing(harness: SenderHarness) -> None:
    harness.fake.limits.enabled = False
    role = harness.guild.add_role("mooners", mentionable=True)
    hostile = f"@everyone <@&{role.id}> **x** [a](https://evil.example) ||`` # discord.gg/a"
    message = replace(ALERT, title=hostile, lines=((Span(hostile, bold=True),),))
    clip = replace(CLIP, title=hostile, lines=((Span(hostile),),), video=harness.video())

    await harness.sender.send(harness.target(), message, nonce="one")
    await harness.sender.send(harness.target(), clip, nonce="two")

    assert not any(one.pings for one in harness.channel.messages)


DELETED = Message(
    kind=MessageKind.CLIP,
    lines=((Span("Clip deleted."),),),
    buttons=((Button("Undo", "undo:clip:3"),),),
)


async def test_a_deleted_clip_says_so_in_its_place_and_can_be_had_back(
    harness: SenderHarness,
) -> None:
    clip = replace(CLIP, video=harness.video())
    message_id = await harness.sender.send(harness.target(), clip, nonce="abc")
    await harness.sender.edit(harness.target(), message_id, DELETED)
    (shown,) = harness.channel.messages
    assert (shown.content, shown.attachments, shown.embeds) == ("Clip deleted.", [], [])
    assert [button["label"] for button in shown.buttons] == ["Undo"]
    await harness.sender.edit(harness.target(), message_id, clip)
    assert "30 s of $DEMO" in shown.content
    assert len(shown.attachments) == 1
    assert [button["label"] for button in shown.buttons] == ["Again", "Delete"]


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_a_clip_whose_file_is_gone_keeps_what_discord_has_of_it(
    harness: SenderHarness, is_restarted: bool
) -> None:
    clip = replace(CLIP, video=harness.video())
    message_id = await harness.sender.send(harness.target(), clip, nonce="abc")
    if is_restarted:
        harness.restart()
    await harness.sender.edit(
        harness.target(), message_id, replace(clip, video=None, keeps_video=True, buttons=())
    )
    (shown,) = harness.channel.messages
    assert (len(shown.attachments), shown.buttons) == (1, [])


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_another_cut_takes_the_place_of_a_clip_in_the_same_message(
    harness: SenderHarness, is_restarted: bool
) -> None:
    clip = replace(CLIP, video=harness.video())
    message_id = await harness.sender.send(harness.target(), clip, nonce="abc")
    if is_restarted:
        harness.restart()
    other = replace(CLIP, title="20 s of $DEMO", video=harness.video(size=1500, begins=10))
    await harness.sender.edit(harness.target(), message_id, other)
    (shown,) = harness.channel.messages
    assert shown.content.startswith("**20 s of $DEMO**")
    assert [(one.name, len(one.data)) for one in shown.attachments] == [
        ("demo-20261123T120010Z-30s.mp4", 1500)
    ]


async def test_a_clip_whose_buttons_alone_change_is_not_uploaded_again(
    harness: SenderHarness,
) -> None:
    clip = replace(CLIP, video=harness.video())
    message_id = await harness.sender.send(harness.target(), clip, nonce="abc")
    (shown,) = harness.channel.messages
    before = list(shown.attachments)
    harness.restart()
    assert clip.video is not None
    await harness.files.delete(clip.video.key)
    await harness.sender.edit(harness.target(), message_id, replace(clip, buttons=()))
    assert shown.attachments == before
    assert shown.buttons == []
