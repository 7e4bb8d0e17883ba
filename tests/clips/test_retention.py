"""Which clips and pictures stay: the choice, pure, and the folder with its rows."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clips.retention import KeptClip, Rules, choose
from bot.kit.files import Files, poster_of
from bot.model import Broadcast, ClipJob, Coin, JobState, StreamState
from tests.clips.harness import RULES as RULES_OF_A_SERVICE
from tests.clips.harness import ClipHarness, clip_harness
from tests.fakes.clock import FakeClock, settle

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
RULES = Rules(keep=72 * HOUR, most_bytes=1000, least_free=100)
PLENTY = 10_000


def clip(
    name: str, age: float, size: int = 100, *, is_owed: bool = False, is_stock: bool = False
) -> KeptClip:
    """One that was made `age` hours ago, and is kept for 72."""
    made_at = NOW - age * HOUR
    return KeptClip(f"{name}.mp4", size, made_at, made_at + 72 * HOUR, is_owed, is_stock)


clips = st.lists(
    st.builds(
        clip,
        st.uuids().map(str),
        st.integers(0, 100),
        st.integers(0, 500),
        is_owed=st.booleans(),
        is_stock=st.booleans(),
    ),
    max_size=12,
)
rules = st.builds(
    Rules, keep=st.just(72 * HOUR), most_bytes=st.integers(0, 3000), least_free=st.integers(0, 3000)
)
frees = st.integers(0, 4000)


def test_nothing_goes_without_need() -> None:
    assert choose([clip("a", 1), clip("b", 71)], NOW, PLENTY, RULES) == ()


def test_what_has_had_its_time_goes() -> None:
    old, young = clip("old", 72), clip("young", 71.9)
    assert choose([young, old], NOW, PLENTY, RULES) == (old,)


def test_the_oldest_go_until_the_rest_is_small_enough() -> None:
    kept = [clip(str(age), age, size=400) for age in (1, 4, 2, 3)]
    assert [gone.key for gone in choose(kept, NOW, PLENTY, RULES)] == ["4.mp4", "3.mp4"]


def test_the_oldest_go_until_the_disk_has_room() -> None:
    kept = [clip(str(age), age, size=30) for age in (1, 4, 2, 3)]
    assert [gone.key for gone in choose(kept, NOW, 50, RULES)] == ["4.mp4", "3.mp4"]


def test_what_expired_counts_before_anything_younger_goes() -> None:
    expired, young = clip("expired", 80, size=600), clip("young", 1, size=600)
    assert choose([expired, young], NOW, 0, RULES) == (expired,)


def test_what_is_still_owed_stays_whatever_the_rules_say() -> None:
    kept = [clip("owed", 99, size=5000, is_owed=True), clip("shown", 1, size=10)]
    assert [gone.key for gone in choose(kept, NOW, 0, RULES)] == ["shown.mp4"]


def test_what_lies_beside_clips_goes_before_any_clip() -> None:
    kept = [clip("old", 70), clip("young", 1), clip("beside", 0, is_stock=True)]
    assert [gone.key for gone in choose(kept, NOW, 50, RULES)] == ["beside.mp4"]
    assert [gone.key for gone in choose(kept, NOW, -50, RULES)] == ["beside.mp4", "old.mp4"]


@given(clips, frees, rules)
def test_the_choice_keeps_its_rules(kept: list[KeptClip], free: int, rules: Rules) -> None:
    gone = choose(kept, NOW, free, rules)
    connection = [clip for clip in kept if clip not in gone]
    may_go = [clip for clip in connection if not clip.is_owed]
    assert len(set(gone)) == len(gone)
    assert not [clip for clip in gone if clip.is_owed]
    assert not [clip for clip in may_go if clip.expires_at <= NOW]
    room = free + sum(clip.bytes for clip in gone)
    fits = sum(clip.bytes for clip in connection) <= rules.most_bytes and room >= rules.least_free
    assert fits or not may_go, "it stops only where the rules hold, or nothing more may go"


@given(clips, frees, rules)
def test_the_choice_is_the_oldest_and_no_more_than_needed(
    kept: list[KeptClip], free: int, rules: Rules
) -> None:
    gone = choose(kept, NOW, free, rules)
    early = [clip for clip in gone if clip.expires_at > NOW]
    connection = [clip for clip in kept if clip not in gone and not clip.is_owed]
    if not early:
        return
    last = early[-1]
    like_it = [clip for clip in connection if clip.is_stock is last.is_stock]
    assert all(last.made_at <= clip.made_at for clip in like_it)
    assert last.is_stock or not any(clip.is_stock for clip in connection)
    room = free + sum(clip.bytes for clip in gone) - last.bytes
    total = sum(clip.bytes for clip in kept if clip not in gone) + last.bytes
    assert total > rules.most_bytes or room < rules.least_free, "the last one need not have gone"


@given(clips, frees, rules, st.randoms())
def test_the_choice_does_not_depend_on_the_order(
    kept: list[KeptClip], free: int, rules: Rules, random: Random
) -> None:
    before = choose(kept, NOW, free, rules)
    random.shuffle(kept)
    assert choose(kept, NOW, free, rules) == before


# The folder


@pytest.fixture
async def harness(database: Path) -> AsyncIterator[ClipHarness]:
    async with clip_harness(database.parent) as made:
        yield made


async def made(harness: ClipHarness, *channels: str, size: int = 3) -> list[ClipJob]:
    """A clip that these channels share, and nobody has been shown yet."""
    async with harness.running(worker_id=f"life {harness.asked}"):
        jobs = [await harness.ask(channel) for channel in channels or ("general",)]
        harness.room.running[0].complete()
        await settle()
    rows = await harness.rows(*jobs)
    path = harness.files.path(rows[0].file_key or "")
    path.write_bytes(b"x" * size)
    age(harness, path)
    return rows


def age(harness: ClipHarness, path: Path, hours: float = 0.0) -> Path:
    """As if it had been changed so many hours ago, by the service's clock."""
    at = (harness.clock.now() - hours * HOUR).timestamp()
    os.utime(path, (at, at))
    return path


