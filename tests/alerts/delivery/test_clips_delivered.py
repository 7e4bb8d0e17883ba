"""A finished clip reaches the chat as a delivery."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.alerts import Fault, SendError
from bot.clips.results import dump_result
from bot.kit.notifier import DELIVERIES
from bot.model import (
    ClipOrder,
    ClipResult,
    ClipStatus,
    DeliveryKind,
    DeliveryState,
    JobState,
    Person,
    Priority,
    Target,
    UndoKind,
    Window,
)
from tests.alerts.harness import MINT, OTHER, AlertHarness
from tests.fakes.buttons import actions
from tests.fakes.clock import FakeClock
from tests.fakes.sender import FakeSender

RESULT = ClipResult(
    ClipStatus.COMPLETE,
    seconds=30.0,
    width=1280,
    height=720,
    bytes=2_000_000,
    has_video=True,
    poster="clip-1.jpg",
)


async def finished(
    harness: AlertHarness, target: Target, state: JobState = JobState.DONE, *, has_file: bool = True
) -> int:
    """A job that has ended, and is owed; its id."""
    now = harness.clock.now()
    order = ClipOrder(
        "request-1",
        target.place_id,
        target.id,
        MINT,
        Person("p1", "Ann"),
        30,
        Window.before(now, 30),
        10 << 20,
        now,
        "r7",
    )
    done = state is JobState.DONE
    if done and has_file:
        harness.files.folder.mkdir(parents=True, exist_ok=True)
        harness.files.path("clip-1.mp4").write_bytes(b"mp4")
    async with harness.store.write() as unit:
        await unit.jobs.add(order, now)
        job = await unit.jobs.claim("test", now)
        assert job is not None
        await unit.jobs.finish(
            job,
            state,
            result=dump_result(RESULT) if done else None,
            error=None if done else "no-media",
            file_key="clip-1.mp4" if done else None,
            expires_at=now + timedelta(hours=1) if done else None,
            now=now,
        )
        await unit.deliveries.owe_clip(job.id, target.id, now, reply_to=order.reply_to)
    harness.notifier.notify(DELIVERIES)
    return job.id


async def test_a_clip_answers_the_request_with_its_video(
    harness: AlertHarness, sender: FakeSender
) -> None:
    (target,) = await harness.targets(1)
    await finished(harness, target)
    async with harness.running():
        pass
    post = sender.only_post_to(target.id)
    assert post.reply_to == "r7"
    assert post.shows.video is not None
    assert post.shows.video.key == "clip-1.mp4"
    assert (post.shows.video.width, post.shows.video.bytes) == (1280, 2_000_000)
    assert post.shows.video.poster == "clip-1.jpg"
    assert post.shows.title == "🎬 30 s of $PUFF"


async def test_a_failed_clip_says_why(harness: AlertHarness, sender: FakeSender) -> None:
    (target,) = await harness.targets(1)
    await finished(harness, target, JobState.FAILED)
    async with harness.running():
        pass
    assert "sends no video or sound" in sender.only_post_to(target.id).shows.text


async def test_uploads_leave_slots_to_alerts(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    """A slow uplink, and more clips than there are slots, time and again."""
    chats = await harness.targets(20, mint=OTHER)
    followers = await harness.targets(10, first=20)
    job_id, now = await finished(harness, chats[0]), harness.clock.now()
    async with harness.store.write() as unit:
        for chat in chats[1:]:
            await unit.deliveries.owe_clip(job_id, chat.id, now, reply_to=None)
    sender.slow = {chat.id: 60.0 + chat.id for chat in chats}
    async with harness.running():
        await clock.advance(1)
        assert sender.in_flight == 5
        await clock.advance(70)  # some have ended
        await harness.go_live()
        assert all(sender.posts_to(target.id) for target in followers)
        assert sender.in_flight == 5
        await clock.advance(600)
    assert all(sender.posts_to(chat.id) for chat in chats)


async def test_whoever_settles_a_clip_in_doubt_is_told_what_it_answers(
    harness: AlertHarness, sender: FakeSender
) -> None:
    (target,) = await harness.targets(1)
    sender.fail(target.id, Fault.MAYBE_SENT)
    await finished(harness, target)
    async with harness.running():
        pass
    assert sender.answers == ["r7"]


async def test_an_alert_of_a_chat_that_waits_for_a_clip_has_a_slot_as_well(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    chats = await harness.targets(20)
    job_id, now = await finished(harness, chats[0]), harness.clock.now()
    async with harness.store.write() as unit:
        for chat in chats[1:]:
            await unit.deliveries.owe_clip(job_id, chat.id, now, reply_to=None)
    sender.slow = {chat.id: 100.0 for chat in chats[:5]}
    async with harness.running():
        await clock.advance(1)
        stream = await harness.go_live()
        await clock.advance(1)
        told = [await harness.alert_to(chat, stream) for chat in chats[5:]]  # five have a slot
    assert {row.state for row in told} == {DeliveryState.SENT}


async def test_a_clip_goes_before_alerts(harness: AlertHarness, sender: FakeSender) -> None:
    targets = await harness.targets(20)
    await harness.go_live()
    await finished(harness, targets[15])
    sender.latency = 1.0
    async with harness.running():
        first = [call.message for call in sender.calls]
    assert len(first) == 8, "those that are under way"
    assert any(message is not None and message.video is not None for message in first)


async def test_a_clip_that_is_too_large_is_told_in_words(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    sender.fail(target.id, Fault.TOO_LARGE)
    await finished(harness, target)
    async with harness.running():
        await clock.advance(1)
    shows = sender.only_post_to(target.id).shows
    assert shows.video is None
    assert "is too large to upload here" in shows.text


class Encoder:
    """Makes clips smaller, to the size that was wished for."""

    def __init__(self, harness: AlertHarness, seconds: float = 0.0, *, fails: bool = False) -> None:
        self.harness = harness
        self.seconds = seconds
        self.fails = fails
        self.asked: list[tuple[int, int]] = []
        harness.shrink = self.shrink

    async def shrink(self, job_id: int, max_bytes: int) -> bool:
        self.asked.append((job_id, max_bytes))
        await self.harness.clock.sleep(self.seconds)
        if self.fails:
            return False
        key, result = f"clip-{len(self.asked) + 1}.mp4", replace(RESULT, bytes=max_bytes)
        self.harness.files.path(key).write_bytes(b"mp4")
        async with self.harness.store.write() as unit:
            job = await unit.jobs.get(job_id)
            assert job is not None
            assert job.file_key is not None
            return await unit.jobs.replace_file(job_id, job.file_key, key, dump_result(result))


@pytest.mark.parametrize(
    ("limit", "goal"), [(None, 1_600_000), (500_000, 500_000), (9_000_000, 1_600_000)]
)
async def test_a_clip_that_is_too_large_is_made_smaller_and_sent_again(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock, limit: int | None, goal: int
) -> None:
    (target,) = await harness.targets(1)
    encoder = Encoder(harness, seconds=20)
    sender.fail(target.id, SendError(Fault.TOO_LARGE, limit=limit))
    job_id = await finished(harness, target)
    async with harness.running():
        assert not sender.posts
        await clock.advance(21)
    video = sender.only_post_to(target.id).shows.video
    assert video is not None
    assert (video.key, video.bytes) == ("clip-2.mp4", goal)
    assert encoder.asked == [(job_id, goal)]
    first, second = [call for call in sender.calls if call.method == "send"]
    assert first.nonce == second.nonce
    assert harness.health.part("alerts fake").ok


async def test_nobody_waits_while_a_clip_is_made_smaller(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    targets = await harness.targets(20)
    Encoder(harness, seconds=60)
    sender.fail(targets[0].id, Fault.TOO_LARGE)
    await finished(harness, targets[0])
    async with harness.running():
        await harness.go_live()
        assert len(sender.posts) == 20
        (clip,) = [row for row in await harness.rows() if row.kind is DeliveryKind.CLIP]
        assert clip.state is DeliveryState.DUE  # a crash now leaves nothing in doubt
        await clock.advance(61)
    assert len(sender.posts) == 21


async def test_a_clip_is_made_smaller_once_and_then_it_is_told_in_words(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    encoder = Encoder(harness)
    sender.fail(target.id, SendError(Fault.TOO_LARGE, limit=500_000), Fault.TOO_LARGE)
    await finished(harness, target)
    async with harness.running():
        await clock.advance(600)
    assert len(encoder.asked) == 1
    shows = sender.only_post_to(target.id).shows
    assert shows.video is None
    assert "is too large to upload here" in shows.text


async def test_a_clip_that_cannot_be_made_so_small_is_not_uploaded_again(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    encoder = Encoder(harness, seconds=5, fails=True)
    sender.fail(target.id, SendError(Fault.TOO_LARGE, limit=500_000))
    await finished(harness, target)
    async with harness.running():
        await clock.advance(600)
    assert len(encoder.asked) == 1
    first, second = sender.calls
    assert first.message is not None
    assert first.message.video is not None
    assert second.message is not None
    assert second.message.video is None
    assert len(sender.posts) == 1


@pytest.mark.parametrize("is_smaller", [False, True])
async def test_a_restart_while_a_clip_is_made_smaller_loses_nothing(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock, *, is_smaller: bool
) -> None:
    (target,) = await harness.targets(1)
    encoder = Encoder(harness, seconds=50)
    sender.fail(target.id, SendError(Fault.TOO_LARGE, limit=500_000))
    job_id = await finished(harness, target)
    async with harness.running():
        await clock.advance(10)
    encoder.seconds = 0.0
    if is_smaller:  # it was, and then the service was killed
        assert await encoder.shrink(job_id, 500_000)
    async with harness.running():
        await clock.advance(200)
    video = sender.only_post_to(target.id).shows.video
    assert video is not None
    assert video.bytes == 500_000
    assert len(encoder.asked) == 2


async def test_an_encoder_that_takes_minutes_is_waited_for_and_not_started_twice(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    encoder = Encoder(harness, seconds=500, fails=True)
    sender.fail(target.id, Fault.TOO_LARGE)
    await finished(harness, target)
    async with harness.running():
        await clock.advance(900)
    assert len(encoder.asked) == 1
    assert "is too large to upload here" in sender.only_post_to(target.id).shows.text


@pytest.mark.parametrize("has_file", [False, True])
async def test_a_clip_that_is_no_more_is_not_sent(
    harness: AlertHarness, sender: FakeSender, has_file: bool
) -> None:
    (target,) = await harness.targets(1)
    await finished(harness, target, has_file=has_file)
    if has_file:
        async with harness.store.write() as unit:
            await unit.jobs.expire(await unit.jobs.kept())
    async with harness.running():
        pass
    assert not sender.posts
    (row,) = await harness.rows()
    assert (row.state, row.error) == (DeliveryState.DEAD, "gone")


async def lose_file(harness: AlertHarness, clock: FakeClock, job_id: int, state: JobState) -> None:
    """The clip's file goes, and its message is looked at again."""
    async with harness.store.write() as unit:
        if state is JobState.EXPIRED:
            await unit.jobs.expire(await unit.jobs.kept())
        else:
            await unit.jobs.delete(job_id)
            await unit.jobs.drop_deleted(job_id)
        await unit.deliveries.raise_many([1], clock.now(), Priority.CHANGE)
    harness.notifier.notify(DELIVERIES)
    await clock.advance(0)


