"""Answers to commands: within three seconds, in place, in private where they must be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.alerts import Fault, SendError
from bot.model import Message, MessageKind, Span, Tone, plain
from bot.platforms.discord.requests.replies import HOLD_SECONDS, DiscordReply
from tests.fakes.clock import settle
from tests.fakes.discord import Asked, RateLimit, Refuse, Reset, ServerError, When
from tests.patience import PATIENCE
from tests.platforms.discord.sender_harness import (
    ALERT,
    CLIP,
    JPEG,
    PROGRESS,
    SenderHarness,
    open_sender,
)

ANSWER = plain("Here you are")
OOPS = plain("That is no coin", tone=Tone.BAD)


@pytest.fixture
async def harness(database: Path) -> AsyncIterator[SenderHarness]:
    async with open_sender(database.parent, gateway=True) as opened:
        yield opened


async def test_the_first_answer_comes_at_once(harness: SenderHarness) -> None:
    asked, interaction = await harness.asked()

    await harness.reply(interaction).show(ANSWER)

    assert asked.callback == 4
    assert not asked.answer.ephemeral
    assert asked.answer.embeds[0]["description"] == "Here you are"


async def test_what_is_private_is_seen_by_who_asked_alone(harness: SenderHarness) -> None:
    asked, interaction = await harness.asked()

    await harness.reply(interaction, public=False).show(ANSWER)

    assert asked.answer.ephemeral


async def test_an_error_is_private_even_where_answers_are_public(harness: SenderHarness) -> None:
    asked, interaction = await harness.asked()

    await harness.reply(interaction, public=True).show(OOPS)

    assert asked.answer.ephemeral


async def test_who_takes_long_has_told_discord_before(harness: SenderHarness) -> None:
    asked, reply = await harness.held()

    assert asked.deferred
    assert asked.answers == []
    await reply.show(ANSWER)
    assert asked.answer.embeds[0]["description"] == "Here you are"
    assert len(asked.answers) == 1


async def test_nothing_is_held_that_was_answered(harness: SenderHarness) -> None:
    asked, interaction = await harness.asked()
    reply = harness.reply(interaction)
    holding = asyncio.create_task(reply.hold())
    await reply.show(ANSWER)

    await asyncio.wait_for(holding, PATIENCE)  # it does not wait for its time

    assert asked.callback == 4
    assert (
        len(
            harness.fake.calls_to(
                "POST", "/interactions/{interaction_id}/{interaction_token}/callback"
            )
        )
        == 1
    )


async def test_an_error_after_a_public_wait_takes_it_away_and_is_private(
    harness: SenderHarness,
) -> None:
    asked, reply = await harness.held()

    await reply.show(OOPS)

    assert harness.channel.messages == []
    assert [one.ephemeral for one in asked.answers] == [True]
    await reply.show(replace(OOPS, title="again"))
    assert [one.embeds[0].get("title") for one in asked.answers] == ["again"]


@pytest.mark.parametrize(
    ("method", "trouble"),
    [("POST", ServerError()), ("POST", RateLimit(0.1)), ("DELETE", ServerError(When.AFTER))],
)
async def test_an_error_in_place_of_a_public_wait_outlives_a_failure(
    harness: SenderHarness, method: str, trouble: ServerError | RateLimit
) -> None:
    asked, reply = await harness.held()
    harness.fake.faults.add((method, "/webhooks/*"), trouble, times=1)

    showing = asyncio.create_task(reply.show(OOPS))
    for _ in range(4):
        await settle()
        await harness.clock.advance(1)
    await showing

    assert [one.ephemeral for one in asked.answers] == [True]


async def test_progress_changes_the_answer_in_its_place(harness: SenderHarness) -> None:
    asked, interaction = await harness.asked()
    reply = harness.reply(interaction)

    await reply.show(PROGRESS)
    await reply.show(replace(PROGRESS, lines=((Span("Uploading"),),)))

    (shown,) = asked.answers
    assert shown.embeds[0]["description"] == "Uploading"


async def test_a_picture_comes_after_discord_was_told_to_wait(harness: SenderHarness) -> None:
    asked, interaction = await harness.asked()

    await harness.reply(interaction).show(replace(ANSWER, picture=await harness.picture()))

    assert asked.callback == 5
    assert [one.data for one in asked.answer.attachments] == [JPEG]


async def test_the_clip_takes_the_place_of_its_progress_and_keeps_it(
    harness: SenderHarness,
) -> None:
    asked, interaction = await harness.asked()
    reply = harness.reply(interaction)
    await reply.show(PROGRESS)

    message_id = await harness.send_clip(reply)
    await reply.show(replace(PROGRESS, title="Done"))

    (shown,) = asked.answers
    assert str(shown.id) == message_id
    assert shown.embeds == []
    assert len(shown.attachments) == 1
    assert shown.content.startswith("**30 s of $DEMO**")


async def test_progress_that_is_tried_again_does_not_cover_the_clip(harness: SenderHarness) -> None:
    asked, interaction = await harness.asked()
    reply = harness.reply(interaction)
    await reply.show(PROGRESS)
    harness.fake.faults.add(("PATCH", "/webhooks/*"), ServerError(When.BEFORE), times=1)
    with pytest.raises(SendError):
        await reply.show(replace(PROGRESS, progress=1.0))

    await harness.send_clip(reply)
    await reply.show(replace(PROGRESS, progress=1.0))

    assert len(asked.answer.attachments) == 1
    assert asked.answer.embeds == []


async def test_a_clip_that_is_ready_before_any_answer_waits_for_none(
    harness: SenderHarness,
) -> None:
    asked, interaction = await harness.asked()
    reply = harness.reply(interaction)

    await harness.send_clip(reply)

    assert len(asked.answer.attachments) == 1


async def test_after_a_restart_the_clip_still_answers(harness: SenderHarness) -> None:
    asked, interaction = await harness.asked()
    reply = harness.reply(interaction)
    await reply.show(PROGRESS)
    harness.restart()

    await harness.send_clip(reply)

    (shown,) = asked.answers
    assert len(shown.attachments) == 1


async def test_after_a_quarter_of_an_hour_the_clip_is_posted(harness: SenderHarness) -> None:
    _, interaction = await harness.asked()
    reply = harness.reply(interaction)
    await reply.show(PROGRESS)
    await harness.clock.advance(15 * 60)

    await harness.send_clip(reply)

    assert [len(one.attachments) for one in harness.channel.messages] == [0, 1]
    assert not harness.channel.messages[-1].pings


@pytest.mark.parametrize("code", [10015, 10062, 50027])
async def test_an_interaction_that_discord_ended_early_sends_the_clip_to_the_channel(
    harness: SenderHarness, code: int
) -> None:
    _, interaction = await harness.asked()
    reply = harness.reply(interaction)
    await reply.show(PROGRESS)
    status = 401 if code == 50027 else 404
    harness.fake.faults.add(("PATCH", "/webhooks/*"), Refuse(status, code))

    await harness.send_clip(reply)

    assert [len(one.attachments) for one in harness.channel.messages] == [0, 1]


async def test_an_answer_after_its_time_goes_to_the_channel(harness: SenderHarness) -> None:
    _, interaction = await harness.asked()
    reply = harness.reply(interaction)
    await reply.show(PROGRESS)
    await harness.clock.advance(15 * 60)

    await reply.show(ANSWER)
    await reply.show(replace(ANSWER, title="and more"))

    _, posted = harness.channel.messages
    assert posted.embeds[0]["title"] == "and more"


async def test_a_private_answer_after_its_time_goes_to_the_person(harness: SenderHarness) -> None:
    member = harness.member()
    _, interaction = await harness.asked(member)
    await harness.clock.advance(15 * 60)

    await harness.reply(interaction, public=False).show(OOPS)

    assert harness.channel.messages == []
    assert len(member.user.dm.messages) == 1


async def test_an_interaction_that_discord_forgot_is_answered_in_the_channel(
    harness: SenderHarness,
) -> None:
    _, interaction = await harness.asked()
    harness.fake.faults.add(("POST", "/interactions/*"), Refuse(404, 10062))

    await harness.reply(interaction).show(ANSWER)

    assert len(harness.channel.messages) == 1


async def test_another_program_with_the_same_token_is_noticed_and_not_disturbed(
    harness: SenderHarness,
) -> None:
    asked, interaction = await harness.asked()
    harness.fake.faults.add(("POST", "/interactions/*"), Refuse(400, 40060))

    reply = harness.reply(interaction)
    await reply.show(ANSWER)
    await reply.show(ANSWER)

    assert harness.registry.has_rival
    assert harness.rivals == 1
    assert asked.answers == []
    assert len([one for one in harness.fake.calls if one.path.startswith("/interactions/")]) == 1


async def test_a_wait_that_got_lost_is_not_left_standing(harness: SenderHarness) -> None:
    """Discord took the first try to say that an answer will come, and we never heard of it."""
    asked, interaction = await harness.asked()
    harness.fake.faults.add(("POST", "/interactions/*"), ServerError(When.AFTER), times=1)
    harness.fake.faults.add(("POST", "/interactions/*"), RateLimit(0.1), times=1)
    reply = harness.reply(interaction)

    holding = asyncio.create_task(reply.hold())
    for _ in range(6):
        await settle()
        await harness.clock.advance(1)
    await holding
    await reply.show(ANSWER)

    assert not harness.registry.has_rival
    assert len(asked.answers) == 1


@pytest.mark.parametrize("trouble", [ServerError(When.AFTER), Reset(When.AFTER)])
async def test_a_first_answer_that_got_lost_is_not_taken_for_somebody_else(
    harness: SenderHarness, trouble: ServerError | Reset
) -> None:
    asked, interaction = await harness.asked()
    harness.fake.faults.add(("POST", "/interactions/*"), trouble, times=1)

    showing = asyncio.create_task(harness.reply(interaction).show(ANSWER))
    await settle()
    await harness.clock.advance(1)
    await showing

    assert not harness.registry.has_rival
    assert len(asked.answers) == 1


@pytest.mark.parametrize("trouble", [ServerError(When.BEFORE), RateLimit(0.5), Reset(When.BEFORE)])
async def test_passing_trouble_is_waited_out(
    harness: SenderHarness, trouble: ServerError | RateLimit | Reset
) -> None:
    asked, interaction = await harness.asked()
    reply = harness.reply(interaction)
    await reply.show(PROGRESS)
    harness.fake.faults.add(("PATCH", "/webhooks/*"), trouble, times=1)

    showing = asyncio.create_task(reply.show(ANSWER))
    await settle()
    await harness.clock.advance(1)
    await showing

    assert asked.answer.embeds[0]["description"] == "Here you are"


async def test_who_would_have_to_wait_long_is_told_at_once(harness: SenderHarness) -> None:
    _, interaction = await harness.asked()
    reply = harness.reply(interaction)
    await reply.show(PROGRESS)
    harness.fake.faults.add(("PATCH", "/webhooks/*"), RateLimit(60.0), times=1)

    with pytest.raises(SendError) as caught:
        await reply.show(ANSWER)

    assert caught.value.retry_after == 60


async def test_progress_is_tried_once_and_then_whoever_follows_it_looks_first(
    harness: SenderHarness,
) -> None:
    asked, interaction = await harness.asked()
    reply = harness.reply(interaction)
    await reply.show(PROGRESS)
    rule = harness.fake.faults.add(("PATCH", "/webhooks/*"), ServerError(When.BEFORE))

    with pytest.raises(SendError) as caught:
        await reply.show(replace(PROGRESS, title="lost"))

    assert (caught.value.fault, rule.hits) == (Fault.SERVER_ERROR, 1)
    harness.fake.faults.remove(rule)
    await reply.show(replace(PROGRESS, title="seen"))
    assert asked.answer.embeds[0]["title"] == "seen"


async def test_no_token_of_an_interaction_is_in_what_is_logged_or_raised(
    harness: SenderHarness, caplog: pytest.LogCaptureFixture
) -> None:
    asked, interaction = await harness.asked()
    caplog.set_level("INFO")
    reply = harness.reply(interaction)
    await reply.show(PROGRESS)
    harness.fake.faults.add(("PATCH", "/webhooks/*"), Refuse(400, 50035))

    with pytest.raises(SendError) as caught:
        await reply.show(ANSWER)

    assert asked.token not in caplog.text
    assert asked.token not in str(caught.value)


async def test_many_changes_in_a_row_all_come_through(harness: SenderHarness) -> None:
    asked, interaction = await harness.asked()
    reply = harness.reply(interaction)

    for number in range(8):
        await reply.show(replace(ANSWER, title=f"change {number}"))

    assert asked.answer.embeds[0]["title"] == "change 7"


async def test_an_answer_mentions_nobody(harness: SenderHarness) -> None:
    role = harness.guild.add_role("mooners", mentionable=True)
    asked, interaction = await harness.asked()

    await harness.reply(interaction).show(replace(ANSWER, role=str(role.id)))

    assert not asked.answer.pings
    assert str(role.id) not in asked.answer.content


async def test_a_clip_that_is_too_large_for_the_answer_says_how_large_it_may_be(
    harness: SenderHarness,
) -> None:
    harness.guild.attachment_limit = 1 << 20
    asked, interaction = await harness.asked(harness.poor_member())
    reply = harness.reply(interaction)
    await reply.show(PROGRESS)
    large = replace(CLIP, video=harness.video(9 << 20))

    with pytest.raises(SendError) as caught:
        await harness.sender.send(harness.target(), large, nonce="abc", reply_to=reply.reply_to)

    assert (caught.value.fault, caught.value.limit) == (Fault.TOO_LARGE, 8 << 20)
    assert asked.answer.embeds[0]["title"] == "A clip"  # as it was
    small = replace(CLIP, video=harness.video(1000))
    await harness.sender.send(harness.target(), small, nonce="abc", reply_to=reply.reply_to)
    assert len(asked.answer.attachments) == 1


# A press that needs no answer

WORD = Message(kind=MessageKind.TOAST, lines=((Span("Clip deleted."),),))


async def pressed(harness: SenderHarness, *, seen: bool = False) -> tuple[Asked, DiscordReply]:
    """Somebody presses a button of ours."""
    await harness.sender.send(harness.target(), ALERT, nonce="abc")
    (alert,) = harness.channel.messages
    asked = await harness.member().press(alert, label="Copy", wait=False)
    interaction = await asyncio.wait_for(harness.client.heard.get(), PATIENCE)
    return asked, harness.reply(interaction, public=False, seen=seen)


async def test_what_is_seen_anyway_is_only_acknowledged(harness: SenderHarness) -> None:
    asked, reply = await pressed(harness)
    before = [one.content for one in harness.channel.messages]
    await reply.show(WORD)
    assert (asked.callback, asked.followups) == (6, [])
    assert [one.content for one in harness.channel.messages] == before


async def test_who_was_told_to_wait_for_it_sees_that_go(harness: SenderHarness) -> None:
    asked, reply = await pressed(harness)
    holding = asyncio.create_task(reply.hold())
    await harness.clock.advance(HOLD_SECONDS + 0.1)
    await holding
    assert asked.deferred
    await reply.show(WORD)
    assert asked.response is None
    assert asked.answers == []


async def test_while_it_is_done_nothing_is_shown_where_it_will_be_seen(
    harness: SenderHarness,
) -> None:
    asked, reply = await pressed(harness, seen=True)
    holding = asyncio.create_task(reply.hold())
    await harness.clock.advance(HOLD_SECONDS + 0.1)
    await holding
    assert (asked.callback, asked.followups) == (6, [])
    await reply.show(WORD)
    assert (asked.callback, asked.followups) == (6, [])
    await reply.show(OOPS)
    (answer,) = asked.followups
    assert answer.ephemeral


async def test_what_is_said_after_all_changes_no_message_that_was_pressed(
    harness: SenderHarness,
) -> None:
    asked, reply = await pressed(harness)
    await reply.show(WORD)
    await reply.show(OOPS)
    (answer,) = asked.followups
    assert answer.ephemeral
    assert answer.embeds[0]["description"] == "That is no coin"


async def test_a_press_that_is_over_needs_no_more(harness: SenderHarness) -> None:
    asked, reply = await pressed(harness)
    await harness.clock.advance(901)
    await reply.show(WORD)
    assert asked.callback is None
