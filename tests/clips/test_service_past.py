"""Clips of what was on air: cut of what is at hand, beside whatever is being recorded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clips.sources.port import ClipSources
from bot.errors import PumpfunError
from bot.model import (
    CaptureEnd,
    ClipFailure,
    ClipJob,
    JobState,
    Offline,
    Person,
    Phase,
    Reason,
    SourceName,
    Window,
)
from tests.clips.harness import MINT, ClipHarness, clip_harness
from tests.fakes.clip_sources import FakeFarSource
from tests.fakes.clock import settle

GONE = [
    ClipFailure.NOT_AT_HAND,
    ClipFailure.RECORDING_UNREACHABLE,
    ClipFailure.NO_MEDIA,
    ClipFailure.WORKER_DIED,
    ClipFailure.WORKER_SILENT,
    ClipFailure.WORKER_MEMORY,
    ClipFailure.WORKER_PROCESSOR,
    ClipFailure.CANNOT_JOIN,
    ClipFailure.ROOM_CLOSED,
    ClipFailure.REMOVED,
    ClipFailure.REPLACED,
]


@pytest.fixture
async def harness(database: Path) -> AsyncIterator[ClipHarness]:
    async with clip_harness(database.parent) as made:
        made.ring.at_hand = Window.before(made.clock.now(), 60)
        yield made


def with_recording(harness: ClipHarness) -> FakeFarSource:
    """It has what the ring has."""
    far = FakeFarSource()
    far.at_hand = harness.ring.at_hand
    harness.sources = ClipSources(
        [harness.ring], harness.room, lambda _: harness.ring.at_hand, far=far
    )
    return far


async def ask(
    harness: ClipHarness, channel: str = "general", seconds: float = 10.0, **changes: object
) -> ClipJob:
    """The last seconds, unless another window is named."""
    window = changes.pop("window", Window.before(harness.clock.now(), seconds))
    return await harness.ask(channel, seconds, window=window, **changes)


async def test_what_is_at_hand_is_cut_and_nobody_asks_whether_it_is_on_air(
    harness: ClipHarness,
) -> None:
    harness.site.says[MINT] = Offline()
    async with harness.running():
        job = await ask(harness)
        (take,) = harness.ring.takes
        assert take.request.window == job.order.window
        take.complete()
        await settle()
    row = await harness.row(job)
    assert (row.state, row.source) == (JobState.DONE, SourceName.RING)
    assert row.order.window == job.order.window
    assert harness.site.asked == []
    assert harness.room.takes == []
    assert list(await harness.owed()) == [job.id]


async def test_who_wants_the_same_shares_it_however_little_of_it_there_is(
    harness: ClipHarness,
) -> None:
    """Who wants no more than there is of it wants something else: the rest may turn up yet."""
    harness.ring.at_hand = Window.before(harness.clock.now(), 6)
    async with harness.running():
        job = await ask(harness)
        same, less = await ask(harness, "elsewhere"), await ask(harness, "far away", 6.0)
        for take in harness.ring.running:
            take.complete()
        await settle()
    assert len(harness.ring.takes) == 2
    row, shared, other = await harness.rows(job, same, less)
    assert (shared.leader_id, shared.file_key) == (job.id, row.file_key)
    assert other.leader_id is None


async def test_after_a_restart_all_of_it_is_wanted_though_a_part_was_being_cut(
    harness: ClipHarness,
) -> None:
    harness.ring.at_hand = Window.before(harness.clock.now(), 6)
    async with harness.running():
        job = await ask(harness)
    harness.ring.at_hand = job.order.window
    async with harness.running(worker_id="two"):
        assert harness.ring.takes[-1].request.window == job.order.window


@pytest.mark.parametrize("is_cancelled", [False, True])
async def test_what_was_wanted_stays_in_the_row_where_no_clip_comes_of_it(
    harness: ClipHarness, is_cancelled: bool
) -> None:
    """Whoever asks for the same once more means that."""
    harness.ring.at_hand = Window.before(harness.clock.now(), 6)
    async with harness.running():
        job = await ask(harness)
        if is_cancelled:
            await harness.cancel(job)
        else:
            harness.ring.running[0].fail(ClipFailure.DISK_FULL)
        await settle()
    row = await harness.row(job)
    assert row.state is (JobState.CANCELLED if is_cancelled else JobState.FAILED)
    assert row.order.window == job.order.window


async def test_too_little_of_it_is_not_worth_a_clip_and_the_next_seconds_are_recorded(
    harness: ClipHarness,
) -> None:
    now = harness.clock.now()
    harness.ring.at_hand = Window.before(now, 4)
    async with harness.running():
        job = await ask(harness)
        (take,) = harness.room.takes
        assert harness.ring.takes == []
        row = await harness.row(job)
        assert (row.state, row.source) == (JobState.RUNNING, SourceName.ROOM)
        assert row.order.window == Window.after(now, 10)
        take.complete()
        await settle()
        assert (await harness.row(job)).state is JobState.DONE


@pytest.mark.parametrize("failure", GONE)
async def test_where_the_ring_is_lost_meanwhile_the_next_seconds_are_recorded(
    harness: ClipHarness, failure: ClipFailure
) -> None:
    async with harness.running():
        job = await ask(harness)
        shared = await ask(harness, "elsewhere")
        harness.ring.takes[0].fail(failure)
        await settle()
        harness.room.takes[0].complete()
        await settle()
    rows = await harness.rows(job, shared)
    assert [row.state for row in rows] == [JobState.DONE] * 2
    assert [row.source for row in rows] == [SourceName.ROOM] * 2
    assert len(harness.names()) == 1


async def test_a_fault_of_our_own_is_told_and_nothing_is_recorded_for_it(
    harness: ClipHarness,
) -> None:
    async with harness.running():
        job = await ask(harness)
        harness.ring.takes[0].fail(ClipFailure.WRITE_FAILED)
        await settle()
    assert (await harness.row(job)).error == "write-failed"
    assert harness.room.takes == []


async def test_what_lies_further_back_and_is_gone_is_told(harness: ClipHarness) -> None:
    """Nobody who asked for what was two minutes ago wants what comes."""
    before = Window.before(harness.clock.now() - timedelta(seconds=120), 10)
    async with harness.running():
        job = await ask(harness, window=before)
    row = await harness.row(job)
    assert (row.state, row.error) == (JobState.FAILED, ClipFailure.NOT_AT_HAND.value)
    assert harness.room.takes == []
    assert list(await harness.owed()) == [job.id]


@pytest.mark.parametrize("when", ["offered", "cut"])
async def test_what_cannot_be_reached_is_not_told_as_gone(harness: ClipHarness, when: str) -> None:
    before = Window.before(harness.clock.now() - timedelta(seconds=40), 10)
    if when == "offered":
        harness.ring.fails_to_offer = PumpfunError(Reason.TIMEOUT)
    async with harness.running():
        job = await ask(harness, window=before)
        if when == "cut":
            harness.ring.takes[0].fail(ClipFailure.RECORDING_UNREACHABLE)
            await settle()
    row = await harness.row(job)
    assert (row.state, row.error) == (JobState.FAILED, "recording-unreachable")


async def test_where_it_cannot_be_reached_the_last_seconds_become_the_next(
    harness: ClipHarness,
) -> None:
    harness.ring.fails_to_offer = PumpfunError(Reason.UNREACHABLE)
    async with harness.running():
        job = await ask(harness)
        assert (await harness.row(job)).source is SourceName.ROOM


async def test_a_coin_that_is_off_air_by_then_is_told_as_such(harness: ClipHarness) -> None:
    harness.ring.at_hand = None
    harness.site.says[MINT] = Offline()
    async with harness.running():
        job = await ask(harness)
    assert (await harness.row(job)).error == "offline"


# Beside recordings


async def test_a_cut_waits_for_no_recording(harness: ClipHarness) -> None:
    async with harness.running(concurrent=1):
        await harness.ask(mint=f"{MINT[:-1]}1")
        await harness.ask(mint=f"{MINT[:-1]}2")
        job = await ask(harness)
        assert len(harness.room.running) == 1
        harness.ring.takes[0].complete()
        await settle()
        assert (await harness.row(job)).state is JobState.DONE


async def test_eight_are_cut_at_once_and_the_ninth_in_its_turn(harness: ClipHarness) -> None:
    harness.ring.at_hand = Window.before(harness.clock.now(), 600)
    async with harness.running(concurrent=1):
        for n in range(9):
            await ask(harness, seconds=10.0 + n)
        assert len(harness.ring.running) == 8
        harness.ring.running[0].complete()
        await settle()
        assert len(harness.ring.running) == 8


async def test_one_that_is_encoded_a_second_time_holds_up_no_cut(harness: ClipHarness) -> None:
    harness.ring.at_hand = Window.before(harness.clock.now(), 600)
    async with harness.running(concurrent=1):
        for n in range(9):
            await ask(harness, seconds=10.0 + n)
        assert len(harness.ring.running) == 8
        await harness.clock.advance(10)
        assert len(harness.ring.running) == 9


async def test_who_waits_for_the_room_because_the_ring_is_lost_waits_for_a_place_there(
    harness: ClipHarness,
) -> None:
    async with harness.running(concurrent=1):
        await harness.ask(mint=f"{MINT[:-1]}1")
        job = await ask(harness)
        harness.ring.takes[0].fail(ClipFailure.WORKER_DIED)
        await settle()
        assert len(harness.room.running) == 1
        row = await harness.row(job)
        assert (row.state, row.phase, row.source) == (JobState.QUEUED, None, None)
        harness.room.running[0].complete()
        await settle()
        assert harness.room.running[0].request.mint == MINT


async def test_who_lost_what_was_at_hand_goes_before_nobody_who_waits_for_the_room(
    harness: ClipHarness,
) -> None:
    first, second = f"{MINT[:-1]}1", f"{MINT[:-1]}2"
    async with harness.running(concurrent=1):
        await harness.ask(mint=first)
        await harness.ask(mint=second)
        await ask(harness)
        harness.ring.takes[0].fail(ClipFailure.NOT_AT_HAND)
        await settle()
        harness.room.running[0].complete()
        await settle()
        assert harness.room.running[0].request.mint == second


async def test_what_our_own_absence_has_cost_is_cut_of_another_source(harness: ClipHarness) -> None:
    recording = with_recording(harness)
    async with harness.running():
        job = await ask(harness, seconds=20.0)
        harness.ring.takes[0].complete(9.0, end=CaptureEnd.CONNECTION_LOST)
        await settle()
        recording.takes[0].complete()
        await settle()
    row = await harness.row(job)
    assert (row.state, row.source) == (JobState.DONE, SourceName.RECORDING)
    assert harness.names() == [row.file_key]


@pytest.mark.parametrize("other", [None, ClipFailure.RECORDING_UNREACHABLE, Reason.TIMEOUT, 4.0])
async def test_what_there_is_of_it_is_better_than_nothing_or_less(
    harness: ClipHarness, other: ClipFailure | Reason | float | None
) -> None:
    recording = with_recording(harness) if other is not None else None
    async with harness.running():
        job = await ask(harness, seconds=20.0)
        harness.ring.takes[0].complete(9.0, end=CaptureEnd.CONNECTION_LOST)
        await settle()
        match other:
            case Reason() if recording is not None:
                recording.takes[0].refuse(other)
            case ClipFailure() if recording is not None:
                recording.takes[0].fail(other)
            case float() if recording is not None:
                recording.takes[0].complete(other)
        await settle()
    row = await harness.row(job)
    assert (row.state, row.source) == (JobState.DONE, SourceName.RING)
    assert harness.names() == [row.file_key]
    assert len(harness.ring.takes) == 1


async def test_who_has_no_name_is_held_up_by_nobody_who_records(harness: ClipHarness) -> None:
    unnamed = Person("anonymous:7")
    async with harness.running(concurrent=2):
        await harness.ask(mint=f"{MINT[:-1]}1", person=unnamed)
        await ask(harness, person=unnamed)
        assert len(harness.ring.running) == 1


# Ends


async def test_cancelling_a_cut_leaves_nothing(harness: ClipHarness) -> None:
    async with harness.running():
        job = await ask(harness)
        (take,) = harness.ring.takes
        take.reach(Phase.WRITING)
        await harness.cancel(job)
        await settle()
        assert take.is_over
    assert (await harness.row(job)).state is JobState.CANCELLED
    assert harness.names() == []


async def test_after_a_restart_the_same_window_is_wanted_and_what_is_gone_is_recorded_anew(
    harness: ClipHarness,
) -> None:
    async with harness.running():
        job = await ask(harness)
    assert (await harness.row(job)).state is JobState.RUNNING
    harness.ring.at_hand = None
    async with harness.running(worker_id="two"):
        assert harness.room.takes[0].request.seconds == 10
        assert (await harness.row(job)).source is SourceName.ROOM


@pytest.mark.parametrize("step", [-20, -3600, 3600])
async def test_a_clock_that_is_set_while_it_waits_makes_no_other_clip_of_it(
    harness: ClipHarness, step: float
) -> None:
    harness.ring.at_hand = None
    job = await ask(harness)
    harness.clock.set(step)
    async with harness.running():
        row = await harness.row(job)
        assert (row.source, row.epoch) == (SourceName.ROOM, 1), (
            "what was there to be cut cost no turn"
        )
        assert row.order.is_ahead
        harness.room.running[0].complete()
        await settle()
    assert (await harness.row(job)).state is JobState.DONE


# What is written down


@pytest.mark.parametrize("source", ["ring", "room"])
async def test_of_a_shorter_clip_it_is_known_what_it_shows(
    harness: ClipHarness, source: str
) -> None:
    """Of 30 s that were wanted, a stream that began, or ended, in them gives 12."""
    async with harness.running():
        is_past = source == "ring"
        job = await (ask(harness, seconds=30.0) if is_past else harness.ask(seconds=30.0))
        (take,) = (harness.ring if is_past else harness.room).takes
        began = job.order.window.begins_at + timedelta(seconds=18)
        take.complete(12, started_at=began)
        await settle()
    row = await harness.row(job)
    assert row.order.window == Window.after(began, 12)
    assert (row.order.seconds, row.order.is_ahead) == (30, not is_past)


async def test_the_next_seconds_of_a_capture_that_is_open_are_still_the_next(
    harness: ClipHarness,
) -> None:
    """It begins with a group of pictures, which had begun when it was asked for."""
    async with harness.running():
        job = await harness.ask()
        harness.room.takes[0].complete(started_at=job.order.asked_at - timedelta(seconds=0.4))
        await settle()
    assert (await harness.row(job)).order.is_ahead


async def test_what_a_recording_shows_is_known_when_it_is_done(harness: ClipHarness) -> None:
    async with harness.running():
        job = await harness.ask()
        began = harness.clock.now() + timedelta(seconds=2)
        await harness.clock.advance(12)
        harness.room.takes[0].complete(started_at=began)
        await settle()
    row = await harness.row(job)
    assert row.order.window == Window.after(began, 10)


async def test_how_long_it_took_is_measured_by_source(harness: ClipHarness) -> None:
    async with harness.running():
        await ask(harness)
        await harness.clock.advance(0.2)
        harness.ring.takes[0].complete()
        await settle()
        await harness.ask()
        await harness.clock.advance(11)
        harness.room.takes[0].complete()
        await settle()
    value = harness.metrics.registry.get_sample_value
    for source, seconds in (("ring", 0.2), ("room", 11)):
        labels = {"source": source}
        assert value("mintcast_clip_file_seconds_sum", labels) == pytest.approx(seconds)
        assert value("mintcast_clip_file_seconds_count", labels) == 1