async def test_a_deleted_clip_takes_its_message_along(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    async with harness.running():
        job_id = await finished(harness, target)
        await clock.advance(0)
        await lose_file(harness, clock, job_id, JobState.DELETED)
    assert sender.only_post_to(target.id).deleted


async def delete(harness: AlertHarness, clock: FakeClock, job_id: int) -> int:
    """Somebody presses the button; the id of what undoes that."""
    async with harness.store.write() as unit:
        assert await unit.jobs.delete(job_id)
        target_id = (await unit.jobs.get(job_id)).order.target_id  # type: ignore[union-attr]
        kind = UndoKind.CLIP_DELETED
        undo_id = await unit.undos.add(target_id, "p1", kind, clock.now(), job_id=job_id)
    await look_again(harness, clock)
    return undo_id


async def look_again(harness: AlertHarness, clock: FakeClock) -> None:
    async with harness.store.write() as unit:
        await unit.deliveries.raise_many([1], clock.now(), Priority.CHANGE)
    harness.notifier.notify(DELIVERIES)
    await clock.advance(0)


async def test_the_message_of_a_deleted_clip_offers_to_undo_that_and_turns_back(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    async with harness.running():
        job_id = await finished(harness, target)
        await clock.advance(0)
        post = sender.only_post_to(target.id)
        clip = post.shows
        undo_id = await delete(harness, clock, job_id)
        assert post.shows.video is None
        assert post.shows.text == "Clip deleted."
        assert actions(post.shows) == [f"undo:clip:{undo_id}"]
        async with harness.store.write() as unit:
            assert await unit.jobs.restore(job_id)
            await unit.undos.close(undo_id, clock.now())
        await look_again(harness, clock)
        assert post.shows == clip
        assert not post.deleted
        await delete(harness, clock, job_id)
        async with harness.store.write() as unit:
            assert await unit.jobs.drop_deleted(job_id)
        await look_again(harness, clock)
        assert post.deleted


async def test_one_that_is_too_old_to_go_keeps_a_word_and_no_button(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    async with harness.running():
        job_id = await finished(harness, target)
        await clock.advance(0)
        sender.fail(target.id, Fault.TOO_OLD)
        await lose_file(harness, clock, job_id, JobState.DELETED)
    post = sender.only_post_to(target.id)
    assert (post.shows.text, post.shows.buttons) == ("Clip deleted.", ())


async def test_an_expired_clip_keeps_what_stands_there(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    async with harness.running():
        job_id = await finished(harness, target)
        await clock.advance(0)
        before = sender.only_post_to(target.id).shows
        await lose_file(harness, clock, job_id, JobState.EXPIRED)
    shows = sender.only_post_to(target.id).shows
    assert shows == replace(before, video=None, keeps_video=True)


async def test_what_is_owed_at_the_end_is_drained_without_being_told_of_it(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    async with harness.running():
        body = json.dumps({"about": "no-coin", "mint": MINT})
        async with harness.store.write() as unit:
            await unit.deliveries.owe_body(target.id, "k", DeliveryKind.NOTICE, body, clock.now())
        assert not sender.calls
        await harness.service.drain()
        assert "knows no coin" in sender.only_post_to(target.id).shows.text
