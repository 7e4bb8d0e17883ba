"""Highlights of the site's own: fetched as they are, beside whatever is recorded or cut."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clips import load_result
from bot.model import (
    LARGEST_HIGHLIGHT,
    ClipFailure,
    ClipJob,
    DeliveryKind,
    JobState,
    Offline,
    Reason,
    SourceName,
    Window,
)
from tests.clips.harness import MINT, ClipHarness, clip_harness
from tests.fakes.clock import settle

URL = "https://clips.pump.fun/mint/clips/one/clip.mp4"


@pytest.fixture
async def harness(database: Path) -> AsyncIterator[ClipHarness]:
    async with clip_harness(database.parent) as made:
        made.ring.at_hand = Window.before(made.clock.now(), 60)
        made.site.says[MINT] = Offline()
        yield made


async def ask(harness: ClipHarness, channel: str = "general", **changes: object) -> ClipJob:
    """A highlight of the last 12 seconds, of which the ring has all."""
    window = Window.before(harness.clock.now(), 12)
    about = {"window": window, "highlight_id": "one", "highlight_url": URL}
    return await harness.ask(channel, 12.0, **(about | changes))


async def test_it_is_fetched_whatever_is_at_hand_and_whether_it_is_on_air_or_not(
    harness: ClipHarness,
) -> None:
    async with harness.running():
        job = await ask(harness)
        (take,) = harness.fetched.takes
        assert (take.request.url, take.request.window) == (URL, job.order.window)
        take.complete(started_at=job.order.window.begins_at)
        await settle()
    row = await harness.row(job)
    assert (row.state, row.source, row.padded_clip_key) == (JobState.DONE, SourceName.SITE, None)
    assert row.order.window == job.order.window
    assert load_result(row.result or "").seconds == 12.0
    assert (harness.ring.takes, harness.room.takes, harness.site.asked) == ([], [], [])
    owed = await harness.owed()
    assert (owed[job.id].kind, owed[job.id].reply_to) == (DeliveryKind.CLIP, "m1")


async def test_nothing_is_kept_around_it(harness: ClipHarness) -> None:
    async with harness.running():
        job = await ask(harness)
        harness.fetched.takes[0].complete(started_at=job.order.window.begins_at)
        await settle()
        await harness.clock.advance(120)
    async with harness.store.read() as unit:
        assert await unit.jobs.padded_clips() == ()


async def test_those_who_want_the_same_share_one_file(harness: ClipHarness) -> None:
    async with harness.running():
        first, second = await ask(harness), await ask(harness, "news")
        other = await ask(harness, "far", highlight_id="two", highlight_url=f"{URL}?two")
        assert [take.request.url for take in harness.fetched.takes] == [URL, f"{URL}?two"]
        for take in harness.fetched.takes:
            take.complete()
        await settle()
    keys = [row.file_key for row in await harness.rows(first, second, other)]
    assert keys[0] == keys[1] != keys[2]


async def test_a_clip_of_the_same_seconds_is_cut_all_the_same(harness: ClipHarness) -> None:
    async with harness.running():
        highlight = await ask(harness)
        clip = await ask(harness, "news", highlight_id=None, highlight_url=None)
        assert (highlight.leader_id, clip.leader_id) == (None, None)
        assert (len(harness.fetched.takes), len(harness.ring.takes)) == (1, 1)
        harness.fetched.takes[0].complete()
        harness.ring.takes[0].complete()
        await settle()


async def test_what_the_site_does_not_give_is_why_there_is_none(harness: ClipHarness) -> None:
    async with harness.running():
        job = await ask(harness)
        harness.fetched.takes[0].refuse(Reason.NOT_FOUND)
        await settle()
    row = await harness.row(job)
    assert (row.state, row.error) == (JobState.FAILED, "pumpfun:not-found")
    assert job.id in await harness.owed()


@pytest.mark.parametrize("failure", [ClipFailure.NO_MEDIA, ClipFailure.WORKER_DIED])
async def test_nothing_else_takes_its_place(harness: ClipHarness, failure: ClipFailure) -> None:
    async with harness.running():
        job = await ask(harness)
        harness.fetched.takes[0].fail(failure)
        await settle()
    assert (await harness.row(job)).error == failure
    assert (harness.ring.takes, harness.room.takes) == ([], [])


async def test_there_has_to_be_room_for_what_may_come(harness: ClipHarness) -> None:
    free = await harness.files.free_bytes()
    harness.rules = type(harness.rules)(
        keep=harness.rules.keep,
        most_bytes=harness.rules.most_bytes,
        least_free=free - LARGEST_HIGHLIGHT,
    )
    async with harness.running():
        job = await ask(harness)
        await settle()
    assert (await harness.row(job)).error == ClipFailure.DISK_FULL
    assert harness.fetched.takes == []


async def test_a_restart_fetches_it_anew(harness: ClipHarness) -> None:
    async with harness.running():
        job = await ask(harness)
        assert len(harness.fetched.takes) == 1
    async with harness.running(worker_id="two"):
        harness.fetched.takes[-1].complete()
        await settle()
    assert len(harness.fetched.takes) == 2
    assert (await harness.row(job)).state is JobState.DONE


async def test_who_cancels_gets_none(harness: ClipHarness) -> None:
    async with harness.running():
        job = await ask(harness)
        await harness.cancel(job)
        await settle()
        assert (await harness.row(job)).state is JobState.CANCELLED
        assert harness.fetched.running == []
    assert harness.names() == []
