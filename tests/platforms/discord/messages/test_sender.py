"""Alerts and clips on the wire: real discord.py, a Discord on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.alerts import Fault, Sender, SendError, Whispers
from bot.model import Button, Message, MessageKind, Person, Span, Tone
from bot.platforms.discord.connection.client_port import point_at
from tests.fakes.clock import settle, until
from tests.fakes.discord import Hang, RateLimit, Refuse, Reset, ServerError, When
from tests.platforms.discord.sender_harness import JPEG, Line, line

MINT = "So11111111111111111111111111111111111111112"
ALERT = Message(
    kind=MessageKind.ALERT,
    title="Demo is live",
    lines=((Span("hello", bold=True),), (Span(MINT, code=True),)),
    tone=Tone.LIVE,
    buttons=((Button("Watch", url=f"https://pump.fun/coin/{MINT}"), Button("Copy", copy=MINT)),),
)
CLIP = Message(
    kind=MessageKind.CLIP,
    title="30 s of $DEMO",
    lines=((Span("Asked for by al"),),),
    buttons=((Button("Again", "again:7"), Button("Delete", "delete:7")),),
)


@pytest.fixture
async def up(database: Path) -> AsyncIterator[Line]:
    async with line(database.parent) as running:
        yield running


async def fault_of(up: Line, message: Message = ALERT, nonce: str = "n") -> SendError:
    with pytest.raises(SendError) as caught:
        await up.sender.send(up.target(), message, nonce=nonce)
    return caught.value


async def test_an_alert_arrives_with_its_picture_attached_and_pings_its_role_alone(
    up: Line,
) -> None:
    role = up.guild.add_role("mooners", mentionable=True)
    message = replace(ALERT, picture=await up.picture(), role=str(role.id), silent=True)

    message_id = await up.sender.send(up.target(), message, nonce="abc")

    (shown,) = up.channel.messages
    assert str(shown.id) == message_id
    assert shown.mention_roles == [role.id]
    assert not shown.mention_everyone
    assert shown.silent
    (attachment,) = shown.attachments
    assert attachment.data == JPEG
    assert attachment.name == message.picture.key if message.picture else False
    assert attachment.description == "Demo is live"
    assert shown.buttons[1]["custom_id"] == f"mc:copy:{MINT}#abc"


async def test_a_repeat_with_the_same_nonce_is_the_same_message(up: Line) -> None:
    first = await up.sender.send(up.target(), ALERT, nonce="abc")
    again = await up.sender.send(up.target(), ALERT, nonce="abc")
    other = await up.sender.send(up.target(), ALERT, nonce="abd")

    assert first == again
    assert other != first
    assert len(up.channel.messages) == 2


async def test_a_clip_is_a_plain_attachment_with_nothing_beside_it(up: Line) -> None:
    await up.sender.send(up.target(), replace(CLIP, video=up.video()), nonce="abc")

    (shown,) = up.channel.messages
    assert shown.embeds == []
    assert shown.content == "**30 s of $DEMO**\nAsked for by al"
    assert [one.name for one in shown.attachments] == ["demo-20261123T120000Z.mp4"]


async def test_a_change_of_the_text_alone_uploads_nothing_and_keeps_the_picture(up: Line) -> None:
    role = up.guild.add_role("mooners", mentionable=True)
    message = replace(ALERT, picture=await up.picture(), role=str(role.id))
    message_id = await up.sender.send(up.target(), message, nonce="abc")

    await up.sender.edit(up.target(), message_id, replace(message, title="Demo has ended"))

    (shown,) = up.channel.messages
    assert shown.embeds[0]["title"] == "Demo has ended"
    assert [one.data for one in shown.attachments] == [JPEG]
    assert shown.content == f"<@&{role.id}>"  # whoever was pinged still sees why
    (change,) = up.fake.calls_to("PATCH", "/channels/{channel_id}/messages/{message_id}")
    assert change.files == ()
    assert change.json["allowed_mentions"] == {"parse": []}


async def test_another_picture_takes_the_place_of_the_first(up: Line) -> None:
    message = replace(ALERT, picture=await up.picture())
    message_id = await up.sender.send(up.target(), message, nonce="abc")

    other = replace(ALERT, picture=await up.picture(JPEG + b"2"))
    await up.sender.edit(up.target(), message_id, other)

    (shown,) = up.channel.messages
    assert [one.data for one in shown.attachments] == [JPEG + b"2"]


async def test_after_a_restart_a_change_still_keeps_the_picture(up: Line) -> None:
    message = replace(ALERT, picture=await up.picture())
    message_id = await up.sender.send(up.target(), message, nonce="abc")
    up.restart()

    await up.sender.edit(up.target(), message_id, replace(message, picture=None))

    (shown,) = up.channel.messages
    assert [one.data for one in shown.attachments] == [JPEG]
    assert shown.in_embeds == {shown.attachments[0].url}


async def test_where_nothing_may_be_read_a_change_brings_its_picture_along(up: Line) -> None:
    message = replace(ALERT, picture=await up.picture())
    message_id = await up.sender.send(up.target(), message, nonce="abc")
    up.restart()
    up.channel.deny("read_message_history")

    await up.sender.edit(up.target(), message_id, replace(message, title="Demo has ended"))

    (shown,) = up.channel.messages
    assert [one.data for one in shown.attachments] == [JPEG]


async def test_a_deleted_message_is_gone(up: Line) -> None:
    message_id = await up.sender.send(up.target(), ALERT, nonce="abc")

    await up.sender.delete(up.target(), message_id)

    assert up.channel.messages == []
    with pytest.raises(SendError) as caught:
        await up.sender.edit(up.target(), message_id, ALERT)
    assert caught.value.fault is Fault.MESSAGE_GONE


async def test_an_old_message_is_changed_once_in_ten_minutes(up: Line) -> None:
    message_id = await up.sender.send(up.target(), ALERT, nonce="abc")
    await up.clock.advance(3700)
    await up.sender.edit(up.target(), message_id, replace(ALERT, title="one"))
    await up.clock.advance(60)

    with pytest.raises(SendError) as caught:
        await up.sender.edit(up.target(), message_id, replace(ALERT, title="two"))

    assert caught.value.fault is Fault.NOT_YET
    assert caught.value.retry_after == 540
    await up.clock.advance(541)
    await up.sender.edit(up.target(), message_id, replace(ALERT, title="three"))
    assert up.channel.messages[0].embeds[0]["title"] == "three"


async def test_what_discord_says_of_old_messages_is_heeded(up: Line) -> None:
    message_id = await up.sender.send(up.target(), ALERT, nonce="abc")
    await up.clock.advance(3700)
    up.fake.faults.add(("PATCH", "/channels/*"), Refuse(400, 30046), times=1)

    for expected in (600.0, 600.0):  # the second time, nobody is asked
        with pytest.raises(SendError) as caught:
            await up.sender.edit(up.target(), message_id, ALERT)
        assert caught.value.fault is Fault.NOT_YET
        assert caught.value.retry_after == expected
    assert len([one for one in up.fake.calls if one.method == "PATCH"]) == 1


async def test_a_rate_limit_is_told_at_once_and_not_waited_out(up: Line) -> None:
    up.fake.faults.add(("POST", up.channel), RateLimit(30.0), times=1)

    error = await fault_of(up)

    assert (error.fault, error.retry_after, error.everywhere) == (Fault.RATE_LIMITED, 30.0, False)
    await up.sender.send(up.target(), ALERT, nonce="n")  # nothing is blocked afterwards


async def test_the_limit_of_the_whole_token_says_so(up: Line) -> None:
    up.fake.faults.add(("POST", up.channel), RateLimit(0.3, everywhere=True), times=1)

    error = await fault_of(up)

    assert (error.fault, error.retry_after, error.everywhere) == (Fault.RATE_LIMITED, 0.3, True)
    other = up.guild.add_text_channel("other")
    await up.sender.send(up.target(other), ALERT, nonce="m")


async def test_five_messages_in_a_row_are_not_held_back(up: Line) -> None:
    for number in range(5):
        await up.sender.send(up.target(), ALERT, nonce=f"n{number}")

    assert len(up.channel.messages) == 5


async def test_the_sixth_is_handed_back_to_whoever_can_wait(up: Line) -> None:
    for number in range(5):
        await up.sender.send(up.target(), ALERT, nonce=f"n{number}")

    error = await fault_of(up, nonce="n6")

    assert error.fault is Fault.RATE_LIMITED
    assert not error.everywhere
    assert len(up.channel.messages) == 5


async def test_a_broken_server_is_told_at_once_and_asked_again_harmlessly(up: Line) -> None:
    up.fake.faults.add(("POST", up.channel), ServerError(When.AFTER), times=1)

    error = await fault_of(up, nonce="abc")
    message_id = await up.sender.send(up.target(), ALERT, nonce="abc")

    assert error.fault is Fault.SERVER_ERROR
    assert [str(one.id) for one in up.channel.messages] == [message_id]


@pytest.mark.parametrize("when", [When.BEFORE, When.AFTER])
async def test_a_connection_that_breaks_leaves_the_send_in_doubt(up: Line, when: When) -> None:
    up.fake.faults.add(("POST", up.channel), Reset(when), times=1)

    error = await fault_of(up)

    assert error.fault is Fault.MAYBE_SENT


async def test_a_connection_that_breaks_in_the_middle_of_a_file_leaves_it_in_doubt(
    up: Line,
) -> None:
    up.fake.faults.add(("POST", up.channel), Reset(When.UPLOAD), times=1)

    error = await fault_of(up, replace(CLIP, video=up.video(3 << 20)))

    assert error.fault is Fault.MAYBE_SENT


async def test_without_a_connection_nothing_was_sent(up: Line) -> None:
    up.client_port.client = None
    assert (await fault_of(up)).fault is Fault.NOT_SENT

    up.client_port.refused = True
    assert (await fault_of(up)).fault is Fault.UNAUTHORIZED


async def test_a_discord_that_cannot_be_reached_was_sent_nothing(up: Line) -> None:
    point_at("http://127.0.0.1:1/api/v10", "")

    assert (await fault_of(up)).fault is Fault.NOT_SENT


async def test_a_session_that_was_closed_sent_nothing(up: Line) -> None:
    await up.client.http.close()

    assert (await fault_of(up)).fault is Fault.NOT_SENT


async def test_a_slow_upload_holds_back_nobody_for_long(up: Line) -> None:
    up.fake.faults.add(("POST", up.channel), Hang(When.BEFORE), times=1)
    first = asyncio.create_task(up.sender.send(up.target(), ALERT, nonce="one"))
    await asyncio.sleep(0)

    error = await fault_of(up, nonce="two")

    assert error.fault is Fault.RATE_LIMITED
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)


def test_it_is_what_alerts_need(up: Line) -> None:
    sender: Sender = up.sender

    assert isinstance(sender, Whispers)


async def test_a_file_that_is_too_large_teaches_how_large_the_next_may_be(up: Line) -> None:
    up.guild.attachment_limit = 3 << 20
    clip = replace(CLIP, video=up.video((9 << 20) + 5))

    error = await fault_of(up, clip)

    assert (error.fault, error.limit) == (Fault.TOO_LARGE, 8 << 20)
    assert await up.limits.learned(str(up.guild.id)) == 8 << 20


async def test_a_file_that_is_gone_is_refused_and_its_message_is_not_sent(up: Line) -> None:
    clip = replace(CLIP, video=up.video())
    assert clip.video is not None
    await up.files.delete(clip.video.key)

    assert (await fault_of(up, clip)).fault is Fault.REFUSED
    assert up.channel.messages == []


async def test_where_the_bot_may_not_post_it_is_forbidden(up: Line) -> None:
    up.channel.deny("send_messages")
    assert (await fault_of(up)).fault is Fault.FORBIDDEN

    up.guild.delete_channel(up.channel)
    assert (await fault_of(up)).fault is Fault.TARGET_GONE


async def test_a_person_is_told_in_private_unless_they_do_not_want_it(up: Line) -> None:
    al, bo = up.fake.add_user("al"), up.fake.add_user("bo")
    bo.blocks = True

    assert await up.sender.whisper(Person(str(al.id)), ALERT)
    assert not await up.sender.whisper(Person(str(bo.id)), ALERT)

    assert len(al.dm.messages) == 1
    assert bo.dm.messages == []


async def test_words_in_private_wait_for_their_turns(up: Line) -> None:
    people = [up.fake.add_user(f"user {number}") for number in range(10)]
    before = len(up.fake.calls)
    words = [asyncio.create_task(up.sender.whisper(Person(str(one.id)), ALERT)) for one in people]
    await until(lambda: len(up.fake.calls) - before == 5)
    await settle()
    assert len(up.fake.calls) - before == 5, "as many as leave at once"
    while not all(word.done() for word in words):
        await up.clock.advance(0.1)
    assert all(len(one.dm.messages) == 1 for one in people)


async def test_a_conversation_with_the_bot_is_a_target_like_others(up: Line) -> None:
    al = up.fake.add_user("al")
    target = up.target(al.dm)
    assert target.address.place.startswith("dm:")

    message_id = await up.sender.send(target, ALERT, nonce="abc")
    await up.sender.edit(target, message_id, replace(ALERT, title="Ended"))

    assert [one.embeds[0]["title"] for one in al.dm.messages] == ["Ended"]
    al.blocks = True
    with pytest.raises(SendError) as caught:
        await up.sender.send(target, ALERT, nonce="abd")
    assert caught.value.fault is Fault.FORBIDDEN


async def test_hostile_names_ping_nobody_and_break_nothing(up: Line) -> None:
    up.fake.limits.enabled = False
    role = up.guild.add_role("mooners", mentionable=True)
    hostile = f"@everyone <@&{role.id}> **x** [a](https://evil.example) ||`` # discord.gg/a"
    message = replace(ALERT, title=hostile, lines=((Span(hostile, bold=True),),))
    clip = replace(CLIP, title=hostile, lines=((Span(hostile),),), video=up.video())

    await up.sender.send(up.target(), message, nonce="one")
    await up.sender.send(up.target(), clip, nonce="two")

    assert not any(one.pings for one in up.channel.messages)


async def test_a_server_that_never_answers_is_given_up(
    up: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.platforms.discord.connection.requests.REQUEST_SECONDS", 0.5)
    up.fake.faults.add(("POST", up.channel), Hang(When.AFTER), times=1)

    assert (await fault_of(up)).fault is Fault.MAYBE_SENT


async def test_a_ban_by_the_proxy_before_discord_disables_no_target(up: Line) -> None:
    up.fake.limits.invalid_allowed = 0

    error = await fault_of(up)

    assert error.fault is Fault.RATE_LIMITED
    assert error.everywhere
