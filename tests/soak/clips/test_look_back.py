"""Clips of the look-alike's recording, of all qualities, calm and restless: none is over its limit,
and each shows what it says."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bot.demo.recording.options import LOW, MEDIUM, RecordingOptions
from bot.demo.world import World
from bot.model import ClipStatus, NoteKind
from bot.pumpfun.recording.media import Media
from bot.pumpfun.recording.segment_cache import SegmentCache
from tests.clips.sources.recording.harness import ON_AIR, Recorded

pytestmark = pytest.mark.soak

COUNT = 100
"""Of each content."""


@pytest.mark.parametrize("content", ["card", "noise"])
async def test_none_of_a_hundred_is_over_its_limit(content: str, tmp_path: Path) -> None:
    dice = random.Random(content)
    async with World(livekit=False, recordings=RecordingOptions(rungs=(LOW, MEDIUM))) as world:
        coin = world.add_coin("MINTY", "Minty the coin")
        recorder = world.record(coin, past=ON_AIR, content=content)
        await recorder.prepare(120)
        hosts, cache = [world.site.origin], SegmentCache(tmp_path / "segments", 64 << 20)
        async with Media(hosts=hosts, cache=cache, longest=180.0) as media:
            recorded = Recorded(world, coin, media, tmp_path)
            for _ in range(COUNT):
                limit = dice.choice((2, 8, 10, 25)) << 20
                back = dice.uniform(40, 100)
                window = recorded.ago(back, back - dice.uniform(5, 30))
                result, verdict = await recorded.cut(window, max_bytes=limit)
                assert verdict is not None, result.detail
                assert verdict.bytes <= limit
                assert verdict.bytes == result.bytes
                is_small = NoteKind.SECOND_ENCODE in {note.kind for note in result.notes}
                assert recorded.is_true(result, verdict, within=3.0, unread=5 if is_small else 0)
                assert result.path is not None
                result.path.unlink()


async def test_one_of_ten_minutes_is_cut_whole(tmp_path: Path) -> None:
    """In a process that is ended where it takes more than 120 MB."""
    async with World(livekit=False, recordings=RecordingOptions(rungs=(LOW,))) as world:
        coin = world.add_coin("MINTY", "Minty the coin")
        world.record(coin, past=700.0, width=320, height=180)
        cache = SegmentCache(tmp_path / "segments", 64 << 20)
        async with Media(hosts=[world.site.origin], cache=cache, longest=660.0) as media:
            recorded = Recorded(world, coin, media, tmp_path)
            result, verdict = await recorded.cut(recorded.ago(650, 50), max_bytes=100 << 20)
    assert verdict is not None, result.detail
    assert result.status is ClipStatus.COMPLETE
    assert abs(result.seconds - 600) < 2
    assert abs(verdict.frames - LOW.fps * 600) < 2 * LOW.fps
    assert recorded.is_true(result, verdict, within=3.0)
