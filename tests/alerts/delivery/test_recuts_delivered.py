"""A clip that was cut anew takes the place of the one that stands there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.alerts import Fault
from bot.clips.results import dump_result
from bot.kit.notifier import DELIVERIES
from bot.model import ClipJob, ClipOrder, JobState, Person, Target, UndoKind, Window
from tests.alerts.delivery.test_clips_delivered import RESULT, finished
from tests.alerts.harness import MINT, AlertHarness
from tests.fakes.buttons import actions, labels
from tests.fakes.clock import FakeClock
from tests.fakes.sender import FakeSender

PADDED_CLIP = "clip-padded.mp4"
WITH_PADDED_CLIP = ["◀ 10 s", "10 s ▶", "Longer", "Shorter", "Again", "Delete"]


async def first(harness: AlertHarness, target: Target, clock: FakeClock) -> ClipJob:
    """A clip that is shown, with its padded clip."""
    job_id = await finished(harness, target)
    async with harness.store.write() as unit:
        await unit.jobs.order_padded_clip(PADDED_CLIP, MINT, [job_id], clock.now())
        job = await unit.jobs.get(job_id)
    await clock.advance(0)
    assert job is not None
    return job


async def recut(harness: AlertHarness, root: ClipJob, clock: FakeClock, number: int = 2) -> ClipJob:
    """Another cut of it is made, by somebody else."""
    now, key = harness.clock.now(), f"clip-{number}.mp4"
    harness.files.path(key).write_bytes(b"mp4")
    order = ClipOrder(
        f"request-{number}",
        root.order.place_id,
        root.order.target_id,
        MINT,
        Person("p2", "Mo"),
        20,
        Window.before(now, 20),
        10 << 20,
        now,
        parent_id=root.id,
    )
    async with harness.store.write() as unit:
        await unit.jobs.add(order, now)
        job = await unit.jobs.claim_recut("test", now)
        assert job is not None
        await unit.jobs.finish(
            job,
            JobState.DONE,
            result=dump_result(RESULT),
            error=None,
            file_key=key,
            expires_at=now + timedelta(hours=1),
            now=now,
        )
        assert await unit.deliveries.raise_clip(job, now)
    await look(harness, clock)
    return job


async def look(harness: AlertHarness, clock: FakeClock) -> None:
    harness.notifier.notify(DELIVERIES)
    await clock.advance(0)


async def again(harness: AlertHarness, job: ClipJob, clock: FakeClock) -> None:
    """Its message is looked at once more."""
    async with harness.store.write() as unit:
        await unit.deliveries.raise_clip(job, clock.now())
    await look(harness, clock)


async def state(harness: AlertHarness, job: ClipJob) -> tuple[JobState, str | None]:
    async with harness.store.read() as unit:
        row = await unit.jobs.get(job.id)
    assert row is not None
    return row.state, row.error


async def test_the_same_message_shows_the_new_clip_and_its_buttons_mean_that_one(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    async with harness.running():
        root = await first(harness, target, clock)
        job = await recut(harness, root, clock)
    post = sender.only_post_to(target.id)
    assert post.shows.video is not None
    assert post.shows.video.key == "clip-2.mp4"
    assert "Clipped by Ann" in post.shows.text, "who asked for it, not who pressed last"
    verbs = ("earlier", "later", "longer", "shorter", "again", "delete")
    assert actions(post.shows) == [f"{verb}:{job.id}" for verb in verbs]


async def test_a_clip_without_a_padded_clip_cannot_be_changed(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    async with harness.running():
        await finished(harness, target)
        await clock.advance(0)
    assert labels(sender.only_post_to(target.id).shows) == ["Again", "Delete"]


async def test_the_buttons_go_with_the_padded_clip(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    async with harness.running():
        root = await first(harness, target, clock)
        await again(harness, root, clock)
        post = sender.only_post_to(target.id)
        assert labels(post.shows) == WITH_PADDED_CLIP
        async with harness.store.write() as unit:
            assert await unit.jobs.drop_padded_clip(PADDED_CLIP)
        await again(harness, root, clock)
        assert labels(post.shows) == ["Again", "Delete"]
        assert post.shows.video is not None


async def test_a_clip_that_has_had_its_time_loses_the_buttons_and_keeps_its_video(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    async with harness.running():
        root = await first(harness, target, clock)
        async with harness.store.write() as unit:
            assert await unit.jobs.drop_padded_clip(PADDED_CLIP)
            assert await unit.jobs.expire(await unit.jobs.kept())
        await again(harness, root, clock)
    post = sender.only_post_to(target.id)
    assert labels(post.shows) == ["Again", "Delete"]
    assert (post.shows.video, post.shows.keeps_video) == (None, True)
    assert "Clipped by Ann" in post.shows.text


@pytest.mark.parametrize("fault", [Fault.TOO_LARGE, Fault.REFUSED])
async def test_what_the_platform_does_not_take_leaves_the_old_clip_where_it_is(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock, fault: Fault
) -> None:
    (target,) = await harness.targets(1)
    async with harness.running():
        root = await first(harness, target, clock)
        before = list(sender.only_post_to(target.id).shown)
        sender.fail(target.id, fault)
        job = await recut(harness, root, clock)
        post = sender.only_post_to(target.id)
        assert post.shown == before
        error = "too-few-bytes" if fault is Fault.TOO_LARGE else "refused"
        assert await state(harness, job) == (JobState.FAILED, error)
        assert (await state(harness, root))[0] is JobState.DONE
        (row,) = await harness.rows()
        assert row.shown == row.wanted
        await recut(harness, root, clock, 3)
        assert post.shows.video is not None
        assert post.shows.video.key == "clip-3.mp4"


@pytest.mark.parametrize("fault", [Fault.TOO_LARGE, Fault.REFUSED])
async def test_what_is_deleted_while_the_platform_refuses_it_stays_deleted(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock, fault: Fault
) -> None:
    (target,) = await harness.targets(1)
    async with harness.running():
        root = await first(harness, target, clock)
        sender.latency = 1.0
        sender.fail(target.id, fault)
        job = await recut(harness, root, clock)
        async with harness.store.write() as unit:
            assert await unit.jobs.delete(job.id)
            await unit.undos.add(target.id, "p1", UndoKind.CLIP_DELETED, clock.now(), job_id=job.id)
        await again(harness, job, clock)
        await clock.advance(5)
        assert sender.only_post_to(target.id).shows.text == "Clip deleted."
        assert await state(harness, job) == (JobState.DELETED, None)


async def test_a_platform_that_is_away_gets_the_new_clip_later(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    async with harness.running():
        root = await first(harness, target, clock)
        sender.fail(target.id, Fault.NOT_SENT)
        await recut(harness, root, clock)
        await clock.advance(10)
    video = sender.only_post_to(target.id).shows.video
    assert video is not None
    assert video.key == "clip-2.mp4"


async def test_a_deleted_recut_says_so_and_comes_back_as_it_was(
    harness: AlertHarness, sender: FakeSender, clock: FakeClock
) -> None:
    (target,) = await harness.targets(1)
    async with harness.running():
        root = await first(harness, target, clock)
        job = await recut(harness, root, clock)
        post = sender.only_post_to(target.id)
        shown = post.shows
        async with harness.store.write() as unit:
            assert await unit.jobs.delete(job.id)
            undo_id = await unit.undos.add(
                target.id, "p1", UndoKind.CLIP_DELETED, clock.now(), job_id=job.id
            )
        await again(harness, job, clock)
        assert post.shows.text == "Clip deleted."
        assert actions(post.shows) == [f"undo:clip:{undo_id}"]
        async with harness.store.write() as unit:
            assert await unit.jobs.restore(job.id)
        await again(harness, job, clock)
        assert post.shows == shown
        async with harness.store.write() as unit:
            assert await unit.jobs.delete(job.id)
            assert await unit.jobs.drop_deleted(job.id)
        await again(harness, job, clock)
        assert post.deleted
