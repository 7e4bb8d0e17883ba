"""What of the clips outlives a stop, a crash, a full disk and a database that is busy."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.clips import load_result
from bot.errors import DatabaseBusy
from bot.kit.files import Files, OwnFile
from bot.kit.notifier import DELIVERIES
from bot.model import CaptureEnd, JobState, Phase
from bot.store import Store, Unit
from tests.clips.harness import MINT, RULES, ClipHarness, TightFiles, clip_harness
from tests.fakes.clip_sources import MP4, FakeSite, FakeSource
from tests.fakes.clock import settle
from tests.patience import PATIENCE
from tests.store.raw_sql import write


@pytest.fixture
async def harness(database: Path) -> AsyncIterator[ClipHarness]:
    async with clip_harness(database.parent) as made:
        yield made


@pytest.fixture
def source(harness: ClipHarness) -> FakeSource:
    return harness.room


@pytest.fixture
def site(harness: ClipHarness) -> FakeSite:
    return harness.site


async def crash(harness: ClipHarness, worker_id: str = "one", concurrent: int = 2) -> None:
    """A life that claims what it can, and is gone: nothing of it says goodbye."""
    async with harness.store.write() as unit:
        for _ in range(concurrent):
            await unit.jobs.claim(worker_id, harness.clock.now())


# Stopping


async def test_stopping_keeps_what_is_recorded_and_owes_it(
    harness: ClipHarness, source: FakeSource
) -> None:
    source.kept_seconds = 3.0
    async with harness.running(concurrent=1):
        job = await harness.ask()
        waits = await harness.ask(seconds=20.0)
    row = await harness.row(job)
    assert row.state is JobState.DONE
    assert row.result is not None
    assert load_result(row.result).end is CaptureEnd.STOPPED
    assert harness.names() == [row.file_key]
    assert list(await harness.owed()) == [job.id]
    assert (await harness.row(waits)).state is JobState.QUEUED


async def test_stopping_before_there_is_anything_leaves_it_to_the_next_life(
    harness: ClipHarness, source: FakeSource
) -> None:
    async with harness.running():
        job = await harness.ask()
    assert await harness.owed() == {}
    await harness.clock.advance(60)
    async with harness.running(worker_id="two"):
        source.takes[1].complete()
        await settle()
    row = await harness.row(job)
    assert row.state is JobState.DONE
    assert harness.names() == [row.file_key]
    assert list(await harness.owed()) == [job.id]


async def test_no_recording_is_begun_once_it_is_to_stop(
    harness: ClipHarness, source: FakeSource, site: FakeSite
) -> None:
    site.is_slow = True
    life = asyncio.create_task(harness.service().run())
    job = await harness.ask()
    life.cancel()
    await settle()
    site.answers.set()
    await asyncio.gather(life, return_exceptions=True)
    assert source.takes == []
    assert (await harness.row(job)).state is JobState.RUNNING, "for the next life to take up"


async def test_a_recording_that_does_not_end_holds_up_the_stop_for_four_seconds(
    harness: ClipHarness, source: FakeSource
) -> None:
    source.obeys = False
    clips = harness.service()
    life = asyncio.create_task(clips.run())
    job = await harness.ask()
    life.cancel()
    await harness.clock.advance(3.9)
    assert not life.done()
    await harness.clock.advance(0.1)
    with pytest.raises(asyncio.CancelledError):
        await life
    assert source.running == []
    assert (await harness.row(job)).state is JobState.RUNNING, "for the next life to take up"


async def test_a_second_signal_ends_it_now(harness: ClipHarness, source: FakeSource) -> None:
    source.obeys = False
    life = asyncio.create_task(harness.service().run())
    await harness.ask()
    life.cancel()
    await settle()
    life.cancel()
    with pytest.raises(asyncio.CancelledError):
        await life
    assert source.running == []


# Crashes


async def test_what_a_crash_cut_off_is_recorded_anew_while_it_is_young(
    harness: ClipHarness, source: FakeSource
) -> None:
    jobs = [await harness.ask("one"), await harness.ask("two"), await harness.ask(seconds=20.0)]
    await crash(harness)
    await harness.clock.advance(5 * 60)
    async with harness.running(worker_id="two"):
        for take in source.takes:
            take.complete()
        await settle()
    assert [row.state for row in await harness.rows(*jobs)] == [JobState.DONE] * 3
    assert len(source.takes) == 2
    assert set(await harness.owed()) == {job.id for job in jobs}


async def test_what_a_crash_cut_off_long_ago_has_failed_and_is_told_so(
    harness: ClipHarness, source: FakeSource
) -> None:
    jobs = [await harness.ask("one"), await harness.ask("two")]
    await crash(harness)
    await harness.clock.advance(5 * 60 + 1)
    with harness.notifier.listening(DELIVERIES) as dispatcher:
        await harness.service(worker_id="two").recover()
        assert dispatcher.is_set()
    rows = await harness.rows(*jobs)
    assert [(row.state, row.error) for row in rows] == [(JobState.FAILED, "interrupted")] * 2
    assert harness.counted("failed") == 1, "they shared a recording"
    assert source.takes == []
    assert set(await harness.owed()) == {job.id for job in jobs}


async def test_what_still_waited_is_recorded_up_to_a_quarter_of_an_hour_later(
    harness: ClipHarness, source: FakeSource
) -> None:
    old = await harness.ask()
    await harness.clock.advance(1)
    young = await harness.ask(seconds=20.0)
    await harness.clock.advance(15 * 60)
    async with harness.running(worker_id="two"):
        source.takes[0].complete()
        await settle()
    rows = await harness.rows(old, young)
    assert [row.state for row in rows] == [JobState.FAILED, JobState.DONE]
    assert rows[0].error == "interrupted"
    assert set(await harness.owed()) == {old.id, young.id}


async def test_whoever_cancelled_before_the_crash_is_not_recorded_for(
    harness: ClipHarness, source: FakeSource
) -> None:
    job = await harness.ask()
    await crash(harness)
    assert await harness.cancel(job)
    async with harness.running(worker_id="two"):
        pass
    assert (await harness.row(job)).state is JobState.CANCELLED
    assert source.takes == []
    assert await harness.owed() == {}


async def test_a_life_that_was_taken_for_dead_changes_no_row_and_leaves_no_file(
    harness: ClipHarness, source: FakeSource
) -> None:
    async with harness.running(worker_id="one"):
        job = await harness.ask()
        async with harness.store.write() as unit:
            await unit.jobs.recover("two", harness.clock.now())
            await unit.jobs.claim("two", harness.clock.now())
        source.takes[0].complete()
        await settle()
        assert harness.names() == []
        row = await harness.row(job)
    assert (row.state, row.file_key) == (JobState.RUNNING, None)
    assert await harness.owed() == {}


async def test_a_row_that_shows_nothing_fails_by_itself(
    harness: ClipHarness, source: FakeSource, database: Path
) -> None:
    """Whatever wrote it: every life of the service reads all rows that are open."""
    empty = [await harness.add(), await harness.add(seconds=20.0)]
    await crash(harness, concurrent=1)
    write(database, "UPDATE clip_jobs SET seconds = 0.0005, ends_at = begins_at")
    sound = await harness.add(seconds=30.0)
    async with harness.running(worker_id="two"):
        source.running[0].complete()
        await settle()
    assert {row.error for row in await harness.rows(*empty)} == {"empty"}
    assert (await harness.row(sound)).state is JobState.DONE
    assert set(await harness.owed()) == {job.id for job in (*empty, sound)}


async def test_lives_that_each_end_in_the_middle_lose_no_job(
    harness: ClipHarness, source: FakeSource
) -> None:
    """Each records one clip, and leaves the next one behind."""
    jobs = [await harness.ask(mint=f"{MINT[:-1]}{number}") for number in range(6)]
    for number in range(6):
        async with harness.running(worker_id=f"life {number}"):
            source.running[0].complete()
            await settle()
    rows = await harness.rows(*jobs)
    assert [row.state for row in rows] == [JobState.DONE] * 6
    assert harness.names() == sorted(row.file_key or "" for row in rows)
    assert set(await harness.owed()) == {job.id for job in jobs}


@pytest.mark.parametrize("point", ["queued", "asking", "recording", "written", "done"])
async def test_a_life_cut_off_at_any_point_is_taken_up_by_the_next(
    harness: ClipHarness, source: FakeSource, site: FakeSite, point: str
) -> None:
    """One row done, one answer owed, one file; what else lies there is swept as a stray."""
    source.obeys = False
    job = await harness.ask()
    site.is_slow = point == "asking"
    if point != "queued":
        life = asyncio.create_task(harness.service().run())
        await settle()
        if point == "written":
            source.takes[0].request.path.write_bytes(MP4)
        if point == "done":
            source.takes[0].complete()
            await settle()
        for _ in range(2):  # the second time it lets go of everything
            life.cancel()
            await settle()
        await asyncio.gather(life, return_exceptions=True)
    site.is_slow = False
    async with harness.running(worker_id="two"):
        for take in source.running:
            take.complete()
        await settle()
    row = await harness.row(job)
    assert row.state is JobState.DONE
    assert row.file_key in harness.names()
    assert list(await harness.owed()) == [job.id]
    for name in harness.names():
        os.utime(harness.files.folder / name, (0, 0))
    await harness.clip_retention.tidy()
    assert harness.names() == [row.file_key]


# The disk


async def test_a_full_disk_takes_the_oldest_clip_first_and_says_when_that_is_not_enough(
    harness: ClipHarness, source: FakeSource, tmp_path: Path
) -> None:
    files = harness.files = TightFiles(tmp_path / "clips")
    harness.rules = replace(RULES, least_free=10)
    files.room = 10 + 2 * 100 + len(MP4)
    kept = []
    async with harness.running(concurrent=1):
        for _ in range(2):
            kept.append(await harness.ask(max_bytes=100))
            source.running[0].complete()
            await settle()
            await harness.owed()  # shown
            await harness.clock.advance(1)
        third = await harness.ask(max_bytes=100)
        oldest, second = await harness.rows(*kept)
        assert [oldest.state, second.state] == [JobState.EXPIRED, JobState.DONE]
        source.running[0].complete()
        await settle()
        too_large = await harness.ask(max_bytes=300)
    rows = await harness.rows(*kept, third, too_large)
    assert [row.state for row in rows] == [
        JobState.EXPIRED, JobState.EXPIRED, JobState.DONE, JobState.FAILED,
    ]  # fmt: skip
    assert rows[-1].error == "disk-full"
    assert harness.names() == [rows[2].file_key], "that one is still owed"
    assert len(source.takes) == 3


async def test_a_folder_that_cannot_be_made_is_told_as_such(
    harness: ClipHarness, source: FakeSource, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    harness.files = Files(tmp_path / "file" / "clips")
    async with harness.running():
        job = await harness.ask()
    assert (await harness.row(job)).error == "not-writable"
    assert source.takes == []


# The database


class BusyStore(Store):
    """A database that stays locked for the next `busy` writes."""

    busy = 0

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncGenerator[Unit, None]:
        if self.busy:
            self.busy -= 1
            raise DatabaseBusy("mintcast.db")
        async with super().write() as unit:
            yield unit


@pytest.fixture
async def busy(harness: ClipHarness, tmp_path: Path) -> AsyncIterator[BusyStore]:
    async with BusyStore(tmp_path / "busy.db") as store:
        harness.store = store
        yield store


async def test_a_locked_database_delays_a_claim(
    harness: ClipHarness, source: FakeSource, busy: BusyStore
) -> None:
    job = await harness.ask()
    part = harness.health.part("clips")
    clips = harness.service()
    busy.busy = 2
    life = asyncio.create_task(clips.run())
    await harness.clock.advance(2)
    assert not part.ok
    assert source.takes == []
    await harness.clock.advance(2)
    assert part.ok
    source.takes[0].complete()
    await settle()
    life.cancel()
    await asyncio.gather(life, return_exceptions=True)
    assert (await harness.row(job)).state is JobState.DONE


async def test_a_locked_database_loses_no_progress_and_no_clip(
    harness: ClipHarness, source: FakeSource, busy: BusyStore
) -> None:
    async with harness.running():
        job = await harness.ask()
        (take,) = source.takes
        busy.busy = 1
        take.reach(Phase.RECORDING, 0.1)
        await settle()
        assert harness.health.part("clips").ok, "it failed for a moment, and works again"
        await harness.clock.advance(1)
        take.reach(Phase.RECORDING, 1.1)
        await settle()
        assert (await harness.row(job)).done_seconds == 1.1
        busy.busy = 2
        take.complete()
        await harness.clock.advance(4)
        row = await harness.row(job)
        assert row.state is JobState.DONE
    assert harness.names() == [row.file_key]
    assert list(await harness.owed()) == [job.id]


async def test_a_clip_waits_for_nobody_who_tidies_where_there_is_room(
    harness: ClipHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on = asyncio.Event()
    kept = harness.files.kept

    async def slow() -> tuple[OwnFile, ...]:
        await may_go_on.wait()
        return await kept()

    retention = harness.clip_retention
    monkeypatch.setattr(harness.files, "kept", slow)
    tidying = asyncio.create_task(retention.tidy())
    await settle()
    assert await asyncio.wait_for(retention.make_room(1), PATIENCE)
    may_go_on.set()
    await tidying


async def test_room_that_cannot_be_made_while_the_database_is_locked_is_none(
    harness: ClipHarness, source: FakeSource, busy: BusyStore, tmp_path: Path
) -> None:
    files = harness.files = TightFiles(tmp_path / "clips")
    files.room = len(MP4)
    harness.rules = replace(RULES, least_free=0)
    async with harness.running():
        await harness.ask(max_bytes=1)
        source.takes[0].complete()
        await settle()
        await harness.owed()
        busy.busy = 1
        assert not await harness.clip_retention.make_room(1)
        assert await harness.clip_retention.make_room(1)


async def test_a_clip_of_a_ring_whose_node_is_gone_begins_as_soon_as_that_is_known(
    harness: ClipHarness,
) -> None:
    async with harness.store.write() as unit:
        await unit.captures.claim([MINT], "gone", 20.0, 310)
    async with harness.running():
        job = await harness.ask()
        assert (await harness.row(job)).state is JobState.QUEUED
        write(harness.store.name, "UPDATE captures SET until = until - 600000")
        await harness.clock.advance(20)
        assert (await harness.row(job)).state is JobState.RUNNING
