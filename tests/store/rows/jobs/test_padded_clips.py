"""What lies beside clips, from its order to its end."""

from __future__ import annotations

from datetime import datetime

from bot.model import ClipJob, JobState, Window
from bot.store import Store
from tests.store.make_rows import (
    MINT,
    NOW,
    OTHER_MINT,
    WORKER,
    fresh_job,
    later,
    make_target,
    order,
)

KEY = "minty-0123456789abcdef.mp4"
WINDOW = Window.before(NOW, 90)


async def ordered(store: Store, key: str = KEY, *, count: int = 1) -> list[ClipJob]:
    """Jobs of one recording that have that padded_clip, which is being made."""
    async with store.write() as unit:
        target = await make_target(unit)
        jobs = [
            (await unit.jobs.add(order(target, f"{key} {number}"), NOW))[0]
            for number in range(count)
        ]
        await unit.jobs.order_padded_clip(key, MINT, [job.id for job in jobs], NOW)
    return [await fresh_job(store, job) for job in jobs]


async def test_a_padded_clip_is_known_before_it_is_made(store: Store) -> None:
    (job,) = await ordered(store)
    assert job.padded_clip_key == KEY
    async with store.write() as unit:
        padded_clip = await unit.jobs.padded_clip(KEY)
        assert padded_clip is not None
        assert (padded_clip.mint, padded_clip.ordered_at, padded_clip.window) == (MINT, NOW, None)
        assert await unit.jobs.padded_clips() == ((padded_clip, None),)
        assert await unit.jobs.padded_clips_of(MINT) == ()
        assert await unit.jobs.keep_padded_clip(KEY, WINDOW)
        (made,) = await unit.jobs.padded_clips_of(MINT)
        assert made.window == WINDOW
        assert await unit.jobs.padded_clips_of(OTHER_MINT) == ()


async def test_all_who_share_a_clip_lose_its_padded_clip_at_once(store: Store) -> None:
    jobs = await ordered(store, count=2)
    async with store.write() as unit:
        await unit.jobs.keep_padded_clip(KEY, WINDOW)
        lost = await unit.jobs.drop_padded_clip(KEY)
        assert {job.id for job in lost} == {job.id for job in jobs}
        assert await unit.jobs.padded_clip(KEY) is None
        assert await unit.jobs.drop_padded_clip(KEY) == ()
        assert not await unit.jobs.keep_padded_clip(KEY, WINDOW), "nobody wants it any more"
    assert [(await fresh_job(store, job)).padded_clip_key for job in jobs] == [None, None]


async def test_the_oldest_comes_first(store: Store) -> None:
    async with store.write() as unit:
        await unit.jobs.order_padded_clip("b.mp4", MINT, [], later(5))
        await unit.jobs.order_padded_clip("a.mp4", MINT, [], later(9))
        assert [padded_clip.key for padded_clip, _ in await unit.jobs.padded_clips()] == [
            "b.mp4",
            "a.mp4",
        ]
        assert await unit.jobs.padded_clip(None) is None


async def finish(store: Store, job: ClipJob, *, hours: int) -> None:
    """It is done, and kept for so long."""
    async with store.write() as unit:
        is_recut = job.order.parent_id is not None
        claiming = unit.jobs.claim_recut if is_recut else unit.jobs.claim
        claimed = await claiming(WORKER, NOW)
        assert claimed is not None
        await unit.jobs.finish(
            claimed,
            JobState.DONE,
            result="{}",
            error=None,
            file_key=f"clip-{job.id}.mp4",
            expires_at=later(3600 * hours),
            now=NOW,
        )


async def expiry(store: Store) -> datetime | None:
    async with store.read() as unit:
        ((_, expires_at),) = await unit.jobs.padded_clips()
    return expires_at


async def test_it_is_needed_for_as_long_as_any_clip_of_its_families_is_there(store: Store) -> None:
    first, _ = await ordered(store, count=2)
    await finish(store, first, hours=1)
    assert await expiry(store) == later(3600)
    async with store.write() as unit:
        target = await make_target(unit)
        recut, _ = await unit.jobs.add(order(target, "anew", parent_id=first.id), NOW)
    await finish(store, recut, hours=5)
    assert await expiry(store) == later(5 * 3600)
    async with store.write() as unit:
        assert await unit.jobs.delete(recut.id)
    assert await expiry(store) == later(5 * 3600), "it can be had back"
    async with store.write() as unit:
        assert await unit.jobs.drop_deleted(recut.id)
    assert await expiry(store) == later(3600)
    async with store.write() as unit:
        assert await unit.jobs.expire(await unit.jobs.kept())
    assert await expiry(store) is None


async def test_it_goes_with_the_last_family_that_has_it(store: Store) -> None:
    first, second = await ordered(store, count=2)
    async with store.write() as unit:
        target = await make_target(unit)
        recut, _ = await unit.jobs.add(order(target, "anew", parent_id=first.id), NOW)
        assert await unit.jobs.leave_padded_clip(recut.id) is None, "the other has it still"
        assert await unit.jobs.padded_clip(KEY) is not None
        assert await unit.jobs.leave_padded_clip(second.id) == KEY
        assert await unit.jobs.leave_padded_clip(second.id) is None
        assert await unit.jobs.padded_clips() == ()


async def test_its_file_is_no_stray(store: Store) -> None:
    await ordered(store)
    async with store.read() as unit:
        assert await unit.jobs.file_keys() == {KEY}
