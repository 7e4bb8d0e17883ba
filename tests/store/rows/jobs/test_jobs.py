from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.model import (
    FREE_RETRIES,
    ClipFailure,
    ClipJob,
    JobFault,
    JobState,
    Person,
    Phase,
    SourceName,
    Window,
)
from bot.store import Store, Unit
from tests.store.make_rows import (
    ANNA,
    MINT,
    NOW,
    OTHER_MINT,
    WORKER,
    fresh_job,
    later,
    make_target,
    order,
)
from tests.store.raw_sql import write

AHEAD = Window.after(NOW, 30.0)
NOTHING: dict[str, Any] = {"result": None, "error": None, "file_key": None, "expires_at": None}


async def ask(store: Store, *request_keys: str, **changes: object) -> list[ClipJob]:
    """Jobs of one target, in this order."""
    async with store.write() as unit:
        target = await make_target(unit)
        return [
            (await unit.jobs.add(order(target, key, **changes), NOW))[0] for key in request_keys
        ]


async def claim_job(store: Store, worker_id: str = WORKER) -> ClipJob:
    async with store.write() as unit:
        job = await unit.jobs.claim(worker_id, later(1))
    assert job is not None
    return job


async def done(unit: Unit, job: ClipJob, file_key: str = "clip.mp4") -> tuple[ClipJob, ...]:
    return await unit.jobs.finish(
        job,
        JobState.DONE,
        result='{"seconds": 30}',
        error=None,
        file_key=file_key,
        expires_at=later(3600),
        now=later(40),
    )


# Asking


async def test_a_request_counts_once(store: Store) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        job, is_new = await unit.jobs.add(order(target), NOW)
        assert is_new
        assert job.order == order(target)
        assert (job.state, job.leader_id, job.epoch) == (JobState.QUEUED, None, 0)
        again, is_new = await unit.jobs.add(
            order(target, window=Window.before(NOW, 60.0)), later(5)
        )
        assert not is_new
        assert again == job


async def test_the_same_window_asked_twice_is_one_recording(store: Store) -> None:
    leader, follower, third = await ask(store, "r1", "r2", "r3")
    assert (leader.leader_id, follower.leader_id, third.leader_id) == (None, leader.id, leader.id)
    async with store.read() as unit:
        assert await unit.jobs.waiting() == 1
        assert await unit.jobs.sharers(third.id) == (leader, follower, third)
        assert await unit.jobs.queued() == (leader,)
    await claim_job(store)
    async with store.write() as unit:
        assert await unit.jobs.claim(WORKER, NOW) is None


@pytest.mark.parametrize(
    "change",
    [
        {"mint": OTHER_MINT},
        {"window": Window.before(NOW, 31.0)},
        {"window": Window.before(later(20), 30.0)},
        {"window": Window.after(NOW, 30.0)},
        {"max_bytes": 1},
    ],
)
async def test_another_window_is_another_clip(store: Store, change: dict[str, object]) -> None:
    await ask(store, "r1")
    (other,) = await ask(store, "r2", **change)
    assert other.leader_id is None


@pytest.mark.parametrize(
    ("begin", "end", "follows"),
    [(0.25, 0.25, True), (-0.25, 0.25, True), (0.3, 0.0, False), (0.0, -0.3, False)],
)
async def test_a_window_of_the_past_is_the_same_within_a_quarter_of_a_second(
    store: Store, begin: float, end: float, follows: bool
) -> None:
    (leader,) = await ask(store, "r1")
    (other,) = await ask(store, "r2", window=Window(later(begin - 30), later(end)))
    assert other.leader_id == (leader.id if follows else None)


async def test_a_window_of_the_past_is_joined_while_it_is_cut(store: Store) -> None:
    """It shows the same, however far it is; who joins late is told the source as well."""
    await ask(store, "r1")
    leader = await claim_job(store)
    async with store.write() as unit:
        assert await unit.jobs.note_source(leader, SourceName.RING)
        await unit.jobs.progress(leader, Phase.WRITING.value, 30.0)
    (late,) = await ask(store, "r2")
    assert (late.leader_id, late.state) == (leader.id, JobState.RUNNING)
    assert (late.source, late.phase) == (SourceName.RING, Phase.WRITING)


