"""The service makes clips that were asked for anew, and what lies around the first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import DatabaseBusy
from bot.kit.notifier import DELIVERIES, job_topic
from bot.model import ClipFailure, ClipJob, JobState, PlacedBy, RecordingFacts, SourceName, Window
from bot.store import Unit
from tests.clips.harness import MINT, RULES, ClipHarness, TightFiles, clip_harness
from tests.clips.retention.folder import PADDED_CLIP, with_padded_clip
from tests.fakes.clock import settle
from tests.fakes.failing_store import answer_lost


@pytest.fixture
async def harness(database: Path) -> AsyncIterator[ClipHarness]:
    async with clip_harness(database.parent) as made:
        yield made


def last(harness: ClipHarness, seconds: float) -> Window:
    return Window.before(harness.clock.now(), seconds)


async def clip(
    harness: ClipHarness,
    channel: str = "general",
    seconds: float = 30.0,
    recording: RecordingFacts | None = None,
) -> ClipJob:
    """What was just on air, cut of the ring, or as if of a recording; its message is there."""
    harness.ring.at_hand = last(harness, 60)
    window = last(harness, seconds)
    job = await harness.ask(channel, seconds, window=window)
    harness.ring.running[0].complete(started_at=window.begins_at, recording=recording)
    await settle()
    await shown(harness)
    return await harness.row(job)


async def shown(harness: ClipHarness) -> list[int]:
    """What a dispatcher does; the jobs whose messages it has sent or changed."""
    now, changed = harness.clock.now(), []
    async with harness.store.write() as unit:
        while claimed := await unit.deliveries.claim("local", "test", 100, now):
            for d in claimed:
                if d.message_id is None:
                    await unit.deliveries.mark_sending(d, now)
                await unit.deliveries.mark_shown(d, f"m{d.id}", now)
                changed.append(d.job_id or 0)
    return changed


async def recut(harness: ClipHarness, first: ClipJob, seconds: float, **changes: object) -> ClipJob:
    """As a press asks for it: the last seconds of the same clip."""
    window = Window.before(first.order.window.ends_at, seconds)
    values = {"window": window, "parent_id": first.id, "target_id": first.order.target_id}
    return await harness.ask("general", seconds, **(values | changes))


async def test_one_that_is_cut_anew_takes_the_place_of_the_first(harness: ClipHarness) -> None:
    async with harness.running():
        first = await clip(harness)
        with harness.notifier.listening(DELIVERIES) as hint:
            job = await recut(harness, first, 20)
            harness.ring.running[0].complete()
            await settle()
        assert hint.is_set()
    row = await harness.row(job)
    assert (row.state, row.source) == (JobState.DONE, SourceName.RING)
    assert await shown(harness) == [first.id], "its own job has no message"
    async with harness.store.read() as unit:
        found = await unit.jobs.shown(first.id)
    assert found == row


async def test_what_no_ring_has_any_more_is_cut_of_what_was_kept(harness: ClipHarness) -> None:
    async with harness.running():
        first = await clip(harness)
        harness.ring.at_hand = None
        harness.padded_clip.at_hand = first.order.window.widened(30)
        job = await recut(harness, first, 40)
        (take,) = harness.padded_clip.running
        assert take.request.window == Window.before(first.order.window.ends_at, 40)
        take.complete()
        await settle()
    assert (await harness.row(job)).source is SourceName.PADDED_CLIP


async def test_a_ring_that_breaks_off_leaves_it_to_what_was_kept(harness: ClipHarness) -> None:
    async with harness.running():
        first = await clip(harness)
        harness.padded_clip.at_hand = first.order.window.widened(30)
        job = await recut(harness, first, 40)
        harness.ring.running[0].fail(ClipFailure.WORKER_DIED)
        await settle()
        (take,) = harness.padded_clip.running
        take.complete()
        await settle()
    row = await harness.row(job)
    assert (row.state, row.source) == (JobState.DONE, SourceName.PADDED_CLIP)


async def test_the_ring_goes_before_what_was_kept(harness: ClipHarness) -> None:
    async with harness.running():
        first = await clip(harness)
        harness.padded_clip.at_hand = first.order.window.widened(30)
        await recut(harness, first, 40)
        assert (len(harness.ring.running), len(harness.padded_clip.running)) == (1, 0)


async def test_a_database_that_does_not_answer_takes_only_what_is_found_by_it(
    harness: ClipHarness,
) -> None:
    async with harness.running():
        first = await clip(harness)
        harness.padded_clip.fails_to_offer = DatabaseBusy("mintcast.db")
        await recut(harness, first, 20)
        harness.ring.running[0].complete()
        await settle()
        harness.ring.at_hand = None
        unknown = await recut(harness, first, 25)
        harness.padded_clip.fails_to_offer = None
        harness.padded_clip.fails_to_cut = DatabaseBusy("mintcast.db")
        harness.padded_clip.at_hand = first.order.window
        lost = await recut(harness, first, 15)
    rows = await harness.rows(unknown, lost)
    assert [row.error for row in rows] == [ClipFailure.NOT_AT_HAND] * 2


async def test_a_full_disk_takes_neither_the_clip_that_is_changed_nor_what_it_is_cut_of(
    harness: ClipHarness, tmp_path: Path
) -> None:
    """Another one goes, though it is younger; where that is not enough, it is not changed."""
    files = harness.files = TightFiles(tmp_path / "clips")
    files.room = 1 << 30
    harness.rules = replace(RULES, least_free=10)
    async with harness.running():
        first = await clip(harness)
        await with_padded_clip(harness, first)
        await harness.clock.advance(1)
        other = await clip(harness, "elsewhere")
        harness.ring.at_hand, harness.padded_clip.at_hand = None, first.order.window.widened(30)
        files.room = 10 + 200 + sum(files.path(name).stat().st_size for name in harness.names()) - 1
        job = await recut(harness, first, 40, max_bytes=100)
        assert (await harness.row(other)).state is JobState.EXPIRED
        harness.padded_clip.running[0].complete()
        await settle()
        assert (await harness.row(job)).state is JobState.DONE
        too_large = await recut(harness, first, 20, max_bytes=300)
    assert (await harness.row(too_large)).error == "disk-full"
    assert {PADDED_CLIP, (await harness.row(job)).file_key} <= {*harness.names()}


async def test_nobody_else_is_given_what_was_kept_around_a_clip(harness: ClipHarness) -> None:
    async with harness.running():
        harness.padded_clip.at_hand = last(harness, 60)
        job = await harness.ask("general", 30.0, window=last(harness, 30))
        assert not harness.padded_clip.takes
        assert (await harness.row(job)).order.is_ahead, "it waits for the room"


async def test_where_nothing_is_left_it_fails_and_the_first_stays(harness: ClipHarness) -> None:
    async with harness.running():
        first = await clip(harness)
        harness.ring.at_hand = None
        with harness.notifier.listening(job_topic(first.id + 1)) as hint:
            job = await recut(harness, first, 20)
        assert hint.is_set()
        assert not harness.room.takes, "what comes is no part of that clip"
    row = await harness.row(job)
    assert (row.state, row.error) == (JobState.FAILED, ClipFailure.NOT_AT_HAND)
    assert await shown(harness) == []
    assert harness.names() == [first.file_key]


async def test_it_waits_for_what_is_still_to_come(harness: ClipHarness) -> None:
    async with harness.running():
        first = await clip(harness)
        await harness.clock.advance(2)
        window = first.order.window.moved(10)
        await recut(harness, first, 30, window=window)
        assert not harness.ring.running
        await harness.clock.advance(7.9)
        assert not harness.ring.running
        harness.ring.at_hand = last(harness, 60)
        await harness.clock.advance(0.2)
        (take,) = harness.ring.running
        assert take.request.window == window


@pytest.mark.parametrize("ends", [-10.0, 8.0])
async def test_a_clock_that_is_set_back_delays_none_for_longer_than_a_button_moves_it(
    harness: ClipHarness, ends: float
) -> None:
    """Windows are of the clock of when the first clip was made."""
    async with harness.running():
        first = await clip(harness)
        harness.clock.set(-3600)
        job = await recut(harness, first, 30, window=first.order.window.moved(ends))
        await harness.clock.advance(0 if ends < 0 else 10.1)
        assert (await harness.row(job)).state is not JobState.QUEUED


async def test_what_waits_for_what_is_to_come_holds_up_nobody(harness: ClipHarness) -> None:
    async with harness.running():
        first = await clip(harness)
        window = first.order.window.moved(10)
        for more in range(9):
            await recut(harness, first, 30, window=Window.before(window.ends_at, 20.0 + more))
        harness.clock.set(-3600)
        harness.ring.at_hand = last(harness, 60)
        job = await harness.ask("general", 30.0, window=last(harness, 30))
        assert [take.request.window for take in harness.ring.running] == [job.order.window]
        harness.ring.running[0].complete()
        harness.ring.at_hand = first.order.window.widened(30)
        await harness.clock.advance(10)
        assert len(harness.ring.running) == 8


async def test_it_waits_for_no_recording(harness: ClipHarness) -> None:
    async with harness.running(concurrent=1):
        first = await clip(harness)
        await harness.ask("elsewhere", 60.0)
        await harness.ask("further away", 90.0)
        assert len(harness.room.running) == 1
        await recut(harness, first, 20)
        assert len(harness.ring.running) == 1


async def test_one_that_nobody_wants_any_more_leaves_nothing(harness: ClipHarness) -> None:
    async with harness.running():
        first = await clip(harness)
        job = await recut(harness, first, 20)
        await harness.cancel(job)
        await settle()
    assert (await harness.row(job)).state is JobState.CANCELLED
    assert await shown(harness) == []
    assert harness.names() == [first.file_key]


async def test_after_a_crash_it_is_made_all_the_same(harness: ClipHarness) -> None:
    async with harness.running():
        first = await clip(harness)
    job = await harness.add("general", 20.0, window=last(harness, 20), parent_id=first.id)
    async with harness.store.write() as unit:
        assert await unit.jobs.claim_recut("a life before", harness.clock.now(), job.id)
    await harness.clock.advance(3600)
    harness.ring.at_hand, harness.padded_clip.at_hand = None, first.order.window.widened(30)
    async with harness.running(worker_id="two"):
        harness.padded_clip.running[0].complete()
        await settle()
    assert (await harness.row(job)).state is JobState.DONE


# What lies around it


async def test_the_first_clip_has_a_padded_clip_from_its_first_showing(
    harness: ClipHarness,
) -> None:
    async with harness.running():
        harness.rings.window = last(harness, 60)
        first = await clip(harness)
        ((request, _),) = harness.rings.asked
        assert first.padded_clip_key == request.path.name
        assert request.window == Window(
            harness.clock.now() - timedelta(seconds=60), harness.clock.now() + timedelta(seconds=30)
        )
        harness.rings.complete()
        await settle()
        async with harness.store.read() as unit:
            padded_clip = await unit.jobs.padded_clip(first.padded_clip_key)
        assert padded_clip is not None
        assert (padded_clip.mint, padded_clip.window) == (MINT, request.window)
        await recut(harness, first, 20)
        harness.ring.running[0].complete(started_at=harness.clock.now())
        await settle()
        assert len(harness.rings.asked) == 1, "it serves for all that are cut anew"


async def test_all_who_share_a_clip_share_what_lies_around_it(harness: ClipHarness) -> None:
    async with harness.running():
        harness.rings.window = harness.ring.at_hand = last(harness, 60)
        window = last(harness, 30)
        jobs = [await harness.ask(name, 30.0, window=window) for name in ("one", "two")]
        harness.ring.running[0].complete(started_at=window.begins_at)
        await settle()
        rows = await harness.rows(*jobs)
        assert len({row.padded_clip_key for row in rows} - {None}) == 1
        assert len(harness.rings.asked) == 1


async def test_what_was_being_kept_when_the_service_stopped_is_there(harness: ClipHarness) -> None:
    async with harness.running():
        harness.rings.window = last(harness, 60)
        first = await clip(harness)
    async with harness.store.read() as unit:
        padded_clip = await unit.jobs.padded_clip(first.padded_clip_key)
    assert padded_clip is not None
    assert padded_clip.window is not None
    assert padded_clip.window.seconds == 40, "what there was"


async def test_a_clip_that_nobody_wants_any_more_has_none(harness: ClipHarness) -> None:
    async with harness.running():
        harness.rings.window = harness.ring.at_hand = last(harness, 60)
        window = last(harness, 30)
        job = await harness.ask("general", 30.0, window=window)
        async with harness.store.write() as unit:
            await unit.jobs.request_cancel(job.id)
        harness.ring.running[0].complete(started_at=window.begins_at)
        await settle()
        assert not harness.rings.asked
    async with harness.store.read() as unit:
        assert await unit.jobs.padded_clips() == ()


# Of the site's recording


@pytest.mark.parametrize("is_measured", [False, True])
async def test_it_is_placed_as_the_first_one_was_and_a_guess_is_mixed_with_no_ring(
    harness: ClipHarness, is_measured: bool
) -> None:
    by = PlacedBy("20261129_120000", 9.5, is_measured)
    facts = RecordingFacts(13.0, is_measured, gaps=0, longest_gap=0.0, placed_by=by)
    async with harness.running():
        first = await clip(harness, recording=facts)
        harness.padded_clip.at_hand = first.order.window.widened(30)
        await recut(harness, first, 40)
        (take,) = (harness.ring if is_measured else harness.padded_clip).running
        assert take.request.placed_by == by
        take.complete()
        await settle()


async def test_where_only_a_ring_is_left_that_has_to_do(harness: ClipHarness) -> None:
    by = PlacedBy("20261129_120000", 9.5, is_measured=False)
    facts = RecordingFacts(13.0, delay_is_measured=False, gaps=0, longest_gap=0.0, placed_by=by)
    async with harness.running():
        first = await clip(harness, recording=facts)
        await recut(harness, first, 40)
        (take,) = harness.ring.running
        take.complete()
        await settle()


async def test_one_that_was_claimed_without_a_word_is_cut_all_the_same(
    harness: ClipHarness,
) -> None:
    """The database saved the claim, and its answer was lost."""

    async def is_claimed(unit: Unit) -> bool:
        recut_job = await unit.jobs.recut_under_way(1)
        return recut_job is not None and recut_job.state is JobState.RUNNING

    async with harness.running():
        first = await clip(harness)
        with answer_lost(harness.store, is_claimed):
            await recut(harness, first, 20)
        assert harness.ring.running == []
        await harness.clock.advance(3)
        assert [take.request.seconds for take in harness.ring.running] == [20.0]
