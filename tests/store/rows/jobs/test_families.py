"""A clip and what it is cut anew into."""

from __future__ import annotations

import pytest

from bot.model import FREE_RECUTS, ClipJob, JobState, Person, Window
from bot.store import Store
from tests.store.make_rows import (
    ANNA,
    NOW,
    WORKER,
    claim,
    fresh,
    fresh_job,
    later,
    make_target,
    order,
    send,
)
from tests.store.query_plans import plan_of
from tests.store.raw_sql import count_where, statements

BEN = Person("1002", "Ben")


def recuts_of(store: Store, parent_id: int) -> int:
    """How often it was asked for, whatever came of it."""
    return count_where(store.name, "clip_jobs", f"parent_id = {parent_id}")


async def ask(store: Store, parent: ClipJob | None = None, **changes: object) -> ClipJob:
    """A new job of the target."""
    async with store.write() as unit:
        target = await make_target(unit)
        parent_id = parent.id if parent else None
        key = f"{parent_id}, {recuts_of(store, parent_id or 0)}, {changes}"
        made = order(target, key, parent_id=parent_id, **changes)
        job, is_new = await unit.jobs.add(made, NOW)
    assert is_new
    return job


async def finish(store: Store, job: ClipJob, state: JobState = JobState.DONE) -> ClipJob:
    """Claim it, and end it so, with a file of its own."""
    async with store.write() as unit:
        if job.order.parent_id is None:
            claimed = await unit.jobs.claim(WORKER, later(1), job.id)
        else:
            claimed = await unit.jobs.claim_recut(WORKER, later(1))
        assert claimed is not None
        assert claimed.id == job.id
        await unit.jobs.finish(
            claimed,
            state,
            result="{}",
            error=None,
            file_key=f"clip-{job.id}.mp4" if state is JobState.DONE else None,
            expires_at=later(3600),
            now=later(2),
        )
    return await fresh_job(store, job)


async def shown(store: Store, job: ClipJob) -> int | None:
    async with store.read() as unit:
        found = await unit.jobs.shown(job.id)
    return found.id if found else None


async def test_the_newest_that_is_done_is_what_is_shown(store: Store) -> None:
    root = await finish(store, await ask(store))
    assert await shown(store, root) == root.id
    first = await ask(store, root, window=Window.before(later(-10), 30))
    assert await shown(store, root) == root.id, "it is not done yet"
    await finish(store, first)
    failed = await ask(store, root, window=Window.before(NOW, 40))
    await finish(store, failed, JobState.FAILED)
    for one in (root, first, failed):
        assert await shown(store, one) == first.id


async def test_a_deleted_one_is_what_stands_there_and_no_older_one(store: Store) -> None:
    root = await finish(store, await ask(store))
    recut = await finish(store, await ask(store, root))
    async with store.write() as unit:
        await unit.jobs.delete(recut.id)
    assert await shown(store, root) == recut.id


async def test_a_job_of_which_nothing_was_made_is_shown_itself(store: Store) -> None:
    root = await finish(store, await ask(store), JobState.FAILED)
    assert await shown(store, root) == root.id
    async with store.read() as unit:
        assert await unit.jobs.shown(999) is None


async def test_a_recut_waits_for_no_recording_and_takes_nobody_s_turn(store: Store) -> None:
    root = await finish(store, await ask(store))
    waiting = await ask(store, window=Window.after(NOW, 30.0))
    recut = await ask(store, root)
    async with store.write() as unit:
        assert await unit.jobs.waiting() == 1
        assert len(await unit.jobs.who_waits()) == 1
        assert await unit.jobs.queued() == (waiting,)
        assert await unit.jobs.recut_under_way(root.id) == recut
        claimed = await unit.jobs.claim_recut(WORKER, NOW)
        assert claimed is not None
        assert (claimed.id, claimed.state) == (recut.id, JobState.RUNNING)
        assert claimed.worker_id == WORKER
        assert await unit.jobs.claim_recut(WORKER, NOW) is None
        assert await unit.jobs.captures() == 0
        taken = await unit.jobs.claim(WORKER, NOW)
        assert taken is not None
        assert taken.id == waiting.id
        assert await unit.jobs.claim(WORKER, NOW) is None