async def put_picture(harness: ClipHarness, data: bytes, hours: float) -> str:
    key = await harness.files.put_picture(data)
    age(harness, harness.files.path(key), hours)
    return key


async def test_a_clip_goes_after_its_hours_and_its_row_says_so(harness: ClipHarness) -> None:
    (job,) = await made(harness)
    await harness.owed()  # shown
    await harness.clock.advance(72 * 3600 - 1)
    await harness.clip_retention.tidy()
    assert harness.names() == [job.file_key]
    await harness.clock.advance(1)
    await harness.clip_retention.tidy()
    assert harness.names() == []
    assert (await harness.row(job)).state is JobState.EXPIRED


@pytest.mark.parametrize("shown", [0, 1])
async def test_a_clip_that_a_target_has_yet_to_be_shown_stays(
    harness: ClipHarness, shown: int
) -> None:
    jobs = await made(harness, "one", "two")
    await harness.clock.advance(100 * 3600)
    async with harness.store.write() as unit:
        claimed = await unit.deliveries.claim("local", "x", 2, harness.clock.now())
        await unit.deliveries.mark_sending(claimed[shown], harness.clock.now())
        await unit.deliveries.mark_shown(claimed[shown], "m", harness.clock.now())
    await harness.clip_retention.tidy()
    assert harness.names() == [jobs[0].file_key], "the other is still in the middle of it"
    async with harness.store.write() as unit:
        await unit.deliveries.recover("local", "y", harness.clock.now())
    await harness.owed()
    await harness.clip_retention.tidy()
    assert harness.names() == []
    assert [job.state for job in await harness.rows(*jobs)] == [JobState.EXPIRED] * 2


async def test_a_target_where_nothing_can_be_posted_keeps_no_clip_beyond_its_hours(
    harness: ClipHarness,
) -> None:
    (job,) = await made(harness)
    async with harness.store.write() as unit:
        await unit.places.disable(job.order.target_id, "locked", harness.clock.now())
    await harness.clip_retention.tidy()
    assert harness.names() == [job.file_key]
    await harness.clock.advance(72 * 3600)
    await harness.clip_retention.tidy()
    assert harness.names() == []


