"""The queue of clips: rows in, files and deliveries out. Time and recordings are the test's."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clips import load_result
from bot.kit.notifier import DELIVERIES, JOBS
from bot.kit.tasks import BrokenOffError
from bot.model import (
    ClipFailure,
    ClipJob,
    ClipNote,
    ClipStatus,
    Coin,
    JobState,
    NoteKind,
    Offline,
    Phase,
    Reason,
    Unknown,
)
from tests.clips.harness import MINT, RULES, ClipHarness, clip_harness
from tests.fakes.clip_sources import MP4, FakeSite, FakeSource
from tests.fakes.clock import settle


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


def states(jobs: list[ClipJob]) -> list[JobState]:
    return [job.state for job in jobs]


async def test_a_job_becomes_a_file_a_row_and_a_delivery(
    harness: ClipHarness, source: FakeSource
) -> None:
    async with harness.store.write() as unit:
        await unit.coins.put(Coin(MINT, "M!NTY", "Minty"))
    async with harness.running():
        job = await harness.ask()
        (take,) = source.takes
        assert (await harness.row(job)).state is JobState.RUNNING
        assert take.request.seconds == 10.0
        assert take.request.max_height == 720
        take.complete()
        await settle()
        done = await harness.row(job)
    assert done.state is JobState.DONE
    assert done.file_key is not None
    assert done.file_key.startswith("m-nty-")
    assert harness.files.path(done.file_key).read_bytes() == MP4
    assert done.expires_at == harness.clock.now() + RULES.keep
    assert done.error is None
    assert done.result is not None
    assert load_result(done.result).status is ClipStatus.COMPLETE
    owed = await harness.owed()
    assert list(owed) == [job.id]
    assert owed[job.id].reply_to == "m1"
    assert owed[job.id].target_id == job.order.target_id
    assert harness.counted("complete") == 1


async def test_twenty_requests_are_recorded_in_turn_and_no_more_at_once_than_allowed(
    harness: ClipHarness, source: FakeSource
) -> None:
    jobs = [await harness.ask(mint=f"{MINT[:-2]}{number:02}") for number in range(20)]
    async with harness.running(concurrent=3):
        while source.running:
            assert len(source.running) <= 3
            source.running[0].complete()
            await settle()
    assert source.most_at_once == 3
    assert [take.request.mint for take in source.takes] == [job.order.mint for job in jobs]
    assert states(await harness.rows(*jobs)) == [JobState.DONE] * 20
    assert len(set(harness.names())) == 20
    assert set(await harness.owed()) == {job.id for job in jobs}


async def test_the_place_in_the_queue_is_told_and_moves_up(
    harness: ClipHarness, source: FakeSource
) -> None:
    part = harness.health.part("clips")
    async with harness.running(concurrent=1):
        jobs = [await harness.ask(mint=f"{MINT[:-1]}{number}") for number in range(3)]
        async with harness.store.read() as unit:
            assert [await unit.jobs.ahead(job.id) for job in jobs] == [0, 0, 1]
        assert (part.ok, part.detail) == (True, "1 recording, 2 waiting")
        places: list[int] = []
        watching = asyncio.create_task(watch_place(harness, jobs[2], places))
        await settle()
        source.running[0].complete()
        await settle()
        assert part.detail == "1 recording, 1 waiting"
        assert (places[0], places[-1]) == (1, 0)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def test_what_a_clip_lacks_is_for_the_log_and_the_state(
    harness: ClipHarness, source: FakeSource, caplog: pytest.LogCaptureFixture
) -> None:
    part = harness.health.part("clips")
    dropped, muted = ClipNote(NoteKind.FRAMES_DROPPED, 27), ClipNote(NoteKind.NO_SOUND)
    lacks = "27 frames dropped, because this machine was too busy"
    with caplog.at_level(logging.INFO, "bot.clips.job_runner"):
        async with harness.running(concurrent=1):
            job = await harness.ask()
            source.running[0].complete(None, dropped, muted)
            await settle()
            assert part.detail == f"0 recording, 0 waiting; last clip: {lacks}"
            await harness.ask(mint=f"{MINT[:-1]}1")
            source.running[0].complete()
            await settle()
            assert part.detail == "0 recording, 0 waiting"
            short = await harness.ask(mint=f"{MINT[:-1]}2")
            source.running[0].complete(4.0)
            await settle()
    assert caplog.messages == [
        f"clip {job.id} is made: {lacks}; the stream had no sound",
        f"clip {short.id} is made: 4 of 10 s, stopped",
    ]


async def watch_place(harness: ClipHarness, job: ClipJob, places: list[int]) -> None:
    """What the progress in a chat does while its job waits."""
    with harness.notifier.listening(JOBS) as hint:
        while True:
            hint.clear()
            async with harness.store.read() as unit:
                places.append(await unit.jobs.ahead(job.id))
            await hint.wait()


# Sharing and cancelling


async def test_the_same_window_asked_by_three_is_one_recording_and_three_answers(
    harness: ClipHarness, source: FakeSource
) -> None:
    async with harness.running():
        jobs = [await harness.ask(channel) for channel in ("one", "two", "three")]
        (take,) = source.takes
        take.complete()
        await settle()
    rows = await harness.rows(*jobs)
    assert states(rows) == [JobState.DONE] * 3
    assert len({row.file_key for row in rows}) == 1
    owed = await harness.owed()
    assert [owed[job.id].target_id for job in jobs] == [job.order.target_id for job in jobs]
    assert [owed[job.id].reply_to for job in jobs] == ["m1", "m2", "m3"]
    assert harness.counted("complete") == 1


@pytest.mark.parametrize("who", [0, 1, 2])
async def test_one_of_three_who_cancels_is_left_out_and_the_others_get_their_clip(
    harness: ClipHarness, source: FakeSource, who: int
) -> None:
    async with harness.running():
        jobs = [await harness.ask(channel) for channel in ("one", "two", "three")]
        assert await harness.cancel(jobs[who])
        await settle()
        (take,) = source.running
        take.complete()
        await settle()
    rows = await harness.rows(*jobs)
    assert rows[who].state is JobState.CANCELLED
    assert rows[who].file_key is None
    del rows[who], jobs[who]
    assert states(rows) == [JobState.DONE] * 2
    assert set(await harness.owed()) == {job.id for job in jobs}


async def test_a_recording_that_is_done_as_the_last_one_cancels_counts_as_cancelled(
    harness: ClipHarness, source: FakeSource
) -> None:
    async with harness.running():
        job = await harness.ask()
        async with harness.store.write() as unit:
            await unit.jobs.request_cancel(job.id)
        source.running[0].complete()  # nobody has looked at the row since
        await settle()
    assert (await harness.row(job)).state is JobState.CANCELLED
    assert (harness.counted("cancelled"), harness.counted("complete")) == (1, 0)
    assert harness.names() == []


@pytest.mark.parametrize("last", [0, 1])
async def test_when_all_have_cancelled_the_recording_ends_and_nothing_is_kept_or_owed(
    harness: ClipHarness, source: FakeSource, last: int
) -> None:
    async with harness.running():
        jobs = [await harness.ask(channel) for channel in ("one", "two")]
        (take,) = source.takes
        take.request.path.write_bytes(MP4)  # it was just about to be done
        await harness.cancel(jobs[1 - last])
        await settle()
        assert not take.is_over
        await harness.cancel(jobs[last])
        await settle()
        assert take.is_over
    assert states(await harness.rows(*jobs)) == [JobState.CANCELLED] * 2
    assert harness.names() == []
    assert await harness.owed() == {}
    assert harness.counted("cancelled") == 1


async def test_a_job_cancelled_in_the_queue_is_never_recorded_and_holds_up_nobody(
    harness: ClipHarness, source: FakeSource
) -> None:
    async with harness.running(concurrent=1):
        jobs = [await harness.ask(mint=f"{MINT[:-1]}{number}") for number in range(3)]
        assert await harness.cancel(jobs[1])
        source.running[0].complete()
        await settle()
        source.running[0].complete()
        await settle()
    assert [take.request.mint for take in source.takes] == [
        jobs[0].order.mint,
        jobs[2].order.mint,
    ]
    assert (await harness.row(jobs[1])).state is JobState.CANCELLED
    assert set(await harness.owed()) == {jobs[0].id, jobs[2].id}


async def test_what_is_over_cannot_be_cancelled(harness: ClipHarness, source: FakeSource) -> None:
    async with harness.running():
        job = await harness.ask()
        source.takes[0].complete()
        await settle()
        assert not await harness.cancel(job)
    assert (await harness.row(job)).state is JobState.DONE


# Failures


async def test_a_coin_that_is_not_live_fails_without_a_recording(
    harness: ClipHarness, source: FakeSource, site: FakeSite
) -> None:
    site.says[MINT] = Offline()
    async with harness.running():
        job = await harness.ask()
    row = await harness.row(job)
    assert (row.state, row.error) == (JobState.FAILED, "offline")
    assert source.takes == []
    assert list(await harness.owed()) == [job.id]
    assert harness.counted("failed") == 1


async def test_a_site_that_does_not_answer_is_told_as_such(
    harness: ClipHarness, source: FakeSource, site: FakeSite
) -> None:
    site.says[MINT] = Unknown(Reason.TIMEOUT)
    async with harness.running():
        job = await harness.ask()
    assert (await harness.row(job)).error == "pumpfun:timeout"
    assert source.takes == []


async def test_a_token_that_is_not_given_is_told_as_such(
    harness: ClipHarness, source: FakeSource
) -> None:
    async with harness.running():
        job = await harness.ask()
        source.takes[0].refuse(Reason.RATE_LIMITED)
        await settle()
    row = await harness.row(job)
    assert (row.state, row.error) == (JobState.FAILED, "pumpfun:rate-limited")
    assert list(await harness.owed()) == [job.id]


@pytest.mark.parametrize("failure", ClipFailure)
async def test_every_failure_of_a_recording_is_kept_by_its_code(
    harness: ClipHarness, source: FakeSource, failure: ClipFailure
) -> None:
    async with harness.running():
        job = await harness.ask()
        source.takes[0].fail(failure)
        await settle()
    row = await harness.row(job)
    assert (row.state, row.error) == (JobState.FAILED, failure.value)
    assert row.result is not None
    assert load_result(row.result).detail == "as told"
    assert (row.file_key, row.expires_at) == (None, None)
    assert list(await harness.owed()) == [job.id]


async def test_a_partial_clip_is_kept(harness: ClipHarness, source: FakeSource) -> None:
    async with harness.running():
        job = await harness.ask()
        source.takes[0].complete(seconds=4.0)
        await settle()
    row = await harness.row(job)
    assert row.state is JobState.DONE
    assert row.result is not None
    assert load_result(row.result).seconds == 4.0
    assert harness.names() == [row.file_key]
    assert harness.counted("partial") == 1


@pytest.mark.parametrize("error", [ZeroDivisionError(), None])
async def test_what_nobody_foresaw_fails_its_clip_and_disturbs_no_other(
    harness: ClipHarness,
    source: FakeSource,
    error: Exception | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An error of ours; or what it waited for was cancelled under it."""
    async with harness.running():
        first, second = await harness.ask(), await harness.ask(seconds=20.0)
        made = source.takes[0].result
        made.cancel() if error is None else made.set_exception(error)
        await settle()
        assert (await harness.row(first)).error == "broken-off"
        source.takes[1].complete()
        third = await harness.ask(seconds=30.0)
        source.takes[2].complete()
        await settle()
    assert [row.state for row in await harness.rows(second, third)] == [JobState.DONE] * 2
    assert set(await harness.owed()) == {first.id, second.id, third.id}
    (record,) = [one for one in caplog.records if one.getMessage() == "a clip broke off"]
    assert record.exc_info is not None
    logged = record.exc_info[1]
    assert isinstance(logged, BrokenOffError) if error is None else logged is error


