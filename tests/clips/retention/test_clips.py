"""When a clip goes, and whose it is until then."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.clips import retention
from bot.model import ClipJob, JobState
from tests.clips.harness import RULES as RULES_OF_A_SERVICE
from tests.clips.harness import ClipHarness
from tests.clips.retention.folder import HOUR, age, made, shown
from tests.store.raw_sql import changes


async def test_a_clip_goes_after_its_hours_and_its_row_says_so(harness: ClipHarness) -> None:
    (job,) = await made(harness)
    await harness.owed()  # shown
    await harness.clock.advance(72 * 3600 - 1)
    await harness.clip_retention.tidy()
    assert harness.names() == [job.file_key]
    await harness.clock.advance(1)
    await harness.clip_retention.tidy()
    assert harness.names() == []
    assert (await harness.row(job)).state is JobState.EXPIRED


@pytest.mark.parametrize("shown", [0, 1])
async def test_a_clip_that_a_target_has_yet_to_be_shown_stays(
    harness: ClipHarness, shown: int
) -> None:
    jobs = await made(harness, "one", "two")
    await harness.clock.advance(100 * 3600)
    async with harness.store.write() as unit:
        claimed = await unit.deliveries.claim("local", "x", 2, harness.clock.now())
        await unit.deliveries.mark_sending(claimed[shown], harness.clock.now())
        await unit.deliveries.mark_shown(claimed[shown], "m", harness.clock.now())
    await harness.clip_retention.tidy()
    assert harness.names() == [jobs[0].file_key], "the other is still in the middle of it"
    async with harness.store.write() as unit:
        await unit.deliveries.recover("local", "y", harness.clock.now())
    await harness.owed()
    await harness.clip_retention.tidy()
    assert harness.names() == []
    assert [job.state for job in await harness.rows(*jobs)] == [JobState.EXPIRED] * 2


async def test_a_target_where_nothing_can_be_posted_keeps_no_clip_beyond_its_hours(
    harness: ClipHarness,
) -> None:
    (job,) = await made(harness)
    async with harness.store.write() as unit:
        await unit.places.disable(job.order.target_id, "locked", harness.clock.now())
    await harness.clip_retention.tidy()
    assert harness.names() == [job.file_key]
    await harness.clock.advance(72 * 3600)
    await harness.clip_retention.tidy()
    assert harness.names() == []


async def test_too_many_bytes_cost_the_oldest_clip(harness: ClipHarness) -> None:
    harness.rules = replace(RULES_OF_A_SERVICE, most_bytes=25)
    kept = []
    for _ in range(3):
        kept += await made(harness, size=10)
        await harness.clock.advance(60)
    await harness.owed()
    await harness.clip_retention.tidy()
    assert harness.names() == sorted([kept[1].file_key or "", kept[2].file_key or ""])
    assert (await harness.row(kept[0])).state is JobState.EXPIRED


async def test_deleting_takes_the_file_with_the_last_who_shares_it(
    harness: ClipHarness,
) -> None:
    first, second = await made(harness, "one", "two")
    assert await harness.delete(first)
    assert harness.names() == [second.file_key]
    assert not await harness.delete(first), "it has gone already"
    assert await harness.delete(second)
    assert harness.names() == []
    assert [job.state for job in await harness.rows(first, second)] == [JobState.DELETED] * 2
    assert not await harness.clip_retention.delete(second.id + 1), "that one never was"


async def test_what_nobody_deleted_or_somebody_had_back_stays(harness: ClipHarness) -> None:
    (job,) = await made(harness)
    assert not await harness.clip_retention.delete(job.id)
    async with harness.store.write() as unit:
        assert await unit.jobs.delete(job.id)
        assert await unit.jobs.restore(job.id)
    assert not await harness.clip_retention.delete(job.id)
    assert harness.names() == [job.file_key]
    assert (await harness.row(job)).state is JobState.DONE


async def test_the_file_of_a_deleted_clip_is_swept_by_nobody(harness: ClipHarness) -> None:
    """It may be had back, however old it is."""
    (job,) = await made(harness)
    age(harness, harness.files.path(job.file_key or ""), 5)
    async with harness.store.write() as unit:
        assert await unit.jobs.delete(job.id)
    await harness.clip_retention.tidy()
    assert harness.names() == [job.file_key]


async def test_what_was_deleted_by_one_expires_for_the_other(harness: ClipHarness) -> None:
    first, second = await made(harness, "one", "two")
    await harness.owed()
    await harness.delete(first)
    await harness.clock.advance(72 * 3600)
    await harness.clip_retention.tidy()
    states = [job.state for job in await harness.rows(first, second)]
    assert states == [JobState.DELETED, JobState.EXPIRED]
    assert harness.names() == []


async def recut(harness: ClipHarness, job: ClipJob, *, is_shown: bool = True) -> ClipJob:
    """Another cut of it, which is done."""
    key = f"anew-00000000000000{job.id:02}.mp4"
    (made_anew,) = await harness.rows(await harness.add(parent_id=job.id, seconds=5.0))
    async with harness.store.write() as unit:
        claimed = await unit.jobs.claim_recut("test", harness.clock.now())
        assert claimed is not None
        await unit.jobs.finish(
            claimed,
            JobState.DONE,
            result=job.result,
            error=None,
            file_key=key,
            expires_at=harness.clock.now() + 72 * HOUR,
            now=harness.clock.now(),
        )
        assert await unit.deliveries.raise_clip(claimed, harness.clock.now())
    harness.files.path(key).write_bytes(b"abc")
    age(harness, harness.files.path(key))
    if is_shown:
        await shown(harness)
    return await harness.row(made_anew)


async def test_a_clip_goes_once_its_message_shows_another(harness: ClipHarness) -> None:
    (job,) = await made(harness)
    await shown(harness)
    anew = await recut(harness, job, is_shown=False)
    await harness.clip_retention.tidy()
    assert len(harness.names()) == 2, "the message still shows it"
    await shown(harness)
    await harness.clip_retention.tidy()
    assert harness.names() == [anew.file_key]
    assert (await harness.row(job)).state is JobState.EXPIRED


async def test_a_clip_that_another_message_shows_stays(harness: ClipHarness) -> None:
    first, second = await made(harness, "one", "two")
    await shown(harness)
    anew = await recut(harness, first)
    await harness.clip_retention.tidy()
    assert harness.names() == sorted([anew.file_key or "", second.file_key or ""])
    states = [job.state for job in await harness.rows(first, second)]
    assert states == [JobState.EXPIRED, JobState.DONE]


async def test_many_clips_go_with_one_statement_for_some_and_others_write_in_between(
    harness: ClipHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_CLIPS_AT_ONCE", 2, raising=False)
    jobs = await made(harness, "one", "two", "three")
    await shown(harness)
    await harness.clock.advance(72 * 3600)
    with changes() as changed:
        await harness.clip_retention.tidy()
    assert [len(transaction) for transaction in changed] == [1, 1]
    assert [job.state for job in await harness.rows(*jobs)] == [JobState.EXPIRED] * 3
    assert harness.names() == []


async def test_so_do_many_in_whose_place_others_are_shown(harness: ClipHarness) -> None:
    jobs = await made(harness, "one", "two")
    await shown(harness)
    for job in jobs:
        await recut(harness, job)
    with changes() as changed:
        await harness.clip_retention.tidy()
    assert [len(transaction) for transaction in changed] == [1]
    assert [job.state for job in await harness.rows(*jobs)] == [JobState.EXPIRED] * 2
    assert jobs[0].file_key not in harness.names()
