"""A recording is fetched whole, from a real server, or it is told what of it is lost."""

from __future__ import annotations

import asyncio
import math
import os
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.app.clients import build_media
from bot.clips import longest_padded
from bot.config import Settings
from bot.errors import PumpfunError, RecordingError
from bot.kit.timing.clock import SystemClock
from bot.model import Reason, RecordingFault
from bot.model.network import DIRECT
from bot.pumpfun.recording import segment_cache
from bot.pumpfun.recording.media import JobLimits, Media
from bot.pumpfun.recording.playlists import Rung, Segment
from bot.pumpfun.recording.segment_cache import SegmentCache
from tests.fakes.clock import settle
from tests.patience import PATIENCE
from tests.pumpfun.recording.harness import (
    FOLDER,
    LONGEST,
    MASTER,
    SEGMENT_SECONDS,
    Site,
    a_recording,
    listed,
    master,
    segment,
)


async def all_of(media: Media, site: Site) -> tuple[Rung, tuple[Segment, ...]]:
    (rung,) = await media.rungs(site.master)
    return rung, (await media.segments(site.master, rung)).segments


async def errors(media: Media, site: Site) -> list[Reason | RecordingFault | None]:
    """What is lost of the recording, and why."""
    rung, segments = await all_of(media, site)
    async with media.fetched(site.master, rung, segments) as files:
        found = [one.error for one in files]
        assert all((one.path is None) is (one.error is not None) for one in files)
    return [e.fault if isinstance(e, RecordingError) else e.reason if e else None for e in found]


async def test_segments_come_in_their_order_and_stay_while_they_are_used(
    media: Media, site: Site
) -> None:
    rung, segments = await all_of(media, site)
    async with media.fetched(site.master, rung, segments) as files:
        read = [one.path.read_bytes() for one in files if one.path is not None]
    assert read == [segment(number) for number in range(4)]


async def test_what_was_fetched_is_not_asked_for_again(media: Media, site: Site) -> None:
    assert await errors(media, site) == [None] * 4
    await asyncio.gather(*(errors(media, site) for _ in range(4)))
    assert [path for path in site.asked if path.endswith(".ts")] == [
        f"{FOLDER}seg_{number}.ts" for number in range(4)
    ]


def named(*numbers: int) -> tuple[Segment, ...]:
    """Segments of those numbers."""
    return tuple(Segment(f"seg_{number}.ts", SEGMENT_SECONDS, number) for number in numbers)


async def fetch(media: Media, master: str, segments: Sequence[Segment]) -> list[Path | None]:
    async with media.fetched(master, Rung("low.m3u8"), segments) as files:
        return [one.path for one in files]


async def test_a_recording_that_hangs_holds_up_no_other(site: Site, tmp_path: Path) -> None:
    a_recording(site, 30)
    there = "/other/2069050_20260826_111500/"
    site.files[f"{there}seg_0.ts"] = segment(0)
    site.holds = FOLDER
    cache = SegmentCache(tmp_path / "segments", 64 << 20)
    async with (
        Media(hosts=[site.origin], cache=cache, longest=LONGEST, timeout=PATIENCE) as media,
        asyncio.TaskGroup() as group,
    ):
        clips = [  # as one and what is kept around it
            group.create_task(fetch(media, site.master, named(*range(10 * at, 10 * at + 20))))
            for at in range(2)
        ]
        await site.held.wait()
        await settle()
        async with asyncio.timeout(PATIENCE / 2):
            (path,) = await fetch(media, f"{site.origin}{there}m.m3u8", named(0))
        assert path is not None
        assert not any(clip.done() for clip in clips)
        site.release.set()
    assert all(path is not None for clip in clips for path in clip.result())


async def test_one_segment_comes_before_a_long_clip_of_the_same_recording_has_all(
    media: Media, site: Site
) -> None:
    a_recording(site, 30)
    site.holds = FOLDER
    async with asyncio.TaskGroup() as group:
        group.create_task(fetch(media, site.master, named(*range(30))))
        await site.held.wait()
        await settle()
        group.create_task(fetch(media, site.master, named(29)))
        await settle()
        site.release.set()
    assert site.asked.index(f"{FOLDER}seg_29.ts") < 15