async def test_the_next_seconds_are_shared_whenever_they_were_asked_for(store: Store) -> None:
    (leader,) = await ask(store, "r1", window=AHEAD)
    changes = {"asked_at": later(20), "window": Window.after(later(20), 30.0)}
    (late,) = await ask(store, "r2", **changes)
    assert late.leader_id == leader.id
    (longer,) = await ask(store, "r3", window=Window.after(NOW, 31.0))
    assert longer.leader_id is None
    (past,) = await ask(store, "r4", asked_at=later(31), window=AHEAD)
    assert past.leader_id is None


@pytest.mark.parametrize(
    ("phase", "follows"),
    [
        (None, True),
        (Phase.ASKING, True),
        (Phase.JOINING, True),
        (Phase.WAITING, True),
        (Phase.SETTLING, True),
        (Phase.RECORDING, False),
        (Phase.RECONNECTING, False),
        (Phase.WRITING, False),
    ],
)
async def test_the_next_seconds_are_joined_until_they_have_begun(
    store: Store, phase: Phase | None, follows: bool
) -> None:
    await ask(store, "r1", window=AHEAD)
    leader = await claim_job(store)
    if phase is not None:
        async with store.write() as unit:
            await unit.jobs.progress(leader, phase.value, 0.0)
    (late,) = await ask(store, "r2", window=AHEAD)
    assert late.leader_id == (leader.id if follows else None)
    assert late.state is (JobState.RUNNING if follows else JobState.QUEUED)
    if follows:
        assert late.phase == (phase.value if phase else None)


async def test_nobody_follows_who_wants_it_no_more_or_what_is_over(store: Store) -> None:
    (first,) = await ask(store, "r1")
    async with store.write() as unit:
        await unit.jobs.request_cancel(first.id)
    (second,) = await ask(store, "r2")
    assert second.leader_id is None
    for _ in range(2):
        job = await claim_job(store)
        async with store.write() as unit:
            await done(unit, job)
    (third,) = await ask(store, "r3")
    assert third.leader_id is None


# Recording


async def test_a_window_of_next_to_nothing_is_kept_as_one(store: Store) -> None:
    """Columns have whole milliseconds."""
    (job,) = await ask(store, "r1", window=Window.before(NOW, 0.0004))
    assert job.order.window.seconds == 0.001
    claimed = await claim_job(store)
    async with store.write() as unit:
        assert await unit.jobs.note_source(claimed, SourceName.ROOM, Window.after(NOW, 0.0005))
    assert (await fresh_job(store, job)).order.window == Window.after(NOW, 0.001)


async def test_a_row_whose_window_is_empty_is_read(store: Store, database: Path) -> None:
    (job,) = await ask(store, "r1")
    write(database, "UPDATE clip_jobs SET ends_at = begins_at - 5")
    assert (await fresh_job(store, job)).order.window.seconds == 0.001


async def test_where_it_comes_from_and_what_it_shows_is_noted_for_all_who_share_it(
    store: Store,
) -> None:
    """A room's next seconds are those from when it had something to show."""
    _, follower = await ask(store, "r1", "r2", window=AHEAD)
    job, begun = await claim_job(store), Window.after(later(4), 30.0)
    async with store.write() as unit:
        assert await unit.jobs.note_source(job, SourceName.ROOM, begun)
        told = await unit.jobs.sharers(job.id)
        assert [(one.source, one.order.window) for one in told] == [(SourceName.ROOM, begun)] * 2
        assert follower.id in {one.id for one in told}
        await unit.jobs.recover("new life", NOW)
        assert not await unit.jobs.note_source(job, SourceName.RING, begun)
    again = await fresh_job(store, follower)
    assert (again.source, again.order.window) == (None, begun)