async def test_too_many_bytes_cost_the_oldest_clip(harness: ClipHarness) -> None:
    harness.rules = replace(RULES_OF_A_SERVICE, most_bytes=25)
    kept = []
    for _ in range(3):
        kept += await made(harness, size=10)
        await harness.clock.advance(60)
    await harness.owed()
    await harness.clip_retention.tidy()
    assert harness.names() == sorted([kept[1].file_key or "", kept[2].file_key or ""])
    assert (await harness.row(kept[0])).state is JobState.EXPIRED


async def test_deleting_takes_the_file_with_the_last_who_shares_it(
    harness: ClipHarness,
) -> None:
    first, second = await made(harness, "one", "two")
    assert await harness.delete(first)
    assert harness.names() == [second.file_key]
    assert not await harness.delete(first), "it has gone already"
    assert await harness.delete(second)
    assert harness.names() == []
    assert [job.state for job in await harness.rows(first, second)] == [JobState.DELETED] * 2
    assert not await harness.clip_retention.delete(second.id + 1), "that one never was"


async def test_what_nobody_deleted_or_somebody_had_back_stays(harness: ClipHarness) -> None:
    (job,) = await made(harness)
    assert not await harness.clip_retention.delete(job.id)
    async with harness.store.write() as unit:
        assert await unit.jobs.delete(job.id)
        assert await unit.jobs.restore(job.id)
    assert not await harness.clip_retention.delete(job.id)
    assert harness.names() == [job.file_key]
    assert (await harness.row(job)).state is JobState.DONE


async def test_the_file_of_a_deleted_clip_is_swept_by_nobody(harness: ClipHarness) -> None:
    """It may be had back, however old it is."""
    (job,) = await made(harness)
    age(harness, harness.files.path(job.file_key or ""), 5)
    async with harness.store.write() as unit:
        assert await unit.jobs.delete(job.id)
    await harness.clip_retention.tidy()
    assert harness.names() == [job.file_key]


async def test_what_was_deleted_by_one_expires_for_the_other(harness: ClipHarness) -> None:
    first, second = await made(harness, "one", "two")
    await harness.owed()
    await harness.delete(first)
    await harness.clock.advance(72 * 3600)
    await harness.clip_retention.tidy()
    states = [job.state for job in await harness.rows(first, second)]
    assert states == [JobState.DELETED, JobState.EXPIRED]
    assert harness.names() == []


STOCK = "minty-00000000000000aa.mp4"


async def with_stock(harness: ClipHarness, *jobs: ClipJob, size: int = 9) -> Path:
    """What lies beside the clip of these jobs."""
    path, now = harness.files.path(STOCK), harness.clock.now()
    async with harness.store.write() as unit:
        await unit.jobs.order_stock(STOCK, jobs[0].order.mint, [job.id for job in jobs], now)
        assert await unit.jobs.keep_stock(STOCK, jobs[0].order.window.widened(30))
    path.write_bytes(b"x" * size)
    return age(harness, path)


async def shown(harness: ClipHarness) -> None:
    """Everything that is owed is shown."""
    now = harness.clock.now()
    async with harness.store.write() as unit:
        while claimed := await unit.deliveries.claim("local", "test", 100, now):
            for d in claimed:
                if d.message_id is None:
                    await unit.deliveries.mark_sending(d, now)
                await unit.deliveries.mark_shown(d, f"m{d.id}", now)


async def is_to_change(harness: ClipHarness) -> bool:
    """Whether some message is to be looked at again."""
    async with harness.store.write() as unit:
        claimed = await unit.deliveries.claim("local", "test", 100, harness.clock.now())
        for d in claimed:
            await unit.deliveries.mark_shown(d, d.message_id or "", harness.clock.now())
    return bool(claimed)


