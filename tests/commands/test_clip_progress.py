"""How far a clip is: what its row says is shown, no faster than the platform likes."""

from __future__ import annotations

import asyncio

import pytest

from bot.alerts import Fault, SendError
from bot.clips import dump_result
from bot.kit.notifier import job_topic
from bot.model import ClipJob, ClipResult, ClipStatus, JobState, MessageKind, Phase, Tone
from tests.commands.harness import BEN, FAR_AWAY, CommandHarness
from tests.fakes.chat import FakeReply
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


async def test_every_phase_is_shown_in_its_turn(harness: CommandHarness, asked: FakeReply) -> None:
    work = Recording(harness)
    await work.claim()
    await harness.clock.advance(1)
    assert "Starting." in asked.text
    for phase, done, words, share in [
        (Phase.ASKING, 0.0, "Asking pump.fun.", 0.0),
        (Phase.JOINING, 0.0, "Joining the stream.", 0.0),
        (Phase.WAITING, 0.0, "Waiting for video.", 0.0),
        (Phase.RECORDING, 12.0, "Recording 12 of 30 s.", 0.4),
        (Phase.RECORDING, 30.0, "Recording 30 of 30 s.", 1.0),
        (Phase.WRITING, 30.0, "Saving the clip.", 1.0),
    ]:
        await work.reach(phase, done)
        await harness.clock.advance(1)
        assert words in asked.text
        assert asked.last.progress == pytest.approx(share)
        assert asked.last.kind is MessageKind.PROGRESS
        assert asked.button("Cancel").action == "cancel:1"
    await work.end(JobState.DONE)
    await harness.clock.advance(1)
    assert "Done. Your clip is below." in asked.text
    assert asked.last.tone is Tone.GOOD
    assert asked.last.progress is None
    assert not asked.last.buttons


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (JobState.FAILED, "The clip failed. Reason below."),
        (JobState.CANCELLED, "Clip cancelled."),
    ],
)
async def test_what_came_of_it_is_shown_and_then_nothing_more(
    harness: CommandHarness, asked: FakeReply, state: JobState, words: str
) -> None:
    work = Recording(harness)
    await work.claim()
    if state is JobState.CANCELLED:
        await harness.press("cancel:1")
    await work.end(state, "offline")
    await harness.clock.advance(1)
    assert words in asked.text
    count = len(asked.shown)
    await harness.clock.advance(60)
    assert len(asked.shown) == count
    assert harness.clock.sleeping == 0


async def test_a_short_clip_is_announced_as_such(harness: CommandHarness, asked: FakeReply) -> None:
    work = Recording(harness)
    await work.claim()
    await work.end(JobState.DONE, status=ClipStatus.PARTIAL)
    await harness.clock.advance(1)
    assert "shorter than you asked. Your clip is below." in asked.text


@pytest.fixture
async def uploading(harness: CommandHarness, asked: FakeReply) -> FakeReply:
    """The clip is made, and a platform is at it."""
    await harness.show_all()
    work = Recording(harness)
    await work.claim()
    await work.end(JobState.DONE, is_owed=True)
    await harness.clock.advance(1)
    assert "Uploading." in asked.text
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


async def test_between_recording_and_arrival_it_is_being_uploaded(
    harness: CommandHarness, uploading: FakeReply
) -> None:
    await harness.clock.advance(60)
    assert "Uploading." in uploading.text
    count = len(uploading.shown)
    await mark(harness, "shown")
    await harness.clock.advance(1)
    assert "Done. Your clip is below." in uploading.text
    assert len(uploading.shown) == count + 1
    await harness.clock.advance(60)
    assert harness.clock.sleeping == 0


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("uncertain", "Uploaded, but not confirmed. If you don't see it, try again."),
        ("dead", "couldn't be posted: the chat service doesn't accept it."),
    ],
)
async def test_a_clip_that_does_not_arrive_is_not_said_to_follow(
    harness: CommandHarness, uploading: FakeReply, how: str, words: str
) -> None:
    await mark(harness, how)
    await harness.clock.advance(1)
    assert words in uploading.text
    assert "follows" not in uploading.text


async def test_a_clip_that_cannot_be_posted_for_long_is_no_longer_waited_for(
    harness: CommandHarness, uploading: FakeReply
) -> None:
    await harness.clock.advance(590)
    assert "Uploading." in uploading.text
    await harness.clock.advance(20)
    assert "can't be posted right now" in uploading.text
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
    assert "29 of 30 s" in asked.text


async def test_what_reads_the_same_is_not_shown_again(
    harness: CommandHarness, asked: FakeReply
) -> None:
    await harness.clock.advance(120)
    assert len(asked.shown) == 1


async def test_a_missed_hint_is_made_up_for(harness: CommandHarness, asked: FakeReply) -> None:
    async with harness.store.write() as unit:
        await unit.jobs.claim("test", harness.clock.now())
    await harness.clock.advance(harness.limits.follow_seconds + 1)
    assert "Starting." in asked.text


async def test_moving_up_in_the_queue_is_shown(harness: CommandHarness, asked: FakeReply) -> None:
    await harness.follow(where=FAR_AWAY)
    second = await harness.say("/clip 10s", who=BEN, where=FAR_AWAY)
    assert "In the queue: 1 clip before this one." in second.text
    await Recording(harness).claim()
    await harness.clock.advance(harness.limits.follow_seconds + 1)
    assert "Next in the queue." in second.text
    assert asked.shown


async def test_an_answer_that_cannot_be_shown_any_more_is_given_up(
    harness: CommandHarness, asked: FakeReply
) -> None:
    asked.broken = SendError(Fault.MESSAGE_GONE)
    await Recording(harness).claim()
    await harness.clock.advance(1)
    await settle()
    assert harness.clock.sleeping == 0
    assert (await harness.job()).state is JobState.RUNNING


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
