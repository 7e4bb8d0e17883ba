"""What is at hand comes without a card, unless it takes longer than it should."""

from __future__ import annotations

from bot.model import (
    JobState,
    Person,
    Phase,
)
from tests.commands.harness import THIRD_MINT, CommandHarness
from tests.commands.progress.clip_work import ClipWork
from tests.fakes.chat import FakeReply, channel


async def test_what_is_there_within_two_seconds_has_no_card(
    harness: CommandHarness, at_hand: FakeReply
) -> None:
    work = ClipWork(harness)
    await work.claim()
    await work.reach(Phase.WRITING, 30.0)
    await work.end(JobState.DONE, is_owed=True)
    await harness.show_all()
    await harness.clock.advance(10)
    assert not at_hand.shown
    assert at_hand.is_removed, "a platform may have promised an answer"
    assert 1 not in harness.service._context.followed


async def test_what_fails_at_once_is_told_by_its_answer_alone(
    harness: CommandHarness, at_hand: FakeReply
) -> None:
    work = ClipWork(harness)
    await work.claim()
    await work.end(JobState.FAILED, "worker-died", is_owed=True)
    await harness.show_all()
    await harness.clock.advance(10)
    assert not at_hand.shown


async def test_what_takes_longer_than_it_should_is_shown_then(
    harness: CommandHarness, at_hand: FakeReply
) -> None:
    work = ClipWork(harness)
    await work.claim()
    await work.reach(Phase.WRITING, 30.0)
    await harness.clock.advance(1)
    assert not at_hand.shown
    await harness.clock.advance(1.5)
    assert at_hand.text.startswith("$MINTY · Saving the clip · ready about 12:00:0")
    await work.end(JobState.DONE, is_owed=True)
    await harness.show_all()
    await harness.clock.advance(6)
    assert at_hand.is_removed


async def test_that_nothing_comes_is_said_at_once(
    harness: CommandHarness, at_hand: FakeReply
) -> None:
    await harness.press("cancel:1")
    work = ClipWork(harness)
    await work.claim()
    assert at_hand.text == "Clip cancelled."


async def test_what_is_at_hand_waits_for_nothing_that_is_recorded(
    harness: CommandHarness, at_hand: FakeReply
) -> None:
    """Though others were first, and fill every place there is."""
    for number in range(3):
        where = channel("general", f"place-{number}")
        who = Person(f"p{number}")
        await harness.say(f"/clip {THIRD_MINT} {10 + number}s", who=who, where=where)
    await harness.clock.advance(2.5)
    assert at_hand.text == "$MINTY · Ready in about 4 s"