async def test_a_stock_goes_a_little_before_its_clip_and_the_buttons_with_it(
    harness: ClipHarness,
) -> None:
    (job,) = await made(harness)
    await with_stock(harness, job)
    await shown(harness)
    await harness.clip_retention.tidy()
    assert len(harness.names()) == 2
    assert not await is_to_change(harness)
    await harness.clock.advance(72 * 3600 - 600)
    with harness.notifier.listening("deliveries") as hint:
        await harness.clip_retention.tidy()
    assert hint.is_set()
    assert harness.names() == [job.file_key]
    assert (await harness.row(job)).stock_key is None
    assert await is_to_change(harness)


async def test_where_both_have_had_their_time_the_buttons_go_before_the_clip(
    harness: ClipHarness,
) -> None:
    """The service was off: the edit that takes them away may need the file."""
    (job,) = await made(harness)
    await with_stock(harness, job)
    await shown(harness)
    await harness.clock.advance(73 * 3600)
    await harness.clip_retention.tidy()
    assert harness.names() == [job.file_key]
    assert await is_to_change(harness)
    await harness.clip_retention.tidy()
    assert harness.names() == []


async def test_where_the_disk_is_full_both_go_at_once(harness: ClipHarness) -> None:
    (job,) = await made(harness)
    await with_stock(harness, job)
    await shown(harness)
    harness.rules = replace(RULES_OF_A_SERVICE, least_free=1 << 60)
    await harness.clip_retention.tidy()
    assert harness.names() == []


async def test_a_stock_whose_clip_is_of_a_clock_that_was_ahead_goes_first_as_well(
    harness: ClipHarness,
) -> None:
    (job,) = await made(harness)
    await with_stock(harness, job)
    await shown(harness)
    later = FakeClock(harness.clock.now() - timedelta(days=365))
    harness.time, harness.site_time = later, later.now  # another life, whose clock is right
    clip_retention = harness.clip_retention
    await clip_retention.tidy()
    assert len(harness.names()) == 2
    await later.advance(72 * 3600 - 600)
    await clip_retention.tidy()
    assert harness.names() == [job.file_key]
    assert await is_to_change(harness)


async def test_too_many_bytes_cost_the_stock_and_leave_the_clip(harness: ClipHarness) -> None:
    (job,) = await made(harness, size=10)
    await with_stock(harness, job, size=30)
    harness.rules = replace(RULES_OF_A_SERVICE, most_bytes=39)
    await shown(harness)
    await harness.clip_retention.tidy()
    assert harness.names() == [job.file_key]
    assert await is_to_change(harness)


async def test_a_stock_goes_with_the_last_clip_that_has_it(harness: ClipHarness) -> None:
    jobs = await made(harness, "one", "two")
    await with_stock(harness, *jobs)
    await harness.delete(jobs[0])
    assert len(harness.names()) == 2
    await harness.delete(jobs[1])
    assert harness.names() == []


async def test_a_stock_that_is_not_there_is_no_longer_offered(harness: ClipHarness) -> None:
    (job,) = await made(harness)
    path = await with_stock(harness, job)
    await shown(harness)
    path.unlink()
    await harness.clip_retention.tidy()
    assert (await harness.row(job)).stock_key is None
    assert await is_to_change(harness)


async def test_a_stock_that_is_being_made_is_waited_for_but_not_for_ever(
    harness: ClipHarness,
) -> None:
    (job,) = await made(harness)
    async with harness.store.write() as unit:
        await unit.jobs.order_stock(STOCK, job.order.mint, [job.id], harness.clock.now())
    await harness.clip_retention.tidy()
    assert (await harness.row(job)).stock_key == STOCK
    await harness.clock.advance(901)
    await harness.clip_retention.tidy()
    assert (await harness.row(job)).stock_key is None