async def test_a_list_in_place_of_the_master_is_the_one_rung(media: Media, site: Site) -> None:
    site.put(MASTER, listed("seg_0.ts", "seg_1.ts"))
    assert await errors(media, site) == [None, None]


async def test_redirects_within_the_folder_are_followed(media: Media, site: Site) -> None:
    site.put("seg_1.ts", "seg_2.ts?a=1")
    assert await errors(media, site) == [None] * 4


async def test_what_a_redirected_list_names_lies_beside_the_list_itself(
    media: Media, site: Site
) -> None:
    site.files.clear()
    site.put(MASTER, f"moved/{MASTER}?a=1")
    site.put(f"moved/{MASTER}", master("low/list.m3u8"))
    site.put("moved/low/list.m3u8", "lower/list.m3u8")
    site.put("moved/low/lower/list.m3u8", listed("seg_0.ts", f"{FOLDER}seg_1.ts"))
    site.put("moved/low/lower/seg_0.ts", segment(0))
    site.put("seg_1.ts", segment(1))
    assert await errors(media, site) == [None, None]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (404, Reason.NOT_FOUND),
        (403, Reason.FORBIDDEN),
        (b"<html>" * 400, RecordingFault.NOT_A_SEGMENT),
        (b"", RecordingFault.NOT_A_SEGMENT),
        (segment(1, 2), RecordingFault.NOT_A_SEGMENT),
        (segment(1)[:-1], RecordingFault.BROKEN_SEGMENT),
        (segment(1, 50_000), RecordingFault.SEGMENT_TOO_LARGE),
        ("seg_1.ts", RecordingFault.FOREIGN),
    ],
)
async def test_a_segment_that_fails_is_asked_for_once_more_and_then_lost(
    content: bytes | str | int, why: Reason | RecordingFault, media: Media, site: Site
) -> None:
    site.put("seg_1.ts", content)
    assert await errors(media, site) == [None, why, None, None]
    once = 4 if why is RecordingFault.FOREIGN else 2
    assert site.asked.count(f"{FOLDER}seg_1.ts") == once


async def test_segments_that_are_too_large_together_are_no_clip(media: Media, site: Site) -> None:
    a_recording(site, 30)
    for number in range(30):
        site.put(f"seg_{number}.ts", segment(number, 20_000))
    with pytest.raises(RecordingError) as caught:
        await errors(media, site)
    assert caught.value.fault is RecordingFault.TOO_MANY_BYTES
    assert sum(path.endswith(".ts") for path in site.asked) < 30


async def test_more_segments_than_a_clip_takes_are_not_asked_for(media: Media, site: Site) -> None:
    a_recording(site, JobLimits.of(LONGEST).segments + 1)
    with pytest.raises(RecordingError) as caught:
        await errors(media, site)
    assert caught.value.fault is RecordingFault.TOO_MANY_SEGMENTS
    assert not any(path.endswith(".ts") for path in site.asked)


@pytest.mark.parametrize("seconds", [30, 120, 600])
async def test_the_longest_clip_and_what_is_kept_around_it_is_fetched(
    seconds: int, site: Site, tmp_path: Path
) -> None:
    settings = Settings.model_validate(
        {
            "clips": {"default_seconds": 30, "max_seconds": seconds},
            "pumpfun": {"media_hosts": [site.origin]},
        }
    )
    count = math.ceil(longest_padded(seconds) / SEGMENT_SECONDS) + 2  # its ends, and a lead
    a_recording(site, count)
    async with build_media(settings, DIRECT, SystemClock(), tmp_path / "segments") as media:
        for number in range(count):  # each asks for its turn else: 40 in a second
            await media.cache.put(f"{site.origin}{FOLDER}seg_{number}.ts", segment(number))
        assert await errors(media, site) == [None] * count


@pytest.mark.parametrize("seconds", [30, 120, 600])
def test_a_clip_may_have_the_best_quality_of_the_site(seconds: int) -> None:
    assert JobLimits.of(seconds).bytes >= seconds * 3_300_000 / 8 * 1.1  # and what MPEG-TS adds


