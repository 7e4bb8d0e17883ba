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
from tests.clips.harness import Service, clip_service
from tests.fakes.capture_pool import FakeCapturePool
from tests.fakes.clock import FakeClock, settle

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
RULES = Rules(keep=72 * HOUR, most_bytes=1000, least_free=100)
PLENTY = 10_000


def clip(name: str, age: float, size: int = 100, *, is_owed: bool = False) -> KeptClip:
    """One that was made `age` hours ago, and is kept for 72."""
    made_at = NOW - age * HOUR
    return KeptClip(f"{name}.mp4", size, made_at, made_at + 72 * HOUR, is_owed)


clips = st.lists(
    st.builds(
        clip,
        st.uuids().map(str),
        st.integers(0, 100),
        st.integers(0, 500),
        is_owed=st.booleans(),
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
    assert all(last.made_at <= clip.made_at for clip in connection)
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
async def service(database: Path) -> AsyncIterator[Service]:
    async with clip_service(database.parent) as made:
        yield made


async def made(service: Service, *channels: str, size: int = 3) -> list[ClipJob]:
    """A clip that these channels share, and nobody has been shown yet."""
    assert isinstance(service.source, FakeCapturePool)
    async with service.running(worker_id=f"life {service.asked}"):
        jobs = [await service.ask(channel) for channel in channels or ("general",)]
        service.source.running[0].complete()
        await settle()
    rows = await service.rows(*jobs)
    path = service.files.path(rows[0].file_key or "")
    path.write_bytes(b"x" * size)
    age(service, path)
    return rows


def age(service: Service, path: Path, hours: float = 0.0) -> Path:
    """As if it had been changed so many hours ago, by the service's clock."""
    at = (service.clock.now() - hours * HOUR).timestamp()
    os.utime(path, (at, at))
    return path


async def put_picture(service: Service, data: bytes, hours: float) -> str:
    key = await service.files.put_picture(data)
    age(service, service.files.path(key), hours)
    return key


async def test_a_clip_goes_after_its_hours_and_its_row_says_so(service: Service) -> None:
    (job,) = await made(service)
    await service.owed()  # shown
    await service.clock.advance(72 * 3600 - 1)
    await service.clip_retention.tidy()
    assert service.names() == [job.file_key]
    await service.clock.advance(1)
    await service.clip_retention.tidy()
    assert service.names() == []
    assert (await service.row(job)).state is JobState.EXPIRED


@pytest.mark.parametrize("shown", [0, 1])
async def test_a_clip_that_a_target_has_yet_to_be_shown_stays(service: Service, shown: int) -> None:
    jobs = await made(service, "one", "two")
    await service.clock.advance(100 * 3600)
    async with service.store.write() as unit:
        claimed = await unit.deliveries.claim("local", "x", 2, service.clock.now())
        await unit.deliveries.mark_sending(claimed[shown], service.clock.now())
        await unit.deliveries.mark_shown(claimed[shown], "m", service.clock.now())
    await service.clip_retention.tidy()
    assert service.names() == [jobs[0].file_key], "the other is still in the middle of it"
    async with service.store.write() as unit:
        await unit.deliveries.recover("local", "y", service.clock.now())
    await service.owed()
    await service.clip_retention.tidy()
    assert service.names() == []
    assert [job.state for job in await service.rows(*jobs)] == [JobState.EXPIRED] * 2


async def test_a_target_where_nothing_can_be_posted_keeps_no_clip_beyond_its_hours(
    service: Service,
) -> None:
    (job,) = await made(service)
    async with service.store.write() as unit:
        await unit.places.disable(job.order.target_id, "locked", service.clock.now())
    await service.clip_retention.tidy()
    assert service.names() == [job.file_key]
    await service.clock.advance(72 * 3600)
    await service.clip_retention.tidy()
    assert service.names() == []


async def test_too_many_bytes_cost_the_oldest_clip(service: Service) -> None:
    service.rules = replace(RULES_OF_A_SERVICE, most_bytes=25)
    kept = []
    for _ in range(3):
        kept += await made(service, size=10)
        await service.clock.advance(60)
    await service.owed()
    await service.clip_retention.tidy()
    assert service.names() == sorted([kept[1].file_key or "", kept[2].file_key or ""])
    assert (await service.row(kept[0])).state is JobState.EXPIRED


async def test_deleting_takes_the_file_with_the_last_who_shares_it(service: Service) -> None:
    first, second = await made(service, "one", "two")
    clip_retention = service.clip_retention
    assert await clip_retention.delete(first.id)
    assert service.names() == [second.file_key]
    assert not await clip_retention.delete(first.id), "it has gone already"
    assert await clip_retention.delete(second.id)
    assert service.names() == []
    assert [job.state for job in await service.rows(first, second)] == [JobState.DELETED] * 2
    assert not await clip_retention.delete(second.id + 1), "that one never was"


async def test_what_was_deleted_by_one_expires_for_the_other(service: Service) -> None:
    first, second = await made(service, "one", "two")
    await service.owed()
    await service.clip_retention.delete(first.id)
    await service.clock.advance(72 * 3600)
    await service.clip_retention.tidy()
    states = [job.state for job in await service.rows(first, second)]
    assert states == [JobState.DELETED, JobState.EXPIRED]
    assert service.names() == []


async def test_a_poster_stays_and_goes_with_its_clip(service: Service) -> None:
    (job,) = await made(service)
    key = job.file_key or ""
    poster, stray = service.files.path(poster_of(key)), "gone-0123456789abcdef.jpg"
    for path in (poster, service.files.path(stray)):
        path.write_bytes(b"jpeg")
        age(service, path, 2)
    await service.owed()
    await service.clip_retention.tidy()
    assert service.names() == sorted([key, poster.name]), "the one without a clip is swept"
    await service.clip_retention.delete(job.id)
    assert service.names() == []


async def test_a_row_whose_file_somebody_removed_expires(service: Service) -> None:
    (job,) = await made(service)
    service.files.path(job.file_key or "").unlink()
    await service.clip_retention.tidy()
    assert (await service.row(job)).state is JobState.EXPIRED


async def test_what_is_left_over_goes_after_an_hour_and_nothing_of_others(
    service: Service,
) -> None:
    (job,) = await made(service)
    folder = service.files.folder
    key = service.files.new_key("minty", "mp4")
    for name, hours in (
        (key, 1.1),
        (f".{key}.7.part", 1.1),
        (service.files.new_key("young", "mp4"), 0.9),
        (".young-0123456789abcdef.mp4.7.part", 0.9),
        ("holiday.mp4", 999),
    ):
        (folder / name).write_bytes(b"")
        age(service, folder / name, hours)
    age(service, service.files.path(job.file_key or ""), 2)
    before = set(service.names())
    await service.clip_retention.tidy()
    assert before - set(service.names()) == {key, f".{key}.7.part"}


async def test_pictures_stay_while_a_coin_or_a_stream_shows_them(service: Service) -> None:
    now = service.clock.now()
    keys = {
        name: await put_picture(service, name.encode(), hours)
        for name, hours in (
            ("coin", 99), ("open", 99), ("ended lately", 99), ("ended", 99), ("none", 72.1),
            ("young", 71.9),
        )
    }  # fmt: skip
    async with service.store.write() as unit:
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
    await service.clip_retention.tidy()
    left = {name for name, key in keys.items() if key in service.names()}
    assert left == {"coin", "open", "ended lately", "young"}


def broadcast(began: datetime, ended_at: datetime | None) -> Broadcast:
    state = StreamState.LIVE if ended_at is None else StreamState.ENDED
    return Broadcast(state, began, ended_at or began, site_id=1, ended_at=ended_at)


async def test_a_file_that_cannot_be_removed_disturbs_nobody(service: Service) -> None:
    (job,) = await made(service)
    (other,) = await made(service)
    await service.owed()
    stubborn = service.files.path(job.file_key or "")

    class Stubborn(Files):
        async def delete(self, key: str) -> None:
            if key == stubborn.name:
                raise PermissionError(13, "Permission denied")
            await super().delete(key)

    service.files = Stubborn(service.files.folder)
    await service.clock.advance(72 * 3600)
    await service.clip_retention.tidy()
    assert service.names() == []  # what had no row any more was swept as a stray
    assert [row.state for row in await service.rows(job, other)] == [JobState.EXPIRED] * 2


async def test_a_clock_that_is_a_year_ahead_for_a_moment_removes_nothing(
    service: Service,
) -> None:
    (job,) = await made(service)
    await service.owed()
    picture = await put_picture(service, b"nobody shows it", 1)
    year = 365 * 86_400
    service.clock.set(year)
    await service.clip_retention.tidy()
    assert service.names() == sorted([job.file_key or "", picture])
    service.clock.set(-year)
    await service.clip_retention.tidy()
    assert (await service.row(job)).state is JobState.DONE


async def test_a_clip_has_had_its_time_when_it_is_so_by_others_too(service: Service) -> None:
    """A clock that is a year ahead already when a life begins is known by that."""
    (job,) = await made(service)
    await service.owed()
    right = service.clock.now()
    service.time = FakeClock(right + timedelta(days=365))
    service.site_time = lambda: None
    await service.clip_retention.tidy()
    assert (await service.row(job)).state is JobState.DONE
    service.site_time = lambda: right
    await service.clip_retention.tidy()
    assert (await service.row(job)).state is JobState.DONE
    service.site_time = service.time.now
    await service.clip_retention.tidy()
    assert (await service.row(job)).state is JobState.EXPIRED


async def test_what_a_clock_dated_a_year_ahead_stays_for_its_hours_and_no_longer(
    service: Service,
) -> None:
    await made(service)
    await service.owed()
    later = FakeClock(service.clock.now() - timedelta(days=365))
    picture = await put_picture(service, b"nobody shows it", 0)
    service.time, service.site_time = later, later.now  # another life, whose clock is right
    clip_retention = service.clip_retention
    await clip_retention.tidy()
    assert len(service.names()) == 2
    assert picture in service.names()
    await later.advance(72 * 3600 - 1)
    await clip_retention.tidy()
    assert len(service.names()) == 2
    await later.advance(2)
    await clip_retention.tidy()
    assert service.names() == []


async def test_the_health_says_what_the_disk_has_left(service: Service, tmp_path: Path) -> None:
    part = service.health.part("disk")
    await service.clip_retention.tidy()
    assert part.ok
    assert part.detail.endswith(" GiB free")
    service.rules = replace(RULES_OF_A_SERVICE, least_free=1 << 60)
    await service.clip_retention.tidy()
    assert not part.ok
    service.rules = RULES_OF_A_SERVICE
    (tmp_path / "file").write_bytes(b"")
    service.files = Files(tmp_path / "file" / "clips")
    await service.clip_retention.tidy()
    assert not part.ok
    assert part.detail.startswith("the folder of clips cannot be used: ")