async def recut(harness: ClipHarness, job: ClipJob, *, is_shown: bool = True) -> ClipJob:
    """Another cut of it, which is done."""
    key = f"anew-00000000000000{job.id:02}.mp4"
    (made_anew,) = await harness.rows(await harness.add(parent_id=job.id, seconds=5.0))
    async with harness.store.write() as unit:
        claimed = await unit.jobs.claim_recut("test", harness.clock.now())
        assert claimed is not None
        await unit.jobs.finish(
            claimed,
            JobState.DONE,
            result=job.result,
            error=None,
            file_key=key,
            expires_at=harness.clock.now() + 72 * HOUR,
            now=harness.clock.now(),
        )
        assert await unit.deliveries.raise_clip(claimed, harness.clock.now())
    harness.files.path(key).write_bytes(b"abc")
    age(harness, harness.files.path(key))
    if is_shown:
        await shown(harness)
    return await harness.row(made_anew)


async def test_a_clip_goes_once_its_message_shows_another(harness: ClipHarness) -> None:
    (job,) = await made(harness)
    await shown(harness)
    anew = await recut(harness, job, is_shown=False)
    await harness.clip_retention.tidy()
    assert len(harness.names()) == 2, "the message still shows it"
    await shown(harness)
    await harness.clip_retention.tidy()
    assert harness.names() == [anew.file_key]
    assert (await harness.row(job)).state is JobState.EXPIRED


async def test_a_clip_that_another_message_shows_stays(harness: ClipHarness) -> None:
    first, second = await made(harness, "one", "two")
    await shown(harness)
    anew = await recut(harness, first)
    await harness.clip_retention.tidy()
    assert harness.names() == sorted([anew.file_key or "", second.file_key or ""])
    states = [job.state for job in await harness.rows(first, second)]
    assert states == [JobState.EXPIRED, JobState.DONE]


async def test_a_poster_stays_and_goes_with_its_clip(harness: ClipHarness) -> None:
    (job,) = await made(harness)
    key = job.file_key or ""
    poster, stray = harness.files.path(poster_of(key)), "gone-0123456789abcdef.jpg"
    for path in (poster, harness.files.path(stray)):
        path.write_bytes(b"jpeg")
        age(harness, path, 2)
    await harness.owed()
    await harness.clip_retention.tidy()
    assert harness.names() == sorted([key, poster.name]), "the one without a clip is swept"
    await harness.delete(job)
    assert harness.names() == []


async def test_a_row_whose_file_somebody_removed_expires(harness: ClipHarness) -> None:
    (job,) = await made(harness)
    harness.files.path(job.file_key or "").unlink()
    await harness.clip_retention.tidy()
    assert (await harness.row(job)).state is JobState.EXPIRED


async def test_what_is_left_over_goes_after_an_hour_and_nothing_of_others(
    harness: ClipHarness,
) -> None:
    (job,) = await made(harness)
    folder = harness.files.folder
    key = harness.files.new_key("minty", "mp4")
    for name, hours in (
        (key, 1.1),
        (f".{key}.7.part", 1.1),
        (harness.files.new_key("young", "mp4"), 0.9),
        (".young-0123456789abcdef.mp4.7.part", 0.9),
        ("holiday.mp4", 999),
    ):
        (folder / name).write_bytes(b"")
        age(harness, folder / name, hours)
    age(harness, harness.files.path(job.file_key or ""), 2)
    before = set(harness.names())
    await harness.clip_retention.tidy()
    assert before - set(harness.names()) == {key, f".{key}.7.part"}


async def test_pictures_stay_while_a_coin_or_a_stream_shows_them(harness: ClipHarness) -> None:
    now = harness.clock.now()
    keys = {
        name: await put_picture(harness, name.encode(), hours)
        for name, hours in (
            ("coin", 99), ("open", 99), ("ended lately", 99), ("ended", 99), ("none", 72.1),
            ("young", 71.9),
        )
    }  # fmt: skip
    async with harness.store.write() as unit:
        await unit.coins.put(Coin("A"))
        await unit.coins.set_picture("A", keys["coin"])
        for mint, name, ended_at in (
            ("A", "open", None),
            ("B", "ended lately", now - 71 * HOUR),
            ("C", "ended", now - 73 * HOUR),
        ):
            stream = await unit.streams.insert(mint, broadcast(now - 99 * HOUR, None))
            await unit.streams.set_picture(stream, keys[name])
            if ended_at is not None:
                await unit.streams.update(stream, broadcast(now - 99 * HOUR, ended_at))
    await harness.clip_retention.tidy()
    left = {name for name, key in keys.items() if key in harness.names()}
    assert left == {"coin", "open", "ended lately", "young"}


