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
from bot.kit.files import Files
from bot.kit.notifier import DELIVERIES
from bot.model import CaptureEnd, JobState, Phase
from bot.store import Store, Unit
from tests.clips.harness import MINT, RULES, Service, clip_service
from tests.fakes.capture_pool import MP4, FakeCapturePool, FakeSite
from tests.fakes.clock import settle


@pytest.fixture
async def service(database: Path) -> AsyncIterator[Service]:
    async with clip_service(database.parent) as made:
        yield made


@pytest.fixture
def source(service: Service) -> FakeCapturePool:
    assert isinstance(service.source, FakeCapturePool)
    return service.source


@pytest.fixture
def site(service: Service) -> FakeSite:
    assert isinstance(service.site, FakeSite)
    return service.site


async def crash(service: Service, worker_id: str = "one", concurrent: int = 2) -> None:
    """A life that claims what it can, and is gone: nothing of it says goodbye."""
    async with service.store.write() as unit:
        for _ in range(concurrent):
            await unit.jobs.claim(worker_id, service.clock.now())


# Stopping


async def test_stopping_keeps_what_is_recorded_and_owes_it(
    service: Service, source: FakeCapturePool
) -> None:
    source.kept_seconds = 3.0
    async with service.running(concurrent=1):
        job = await service.ask()
        waits = await service.ask(seconds=20.0)
    row = await service.row(job)
    assert row.state is JobState.DONE
    assert row.result is not None
    assert load_result(row.result).end is CaptureEnd.STOPPED
    assert service.names() == [row.file_key]
    assert list(await service.owed()) == [job.id]
    assert (await service.row(waits)).state is JobState.QUEUED


async def test_stopping_before_there_is_anything_leaves_it_to_the_next_life(
    service: Service, source: FakeCapturePool
) -> None:
    async with service.running():
        job = await service.ask()
    assert await service.owed() == {}
    await service.clock.advance(60)
    async with service.running(worker_id="two"):
        source.takes[1].complete()
        await settle()
    row = await service.row(job)
    assert row.state is JobState.DONE
    assert service.names() == [row.file_key]
    assert list(await service.owed()) == [job.id]


async def test_no_recording_is_begun_once_it_is_to_stop(
    service: Service, source: FakeCapturePool, site: FakeSite
) -> None:
    site.is_slow = True
    life = asyncio.create_task(service.jobs().run())
    job = await service.ask()
    life.cancel()
    await settle()
    site.answers.set()
    await asyncio.gather(life, return_exceptions=True)
    assert source.takes == []
    assert (await service.row(job)).state is JobState.RUNNING, "for the next life to take up"


async def test_a_recording_that_does_not_end_holds_up_the_stop_for_four_seconds(
    service: Service, source: FakeCapturePool
) -> None:
    source.obeys = False
    clips = service.jobs()
    life = asyncio.create_task(clips.run())
    job = await service.ask()
    life.cancel()
    await service.clock.advance(3.9)
    assert not life.done()
    await service.clock.advance(0.1)
    with pytest.raises(asyncio.CancelledError):
        await life
    assert source.running == []
    assert (await service.row(job)).state is JobState.RUNNING, "for the next life to take up"


async def test_a_second_signal_ends_it_now(service: Service, source: FakeCapturePool) -> None:
    source.obeys = False
    life = asyncio.create_task(service.jobs().run())
    await service.ask()
    life.cancel()
    await settle()
    life.cancel()
    with pytest.raises(asyncio.CancelledError):
        await life
    assert source.running == []


# Crashes


async def test_what_a_crash_cut_off_is_recorded_anew_while_it_is_young(
    service: Service, source: FakeCapturePool
) -> None:
    jobs = [await service.ask("one"), await service.ask("two"), await service.ask(seconds=20.0)]
    await crash(service)
    await service.clock.advance(5 * 60)
    async with service.running(worker_id="two"):
        for take in source.takes:
            take.complete()
        await settle()
    assert [row.state for row in await service.rows(*jobs)] == [JobState.DONE] * 3
    assert len(source.takes) == 2
    assert set(await service.owed()) == {job.id for job in jobs}


