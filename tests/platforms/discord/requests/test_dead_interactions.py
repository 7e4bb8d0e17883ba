"""Clips whose interaction ends before they do: what becomes of them, and of their progress."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.alerts import Fault, Found, SendError
from bot.model import Address, Message, Target, Tone, plain
from bot.platforms.discord.requests.replies import DiscordReply
from tests.fakes.clock import settle
from tests.fakes.discord import RateLimit, Refuse, ServerError, When
from tests.fakes.discord.asked import Asked
from tests.patience import PATIENCE
from tests.platforms.discord.messages.test_sender import CLIP
from tests.platforms.discord.requests.test_replies import PROGRESS
from tests.platforms.discord.sender_harness import Line, line

DONE = replace(PROGRESS, title="Done", progress=None, tone=Tone.GOOD)
FAILED = replace(PROGRESS, title="No clip came of it", progress=None, tone=Tone.BAD)


@pytest.fixture
async def up(database: Path) -> AsyncIterator[Line]:
    async with line(database.parent, gateway=True) as running:
        yield running


async def send_clip(up: Line, reply: DiscordReply, target: Target | None = None) -> str:
    clip = replace(CLIP, video=up.video())
    return await up.sender.send(target or up.target(), clip, nonce="abc", reply_to=reply.reply_to)


async def held(up: Line) -> tuple[Asked, DiscordReply]:
    """Somebody who is told that an answer will come, and no more."""
    asked, interaction = await up.asked()
    reply = up.reply(interaction)
    holding = asyncio.create_task(reply.hold())
    await up.clock.advance(1.3)
    await holding
    return asked, reply


def titles(up: Line) -> list[str]:
    """Of all that is not a clip."""
    return [one.embeds[0]["title"] for one in up.channel.messages if one.embeds]


async def test_progress_goes_on_in_its_place_and_goes_when_the_clip_is_there(up: Line) -> None:
    asked, interaction = await up.asked()
    reply = up.reply(interaction)
    await reply.show(PROGRESS)
    await up.clock.advance(15 * 60)

    await reply.show(replace(PROGRESS, title="Uploading", progress=1.0))
    assert titles(up) == ["Uploading"]
    assert asked.answer.embeds[0]["title"] == "Uploading"
    clip_id = await send_clip(up, reply)
    await reply.show(DONE)

    assert [str(one.id) for one in up.channel.messages] == [clip_id]


@pytest.mark.parametrize("code", [10015, 10062, 50027])
async def test_where_the_clip_finds_the_door_closed_its_progress_does_not_stay(
    up: Line, code: int
) -> None:
    _, interaction = await up.asked()
    reply = up.reply(interaction)
    await reply.show(PROGRESS)
    up.fake.faults.add(("PATCH", "/webhooks/*"), Refuse(401 if code == 50027 else 404, code))

    clip_id = await send_clip(up, reply)
    await reply.show(DONE)

    assert [str(one.id) for one in up.channel.messages] == [clip_id]


async def test_a_clip_that_was_put_off_until_the_door_closed_leaves_the_progress_to_the_reply(
    up: Line,
) -> None:
    _, interaction = await up.asked()
    reply = up.reply(interaction)
    await reply.show(PROGRESS)
    up.fake.faults.add(("PATCH", "/webhooks/*"), RateLimit(60.0), times=1)
    with pytest.raises(SendError):
        await send_clip(up, reply)
    await up.clock.advance(15 * 60)

    clip_id = await send_clip(up, reply)
    await reply.show(DONE)

    assert [str(one.id) for one in up.channel.messages] == [clip_id]


async def test_a_clip_that_has_taken_the_answer_stays_when_the_door_closes(up: Line) -> None:
    _, interaction = await up.asked()
    reply = up.reply(interaction)
    await reply.show(PROGRESS)
    clip_id = await send_clip(up, reply)
    await up.clock.advance(15 * 60)

    await reply.show(DONE)

    (shown,) = up.channel.messages
    assert str(shown.id) == clip_id
    assert len(shown.attachments) == 1


async def test_a_clip_that_was_found_where_its_progress_stood_is_not_taken_away(up: Line) -> None:
    """Discord had it, and nobody heard so before the door closed."""
    _, interaction = await up.asked()
    reply = up.reply(interaction)
    await reply.show(PROGRESS)
    await up.clock.advance(12.5 * 60)
    begun = up.clock.now()
    up.fake.faults.add(("PATCH", "/webhooks/*"), ServerError(When.AFTER))
    with pytest.raises(SendError):
        await send_clip(up, reply)
    await up.clock.advance(3 * 60)

    found = await up.sender.settle(up.target(), "abc", begun=begun)
    await reply.show(DONE)

    (shown,) = up.channel.messages
    assert found == Found(str(shown.id))
    assert len(shown.attachments) == 1


async def test_that_no_clip_came_of_it_is_said_where_the_progress_stands(up: Line) -> None:
    _, interaction = await up.asked()
    reply = up.reply(interaction)
    await reply.show(PROGRESS)
    await up.clock.advance(15 * 60)

    await reply.show(FAILED)

    assert titles(up) == ["No clip came of it"]


async def test_progress_that_may_not_be_deleted_says_that_the_clip_is_there(up: Line) -> None:
    _, interaction = await up.asked()
    reply = up.reply(interaction)
    await reply.show(PROGRESS)
    await up.clock.advance(15 * 60)
    up.fake.faults.add(("DELETE", "/channels/*"), Refuse(403, 50013))

    await reply.show(DONE)

    assert titles(up) == ["Done"]


async def test_trouble_that_passes_leaves_no_progress_behind(up: Line) -> None:
    _, interaction = await up.asked()
    reply = up.reply(interaction)
    await reply.show(PROGRESS)
    await up.clock.advance(15 * 60)
    up.fake.faults.add(("DELETE", "/channels/*"), ServerError(), times=2)
    up.fake.faults.add(("PATCH", "/channels/*"), Refuse(429, 30046), times=1)

    await reply.show(replace(PROGRESS, title="rationed"))  # more of it follows: no error
    showing = asyncio.create_task(reply.show(DONE))
    for _ in range(3):
        await settle()
        await up.clock.advance(2)
    await showing

    assert up.channel.messages == []


async def test_who_was_never_answered_sees_progress_until_the_clip_is_there(up: Line) -> None:
    _, interaction = await up.asked()
    reply = up.reply(interaction)
    up.fake.faults.add(("POST", "/interactions/*"), Refuse(404, 10062))

    await reply.show(PROGRESS)
    await reply.show(replace(PROGRESS, title="Uploading"))
    assert titles(up) == ["Uploading"]
    clip_id = await send_clip(up, reply)
    await reply.show(DONE)

    assert [str(one.id) for one in up.channel.messages] == [clip_id]


@pytest.mark.parametrize("late", [plain("Here you are"), PROGRESS, DONE])
async def test_a_wait_that_can_no_longer_be_filled_does_not_stay(up: Line, late: Message) -> None:
    asked, reply = await held(up)
    up.fake.faults.add(("PATCH", "/webhooks/*"), Refuse(404, 10015))

    await reply.show(late)

    assert asked.original is not None
    assert asked.original.deleted
    assert len(up.channel.messages) == (0 if late is DONE else 1)


@pytest.mark.parametrize("shown", [True, False], ids=["progress", "a mere wait"])
async def test_who_deletes_the_progress_of_a_clip_gets_the_clip_all_the_same(
    up: Line, shown: bool
) -> None:
    asked, reply = await held(up)
    if shown:
        await reply.show(PROGRESS)
    assert asked.original is not None
    asked.original.deleted = True
    with pytest.raises(SendError) as caught:
        await reply.show(PROGRESS)  # it does not come back
    assert caught.value.fault is Fault.MESSAGE_GONE

    clip_id = await send_clip(up, reply)
    again = await send_clip(up, reply)  # as after a crash

    assert [str(one.id) for one in up.channel.messages] == [clip_id]
    assert again == clip_id


async def test_that_deleted_progress_was_of_a_clip_that_failed_is_told_in_the_channel(
    up: Line,
) -> None:
    asked, reply = await held(up)
    assert asked.original is not None
    asked.original.deleted = True

    reason = plain("The stream ended before anything came", tone=Tone.BAD)
    await up.sender.send(up.target(), reason, nonce="abc", reply_to=reply.reply_to)

    assert len(up.channel.messages) == 1


async def elsewhere(up: Line) -> tuple[Asked, DiscordReply, Target]:
    """Asked in a group where the bot is no member."""
    user = up.fake.add_user("eve")
    group = up.fake.add_group(user, up.fake.add_user("bo"))
    command: dict[str, Any] = up.fake.commands[0]["ask"]
    command |= {"contexts": [0, 1, 2], "integration_types": [0, 1]}
    asked = await user.slash(group, "ask", installed_for_user=True, wait=False)
    interaction: discord.Interaction[Any] = await asyncio.wait_for(up.client.heard.get(), PATIENCE)
    address = Address("discord", f"user:{user.id}", str(group.id))
    response = up.registry.of(interaction)
    reply = DiscordReply(
        interaction, response, public=True, clock=up.clock, posts=up.sender, address=address
    )
    return asked, reply, Target(1, 1, "discord", address)


async def test_where_the_bot_is_no_member_the_clip_follows_what_was_deleted(up: Line) -> None:
    asked, reply, target = await elsewhere(up)
    await reply.show(PROGRESS)
    assert asked.original is not None
    asked.original.deleted = True

    clip_id = await send_clip(up, reply, target)
    assert await send_clip(up, reply, target) == clip_id

    assert [str(one.id) for one in asked.answers] == [clip_id]
    assert len(asked.answer.attachments) == 1


async def test_where_the_bot_is_no_member_the_clip_follows_after_a_restart_too(up: Line) -> None:
    asked, reply, target = await elsewhere(up)
    await reply.show(PROGRESS)
    assert asked.original is not None
    asked.original.deleted = True
    up.restart()

    clip_id = await send_clip(up, reply, target)

    assert [str(one.id) for one in asked.answers] == [clip_id]


async def test_where_the_bot_is_no_member_nothing_is_changed_after_the_end(up: Line) -> None:
    asked, reply, _ = await elsewhere(up)
    await reply.show(PROGRESS)
    await up.clock.advance(15 * 60)
    count = len(up.fake.calls)

    for late in (replace(PROGRESS, progress=1.0), DONE):
        with pytest.raises(SendError) as caught:
            await reply.show(late)
        assert caught.value.fault is Fault.MESSAGE_GONE

    assert len(up.fake.calls) == count
    assert len(asked.answers) == 1