def broadcast(began: datetime, ended_at: datetime | None) -> Broadcast:
    state = StreamState.LIVE if ended_at is None else StreamState.ENDED
    return Broadcast(state, began, ended_at or began, site_id=1, ended_at=ended_at)


async def test_a_file_that_cannot_be_removed_disturbs_nobody(harness: ClipHarness) -> None:
    (job,) = await made(harness)
    (other,) = await made(harness)
    await harness.owed()
    stubborn = harness.files.path(job.file_key or "")

    class Stubborn(Files):
        async def delete(self, key: str) -> None:
            if key == stubborn.name:
                raise PermissionError(13, "Permission denied")
            await super().delete(key)

    harness.files = Stubborn(harness.files.folder)
    await harness.clock.advance(72 * 3600)
    await harness.clip_retention.tidy()
    assert harness.names() == []  # what had no row any more was swept as a stray
    assert [row.state for row in await harness.rows(job, other)] == [JobState.EXPIRED] * 2


async def test_a_clock_that_is_a_year_ahead_for_a_moment_removes_nothing(
    harness: ClipHarness,
) -> None:
    (job,) = await made(harness)
    await harness.owed()
    picture = await put_picture(harness, b"nobody shows it", 1)
    year = 365 * 86_400
    harness.clock.set(year)
    await harness.clip_retention.tidy()
    assert harness.names() == sorted([job.file_key or "", picture])
    harness.clock.set(-year)
    await harness.clip_retention.tidy()
    assert (await harness.row(job)).state is JobState.DONE


async def test_a_clip_has_had_its_time_when_it_is_so_by_others_too(
    harness: ClipHarness,
) -> None:
    """A clock that is a year ahead already when a life begins is known by that."""
    (job,) = await made(harness)
    await harness.owed()
    right = harness.clock.now()
    harness.time = FakeClock(right + timedelta(days=365))
    harness.site_time = lambda: None
    await harness.clip_retention.tidy()
    assert (await harness.row(job)).state is JobState.DONE
    harness.site_time = lambda: right
    await harness.clip_retention.tidy()
    assert (await harness.row(job)).state is JobState.DONE
    harness.site_time = harness.time.now
    await harness.clip_retention.tidy()
    assert (await harness.row(job)).state is JobState.EXPIRED


async def test_what_a_clock_dated_a_year_ahead_stays_for_its_hours_and_no_longer(
    harness: ClipHarness,
) -> None:
    await made(harness)
    await harness.owed()
    later = FakeClock(harness.clock.now() - timedelta(days=365))
    picture = await put_picture(harness, b"nobody shows it", 0)
    harness.time, harness.site_time = later, later.now  # another life, whose clock is right
    clip_retention = harness.clip_retention
    await clip_retention.tidy()
    assert len(harness.names()) == 2
    assert picture in harness.names()
    await later.advance(72 * 3600 - 1)
    await clip_retention.tidy()
    assert len(harness.names()) == 2
    await later.advance(2)
    await clip_retention.tidy()
    assert harness.names() == []


async def test_the_health_says_what_the_disk_has_left(harness: ClipHarness, tmp_path: Path) -> None:
    part = harness.health.part("disk")
    await harness.clip_retention.tidy()
    assert part.ok
    assert part.detail.endswith(" GB free")
    harness.rules = replace(RULES_OF_A_SERVICE, least_free=1 << 60)
    await harness.clip_retention.tidy()
    assert not part.ok
    harness.rules = RULES_OF_A_SERVICE
    (tmp_path / "file").write_bytes(b"")
    harness.files = Files(tmp_path / "file" / "clips")
    await harness.clip_retention.tidy()
    assert not part.ok
    assert part.detail.startswith("the clips folder can't be used: ")