def media_of_node(folder: Path, node: str) -> Media:
    database = {"database": "postgresql://localhost/mintcast", "clips": str(folder)}
    settings = Settings.model_validate({"storage": database, "cluster": {"node": node}})
    return build_media(settings, DIRECT, SystemClock())


async def test_nodes_that_mount_one_folder_leave_each_other_their_segments(tmp_path: Path) -> None:
    url = "https://clips.pump.fun/seg_0.ts"
    async with media_of_node(tmp_path, "node-1") as media:
        with media.cache.holding([url]):
            path = await media.cache.put(url, segment(0))
            async with media_of_node(tmp_path, "node-2"):
                assert path.read_bytes() == segment(0)
            assert path.read_bytes() == segment(0)
    assert not path.exists()


@pytest.mark.parametrize("name", ["segments", "segments-node-9"])
async def test_what_nobody_came_back_for_in_a_day_goes_with_its_folder(
    name: str, tmp_path: Path
) -> None:
    old, mine = tmp_path / name, tmp_path / "segments-of mine"
    for folder in (old, mine):
        folder.mkdir()
        (folder / f"{'a' * 40}.ts").touch()
        os.utime(folder / f"{'a' * 40}.ts", (0, 0))
    empty = tmp_path / "segments-node-8"
    empty.mkdir()
    os.utime(empty, (0, 0))
    async with media_of_node(tmp_path, "node-1"):
        assert not old.exists()
        assert not empty.exists()
        assert len(list(mine.iterdir())) == 1


async def test_what_a_node_has_used_today_stays_however_long_ago_it_came(tmp_path: Path) -> None:
    cache = SegmentCache(tmp_path / "segments-node-1", 64 << 20)
    with cache.holding(["https://clips.pump.fun/seg_0.ts"]):
        path = await cache.put("https://clips.pump.fun/seg_0.ts", segment(0))
        os.utime(path, (0, 0))
        assert cache.get("https://clips.pump.fun/seg_0.ts") == path
        async with media_of_node(tmp_path, "node-2"):
            assert path.exists()


async def test_a_recording_that_is_gone_is_said_to_be(media: Media, site: Site) -> None:
    site.put(MASTER, 404)
    with pytest.raises(PumpfunError) as caught:
        await media.rungs(site.master)
    assert caught.value.reason is Reason.NOT_FOUND


async def test_a_folder_that_cannot_be_written_is_told(site: Site, tmp_path: Path) -> None:
    cache = SegmentCache(tmp_path / "s", 64 << 20)
    async with Media(hosts=[site.origin], cache=cache, longest=LONGEST) as media:
        (tmp_path / "s").write_bytes(b"a file")
        with pytest.raises(OSError, match="s"):
            await errors(media, site)
        (tmp_path / "s").unlink()


async def test_the_oldest_go_first_and_what_is_held_stays(tmp_path: Path) -> None:
    cache = SegmentCache(tmp_path / "segments", most_bytes=250)
    with cache.holding(["a", "b", "c"]):
        for url in "abc":
            await cache.put(url, bytes(100))
        assert cache.size == 300
        assert all(cache.get(url) is not None for url in "abc")
    cache.get("a")
    await cache.put("d", bytes(100))
    assert [url for url in "abcd" if cache.get(url) is not None] == ["a", "d"]
    assert sum(path.stat().st_size for path in (tmp_path / "segments").iterdir()) == cache.size
    await cache.clear()
    assert list(tmp_path.iterdir()) == []


async def test_whoever_is_cancelled_leaves_nothing_that_is_still_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, begun, may_go_on = segment_cache._write, threading.Event(), threading.Event()

    def slowly(path: Path, data: bytes) -> None:
        begun.set()
        may_go_on.wait(PATIENCE)
        write(path, data)

    monkeypatch.setattr(segment_cache, "_write", slowly)
    cache = SegmentCache(tmp_path / "segments", 64 << 20)
    putting = asyncio.create_task(cache.put("a", bytes(100)))
    assert await asyncio.to_thread(begun.wait, PATIENCE)
    putting.cancel()
    asyncio.get_running_loop().call_soon(may_go_on.set)
    with pytest.raises(asyncio.CancelledError):
        await putting
    await cache.clear()
    assert list(tmp_path.iterdir()) == []
