"""What lies beside clips goes with them, or a little before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.model import ClipJob
from tests.clips.harness import RULES as RULES_OF_A_SERVICE
from tests.clips.harness import ClipHarness
from tests.clips.retention.folder import PADDED_CLIP, made, shown, with_padded_clip
from tests.fakes.clock import FakeClock


async def is_to_change(harness: ClipHarness) -> bool:
    """Whether some message is to be looked at again."""
    async with harness.store.write() as unit:
        claimed = await unit.deliveries.claim("local", "test", 100, harness.clock.now())
        for d in claimed:
            await unit.deliveries.mark_shown(d, d.message_id or "", harness.clock.now())
    return bool(claimed)


async def test_a_padded_clip_goes_a_little_before_its_clip_and_the_buttons_with_it(
    harness: ClipHarness,
) -> None:
    (job,) = await made(harness)
    await with_padded_clip(harness, job)
    await shown(harness)
    await harness.clip_retention.tidy()
    assert len(harness.names()) == 2
    assert not await is_to_change(harness)
    await harness.clock.advance(72 * 3600 - 600)
    with harness.notifier.listening("deliveries") as hint:
        await harness.clip_retention.tidy()
    assert hint.is_set()
    assert harness.names() == [job.file_key]
    assert (await harness.row(job)).padded_clip_key is None
    assert await is_to_change(harness)


async def test_where_both_have_had_their_time_the_buttons_go_before_the_clip(
    harness: ClipHarness,
) -> None:
    """The service was off: the edit that takes them away may need the file."""
    (job,) = await made(harness)
    await with_padded_clip(harness, job)
    await shown(harness)
    await harness.clock.advance(73 * 3600)
    await harness.clip_retention.tidy()
    assert harness.names() == [job.file_key]
    assert await is_to_change(harness)
    await harness.clip_retention.tidy()
    assert harness.names() == []


async def test_where_the_disk_is_full_both_go_at_once(harness: ClipHarness) -> None:
    (job,) = await made(harness)
    await with_padded_clip(harness, job)
    await shown(harness)
    harness.rules = replace(RULES_OF_A_SERVICE, least_free=1 << 60)
    await harness.clip_retention.tidy()
    assert harness.names() == []


async def test_a_padded_clip_whose_clip_is_of_a_clock_that_was_ahead_goes_first_as_well(
    harness: ClipHarness,
) -> None:
    (job,) = await made(harness)
    await with_padded_clip(harness, job)
    await shown(harness)
    later = FakeClock(harness.clock.now() - timedelta(days=365))
    harness.time, harness.site_time = later, later.now  # another life, whose clock is right
    clip_retention = harness.clip_retention
    await clip_retention.tidy()
    assert len(harness.names()) == 2
    await later.advance(72 * 3600 - 600)
    await clip_retention.tidy()
    assert harness.names() == [job.file_key]
    assert await is_to_change(harness)


async def test_too_many_bytes_cost_the_padded_clip_and_leave_the_clip(harness: ClipHarness) -> None:
    (job,) = await made(harness, size=10)
    await with_padded_clip(harness, job, size=30)
    harness.rules = replace(RULES_OF_A_SERVICE, most_bytes=39)
    await shown(harness)
    await harness.clip_retention.tidy()
    assert harness.names() == [job.file_key]
    assert await is_to_change(harness)


async def test_a_padded_clip_goes_with_the_last_clip_that_has_it(harness: ClipHarness) -> None:
    jobs = await made(harness, "one", "two")
    await with_padded_clip(harness, *jobs)
    await harness.delete(jobs[0])
    assert len(harness.names()) == 2
    await harness.delete(jobs[1])
    assert harness.names() == []


async def test_a_padded_clip_that_is_not_there_is_no_longer_offered(harness: ClipHarness) -> None:
    (job,) = await made(harness)
    path = await with_padded_clip(harness, job)
    await shown(harness)
    path.unlink()
    await harness.clip_retention.tidy()
    assert (await harness.row(job)).padded_clip_key is None
    assert await is_to_change(harness)


async def ordered(harness: ClipHarness) -> ClipJob:
    """A clip whose padded clip is to be made."""
    (job,) = await made(harness)
    async with harness.store.write() as unit:
        await unit.jobs.order_padded_clip(
            PADDED_CLIP, job.order.mint, [job.id], harness.clock.now()
        )
    return job


async def test_a_padded_clip_that_is_being_made_is_waited_for_but_not_for_ever(
    harness: ClipHarness,
) -> None:
    job = await ordered(harness)
    await harness.clip_retention.tidy()
    assert (await harness.row(job)).padded_clip_key == PADDED_CLIP
    await harness.clock.advance(901)
    await harness.clip_retention.tidy()
    assert (await harness.row(job)).padded_clip_key is None


async def test_one_that_lies_there_though_its_row_could_not_say_so_goes(
    harness: ClipHarness,
) -> None:
    """The database was away for longer than whoever made it waited."""
    job = await ordered(harness)
    harness.files.path(PADDED_CLIP).write_bytes(b"mp4")
    await harness.clip_retention.tidy()
    assert (await harness.row(job)).padded_clip_key == PADDED_CLIP
    await harness.clock.advance(901)
    await harness.clip_retention.tidy()
    assert (await harness.row(job)).padded_clip_key is None
    assert harness.names() == [job.file_key]
