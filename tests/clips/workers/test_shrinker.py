"""A clip that is too large for its platform is made smaller, for the one job that needs it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.clips import ClipShrinker, load_result
from bot.clips.editing import ShrinkClip, Shrunk
from bot.errors import ChildError
from bot.kit.files import poster_of
from bot.kit.notifier import JOBS
from bot.model import ClipFailure, ClipJob, JobState, NoteKind
from tests.clips.harness import ClipHarness, clip_harness
from tests.fakes.clock import settle

SIZE = 3
"""Bytes of what the fake source makes."""


@pytest.fixture
async def harness(database: Path) -> AsyncIterator[ClipHarness]:
    async with clip_harness(database.parent) as made:
        yield made


@dataclass
class FakeEncoder:
    """Writes what fits, unless `fails`; while it does, `meanwhile` happens."""

    bytes: int = 2
    fails: bool | Exception = False
    meanwhile: Callable[[], Awaitable[object]] | None = None
    asked: list[ShrinkClip] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    async def encode(self, want: ShrinkClip) -> Shrunk | ClipFailure:
        self.asked.append(want)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        if self.meanwhile is not None:
            await self.meanwhile()
        self.at_once -= 1
        if isinstance(self.fails, Exception):
            raise self.fails
        if self.fails:
            return ClipFailure.WRITE_FAILED
        size = min(self.bytes, want.max_bytes)
        Path(want.target).write_bytes(b"x" * size)
        return Shrunk(size, 640, 360, Path(want.poster or "").name)


def shrinker(harness: ClipHarness, encoder: FakeEncoder) -> ClipShrinker:
    return ClipShrinker(
        store=harness.store,
        files=harness.files,
        clip_retention=harness.clip_retention,
        encode=encoder.encode,
    )


async def made(harness: ClipHarness, *channels: str) -> list[ClipJob]:
    """A clip that these channels share."""
    async with harness.running(worker_id=f"life {harness.asked}"):
        jobs = [await harness.ask(channel) for channel in channels or ("general",)]
        harness.room.running[0].complete()
        await settle()
    return await harness.rows(*jobs)


async def test_the_row_names_the_new_file_and_the_old_one_goes(harness: ClipHarness) -> None:
    (job,) = await made(harness)
    assert await shrinker(harness, FakeEncoder()).shrink(job.id, 2)
    now = await harness.row(job)
    assert (now.state, now.expires_at) == (JobState.DONE, job.expires_at)
    assert now.file_key not in (None, job.file_key)
    assert harness.names() == [now.file_key]
    result = load_result(now.result or "")
    assert (result.bytes, result.width, result.height) == (2, 640, 360)
    assert [note.kind for note in result.notes] == [NoteKind.SECOND_ENCODE]
    assert result.poster == poster_of(now.file_key or "")
    assert result.seconds == load_result(job.result or "").seconds


async def test_who_shares_the_recording_keeps_it_as_it_is(harness: ClipHarness) -> None:
    mine, other = await made(harness, "one", "two")
    assert mine.file_key == other.file_key
    assert await shrinker(harness, FakeEncoder()).shrink(mine.id, 2)
    assert await harness.row(other) == other
    assert len(harness.names()) == 2


async def test_what_was_made_smaller_for_one_serves_all_who_share_it(
    harness: ClipHarness,
) -> None:
    jobs = await made(harness, "one", "two", "three")
    encoder = FakeEncoder()
    smaller = shrinker(harness, encoder)
    assert all(await asyncio.gather(*(smaller.shrink(job.id, 2) for job in jobs)))
    assert len(encoder.asked) == 1
    assert {row.file_key for row in await harness.rows(*jobs)} == set(harness.names())
    assert len(harness.names()) == 1


async def test_a_smaller_limit_than_anybodys_is_made_anew(harness: ClipHarness) -> None:
    jobs = await made(harness, "one", "two")
    encoder = FakeEncoder()
    smaller = shrinker(harness, encoder)
    assert await smaller.shrink(jobs[0].id, 2)
    assert await smaller.shrink(jobs[1].id, 1)
    assert [want.max_bytes for want in encoder.asked] == [2, 1]
    assert len(harness.names()) == 2


async def test_a_smaller_file_that_was_deleted_serves_nobody(harness: ClipHarness) -> None:
    jobs = await made(harness, "one", "two")
    encoder = FakeEncoder()
    smaller = shrinker(harness, encoder)
    assert await smaller.shrink(jobs[0].id, 2)
    assert await harness.delete(jobs[0])
    assert await smaller.shrink(jobs[1].id, 2)
    assert len(encoder.asked) == 2
    assert [(await harness.row(jobs[1])).file_key] == harness.names()


async def test_one_that_is_small_enough_is_left_alone(harness: ClipHarness) -> None:
    (job,) = await made(harness)
    encoder = FakeEncoder()
    assert await shrinker(harness, encoder).shrink(job.id, SIZE)
    assert not encoder.asked
    assert await harness.row(job) == job


@pytest.mark.parametrize("fails", [True, ChildError("no process"), OSError(28, "disk full")])
async def test_what_cannot_be_made_smaller_stays_as_it_is(
    harness: ClipHarness, fails: bool | Exception
) -> None:
    (job,) = await made(harness)
    assert not await shrinker(harness, FakeEncoder(fails=fails)).shrink(job.id, 2)
    assert await harness.row(job) == job
    assert harness.names() == [job.file_key]


async def test_without_room_for_a_second_file_none_is_made(harness: ClipHarness) -> None:
    (job,) = await made(harness)
    harness.rules = replace(harness.rules, least_free=1 << 60)
    encoder = FakeEncoder()
    assert not await shrinker(harness, encoder).shrink(job.id, 2)
    assert not encoder.asked


async def test_a_clip_that_is_deleted_meanwhile_stays_deleted(harness: ClipHarness) -> None:
    (job,) = await made(harness)
    encoder = FakeEncoder(meanwhile=lambda: harness.delete(job))
    assert not await shrinker(harness, encoder).shrink(job.id, 2)
    assert (await harness.row(job)).state is JobState.DELETED
    assert harness.names() == []


async def test_a_job_without_a_file_has_nothing_to_be_made_smaller(
    harness: ClipHarness,
) -> None:
    waiting = await harness.add()
    harness.notifier.notify(JOBS)
    smaller = shrinker(harness, FakeEncoder())
    assert not await smaller.shrink(waiting.id, 2)
    assert not await smaller.shrink(999, 2)


async def test_only_one_is_encoded_at_a_time(harness: ClipHarness) -> None:
    jobs = [job for name in ("one", "two") for job in await made(harness, name)]
    encoder = FakeEncoder(meanwhile=settle)
    smaller = shrinker(harness, encoder)
    await asyncio.gather(*(smaller.shrink(job.id, 2) for job in jobs))
    assert (len(encoder.asked), encoder.most_at_once) == (2, 1)


async def test_tidying_at_the_same_time_drops_no_row_whose_file_was_replaced(
    harness: ClipHarness,
) -> None:
    (job,) = await made(harness)
    async with harness.store.write() as unit:
        assert await unit.jobs.replace_file(job.id, job.file_key or "", "new-1.mp4", job.result)
        assert await unit.jobs.expire([job]) == {job.file_key}
        assert not await unit.jobs.replace_file(job.id, job.file_key or "", "x-1.mp4", None)
    assert (await harness.row(job)).state is JobState.DONE


# The process
