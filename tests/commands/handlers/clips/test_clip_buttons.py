"""Cancel, delete and again: for who asked and for managers, in that place and no other."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.clips import dump_result
from bot.kit.notifier import job_topic
from bot.model import (
    ClipFailure,
    ClipOrder,
    ClipResult,
    ClipStatus,
    DeliveryState,
    JobState,
    MessageKind,
    Priority,
    StreamState,
    Window,
)
from bot.store import DatabaseFileStore
from tests.commands.harness import BEN, ELSEWHERE, FAR_AWAY, CommandHarness
from tests.commands.progress.clip_work import ClipWork
from tests.pumpfun.samples import MINT

KEY = "clip-0123456789abcdef.mp4"


@pytest.fixture
async def asked(harness: CommandHarness) -> CommandHarness:
    """Ada asked for a clip."""
    await harness.follow()
    await harness.go_live()
    harness.watch.live(MINT)
    await harness.say("/clip 20s")
    return harness


@pytest.fixture
async def made(asked: CommandHarness) -> CommandHarness:
    """It is done, and owed."""
    await asked.show_all()
    now = asked.clock.now()
    path = asked.files.path(KEY)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"video")
    async with asked.store.write() as unit:
        job = await unit.jobs.claim("test", now)
        assert job is not None
        await unit.jobs.finish(
            job,
            JobState.DONE,
            result=dump_result(ClipResult(ClipStatus.COMPLETE, seconds=20.0)),
            error=None,
            file_key=KEY,
            expires_at=now + timedelta(hours=72),
            now=now,
        )
        await unit.deliveries.owe_clip(job.id, job.order.target_id, now, reply_to="m1")
    return asked


@pytest.fixture
async def done(made: CommandHarness) -> CommandHarness:
    """It was posted as `clip-1`, too."""
    await made.show_all("clip")
    return made


async def is_deleted(harness: CommandHarness) -> bool:
    return (await harness.job()).state is JobState.DELETED


async def test_who_asked_cancels(asked: CommandHarness) -> None:
    with asked.notifier.listening("jobs") as jobs, asked.notifier.listening(job_topic(1)) as job:
        reply = await asked.press("cancel:1", manages=False)
    assert jobs.is_set()
    assert job.is_set()
    assert reply.text == "Clip cancelled."
    assert (await asked.job()).cancel_requested


async def test_a_manager_cancels_a_strangers_clip_and_a_stranger_does_not(
    asked: CommandHarness,
) -> None:
    reply = await asked.press("cancel:1", who=BEN, manages=False)
    assert reply.text == "Only managers and the person who asked for this clip can do that."
    assert not (await asked.job()).cancel_requested
    await asked.press("cancel:1", who=BEN, manages=True, where=ELSEWHERE)
    assert (await asked.job()).cancel_requested


async def test_whoever_made_up_a_number_elsewhere_gets_nowhere(asked: CommandHarness) -> None:
    for action in ("cancel:1", "delete:1", "again:1"):
        reply = await asked.press(action, where=FAR_AWAY)
        assert reply.text == "That clip is no longer kept here. Run /clip for a new one."
    assert not (await asked.job()).cancel_requested


async def test_a_clip_that_is_over_is_not_cancelled(done: CommandHarness) -> None:
    assert (
        await done.press("cancel:1")
    ).text == "Too late: that clip is already done or cancelled."


async def test_a_cancel_is_seen_at_once_under_the_progress(asked: CommandHarness) -> None:
    reply = await asked.say("/clip 20s", request_id="r1")
    await asked.press("cancel:1")
    await asked.clock.advance(1)
    assert "Clip cancelled." in reply.text
    assert reply.button("Try again").action == "again:1"
    await ClipWork(asked).claim()
    await asked.clock.advance(10)
    assert "Clip cancelled." in reply.text
    assert asked.clock.sleeping == 0


async def test_who_shares_a_recording_cancels_for_themselves_alone(asked: CommandHarness) -> None:
    await asked.follow(where=FAR_AWAY)
    other = await asked.say("/clip 20s", who=BEN, where=FAR_AWAY)
    await asked.press("cancel:2", who=BEN, where=FAR_AWAY, manages=False)
    work = ClipWork(asked)
    await work.claim()
    await work.end(JobState.DONE)
    await asked.clock.advance(6)
    assert "Clip cancelled." in other.text
    assert (await asked.job(1)).state is JobState.DONE
    assert (await asked.job(2)).state is JobState.CANCELLED


async def test_who_asked_deletes_and_half_a_minute_later_file_and_message_go(
    done: CommandHarness,
) -> None:
    with done.notifier.listening("deliveries") as hint:
        reply = await done.press("delete:1", manages=False, message_id="clip-1")
    assert hint.is_set()
    assert reply.text == "Clip deleted."
    assert reply.last.kind is MessageKind.TOAST, "its message says so"
    assert await is_deleted(done)
    (delivery,) = await done.show_all()
    assert (delivery.key, delivery.message_id) == ("clip:1", "clip-1")
    await done.clock.advance(29)
    assert done.files.path(KEY).exists()
    with done.notifier.listening("deliveries") as hint:
        await done.clock.advance(2)
    assert hint.is_set()
    assert not done.files.path(KEY).exists()
    assert len(await done.show_all()) == 1


async def test_within_half_a_minute_it_is_undone(done: CommandHarness) -> None:
    await done.press("delete:1")
    await done.show_all()
    await done.clock.advance(20)
    reply = await done.press("undo:clip:1")
    assert (reply.text, reply.last.kind) == ("Clip restored.", MessageKind.TOAST)
    assert (await done.job()).state is JobState.DONE
    assert len(await done.show_all()) == 1
    await done.clock.advance(60)
    assert done.files.path(KEY).exists()
    assert (await done.press("undo:clip:1")).text == "Already restored."
    await done.press("delete:1")
    assert await is_deleted(done)
    assert (await done.press("undo:clip:2")).text == "Clip restored."


async def test_what_a_manager_deleted_its_owner_does_not_bring_back(done: CommandHarness) -> None:
    await done.press("delete:1", who=BEN, manages=True)
    reply = await done.press("undo:clip:1", manages=False)
    assert "can undo it" in reply.text
    assert await is_deleted(done)
    await done.press("undo:clip:1", who=BEN, manages=False)
    assert not await is_deleted(done)


@pytest.mark.parametrize("seconds", [10, 40])
async def test_a_restart_in_between_changes_neither(done: CommandHarness, seconds: float) -> None:
    await done.press("delete:1")
    await done.service.stop()
    await done.clock.advance(seconds)
    done.service = done.fresh()
    await done.service.sweep_undos()
    assert done.files.path(KEY).exists() == (seconds == 10)
    reply = await done.press("undo:clip:1")
    wanted = "Clip restored." if seconds == 10 else "Too late to undo. Run /clip for a new one."
    assert reply.text == wanted


async def test_tidying_takes_no_file_that_can_still_be_had_back(done: CommandHarness) -> None:
    old = done.clock.now().timestamp() - 7200
    os.utime(done.files.path(KEY), (old, old))
    await done.press("delete:1")
    await done.clip_retention().tidy()
    assert done.files.path(KEY).exists()


async def test_a_clip_whose_file_is_lost_meanwhile_does_not_come_back(done: CommandHarness) -> None:
    await done.press("delete:1")
    done.files.path(KEY).unlink()
    assert "no longer kept" in (await done.press("undo:clip:1")).text
    assert await is_deleted(done)


async def test_others_write_while_it_is_asked_whether_its_file_is_still_there(
    done: CommandHarness,
) -> None:
    class Asked(DatabaseFileStore):
        async def has(self, key: str) -> bool:
            async with done.store.write():  # refused within a transaction of the press
                return key == KEY

    await done.press("delete:1")
    done.files.path(KEY).unlink()
    done.files.shared = Asked(done.store)
    assert (await done.press("undo:clip:1")).text == "Clip restored."


async def test_a_message_that_cannot_be_changed_is_answered_with_the_button(
    done: CommandHarness,
) -> None:
    """Nobody knows whether it arrived."""
    async with done.store.write() as unit:
        delivery = await unit.deliveries.find((await done.job()).order.target_id, "clip:1")
        assert delivery is not None
        await unit.deliveries.raise_many([delivery.id], done.clock.now(), Priority.CHANGE)
        (claimed,) = await unit.deliveries.claim("fake", "test", 1, done.clock.now())
        await unit.deliveries.forget_message(claimed, "message-gone", done.clock.now())
    reply = await done.press("delete:1")
    assert reply.text == "Clip deleted."
    press = await done.press(reply.button("Undo").action)
    assert press.last.kind is MessageKind.TOAST
    assert reply.text == "Clip restored."


async def test_a_clip_whose_file_has_had_its_time_can_still_be_removed(
    done: CommandHarness,
) -> None:
    async with done.store.write() as unit:
        await unit.jobs.expire([await done.job()])
    press = await done.press("delete:1")
    assert (press.last.kind, press.text) == (MessageKind.TOAST, "Clip deleted.")
    assert await is_deleted(done)
    assert len(await done.show_all()) == 1, "its message is to go"
    assert "already deleted" in (await done.press("delete:1")).text


async def test_a_press_on_a_clip_shows_that_it_has_arrived(made: CommandHarness) -> None:
    """Its sending was in doubt, and no platform could tell."""
    now = made.clock.now()
    async with made.store.write() as unit:
        (claimed,) = await unit.deliveries.claim("fake", "test", 1, now)
        await unit.deliveries.mark_sending(claimed, now)
        await unit.deliveries.mark_uncertain(claimed, "maybe-sent", now)
    press = await made.press("delete:1", message_id="77")
    assert press.last.kind is MessageKind.TOAST
    (change,) = await made.show_all()
    assert change.message_id == "77"


async def test_a_manager_deletes_and_a_stranger_does_not(done: CommandHarness) -> None:
    reply = await done.press("delete:1", who=BEN, manages=False)
    assert "who asked for this clip can do that" in reply.text
    assert done.files.path(KEY).exists()
    await done.press("delete:1", who=BEN, manages=True)
    assert await is_deleted(done)


async def test_deleting_twice_asks_for_the_message_to_change_once_more(
    done: CommandHarness,
) -> None:
    await done.press("delete:1")
    await done.show_all()
    reply = await done.press("delete:1")
    assert "already deleted" in reply.text
    assert len(await done.show_all()) == 1


async def test_a_clip_that_is_not_there_yet_is_not_deleted(asked: CommandHarness) -> None:
    assert "no clip to delete" in (await asked.press("delete:1")).text


async def test_a_clip_that_was_never_posted_is_not_posted_any_more(done: CommandHarness) -> None:
    async with done.store.read() as unit:
        delivery = await unit.deliveries.find((await done.job()).order.target_id, "clip:1")
    assert delivery is not None
    assert delivery.state is DeliveryState.SENT


async def test_again_asks_for_as_many_seconds_now_as_a_new_request(done: CommandHarness) -> None:
    await done.clock.advance(61)
    reply = await done.press("again:1", who=BEN, manages=False)
    assert "ready in about 30 s" in reply.text
    job = await done.job(2)
    assert (job.order.mint, job.order.window.seconds, job.order.person) == (MINT, 20.0, BEN)


async def test_what_the_recording_had_later_is_a_clip_of_its_own(asked: CommandHarness) -> None:
    async with asked.store.write() as unit:
        job = await unit.jobs.claim("test", asked.clock.now())
        assert job is not None
        ends_at = job.order.window.begins_at + timedelta(seconds=12)
        await unit.jobs.note_window(job, Window.before(ends_at, 12))  # of the 20 s
    await asked.clock.advance(61)
    asked.lookback.seconds[MINT] = 120.0
    await asked.press("rest:1", who=BEN, manages=False)
    rest = (await asked.job(2)).order
    assert not rest.is_ahead
    assert rest.window.is_about(Window.after(ends_at, 8), 0.2)


# Where there is no clip


@pytest.fixture
async def past(harness: CommandHarness) -> CommandHarness:
    """Ada asked for the last 20 s of a stream that has been on for an hour."""
    began = harness.clock.now() - timedelta(hours=1)
    await harness.follow()
    await harness.go_live(first_seen_at=began, started_at=began)
    harness.watch.live(MINT)
    harness.lookback.seconds[MINT] = 60.0
    await harness.say("/clip 20s")
    return harness


async def test_what_comes_later_ends_with_what_was_asked_for(past: CommandHarness) -> None:
    """It lacks some of its beginning, too."""
    async with past.store.write() as unit:
        job = await unit.jobs.claim("test", past.clock.now())
        assert job is not None
        until = job.order.asked_at - timedelta(seconds=6)
        await unit.jobs.note_window(job, Window.before(until, 6))  # of the 20 s
    await past.clock.advance(61)
    past.lookback.seconds[MINT] = 120.0
    await past.press("rest:1", who=BEN, manages=False)
    assert (await past.job(2)).order.window.is_about(Window.after(until, 6), 0.2)


async def pressed_again(harness: CommandHarness) -> ClipOrder:
    """A minute later, by somebody else."""
    await harness.clock.advance(61)
    await harness.press("again:1", who=BEN, manages=False)
    return (await harness.job(2)).order


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
async def test_again_asks_for_the_same_moment_where_there_is_no_clip_of_it(
    past: CommandHarness, state: JobState
) -> None:
    work, window = ClipWork(past), (await past.job()).order.window
    await work.claim()
    if state is JobState.CANCELLED:
        await past.press("cancel:1")
    await work.end(state, ClipFailure.WORKER_DIED if state is JobState.FAILED else None)
    past.lookback.seconds[MINT] = 120.0
    order = await pressed_again(past)
    assert (order.window, order.seconds, order.is_ahead) == (window, 20.0, False)
    assert order.stream_id == (await past.job()).order.stream_id


async def test_the_same_moment_is_meant_whatever_the_clock_was_set_to_since(
    past: CommandHarness,
) -> None:
    work, window = ClipWork(past), (await past.job()).order.window
    await work.claim()
    await work.end(JobState.FAILED, ClipFailure.WORKER_DIED)
    past.lookback.over[MINT] = past.clock.now()
    past.clock.set(-3600)
    assert (await pressed_again(past)).window == window


async def test_a_clip_that_is_being_cancelled_is_none(past: CommandHarness) -> None:
    await past.press("cancel:1")
    past.lookback.seconds[MINT] = 120.0
    assert (await pressed_again(past)).window == (await past.job()).order.window


async def test_where_that_moment_is_gone_again_says_so(past: CommandHarness) -> None:
    """The next seconds are no answer."""
    work = ClipWork(past)
    await work.claim()
    await work.end(JobState.FAILED, ClipFailure.WORKER_DIED)
    await past.clock.advance(61)
    reply = await past.press("again:1")
    assert reply.text == "Only the last 60 s are available."


async def test_the_same_moment_is_that_of_its_stream_though_the_next_is_on(
    past: CommandHarness,
) -> None:
    """The site was last asked some seconds before the clip was."""
    work, order = ClipWork(past), (await past.job()).order
    await work.claim()
    await work.end(JobState.FAILED, ClipFailure.WORKER_DIED)
    assert order.stream_id is not None
    seen_at = order.asked_at - timedelta(seconds=8)
    async with past.store.write() as unit:
        stream = await unit.streams.get(order.stream_id)
        assert stream is not None
        over = replace(stream.broadcast, state=StreamState.ENDED, last_seen_at=seen_at)
        await unit.streams.update(order.stream_id, over)
    await past.clock.advance(30)
    await past.go_live(site_id=2)
    past.lookback.seconds[MINT] = 120.0
    again = await pressed_again(past)
    assert (again.window, again.stream_id) == (order.window, order.stream_id)


async def test_again_asks_for_the_same_moment_where_its_clip_could_not_be_posted(
    past: CommandHarness,
) -> None:
    work, window = ClipWork(past), (await past.job()).order.window
    await work.claim()
    await work.end(JobState.DONE, is_owed=True)
    async with past.store.write() as unit:
        for d in await unit.deliveries.claim("fake", "test", 10, past.clock.now()):
            await unit.deliveries.mark_dead(d, "forbidden", past.clock.now())
    past.lookback.seconds[MINT] = 120.0
    assert (await pressed_again(past)).window == window


async def test_what_failed_by_our_fault_can_be_asked_for_at_once(past: CommandHarness) -> None:
    work, window = ClipWork(past), (await past.job()).order.window
    await work.claim()
    await work.end(JobState.FAILED, ClipFailure.WORKER_DIED)
    await past.press("again:1")
    assert (await past.job(2)).order.window == window
    assert "Try again in" in (await past.press("again:1")).text, "that one is under way"


async def test_again_under_what_failed_to_show_the_next_seconds_asks_for_the_next(
    asked: CommandHarness,
) -> None:
    work = ClipWork(asked)
    await work.claim()
    await work.end(JobState.FAILED, ClipFailure.WORKER_DIED)
    order = await pressed_again(asked)
    assert (order.is_ahead, order.window.begins_at) == (True, asked.clock.now())


async def test_again_keeps_to_the_pauses(done: CommandHarness) -> None:
    assert "Try again in" in (await done.press("again:1")).text


@pytest.mark.parametrize("number", ["", "x", "-1", "1.0", "٣", "9" * 30, "99"])
@pytest.mark.parametrize("verb", ["cancel", "delete", "again", "rest"])
async def test_a_number_that_nobody_gave_is_a_sentence(
    asked: CommandHarness, verb: str, number: str
) -> None:
    reply = await asked.press(f"{verb}:{number}")
    assert reply.text in (
        "That clip is no longer kept here. Run /clip for a new one.",
        "This button no longer works. Type the command instead; /help lists them.",
    )
