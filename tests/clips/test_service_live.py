"""The clip service on the real capture pool, the real LiveKit server and a creator on air."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot import texts
from bot.clips import CapturePool, Captures, load_result
from bot.clips.sources import ClipSources, RoomSource
from bot.demo.world import World
from bot.kit.files import Files
from bot.kit.notifier import job_topic
from bot.kit.pictures.jpeg import jpeg_size
from bot.kit.timing.clock import SystemClock
from bot.model import ClipFailure, ClipJob, ClipStatus, JobState, Phase
from bot.store import Store
from tests.child_processes import children_that_run
from tests.clip_harness import judged, pumpfun
from tests.clips.harness import ServiceHarness

SMALL: dict[str, Any] = {"width": 640, "height": 360}
pytestmark = pytest.mark.soak  # `tests/e2e` shows it of the whole service in every run

OVER = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


@contextlib.asynccontextmanager
async def harness_in(world: World, folder: Path) -> AsyncIterator[ServiceHarness]:
    """The clip service as it is in earnest, asking the look-alike of `world`."""
    clock = SystemClock()
    async with (
        pumpfun(world) as site,
        CapturePool(site, keep_spare=False) as pool,
        Captures(pool, clock=clock, ring=None, longest=120.0) as captures,
        Store(folder / "mintcast.db") as store,
    ):
        sources = ClipSources([], RoomSource(captures, clock), captures.at_hand)
        yield ServiceHarness(store, Files(folder / "clips"), sources, site, clock)


class Watch:
    """Looks at a job's row whenever it is told to, as the progress in a chat does."""

    def __init__(self, harness: ServiceHarness, job: ClipJob) -> None:
        self._harness = harness
        self._job = job
        self.rows: list[ClipJob] = []

    async def until(self, phase: Phase | None = None, done_seconds: float = 0.0) -> ClipJob:
        """The row when so much is done of `phase`, or all is over."""
        with self._harness.notifier.listening(job_topic(self._job.id)) as news:
            while True:
                news.clear()
                self.rows.append(row := await self._harness.row(self._job))
                reached = row.phase == phase and row.done_seconds >= done_seconds
                if row.state in OVER or (phase is not None and reached):
                    return row
                await news.wait()

    @property
    def phases(self) -> list[str | None]:
        """Those that were seen, each once."""
        return list(dict.fromkeys(row.phase for row in self.rows))


async def test_a_row_becomes_an_mp4_and_an_answer(world: World, tmp_path: Path) -> None:
    coin = world.add_coin("ROW", "Row")
    await world.broadcast(coin, **SMALL)
    async with harness_in(world, tmp_path) as harness, harness.running():
        job = await harness.add(mint=coin.mint, seconds=2.5, max_bytes=8 << 20)
        shared = await harness.add("elsewhere", mint=coin.mint, seconds=2.5, max_bytes=8 << 20)
        watch = Watch(harness, job)
        row = await watch.until()
        other = await harness.row(shared)
        owed = await harness.owed()
    assert (row.state, row.error) == (JobState.DONE, None)
    assert other.file_key == row.file_key
    assert set(owed) == {job.id, shared.id}
    assert Phase.RECORDING in watch.phases
    assert row.result is not None
    result = load_result(row.result)
    assert result.status is ClipStatus.COMPLETE
    assert harness.names() == [result.poster, row.file_key]
    assert jpeg_size(harness.files.path(result.poster or "")) == (320, 180)
    verdict = await judged(harness.files.path(row.file_key or ""))
    assert abs(verdict.duration - 2.5) <= 0.5
    assert verdict.moov_first


async def test_a_worker_killed_in_mid_clip_is_a_failed_job_with_its_answer(
    world: World, tmp_path: Path
) -> None:
    coin = world.add_coin("SLAIN", "Slain")
    await world.broadcast(coin, **SMALL)
    async with harness_in(world, tmp_path) as harness, harness.running():
        job = await harness.add(mint=coin.mint, seconds=20.0, max_bytes=8 << 20)
        watch = Watch(harness, job)
        await watch.until(Phase.RECORDING)
        worker = children_that_run("bot.clips.capture")[0]
        os.kill(worker.pid, signal.SIGKILL)
        row = await watch.until()
        owed = await harness.owed()
    assert (row.state, row.error) == (JobState.FAILED, ClipFailure.WORKER_DIED.value)
    assert row.result is not None
    assert "SIGKILL" in load_result(row.result).detail
    assert "SIGKILL" not in texts.clips.why_no_clip(row.error)
    assert list(owed) == [job.id]
    assert harness.names() == []


async def test_a_cancelled_recording_leaves_no_process_and_no_file(
    world: World, tmp_path: Path
) -> None:
    coin = world.add_coin("ENOUGH", "Enough")
    await world.broadcast(coin, **SMALL)
    async with harness_in(world, tmp_path) as harness, harness.running():
        job = await harness.add(mint=coin.mint, seconds=20.0, max_bytes=8 << 20)
        watch = Watch(harness, job)
        await watch.until(Phase.RECORDING)
        assert await harness.cancel(job)
        assert (await watch.until()).state is JobState.CANCELLED
    assert harness.names() == []
    assert children_that_run("bot.clips.capture") == []


async def test_stopping_in_mid_clip_keeps_what_there_is(world: World, tmp_path: Path) -> None:
    coin = world.add_coin("HALF", "Half")
    await world.broadcast(coin, **SMALL)
    async with harness_in(world, tmp_path) as harness:
        async with harness.running():
            job = await harness.add(mint=coin.mint, seconds=20.0, max_bytes=8 << 20)
            watch = Watch(harness, job)
            await watch.until(Phase.RECORDING, 1.0)
        row = await harness.row(job)
        owed = await harness.owed()
    assert row.state is JobState.DONE
    assert row.result is not None
    result = load_result(row.result)
    assert result.status is ClipStatus.PARTIAL
    assert "the bot was stopped" in texts.clips.why_short(result, 20.0)
    assert list(owed) == [job.id]
    verdict = await judged(harness.files.path(row.file_key or ""))
    assert verdict.duration > 0.5
