"""A finished clip reaches the chat as a delivery."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bot.alerts import Fault
from bot.clips.results import dump_result
from bot.kit.wake import DELIVERIES
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
)
from tests.alerts.scene import MINT, Scene
from tests.fakes.clock import FakeClock
from tests.fakes.sender import FakeSender

RESULT = ClipResult(
    ClipStatus.COMPLETE, seconds=30.0, width=1280, height=720, bytes=2_000_000, has_video=True
)


async def finished(
    scene: Scene, target: Target, state: JobState = JobState.DONE, *, has_file: bool = True
) -> int:
    """A job that has ended, and is owed; its id."""
    now = scene.clock.now()
    order = ClipOrder(
        "request-1",
        target.place_id,
        target.id,
        MINT,
        Person("p1", "Ann"),
        30,
        0,
        10 << 20,
        now,
        "r7",
    )
    done = state is JobState.DONE
    if done and has_file:
        scene.files.folder.mkdir(parents=True, exist_ok=True)
        scene.files.path("clip-1.mp4").write_bytes(b"mp4")
    async with scene.store.write() as unit:
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
    scene.wake.notify(DELIVERIES)
    return job.id


async def test_a_clip_answers_the_request_with_its_video(scene: Scene, sender: FakeSender) -> None:
    (target,) = await scene.targets(1)
    await finished(scene, target)
    async with scene.running():
        pass
    post = sender.only_post_to(target.id)
    assert post.reply_to == "r7"
    assert post.shows.video is not None
    assert post.shows.video.key == "clip-1.mp4"
    assert (post.shows.video.width, post.shows.video.bytes) == (1280, 2_000_000)
    assert post.shows.title == "🎬 30 s of $PUFF"


async def test_a_failed_clip_says_why(scene: Scene, sender: FakeSender) -> None:
    (target,) = await scene.targets(1)
    await finished(scene, target, JobState.FAILED)
    async with scene.running():
        pass
    assert "neither picture nor sound" in sender.only_post_to(target.id).shows.text


async def test_a_clip_goes_before_alerts(scene: Scene, sender: FakeSender) -> None:
    targets = await scene.targets(20)
    await scene.go_live()
    await finished(scene, targets[15])
    async with scene.running():
        pass
    first = [call.message for call in sender.calls[:8]]
    assert any(message is not None and message.video is not None for message in first)


async def test_a_clip_that_is_too_large_is_told_in_words(scene: Scene, sender: FakeSender) -> None:
    (target,) = await scene.targets(1)
    sender.fail(target.id, Fault.TOO_LARGE)
    await finished(scene, target)
    async with scene.running():
        pass
    shows = sender.only_post_to(target.id).shows
    assert shows.video is None
    assert "more than may be uploaded here" in shows.text


@pytest.mark.parametrize("has_file", [False, True])
async def test_a_clip_that_is_no_more_is_not_sent(
    scene: Scene, sender: FakeSender, has_file: bool
) -> None:
    (target,) = await scene.targets(1)
    job_id = await finished(scene, target, has_file=has_file)
    if has_file:
        async with scene.store.write() as unit:
            await unit.jobs.drop_file(job_id, JobState.EXPIRED)
    async with scene.running():
        pass
    assert not sender.posts
    (row,) = await scene.rows()
    assert (row.state, row.error) == (DeliveryState.DEAD, "gone")


async def test_a_deleted_clip_takes_its_message_along(
    scene: Scene, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await scene.targets(1)
    async with scene.running():
        job_id = await finished(scene, target)
        await clock.advance(0)
        async with scene.store.write() as unit:
            await unit.jobs.drop_file(job_id, JobState.DELETED)
            await unit.deliveries.raise_one(1, clock.now(), Priority.CHANGE)
        scene.wake.notify(DELIVERIES)
        await clock.advance(0)
    assert sender.only_post_to(target.id).deleted


async def test_an_expired_clip_leaves_its_message(
    scene: Scene, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await scene.targets(1)
    async with scene.running():
        job_id = await finished(scene, target)
        await clock.advance(0)
        async with scene.store.write() as unit:
            await unit.jobs.drop_file(job_id, JobState.EXPIRED)
            await unit.deliveries.raise_one(1, clock.now(), Priority.CHANGE)
        scene.wake.notify(DELIVERIES)
        await clock.advance(0)
    assert [call.method for call in sender.calls] == ["send"]


async def test_what_is_owed_at_the_end_is_drained_without_being_told_of_it(
    scene: Scene, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await scene.targets(1)
    async with scene.running():
        body = json.dumps({"about": "no-coin", "mint": MINT})
        async with scene.store.write() as unit:
            await unit.deliveries.owe_body(target.id, "k", DeliveryKind.NOTICE, body, clock.now())
        assert not sender.calls
        await scene.dispatcher.drain()
        assert "knows no coin" in sender.only_post_to(target.id).shows.text