async def test_the_same_window_of_two_messages_is_cut_once(store: Store) -> None:
    roots = [
        await finish(store, await ask(store, mint=f"M{number}", window=Window.before(NOW, 10)))
        for number in range(2)
    ]
    leader, follower = [await ask(store, root) for root in roots]
    assert (leader.leader_id, follower.leader_id) == (None, leader.id)
    async with store.write() as unit:
        target = await make_target(unit)
        job, _ = await unit.jobs.add(order(target, "a recording"), NOW)
    assert job.leader_id is None, "what is recorded follows nothing that is cut anew"


async def test_after_a_crash_it_waits_again(store: Store) -> None:
    root = await finish(store, await ask(store))
    recut = await ask(store, root)
    async with store.write() as unit:
        await unit.jobs.claim_recut("another", NOW)
        (again,) = await unit.jobs.recover(WORKER, NOW)
        assert (again.id, again.state) == (recut.id, JobState.QUEUED)


async def test_the_first_few_recuts_of_a_clip_are_part_of_asking_for_it(store: Store) -> None:
    root = await finish(store, await ask(store, asked_at=NOW))
    for number in range(FREE_RECUTS + 1):
        seconds = 60.0 * (number + 1)
        await finish(store, await ask(store, root, asked_at=later(seconds), person=BEN))
        async with store.read() as unit:
            assert recuts_of(store, root.id) == number + 1
            last = await unit.jobs.last_asked(place_id=root.order.place_id)
            counts = number >= FREE_RECUTS
            assert last == (later(seconds) if counts else NOW)
            assert await unit.jobs.last_asked(person_id=BEN.id) == (last if counts else None)
            assert await unit.jobs.last_asked(person_id=ANNA.id) == NOW


@pytest.mark.parametrize("state", [JobState.DONE, JobState.DELETED])
async def test_what_was_replaced_may_go_once_the_message_shows_the_new_one(
    store: Store, state: JobState
) -> None:
    root = await finish(store, await ask(store))
    async with store.write() as unit:
        await unit.deliveries.owe_clip(root.id, root.order.target_id, NOW, reply_to=None)
    (d,) = await claim(store)
    await send(store, d)
    recut = await finish(store, await ask(store, root))
    async with store.write() as unit:
        await unit.deliveries.raise_clip(recut, later(3))
        if state is JobState.DELETED:
            await unit.jobs.delete(recut.id)
        assert await unit.jobs.replaced() == ()
    (again,) = await claim(store, now=later(3))
    assert again.id == d.id
    async with store.write() as unit:
        await unit.deliveries.mark_shown(again, "m1", later(4))
        assert [job.id for job in await unit.jobs.replaced()] == [root.id]
        assert await unit.jobs.expire(await unit.jobs.replaced())
        assert await unit.jobs.replaced() == ()
    assert await shown(store, root) == recut.id
    assert (await fresh(store, d)).shown == 2


async def test_what_was_replaced_is_sought_from_the_few_that_are_cut_anew(store: Store) -> None:
    with statements() as sent:
        async with store.read() as unit:
            await unit.jobs.replaced()
    (seeking,) = [one for one in sent if "clip_jobs" in one[0]]
    plan = plan_of(store.name, *seeking)
    assert plan.whole == []
    assert "ix_clip_jobs_parent_id" in plan.indexes


async def test_what_nothing_has_replaced_stays(store: Store) -> None:
    root = await finish(store, await ask(store))
    async with store.write() as unit:
        await unit.deliveries.owe_clip(root.id, root.order.target_id, NOW, reply_to=None)
    (d,) = await claim(store)
    await send(store, d)
    await finish(store, await ask(store, root), JobState.FAILED)
    async with store.read() as unit:
        assert await unit.jobs.replaced() == ()