async def test_the_oldest_leader_is_claimed_first_and_its_followers_run_with_it(
    store: Store,
) -> None:
    (one,) = await ask(store, "r1")
    (two,) = await ask(store, "r2", mint=OTHER_MINT)
    (follower,) = await ask(store, "r3")
    job = await claim_job(store)
    assert (job.id, job.state, job.worker_id, job.epoch) == (one.id, JobState.RUNNING, WORKER, 1)
    assert job.started_at == later(1)
    shared = await fresh_job(store, follower)
    assert (shared.state, shared.started_at, shared.worker_id) == (JobState.RUNNING, later(1), None)
    assert (await claim_job(store)).id == two.id


async def test_progress_is_told_to_all_who_share_it(store: Store) -> None:
    _, follower = await ask(store, "r1", "r2")
    (stranger,) = await ask(store, "r3", mint=OTHER_MINT)
    job = await claim_job(store)
    async with store.write() as unit:
        assert await unit.jobs.progress(job, "recording", 12.5)
        told = await unit.jobs.sharers(job.id)
    assert [(one.phase, one.done_seconds) for one in told] == [("recording", 12.5)] * 2
    assert follower.id in {one.id for one in told}
    assert await fresh_job(store, stranger) == stranger


async def test_a_finished_recording_is_finished_for_all_who_share_it(store: Store) -> None:
    _, follower = await ask(store, "r1", "r2")
    job = await claim_job(store)
    async with store.write() as unit:
        ended = await done(unit, job)
        assert [one.id for one in ended] == [job.id, follower.id]
        for one in ended:
            assert (one.state, one.file_key) == (JobState.DONE, "clip.mp4")
            assert (one.result, one.error) == ('{"seconds": 30}', None)
            assert (one.finished_at, one.expires_at) == (later(40), later(3600))
            assert one.worker_id is None
        assert await done(unit, job) == ()
        assert await unit.jobs.sharers(job.id) == ()


async def test_a_failed_recording_says_why_to_all(store: Store) -> None:
    await ask(store, "r1", "r2")
    job = await claim_job(store)
    async with store.write() as unit:
        failed = await unit.jobs.finish(
            job, JobState.FAILED, **(NOTHING | {"error": "offline"}), now=NOW
        )
    assert [(one.state, one.error) for one in failed] == [(JobState.FAILED, "offline")] * 2


async def test_a_queued_job_can_be_given_up(store: Store) -> None:
    (job,) = await ask(store, "r1")
    async with store.write() as unit:
        (failed,) = await unit.jobs.finish(job, JobState.FAILED, **NOTHING, now=NOW)
        assert failed.state is JobState.FAILED
        assert await unit.jobs.claim(WORKER, NOW) is None


async def test_who_lost_a_recording_can_neither_tell_nor_finish_it(store: Store) -> None:
    await ask(store, "r1")
    lost = await claim_job(store)
    async with store.write() as unit:
        assert [one.id for one in await unit.jobs.recover("new life", NOW)] == [lost.id]
    job = await claim_job(store, "new life")
    assert (job.id, job.epoch) == (lost.id, 2)
    async with store.write() as unit:
        assert not await unit.jobs.progress(lost, "writing", 30.0)
        assert await done(unit, lost) == ()
    assert await fresh_job(store, job) == job


# Cancelling


async def test_a_job_is_cancelled_once_and_only_while_it_is_open(store: Store) -> None:
    (job,) = await ask(store, "r1")
    async with store.write() as unit:
        assert await unit.jobs.request_cancel(job.id)
        assert not await unit.jobs.request_cancel(job.id)
        assert not await unit.jobs.request_cancel(99)
    job = await claim_job(store)
    assert job.cancel_requested
    async with store.write() as unit:
        (ended,) = await unit.jobs.finish(job, JobState.CANCELLED, **NOTHING, now=NOW)
        assert ended.state is JobState.CANCELLED
        assert not await unit.jobs.request_cancel(job.id)