async def test_what_a_crash_cut_off_long_ago_has_failed_and_is_told_so(
    service: Service, source: FakeCapturePool
) -> None:
    jobs = [await service.ask("one"), await service.ask("two")]
    await crash(service)
    await service.clock.advance(5 * 60 + 1)
    with service.notifier.listening(DELIVERIES) as dispatcher:
        await service.jobs(worker_id="two").recover()
        assert dispatcher.is_set()
    rows = await service.rows(*jobs)
    assert [(row.state, row.error) for row in rows] == [(JobState.FAILED, "interrupted")] * 2
    assert source.takes == []
    assert set(await service.owed()) == {job.id for job in jobs}


async def test_what_still_waited_is_recorded_up_to_a_quarter_of_an_hour_later(
    service: Service, source: FakeCapturePool
) -> None:
    old = await service.ask()
    await service.clock.advance(1)
    young = await service.ask(seconds=20.0)
    await service.clock.advance(15 * 60)
    async with service.running(worker_id="two"):
        source.takes[0].complete()
        await settle()
    rows = await service.rows(old, young)
    assert [row.state for row in rows] == [JobState.FAILED, JobState.DONE]
    assert rows[0].error == "interrupted"
    assert set(await service.owed()) == {old.id, young.id}


async def test_whoever_cancelled_before_the_crash_is_not_recorded_for(
    service: Service, source: FakeCapturePool
) -> None:
    job = await service.ask()
    await crash(service)
    assert await service.cancel(job)
    async with service.running(worker_id="two"):
        pass
    assert (await service.row(job)).state is JobState.CANCELLED
    assert source.takes == []
    assert await service.owed() == {}


async def test_a_life_that_was_taken_for_dead_changes_no_row_and_leaves_no_file(
    service: Service, source: FakeCapturePool
) -> None:
    async with service.running(worker_id="one"):
        job = await service.ask()
        async with service.store.write() as unit:
            await unit.jobs.recover("two", service.clock.now())
            await unit.jobs.claim("two", service.clock.now())
        source.takes[0].complete()
        await settle()
        assert service.names() == []
        row = await service.row(job)
    assert (row.state, row.file_key) == (JobState.RUNNING, None)
    assert await service.owed() == {}


async def test_lives_that_each_end_in_the_middle_lose_no_job(
    service: Service, source: FakeCapturePool
) -> None:
    """Each records one clip, and leaves the next one behind."""
    jobs = [await service.ask(mint=f"{MINT[:-1]}{number}") for number in range(6)]
    for number in range(6):
        async with service.running(worker_id=f"life {number}"):
            source.running[0].complete()
            await settle()
    rows = await service.rows(*jobs)
    assert [row.state for row in rows] == [JobState.DONE] * 6
    assert service.names() == sorted(row.file_key or "" for row in rows)
    assert set(await service.owed()) == {job.id for job in jobs}


@pytest.mark.parametrize("point", ["queued", "asking", "recording", "written", "done"])
async def test_a_life_cut_off_at_any_point_is_taken_up_by_the_next(
    service: Service, source: FakeCapturePool, site: FakeSite, point: str
) -> None:
    """One row done, one answer owed, one file; what else lies there is swept as a stray."""
    source.obeys = False
    job = await service.ask()
    site.is_slow = point == "asking"
    if point != "queued":
        life = asyncio.create_task(service.jobs().run())
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
    async with service.running(worker_id="two"):
        for take in source.running:
            take.complete()
        await settle()
    row = await service.row(job)
    assert row.state is JobState.DONE
    assert row.file_key in service.names()
    assert list(await service.owed()) == [job.id]
    for name in service.names():
        os.utime(service.files.folder / name, (0, 0))
    await service.clip_retention.tidy()
    assert service.names() == [row.file_key]


