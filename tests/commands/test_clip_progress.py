"""How far a clip is: what its row says is shown, no faster than the platform likes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.alerts import Fault, SendError
from bot.clips import dump_result
from bot.kit.notifier import job_topic
from bot.model import (
    ClipJob,
    ClipResult,
    ClipStatus,
    JobState,
    MessageKind,
    Person,
    Phase,
    TimeStyle,
    Tone,
)
from tests.commands.harness import BEN, FAR_AWAY, THIRD_MINT, CommandHarness
from tests.fakes.chat import FakeReply, channel
from tests.fakes.clock import settle


class Recording:
    """What the clip service does with the first job."""

    def __init__(self, harness: CommandHarness) -> None:
        self.commands = harness
        self.job: ClipJob | None = None

    async def claim(self) -> ClipJob:
        async with self.commands.store.write() as unit:
            self.job = await unit.jobs.claim("test", self.commands.clock.now())
        assert self.job is not None
        self.commands.notifier.notify(job_topic(self.job.id))
        await settle()
        return self.job

    async def reach(self, phase: Phase, done: float = 0.0) -> None:
        assert self.job is not None
        async with self.commands.store.write() as unit:
            assert await unit.jobs.progress(self.job, phase, done)
        self.commands.notifier.notify(job_topic(self.job.id))
        await settle()

    async def end(
        self,
        state: JobState,
        error: str | None = None,
        status: ClipStatus = ClipStatus.COMPLETE,
        *,
        is_owed: bool = False,
    ) -> None:
        assert self.job is not None
        result = ClipResult(status, seconds=30.0, bytes=1000)
        async with self.commands.store.write() as unit:
            ended = await unit.jobs.finish(
                self.job,
                state,
                result=dump_result(result) if state is JobState.DONE else None,
                error=error,
                file_key="clip-1.mp4" if state is JobState.DONE else None,
                expires_at=None,
                now=self.commands.clock.now(),
            )
            if is_owed:
                for job in ended:
                    await unit.deliveries.owe_clip(
                        job.id, job.order.target_id, self.commands.clock.now(), reply_to="m1"
                    )
        for job in ended:
            self.commands.notifier.notify(job_topic(job.id))
        await settle()


@pytest.fixture
async def asked(harness: CommandHarness) -> FakeReply:
    """A clip of 30 s that was asked for."""
    await harness.follow()
    await harness.go_live()
    return await harness.say("/clip 30s")


async def test_the_first_word_is_true_and_stays_until_recording_begins(
    harness: CommandHarness, asked: FakeReply
) -> None:
    assert asked.text == "$MINTY · Recording the next 30 s · ready in about 40 s"
    assert asked.last.lines[0][-1].style is TimeStyle.AWAY
    assert asked.last.lines[0][-1].at == harness.clock.now() + timedelta(seconds=40)
    assert (asked.last.kind, asked.last.title) == (MessageKind.PROGRESS, "")
    assert asked.button("Cancel").action == "cancel:1"
    work = Recording(harness)
    await work.claim()
    for phase in (Phase.ASKING, Phase.JOINING):
        await work.reach(phase)
        await harness.clock.advance(1)
    assert len(asked.shown) == 1


# What comes at once


@pytest.fixture
async def at_hand(harness: CommandHarness) -> FakeReply:
    """A clip of the last 30 s, which are at hand, was asked for."""
    began = harness.clock.now() - timedelta(hours=1)
    await harness.follow()
    await harness.go_live(first_seen_at=began, started_at=began)
    harness.watch.live(THIRD_MINT)
    harness.replay.seconds = dict.fromkeys(await followed(harness), 60.0)
    return await harness.say("/clip 30s")


async def followed(harness: CommandHarness) -> list[str]:
    async with harness.store.read() as unit:
        return [one.mint for one in await unit.subscriptions.of_place(1)]


async def test_what_is_there_within_two_seconds_has_no_card(
    harness: CommandHarness, at_hand: FakeReply
) -> None:
    work = Recording(harness)
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
    work = Recording(harness)
    await work.claim()
    await work.end(JobState.FAILED, "worker-died", is_owed=True)
    await harness.show_all()
    await harness.clock.advance(10)
    assert not at_hand.shown


async def test_what_takes_longer_than_it_should_is_shown_then(
    harness: CommandHarness, at_hand: FakeReply
) -> None:
    work = Recording(harness)
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
    work = Recording(harness)
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


async def test_the_next_seconds_have_their_card_at_once(asked: FakeReply) -> None:
    assert len(asked.shown) == 1


async def test_what_goes_on_is_one_line(harness: CommandHarness, asked: FakeReply) -> None:
    work = Recording(harness)
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
    work = Recording(harness)
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

    work = Recording(harness)
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
    work = Recording(harness)
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
    work = Recording(harness)
    await work.claim()
    await work.reach(Phase.RECORDING)
    answer = await harness.press("cancel:1")
    assert (answer.text, answer.last.kind) == ("Clip cancelled.", MessageKind.REPLY)


@pytest.fixture
async def uploading(harness: CommandHarness, asked: FakeReply) -> FakeReply:
    """The clip is made, and a platform is at it."""
    await harness.show_all()
    work = Recording(harness)
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


async def test_a_card_that_can_never_be_changed_is_given_up(
    harness: CommandHarness, uploading: FakeReply
) -> None:
    uploading.broken = SendError(Fault.SERVER_ERROR)
    await mark(harness, "shown")
    await harness.clock.advance(120)
    assert harness.clock.sleeping == 0


async def test_why_there_is_no_clip_is_told_once_by_its_delivery(
    harness: CommandHarness, asked: FakeReply
) -> None:
    await harness.show_all()
    work = Recording(harness)
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
    work = Recording(harness)
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
        await unit.jobs.drop_file(1, JobState.DELETED)
    await harness.clock.advance(harness.limits.follow_seconds + 1)
    assert "no longer kept" in uploading.text


async def test_changes_are_shown_no_faster_than_the_platform_likes(
    harness: CommandHarness, asked: FakeReply
) -> None:
    work = Recording(harness)
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
    await Recording(harness).claim()
    await harness.clock.advance(harness.limits.follow_seconds + 1)
    assert second.text == "$MINTY · Recording the next 10 s · ready in about 20 s"
    assert second.last.lines[0][-1].at == harness.clock.now() + timedelta(seconds=19)


async def test_where_all_captures_are_busy_no_time_is_promised(harness: CommandHarness) -> None:
    harness.service = harness.fresh(replace(harness.limits, concurrent=1))
    await harness.follow()
    await harness.go_live()
    await harness.say("/clip 30s")
    await Recording(harness).claim()
    await harness.follow(where=FAR_AWAY)
    second = await harness.say("/clip 10s", who=BEN, where=FAR_AWAY)
    assert second.text == "$MINTY · Next in the queue"


async def test_an_answer_that_cannot_be_shown_any_more_is_given_up(
    harness: CommandHarness, asked: FakeReply
) -> None:
    asked.broken = SendError(Fault.MESSAGE_GONE)
    work = Recording(harness)
    await work.claim()
    await work.reach(Phase.RECORDING)
    assert harness.clock.sleeping == 0
    assert (await harness.job()).state is JobState.RUNNING


async def test_a_change_that_did_not_come_through_is_shown_a_little_later(
    harness: CommandHarness, asked: FakeReply
) -> None:
    work = Recording(harness)
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
