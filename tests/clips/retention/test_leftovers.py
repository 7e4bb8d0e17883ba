"""Posters, pictures and what nobody knows: what stays, what is swept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bot.kit.files import Files, poster_of
from bot.model import Broadcast, Coin, JobState, StreamState
from tests.clips.harness import RULES as RULES_OF_A_SERVICE
from tests.clips.harness import ClipHarness
from tests.clips.retention.folder import HOUR, age, made, put_picture


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


async def test_pictures_count_and_beyond_their_share_those_of_streams_that_are_over_go(
    harness: ClipHarness,
) -> None:
    (first,) = await made(harness, size=40)
    await harness.clock.advance(60)
    (second,) = await made(harness, size=40)
    await harness.owed()
    await put_picture(harness, b"x" * 30, 2)
    young = await put_picture(harness, b"y" * 10, 0.5)
    harness.rules = replace(RULES_OF_A_SERVICE, most_bytes=110)
    await harness.clip_retention.tidy()
    assert (await harness.row(first)).state is JobState.EXPIRED, "with the pictures it was too much"
    assert set(harness.names()) == {second.file_key, young}
