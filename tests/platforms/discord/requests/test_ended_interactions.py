"""Clips whose interaction ends before they do: what becomes of them, and of their progress."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.alerts import Fault, Found, SendError
from bot.model import Message, Tone, plain
from tests.fakes.clock import settle
from tests.fakes.discord import RateLimit, Refuse, ServerError, When
from tests.platforms.discord.sender_harness import PROGRESS, SenderHarness, open_sender

FAILED = replace(PROGRESS, title="The clip failed", progress=None, tone=Tone.BAD)


@pytest.fixture
async def harness(database: Path) -> AsyncIterator[SenderHarness]:
    async with open_sender(database.parent, gateway=True) as opened:
        yield opened


def titles(harness: SenderHarness) -> list[str]:
    """Of all that is not a clip."""
    return [one.embeds[0]["title"] for one in harness.channel.messages if one.embeds]


async def test_progress_goes_on_in_its_place_and_goes_when_the_clip_is_there(
    harness: SenderHarness,
) -> None:
    asked, interaction = await harness.asked()
    reply = harness.reply(interaction)
    await reply.show(PROGRESS)
    await harness.clock.advance(15 * 60)

    await reply.show(replace(PROGRESS, title="Uploading", progress=1.0))
    assert titles(harness) == ["Uploading"]
    assert asked.answer.embeds[0]["title"] == "Uploading"
    clip_id = await harness.send_clip(reply)
    await reply.remove()

    assert [str(one.id) for one in harness.channel.messages] == [clip_id]


@pytest.mark.parametrize("code", [10015, 10062, 50027])
async def test_where_the_clip_finds_the_interaction_over_its_progress_does_not_stay(
    harness: SenderHarness, code: int
) -> None:
    _, interaction = await harness.asked()
    reply = harness.reply(interaction)
    await reply.show(PROGRESS)
    harness.fake.faults.add(("PATCH", "/webhooks/*"), Refuse(401 if code == 50027 else 404, code))

    clip_id = await harness.send_clip(reply)
    await reply.remove()

    assert [str(one.id) for one in harness.channel.messages] == [clip_id]


async def test_a_clip_put_off_until_the_interaction_was_over_leaves_its_progress_to_the_reply(
    harness: SenderHarness,
) -> None:
    _, interaction = await harness.asked()
    reply = harness.reply(interaction)
    await reply.show(PROGRESS)
    harness.fake.faults.add(("PATCH", "/webhooks/*"), RateLimit(60.0), times=1)
    with pytest.raises(SendError):
        await harness.send_clip(reply)
    await harness.clock.advance(15 * 60)

    clip_id = await harness.send_clip(reply)
    await reply.remove()

    assert [str(one.id) for one in harness.channel.messages] == [clip_id]


async def test_a_clip_that_has_taken_the_answer_stays_when_the_interaction_ends(
    harness: SenderHarness,
) -> None:
    _, interaction = await harness.asked()
    reply = harness.reply(interaction)
    await reply.show(PROGRESS)
    clip_id = await harness.send_clip(reply)
    await harness.clock.advance(15 * 60)

    await reply.remove()

    (shown,) = harness.channel.messages
    assert str(shown.id) == clip_id
    assert len(shown.attachments) == 1


async def test_a_clip_that_was_found_where_its_progress_stood_is_not_taken_away(
    harness: SenderHarness,
) -> None:
    """Discord had it, and nobody heard so before the interaction ended."""
    _, interaction = await harness.asked()
    reply = harness.reply(interaction)
    await reply.show(PROGRESS)
    await harness.clock.advance(12.5 * 60)
    begun = harness.clock.now()
    harness.fake.faults.add(("PATCH", "/webhooks/*"), ServerError(When.AFTER))
    with pytest.raises(SendError):
        await harness.send_clip(reply)
    await harness.clock.advance(3 * 60)

    found = await harness.sender.settle(harness.target(), "abc", begun=begun)
    await reply.remove()

    (shown,) = harness.channel.messages
    assert found == Found(str(shown.id))
    assert len(shown.attachments) == 1


async def test_that_no_clip_came_of_it_is_said_where_the_progress_stands(
    harness: SenderHarness,
) -> None:
    _, interaction = await harness.asked()
    reply = harness.reply(interaction)
    await reply.show(PROGRESS)
    await harness.clock.advance(15 * 60)

    await reply.show(FAILED)

    assert titles(harness) == ["The clip failed"]


async def test_that_progress_may_not_be_deleted_is_for_who_follows_it(
    harness: SenderHarness,
) -> None:
    _, interaction = await harness.asked()
    reply = harness.reply(interaction)
    await reply.show(PROGRESS)
    await harness.clock.advance(15 * 60)
    harness.fake.faults.add(("DELETE", "/channels/*"), Refuse(403, 50013))

    with pytest.raises(SendError) as caught:
        await reply.remove()
    assert caught.value.fault is Fault.FORBIDDEN

    await reply.show(replace(PROGRESS, title="Done", progress=None))
    assert titles(harness) == ["Done"]


async def test_trouble_that_passes_leaves_no_progress_behind(harness: SenderHarness) -> None:
    _, interaction = await harness.asked()
    reply = harness.reply(interaction)
    await reply.show(PROGRESS)
    await harness.clock.advance(15 * 60)
    harness.fake.faults.add(("DELETE", "/channels/*"), ServerError(), times=2)
    harness.fake.faults.add(("PATCH", "/channels/*"), Refuse(429, 30046), times=1)

    with pytest.raises(SendError):
        await reply.show(replace(PROGRESS, title="rationed"))
    showing = asyncio.create_task(reply.remove())
    for _ in range(3):
        await settle()
        await harness.clock.advance(2)
    await showing

    assert harness.channel.messages == []


async def test_who_was_never_answered_sees_progress_until_the_clip_is_there(
    harness: SenderHarness,
) -> None:
    _, interaction = await harness.asked()
    reply = harness.reply(interaction)
    harness.fake.faults.add(("POST", "/interactions/*"), Refuse(404, 10062))

    await reply.show(PROGRESS)
    await reply.show(replace(PROGRESS, title="Uploading"))
    assert titles(harness) == ["Uploading"]
    clip_id = await harness.send_clip(reply)
    await reply.remove()

    assert [str(one.id) for one in harness.channel.messages] == [clip_id]


@pytest.mark.parametrize("late", [plain("Here you are"), PROGRESS, None])
async def test_a_wait_that_can_no_longer_be_filled_does_not_stay(
    harness: SenderHarness, late: Message | None
) -> None:
    asked, reply = await harness.held()
    harness.fake.faults.add(("PATCH", "/webhooks/*"), Refuse(404, 10015))

    await (reply.show(late) if late is not None else reply.remove())

    assert asked.original is not None
    assert asked.original.deleted
    assert len(harness.channel.messages) == (0 if late is None else 1)


async def test_progress_that_somebody_has_deleted_needs_no_removal(
    harness: SenderHarness,
) -> None:
    asked, reply = await harness.held()
    await reply.show(PROGRESS)
    assert asked.original is not None
    asked.original.deleted = True
    await harness.send_clip(reply)

    await reply.remove()

    (shown,) = harness.channel.messages
    assert len(shown.attachments) == 1


@pytest.mark.parametrize("shown", [True, False], ids=["progress", "a mere wait"])
async def test_who_deletes_the_progress_of_a_clip_gets_the_clip_all_the_same(
    harness: SenderHarness, shown: bool
) -> None:
    asked, reply = await harness.held()
    if shown:
        await reply.show(PROGRESS)
    assert asked.original is not None
    asked.original.deleted = True
    with pytest.raises(SendError) as caught:
        await reply.show(PROGRESS)  # it does not come back
    assert caught.value.fault is Fault.MESSAGE_GONE

    clip_id = await harness.send_clip(reply)
    again = await harness.send_clip(reply)  # as after a crash

    assert [str(one.id) for one in harness.channel.messages] == [clip_id]
    assert again == clip_id


async def test_that_deleted_progress_was_of_a_clip_that_failed_is_told_in_the_channel(
    harness: SenderHarness,
) -> None:
    asked, reply = await harness.held()
    assert asked.original is not None
    asked.original.deleted = True

    reason = plain("The stream ended before anything came", tone=Tone.BAD)
    await harness.sender.send(harness.target(), reason, nonce="abc", reply_to=reply.reply_to)

    assert len(harness.channel.messages) == 1


async def test_where_the_bot_is_no_member_the_clip_follows_what_was_deleted(
    harness: SenderHarness,
) -> None:
    asked, reply, target = await harness.asked_outside()
    await reply.show(PROGRESS)
    assert asked.original is not None
    asked.original.deleted = True

    clip_id = await harness.send_clip(reply, target)
    assert await harness.send_clip(reply, target) == clip_id

    assert [str(one.id) for one in asked.answers] == [clip_id]
    assert len(asked.answer.attachments) == 1


async def test_where_the_bot_is_no_member_the_clip_follows_after_a_restart_too(
    harness: SenderHarness,
) -> None:
    asked, reply, target = await harness.asked_outside()
    await reply.show(PROGRESS)
    assert asked.original is not None
    asked.original.deleted = True
    harness.restart()

    clip_id = await harness.send_clip(reply, target)

    assert [str(one.id) for one in asked.answers] == [clip_id]


async def test_where_the_bot_is_no_member_nothing_is_changed_after_the_end(
    harness: SenderHarness,
) -> None:
    asked, reply, _ = await harness.asked_outside()
    await reply.show(PROGRESS)
    await harness.clock.advance(15 * 60)
    count = len(harness.fake.calls)

    with pytest.raises(SendError) as caught:
        await reply.show(replace(PROGRESS, progress=1.0))
    assert caught.value.fault is Fault.MESSAGE_GONE
    await reply.remove()

    assert len(harness.fake.calls) == count
    assert len(asked.answers) == 1
