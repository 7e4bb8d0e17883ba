"""How far a clip is: what its row says is shown, no faster than the platform likes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.alerts import Fault, SendError
from bot.model import (
    JobState,
    MessageKind,
    Phase,
    TimeStyle,
)
from tests.commands.harness import BEN, FAR_AWAY, CommandHarness
from tests.commands.progress.clip_work import ClipWork
from tests.fakes.chat import FakeReply
from tests.fakes.clock import settle


async def test_the_first_word_is_true_and_stays_until_recording_begins(
    harness: CommandHarness, asked: FakeReply
) -> None:
    assert asked.text == "$MINTY · Recording the next 30 s · ready in about 40 s"
    assert asked.last.lines[0][-1].style is TimeStyle.AWAY
    assert asked.last.lines[0][-1].at == harness.clock.now() + timedelta(seconds=40)
    assert (asked.last.kind, asked.last.title) == (MessageKind.PROGRESS, "")
    assert asked.button("Cancel").action == "cancel:1"
    work = ClipWork(harness)
    await work.claim()
    for phase in (Phase.ASKING, Phase.JOINING):
        await work.reach(phase)
        await harness.clock.advance(1)
    assert len(asked.shown) == 1


async def test_the_next_seconds_have_their_card_at_once(asked: FakeReply) -> None:
    assert len(asked.shown) == 1


async def test_what_goes_on_is_one_line(harness: CommandHarness, asked: FakeReply) -> None:
    work = ClipWork(harness)
    await work.claim()
    for phase, done, words, share in [
        (Phase.WAITING, 0.0, "Waiting for video", 0.0),
        (Phase.SETTLING, 0.0, "Waiting for video", 0.0),
        (Phase.RECORDING, 0.0, "Recording 0 of 30 s · ready about 12:00:3", 0.0),
        (Phase.RECORDING, 12.0, "Recording 12 of 30 s · ready about 12:00:2", 0.4),
        (Phase.RECONNECTING, 12.0, "Reconnecting, recorded 12 of 30 s · ready about", 0.4),
        (Phase.RECORDING, 31.0, "Recording 30 of 30 s · ready about", 1.0),
        (Phase.WRITING, 30.0, "Saving the clip · ready about", 1.0),
    ]:
        await work.reach(phase, done)
        await harness.clock.advance(1)
        assert asked.text.startswith(f"$MINTY · {words}")
        assert len(asked.last.lines) == 1
        assert asked.last.progress == pytest.approx(share)
        assert asked.button("Cancel").action == "cancel:1"


async def test_that_recording_begins_is_shown_at_once_and_the_rest_at_the_platforms_pace(
    harness: CommandHarness, asked: FakeReply
) -> None:
    asked.pace = 15.0
    work = ClipWork(harness)
    await work.claim()
    await work.reach(Phase.JOINING)
    await harness.clock.advance(2)
    await work.reach(Phase.RECORDING)
    assert "Recording 0 of 30 s" in asked.text, "with no time between"
    for second in range(1, 30):
        await harness.clock.advance(1)
        await work.reach(Phase.RECORDING, second)
    await harness.clock.advance(1)
    await work.reach(Phase.WRITING, 30)
    await harness.clock.advance(1)
    edits = [message.text.partition(" · ")[2] for message in asked.shown[1:]]
    assert [edit.partition(" · ")[0] for edit in edits] == [
        "Recording 0 of 30 s",
        "Recording 14 of 30 s",
        "Recording 29 of 30 s",
    ]


async def test_what_was_promised_moves_only_when_it_is_late(
    harness: CommandHarness, asked: FakeReply
) -> None:
    def promised() -> datetime:
        at = asked.last.lines[0][-1].at
        assert at is not None
        return at

    work = ClipWork(harness)
    await work.claim()
    await work.reach(Phase.RECORDING)
    first = promised()
    assert first == harness.clock.now() + timedelta(seconds=34)
    assert asked.text.endswith("ready about 12:00:34 UTC")
    for second in range(10):
        await harness.clock.advance(1.2)
        await work.reach(Phase.RECORDING, second)
    assert "Recording 9 of 30 s" in asked.text
    assert promised() == first, "3 s are no news"
    await harness.clock.advance(2)
    await work.reach(Phase.RECORDING, 10)
    assert promised() == harness.clock.now() + timedelta(seconds=24)


async def test_who_cancelled_reads_so_at_once(harness: CommandHarness, asked: FakeReply) -> None:
    work = ClipWork(harness)
    await work.claim()
    await work.reach(Phase.RECORDING)
    answer = await harness.press("cancel:1")
    assert (answer.text, answer.last.kind) == ("Clip cancelled.", MessageKind.TOAST)
    await settle()
    assert (asked.text, asked.last.progress) == ("Clip cancelled.", None)
    assert asked.button("Try again").action == "again:1"
    await work.end(JobState.CANCELLED)
    count = len(asked.shown)
    await harness.clock.advance(60)
    assert (len(asked.shown), asked.is_removed) == (count, False)
    assert harness.clock.sleeping == 0


async def test_where_no_card_says_so_the_answer_to_cancel_stays(
    harness: CommandHarness, asked: FakeReply
) -> None:
    asked.broken = SendError(Fault.MESSAGE_GONE)
    work = ClipWork(harness)
    await work.claim()
    await work.reach(Phase.RECORDING)
    answer = await harness.press("cancel:1")
    assert (answer.text, answer.last.kind) == ("Clip cancelled.", MessageKind.REPLY)


async def test_changes_are_shown_no_faster_than_the_platform_likes(
    harness: CommandHarness, asked: FakeReply
) -> None:
    work = ClipWork(harness)
    await work.claim()
    await harness.clock.advance(1)
    before = len(asked.shown)
    for tenth in range(30):
        await work.reach(Phase.RECORDING, tenth)
        await harness.clock.advance(0.1)
    assert len(asked.shown) - before <= 4
    await harness.clock.advance(1)
    assert "Recording 29 of 30 s" in asked.text, "the last is not lost"


async def test_what_reads_the_same_is_not_shown_again(
    harness: CommandHarness, asked: FakeReply
) -> None:
    await harness.clock.advance(120)
    assert len(asked.shown) == 1


async def test_a_missed_hint_is_made_up_for(harness: CommandHarness, asked: FakeReply) -> None:
    async with harness.store.write() as unit:
        job = await unit.jobs.claim("test", harness.clock.now())
        assert job is not None
        await unit.jobs.progress(job, Phase.RECORDING, 3)
    await harness.clock.advance(harness.limits.follow_seconds + 1)
    assert "Recording 3 of 30 s" in asked.text


async def test_moving_up_in_the_queue_is_shown(harness: CommandHarness, asked: FakeReply) -> None:
    await harness.follow(where=FAR_AWAY)
    second = await harness.say("/clip 10s", who=BEN, where=FAR_AWAY)
    assert second.text == "$MINTY · 1 clip before this one"
    await ClipWork(harness).claim()
    await harness.clock.advance(harness.limits.follow_seconds + 1)
    assert second.text == "$MINTY · Recording the next 10 s · ready in about 20 s"
    assert second.last.lines[0][-1].at == harness.clock.now() + timedelta(seconds=19)


async def test_where_all_captures_are_busy_no_time_is_promised(harness: CommandHarness) -> None:
    harness.service = harness.fresh(replace(harness.limits, concurrent=1))
    await harness.follow()
    await harness.go_live()
    await harness.say("/clip 30s")
    await ClipWork(harness).claim()
    await harness.follow(where=FAR_AWAY)
    second = await harness.say("/clip 10s", who=BEN, where=FAR_AWAY)
    assert second.text == "$MINTY · Next in the queue"


async def test_an_answer_that_cannot_be_shown_any_more_is_given_up(
    harness: CommandHarness, asked: FakeReply
) -> None:
    asked.broken = SendError(Fault.MESSAGE_GONE)
    work = ClipWork(harness)
    await work.claim()
    await work.reach(Phase.RECORDING)
    assert harness.clock.sleeping == 0
    assert (await harness.job()).state is JobState.RUNNING


async def test_a_change_that_did_not_come_through_is_shown_a_little_later(
    harness: CommandHarness, asked: FakeReply
) -> None:
    work = ClipWork(harness)
    await work.claim()
    asked.broken = SendError(Fault.NOT_SENT)
    await work.reach(Phase.RECORDING)
    asked.broken = None
    await harness.clock.advance(1)
    assert "Recording 0 of 30 s" in asked.text


async def test_the_first_answer_that_cannot_be_shown_loses_no_clip(harness: CommandHarness) -> None:
    await harness.follow()
    await harness.go_live()
    request, reply = harness.request()
    reply.broken = SendError(Fault.FORBIDDEN)
    await harness.service.run(request, "/clip")
    assert (await harness.job()).state is JobState.QUEUED


async def test_stopping_ends_what_is_followed_and_may_be_done_twice(
    harness: CommandHarness, asked: FakeReply
) -> None:
    assert harness.clock.sleeping == 1
    await harness.service.stop()
    await harness.service.stop()
    await asyncio.sleep(0)
    assert harness.clock.sleeping == 0
    assert asked.shown


async def test_other_commands_go_on_while_clips_are_made(
    harness: CommandHarness, asked: FakeReply
) -> None:
    assert "Mintcast" in (await harness.say("/help")).text
    assert asked.shown