@pytest.mark.parametrize("who", [0, 1])
async def test_who_cancels_is_left_out_and_the_others_get_their_clip(
    store: Store, who: int
) -> None:
    jobs = await ask(store, "r1", "r2", "r3")
    job = await claim_job(store)
    async with store.write() as unit:
        assert await unit.jobs.request_cancel(jobs[who].id)
        wanted = [not one.cancel_requested for one in await unit.jobs.sharers(job.id)]
        assert wanted.count(False) == 1
        ended = await done(unit, job)
    states = {one.id: (one.state, one.file_key) for one in ended}
    assert states.pop(jobs[who].id) == (JobState.CANCELLED, None)
    assert list(states.values()) == [(JobState.DONE, "clip.mp4")] * 2


async def test_who_joins_a_recording_that_is_just_being_cancelled_is_queued_anew(
    store: Store,
) -> None:
    (first,) = await ask(store, "r1")
    leader = await claim_job(store)
    late = await ask(store, "r2", "r3")
    async with store.write() as unit:
        await unit.jobs.request_cancel(first.id)
        ended = await unit.jobs.finish(leader, JobState.CANCELLED, **NOTHING, now=NOW)
    assert [(one.id, one.state) for one in ended] == [(first.id, JobState.CANCELLED)]
    job = await claim_job(store)
    assert job.id == late[0].id
    assert (await fresh_job(store, late[1])).leader_id == job.id
    async with store.write() as unit:
        assert len(await done(unit, job)) == 2


# Waiting


async def test_the_place_in_the_queue_counts_recordings_that_somebody_wants(
    store: Store,
) -> None:
    windows = [Window.after(NOW, 10.0 + n) for n in range(4)]
    jobs = [(await ask(store, f"r{n}", window=windows[n]))[0] for n in range(4)]
    (follower,) = await ask(store, "f", window=windows[3])
    async with store.write() as unit:
        assert [await unit.jobs.ahead(job.id) for job in jobs] == [0, 1, 2, 3]
        assert await unit.jobs.ahead(follower.id) == 3
        await unit.jobs.request_cancel(jobs[1].id)
        assert await unit.jobs.ahead(jobs[3].id) == 2
        assert await unit.jobs.waiting() == 3
        await unit.jobs.request_cancel(jobs[3].id)
        assert await unit.jobs.waiting() == 3  # the follower still wants it
    await claim_job(store)
    async with store.read() as unit:
        assert await unit.jobs.ahead(follower.id) == 1
        assert await unit.jobs.ahead(jobs[0].id) == 0
        assert await unit.jobs.ahead(99) == 0
        assert await unit.jobs.waiting() == 2


async def test_what_only_cuts_what_is_at_hand_is_in_nobodys_way(store: Store) -> None:
    await ask(store, "r1", window=Window.before(NOW, 10.0))
    (waits,) = await ask(store, "r2", window=AHEAD)
    async with store.read() as unit:
        assert await unit.jobs.who_waits() == ((waits.order.place_id, Person(ANNA.id)),)


async def test_cool_downs_look_at_the_place_and_at_the_person(store: Store) -> None:
    bob = Person("2", "Bob")
    async with store.write() as unit:
        target, other = await make_target(unit), await make_target(unit, "other")
        await unit.jobs.add(order(target, "r1", asked_at=later(1)), NOW)
        await unit.jobs.add(order(other, "r2", asked_at=later(2), person=bob), NOW)
        last = unit.jobs.last_asked
        assert await last(place_id=target.place_id) == later(1)
        assert await last(place_id=other.place_id) == later(2)
        assert await last(person_id="1001") == later(1)
        assert await last(person_id="2", place_id=target.place_id) is None
        assert await last(person_id="3") is None


