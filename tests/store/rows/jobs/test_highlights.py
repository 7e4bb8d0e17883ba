"""Clip jobs that are a highlight of the site's own."""

from __future__ import annotations

import pytest

from bot.model import ClipJob, JobState, SourceName
from bot.store import Store
from tests.store.make_rows import NOW, WORKER, fresh_job, later, make_target, order

URL = "https://clips.pump.fun/mint/clips/one/clip.mp4"


async def ask(store: Store, key: str, channel: str = "channel", **changes: object) -> ClipJob:
    about = {"highlight_id": "one", "highlight_url": URL} | changes
    async with store.write() as unit:
        target = await make_target(unit, channel=channel)
        job, _ = await unit.jobs.add(order(target, key, **about), NOW)
    return job


async def end(store: Store, state: JobState) -> None:
    async with store.write() as unit:
        job = await unit.jobs.claim(WORKER, later(1))
        assert job is not None
        await unit.jobs.finish(
            job, state, result=None, error=None, file_key=None, expires_at=None, now=later(2)
        )


async def lately(store: Store, job: ClipJob, since: float = -60) -> int | None:
    async with store.read() as unit:
        found = await unit.jobs.highlight_lately(job.order.target_id, "one", later(since))
    return found.id if found is not None else None


async def test_the_row_says_which_it_is_and_where_it_comes_from(store: Store) -> None:
    job = await ask(store, "a")
    assert (job.order.highlight_id, job.order.highlight_url) == ("one", URL)
    async with store.write() as unit:
        claimed = await unit.jobs.claim(WORKER, NOW, ahead=False)
        assert claimed is not None
        assert await unit.jobs.note_source(claimed, SourceName.SITE)
    assert (await fresh_job(store, job)).source is SourceName.SITE


async def test_who_wants_the_same_follows_and_a_clip_of_those_seconds_does_not(
    store: Store,
) -> None:
    first = await ask(store, "a")
    assert (await ask(store, "b", "other")).leader_id == first.id
    assert (await ask(store, "c", highlight_id="two")).leader_id is None
    clip = await ask(store, "d", highlight_id=None, highlight_url=None)
    assert clip.leader_id is None
    assert (await ask(store, "e", highlight_id=None, highlight_url=None)).leader_id == clip.id


async def test_one_that_is_under_way_is_found_however_long_it_takes(store: Store) -> None:
    job = await ask(store, "a")
    assert await lately(store, job, since=1e6) == job.id
    async with store.write() as unit:
        await unit.jobs.claim(WORKER, NOW)
    assert await lately(store, job, since=1e6) == job.id


async def test_one_that_is_there_is_found_for_a_while(store: Store) -> None:
    job = await ask(store, "a")
    await end(store, JobState.DONE)
    assert await lately(store, job) == job.id
    assert await lately(store, job, since=0) is None


@pytest.mark.parametrize("wish", ["failed", "cancelled"])
async def test_one_that_came_to_nothing_is_not(store: Store, wish: str) -> None:
    job = await ask(store, "a")
    if wish == "cancelled":
        async with store.write() as unit:
            await unit.jobs.request_cancel(job.id)
    else:
        await end(store, JobState.FAILED)
    assert await lately(store, job) is None


async def test_that_of_another_channel_is_not(store: Store) -> None:
    await ask(store, "a")
    other = await ask(store, "b", "other", highlight_id="two")
    assert await lately(store, other) is None
