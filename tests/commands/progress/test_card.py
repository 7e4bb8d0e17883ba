"""What becomes of the card when its clip has come, or never does."""

from __future__ import annotations

import pytest

from bot.alerts import Fault, SendError
from bot.kit.notifier import job_topic
from bot.model import (
    JobState,
    MessageKind,
    Phase,
    Tone,
)
from tests.commands.harness import CommandHarness
from tests.commands.progress.clip_work import ClipWork
from tests.fakes.chat import FakeReply
from tests.fakes.clock import settle


@pytest.fixture
async def uploading(harness: CommandHarness, asked: FakeReply) -> FakeReply:
    """The clip is made, and a platform is at it."""
    await harness.show_all()
    work = ClipWork(harness)
    await work.claim()
    await work.end(JobState.DONE, is_owed=True)
    await harness.clock.advance(1)
    assert asked.text == "$MINTY · Uploading"
    assert (asked.last.kind, asked.last.progress) == (MessageKind.PROGRESS, 1.0)
    assert not asked.last.buttons
    return asked


async def mark(harness: CommandHarness, how: str) -> None:
    """What a dispatcher says of the clip's delivery."""
    now = harness.clock.now()
    async with harness.store.write() as unit:
        (d,) = await unit.deliveries.claim("fake", "test", 10, now)
        await unit.deliveries.mark_sending(d, now)
        match how:
            case "shown":
                await unit.deliveries.mark_shown(d, "clip-1", now)
            case "uncertain":
                await unit.deliveries.mark_uncertain(d, "crash", now)
            case _:
                await unit.deliveries.mark_dead(d, "refused", now)
    harness.notifier.notify(job_topic(1))
    await settle()


async def test_the_card_goes_when_the_clip_has_come(
    harness: CommandHarness, uploading: FakeReply
) -> None:
    await harness.clock.advance(60)
    assert uploading.text == "$MINTY · Uploading"
    count = len(uploading.shown)
    await mark(harness, "shown")
    assert uploading.is_removed, "at once"
    assert len(uploading.shown) == count
    await harness.clock.advance(60)
    assert harness.clock.sleeping == 0


async def test_a_card_that_cannot_be_removed_says_that_it_is_done(
    harness: CommandHarness, uploading: FakeReply
) -> None:
    uploading.stays = SendError(Fault.FORBIDDEN)
    await mark(harness, "shown")
    assert (uploading.text, uploading.last.buttons) == ("Done.", ())
    assert harness.clock.sleeping == 0


async def test_a_card_that_cannot_be_removed_for_the_moment_is_removed_later(
    harness: CommandHarness, uploading: FakeReply
) -> None:
    uploading.stays = SendError(Fault.NOT_SENT)
    await mark(harness, "shown")
    await harness.clock.advance(5)
    assert not uploading.is_removed
    uploading.stays = None
    await harness.clock.advance(1)
    assert uploading.is_removed
    assert uploading.text == "$MINTY · Uploading", "it said nothing in between"
    assert harness.clock.sleeping == 0


async def test_why_there_is_no_clip_is_told_once_by_its_delivery(
    harness: CommandHarness, asked: FakeReply
) -> None:
    await harness.show_all()
    work = ClipWork(harness)
    await work.claim()
    await work.reach(Phase.RECORDING)
    await work.end(JobState.FAILED, "no-media", is_owed=True)
    await mark(harness, "shown")
    assert asked.is_removed
    assert not any(message.tone is Tone.BAD for message in asked.shown)


@pytest.mark.parametrize(
    ("state", "how", "words", "tone"),
    [
        (JobState.DONE, "uncertain", "If you don't see it, try again.", Tone.PLAIN),
        (
            JobState.DONE,
            "dead",
            "couldn't be posted: the chat service doesn't accept it.",
            Tone.BAD,
        ),
        (JobState.FAILED, "dead", "sends no video or sound yet. Try again in a minute.", Tone.BAD),
        (JobState.FAILED, "uncertain", "sends no video or sound yet.", Tone.BAD),
    ],
)
async def test_what_does_not_arrive_is_told_by_the_card(
    harness: CommandHarness,
    asked: FakeReply,
    state: JobState,
    how: str,
    words: str,
    tone: Tone,
) -> None:
    await harness.show_all()
    work = ClipWork(harness)
    await work.claim()
    await work.end(state, "no-media" if state is JobState.FAILED else None, is_owed=True)
    await mark(harness, how)
    assert words in asked.text
    assert asked.last.tone is tone
    assert asked.button("Try again").action == "again:1"
    assert not asked.is_removed
    assert harness.clock.sleeping == 0


async def test_a_clip_that_cannot_be_posted_for_long_is_no_longer_waited_for(
    harness: CommandHarness, uploading: FakeReply
) -> None:
    await harness.clock.advance(590)
    assert uploading.text == "$MINTY · Uploading"
    await harness.clock.advance(20)
    assert "can't be posted right now" in uploading.text
    assert not uploading.last.buttons
    assert harness.clock.sleeping == 0


async def test_where_nothing_can_be_posted_a_clip_is_not_waited_for(
    harness: CommandHarness, uploading: FakeReply
) -> None:
    target = await harness.target()
    async with harness.store.write() as unit:
        await unit.places.disable(target.id, "forbidden", harness.clock.now())
    await harness.clock.advance(harness.limits.follow_seconds + 1)
    assert "can't be posted right now" in uploading.text


async def test_a_clip_that_is_deleted_while_it_is_uploaded_is_gone(
    harness: CommandHarness, uploading: FakeReply
) -> None:
    async with harness.store.write() as unit:
        await unit.jobs.delete(1)
        await unit.jobs.drop_deleted(1)
    await harness.clock.advance(harness.limits.follow_seconds + 1)
    assert "no longer kept" in uploading.text