@pytest.mark.parametrize(
    ("error", "counts"),
    [
        (ClipFailure.WORKER_DIED, False),
        (JobFault.BROKEN_OFF, False),
        (JobFault.OFFLINE, True),
        ("pumpfun:timeout", True),
    ],
)
async def test_what_failed_by_our_fault_begins_no_cool_down(
    store: Store, error: str, counts: bool
) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        await unit.jobs.add(order(target, "before", mint=OTHER_MINT), NOW)
        await unit.jobs.finish(await _claimed(unit), JobState.DONE, **NOTHING, now=NOW)
        for number in range(1, FREE_RETRIES + 3):
            asked_at = later(number)
            await unit.jobs.add(order(target, f"r{number}", asked_at=asked_at), NOW)
            outcome = NOTHING | {"error": error}
            await unit.jobs.finish(await _claimed(unit), JobState.FAILED, **outcome, now=NOW)
            is_free = number <= FREE_RETRIES and not counts
            last = await unit.jobs.last_asked(place_id=target.place_id)
            assert last == (NOW if is_free else asked_at), "so often, and no more in a row"


async def _claimed(unit: Unit) -> ClipJob:
    job = await unit.jobs.claim(WORKER, NOW)
    assert job is not None
    return job


async def test_a_crash_puts_what_was_recorded_back_in_its_old_place(store: Store) -> None:
    one, follower = await ask(store, "r1", "r2")
    (two,) = await ask(store, "r3", mint=OTHER_MINT)
    job = await claim_job(store)
    async with store.write() as unit:
        await unit.jobs.progress(job, "recording", 9.0)
        (back,) = await unit.jobs.recover("new life", NOW)
        assert (back.id, back.state, back.worker_id) == (one.id, JobState.QUEUED, None)
        assert (back.phase, back.done_seconds, back.started_at) == (None, 0.0, None)
        assert await unit.jobs.recover("new life", NOW) == ()
    again = await fresh_job(store, follower)
    assert (again.state, again.phase, again.leader_id) == (JobState.QUEUED, None, one.id)
    assert [(await claim_job(store, "new life")).id for _ in range(2)] == [one.id, two.id]


async def test_ones_own_recordings_are_not_recovered_from_oneself(store: Store) -> None:
    await ask(store, "r1")
    job = await claim_job(store)
    async with store.write() as unit:
        assert await unit.jobs.recover(WORKER, NOW) == ()
        assert await unit.jobs.progress(job, "recording", 1.0)


# Files


async def test_files_are_kept_until_their_time_and_shared_until_the_last(store: Store) -> None:
    await ask(store, "r1", "r2")
    job = await claim_job(store)
    async with store.write() as unit:
        one, two = await done(unit, job)
        assert await unit.jobs.kept() == (one, two)
        assert await unit.jobs.expired(later(3599)) == ()
        assert await unit.jobs.expired(later(3600)) == (one, two)
        assert await unit.jobs.sharing("clip.mp4") == 2
        assert await unit.jobs.delete(one.id)
        assert await unit.jobs.drop_deleted(one.id)
        assert await unit.jobs.expire([one]) == frozenset(), "the other has the file"
        assert await unit.jobs.sharing("clip.mp4") == 1
        assert await unit.jobs.expired(later(3600)) == (two,)
        assert await unit.jobs.expire([two]) == {"clip.mp4"}
        assert await unit.jobs.sharing("clip.mp4") == 0
        assert await unit.jobs.kept() == ()
        states = [(await unit.jobs.get(each.id)) for each in (one, two)]
    assert [each.state for each in states if each] == [JobState.DELETED, JobState.EXPIRED]


async def test_what_has_no_file_has_none_to_drop(store: Store) -> None:
    (job,) = await ask(store, "r1")
    async with store.write() as unit:
        assert not await unit.jobs.delete(job.id)
        assert await unit.jobs.expire([job]) == frozenset()
        assert await unit.jobs.kept() == ()


async def test_kept_files_are_told_oldest_first(store: Store) -> None:
    await ask(store, "r1")
    await ask(store, "r2", mint=OTHER_MINT)
    first, second = await claim_job(store), await claim_job(store)
    async with store.write() as unit:
        for job, at in ((second, 10), (first, 20)):
            await unit.jobs.finish(
                job,
                JobState.DONE,
                result=None,
                error=None,
                file_key=f"{job.id}.mp4",
                expires_at=later(99),
                now=later(at),
            )
        assert [job.id for job in await unit.jobs.kept()] == [second.id, first.id]
    assert first.order.mint == MINT
