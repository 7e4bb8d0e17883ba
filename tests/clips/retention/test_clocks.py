"""A clock that is wrong costs no clip."""

from __future__ import annotations

from datetime import timedelta

from bot.model import JobState
from tests.clips.harness import ClipHarness
from tests.clips.retention.folder import made, put_picture
from tests.fakes.clock import FakeClock


async def test_a_clock_that_is_a_year_ahead_for_a_moment_removes_nothing(
    harness: ClipHarness,
) -> None:
    (job,) = await made(harness)
    await harness.owed()
    picture = await put_picture(harness, b"nobody shows it", 1)
    year = 365 * 86_400
    harness.clock.set(year)
    await harness.clip_retention.tidy()
    assert harness.names() == sorted([job.file_key or "", picture])
    harness.clock.set(-year)
    await harness.clip_retention.tidy()
    assert (await harness.row(job)).state is JobState.DONE


async def test_a_clip_has_had_its_time_when_it_is_so_by_others_too(
    harness: ClipHarness,
) -> None:
    """A clock that is a year ahead already when a life begins is known by that."""
    (job,) = await made(harness)
    await harness.owed()
    right = harness.clock.now()
    harness.time = FakeClock(right + timedelta(days=365))
    harness.site_time = lambda: None
    await harness.clip_retention.tidy()
    assert (await harness.row(job)).state is JobState.DONE
    harness.site_time = lambda: right
    await harness.clip_retention.tidy()
    assert (await harness.row(job)).state is JobState.DONE
    harness.site_time = harness.time.now
    await harness.clip_retention.tidy()
    assert (await harness.row(job)).state is JobState.EXPIRED


async def test_what_a_clock_dated_a_year_ahead_stays_for_its_hours_and_no_longer(
    harness: ClipHarness,
) -> None:
    await made(harness)
    await harness.owed()
    later = FakeClock(harness.clock.now() - timedelta(days=365))
    picture = await put_picture(harness, b"nobody shows it", 0)
    harness.time, harness.site_time = later, later.now  # another life, whose clock is right
    clip_retention = harness.clip_retention
    await clip_retention.tidy()
    assert len(harness.names()) == 2
    assert picture in harness.names()
    await later.advance(72 * 3600 - 1)
    await clip_retention.tidy()
    assert len(harness.names()) == 2
    await later.advance(2)
    await clip_retention.tidy()
    assert harness.names() == []