# Progress


async def test_a_change_of_phase_is_told_at_once_and_the_rest_once_a_second(
    harness: ClipHarness, source: FakeSource
) -> None:
    async with harness.running():
        job = await harness.ask()
        follower = await harness.ask("elsewhere")
        (take,) = source.takes

        async def told() -> tuple[str | None, float]:
            await settle()
            row, other = await harness.rows(job, follower)
            assert (other.phase, other.done_seconds) == (row.phase, row.done_seconds)
            return row.phase, row.done_seconds

        assert await told() == (Phase.ASKING, 0.0)
        take.reach(Phase.JOINING)
        assert await told() == (Phase.JOINING, 0.0)
        take.reach(Phase.RECORDING, 0.1)
        assert await told() == (Phase.RECORDING, 0.1)
        await harness.clock.advance(0.9)
        take.reach(Phase.RECORDING, 1.0)
        assert await told() == (Phase.RECORDING, 0.1)
        await harness.clock.advance(0.1)
        take.reach(Phase.RECORDING, 1.1)
        assert await told() == (Phase.RECORDING, 1.1)
        take.reach(Phase.WRITING, 10.0)
        assert await told() == (Phase.WRITING, 10.0)
        take.complete()
        await settle()


async def test_whoever_watches_a_job_is_woken_by_its_progress_and_its_end(
    harness: ClipHarness, source: FakeSource
) -> None:
    async with harness.running():
        job = await harness.ask()
        follower = await harness.ask("elsewhere")
        with (
            harness.notifier.listening(f"job:{job.id}") as leads,
            harness.notifier.listening(f"job:{follower.id}") as follows,
            harness.notifier.listening(DELIVERIES) as dispatcher,
        ):
            (take,) = source.takes
            take.reach(Phase.WAITING)
            await settle()
            assert leads.is_set()
            assert follows.is_set()
            assert not dispatcher.is_set(), "there is nothing to deliver yet"
            leads.clear()
            follows.clear()
            take.complete()
            await settle()
            assert leads.is_set()
            assert follows.is_set()
            assert dispatcher.is_set()
