"""Segments on the disk, with many who write, hold and make room at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.pumpfun.recording.media import Media
from bot.pumpfun.recording.segment_cache import SegmentCache
from tests.pumpfun.recording.harness import LONGEST

KILOBYTE = 1000


async def test_many_who_put_and_make_room_at_once_disturb_nobody(tmp_path: Path) -> None:
    cache = SegmentCache(tmp_path, most_bytes=8 * KILOBYTE)

    async def put(number: int) -> None:
        url = f"https://clips.pump.fun/{number % 40}.ts"
        with cache.holding([url]):
            path = await cache.put(url, bytes(KILOBYTE))
            await asyncio.sleep(0)
            assert path.exists(), "what is held stays"

    await asyncio.gather(*map(put, range(200)), *(cache.make_room() for _ in range(20)))
    await cache.make_room()
    assert cache.size == 0
    assert list(tmp_path.iterdir()) == []


async def test_who_comes_for_a_segment_while_room_is_made_keeps_it(tmp_path: Path) -> None:
    cache = SegmentCache(tmp_path, 64 * KILOBYTE)
    urls = [f"https://clips.pump.fun/{number}.ts" for number in range(30)]
    for url in urls:
        await cache.put(url, bytes(KILOBYTE))
    making = asyncio.create_task(cache.make_room())
    await asyncio.sleep(0)
    with cache.holding(urls[-1:]):
        path = cache.get(urls[-1])
        await making
        assert path is not None
        assert path.exists()
    assert cache.size == KILOBYTE


async def test_what_cannot_be_removed_stays_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "segments"
    (folder / f"{'a' * 40}.ts").mkdir(parents=True)
    beside = folder / f"{'b' * 40}.ts"
    beside.touch()
    async with Media(hosts=[], cache=SegmentCache(folder, KILOBYTE), longest=LONGEST):
        assert [path.name for path in folder.iterdir()] == [f"{'a' * 40}.ts"]
        beside.touch()
    assert not beside.exists()
    assert caplog.text.count("segments of recordings could not be removed: Is a directory") == 2


async def test_a_folder_that_cannot_be_looked_at_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Of such a name, since whoever runs the tests may be allowed to enter any folder."""
    cache = SegmentCache(tmp_path / ("a" * 300), KILOBYTE)
    async with Media(hosts=[], cache=cache, longest=LONGEST):
        pass
    assert caplog.text.count("segments of recordings could not be removed: File name too long") == 2


async def test_a_cache_that_was_not_used_has_nothing_to_tell(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache = SegmentCache(tmp_path / "segments", KILOBYTE)
    async with Media(hosts=[], cache=cache, longest=LONGEST):
        pass
    assert caplog.text == ""