# The disk


class TightFiles(Files):
    """A disk that has room for so many bytes and no more."""

    room = 0

    async def free_bytes(self) -> int:
        self.folder.mkdir(exist_ok=True)
        return self.room - sum(path.stat().st_size for path in self.folder.iterdir())


async def test_a_full_disk_takes_the_oldest_clip_first_and_says_when_that_is_not_enough(
    service: Service, source: FakeCapturePool, tmp_path: Path
) -> None:
    files = service.files = TightFiles(tmp_path / "clips")
    service.rules = replace(RULES, least_free=10)
    files.room = 10 + 2 * 100 + len(MP4)
    kept = []
    async with service.running(concurrent=1):
        for _ in range(2):
            kept.append(await service.ask(max_bytes=100))
            source.running[0].complete()
            await settle()
            await service.owed()  # shown
            await service.clock.advance(1)
        third = await service.ask(max_bytes=100)
        oldest, second = await service.rows(*kept)
        assert [oldest.state, second.state] == [JobState.EXPIRED, JobState.DONE]
        source.running[0].complete()
        await settle()
        too_large = await service.ask(max_bytes=300)
    rows = await service.rows(*kept, third, too_large)
    assert [row.state for row in rows] == [
        JobState.EXPIRED, JobState.EXPIRED, JobState.DONE, JobState.FAILED,
    ]  # fmt: skip
    assert rows[-1].error == "disk-full"
    assert service.names() == [rows[2].file_key], "that one is still owed"
    assert len(source.takes) == 3


async def test_a_folder_that_cannot_be_made_is_told_as_such(
    service: Service, source: FakeCapturePool, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    service.files = Files(tmp_path / "file" / "clips")
    async with service.running():
        job = await service.ask()
    assert (await service.row(job)).error == "not-writable"
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
async def busy(service: Service, tmp_path: Path) -> AsyncIterator[BusyStore]:
    async with BusyStore(tmp_path / "busy.db") as store:
        service.store = store
        yield store


async def test_a_locked_database_delays_a_claim(
    service: Service, source: FakeCapturePool, busy: BusyStore
) -> None:
    job = await service.ask()
    part = service.health.part("clips")
    clips = service.jobs()
    busy.busy = 2
    life = asyncio.create_task(clips.run())
    await service.clock.advance(2)
    assert not part.ok
    assert source.takes == []
    await service.clock.advance(2)
    assert part.ok
    source.takes[0].complete()
    await settle()
    life.cancel()
    await asyncio.gather(life, return_exceptions=True)
    assert (await service.row(job)).state is JobState.DONE


async def test_a_locked_database_loses_no_progress_and_no_clip(
    service: Service, source: FakeCapturePool, busy: BusyStore
) -> None:
    async with service.running():
        job = await service.ask()
        (take,) = source.takes
        busy.busy = 1
        take.reach(Phase.RECORDING, 0.1)
        await settle()
        assert service.health.part("clips").ok, "it failed for a moment, and works again"
        await service.clock.advance(1)
        take.reach(Phase.RECORDING, 1.1)
        await settle()
        assert (await service.row(job)).done_seconds == 1.1
        busy.busy = 2
        take.complete()
        await service.clock.advance(4)
        row = await service.row(job)
        assert row.state is JobState.DONE
    assert service.names() == [row.file_key]
    assert list(await service.owed()) == [job.id]


async def test_room_that_cannot_be_made_while_the_database_is_locked_is_none(
    service: Service, source: FakeCapturePool, busy: BusyStore, tmp_path: Path
) -> None:
    files = service.files = TightFiles(tmp_path / "clips")
    files.room = len(MP4)
    service.rules = replace(RULES, least_free=0)
    async with service.running():
        await service.ask(max_bytes=1)
        source.takes[0].complete()
        await settle()
        await service.owed()
        busy.busy = 1
        assert not await service.clip_retention.make_room(1)
        assert await service.clip_retention.make_room(1)
