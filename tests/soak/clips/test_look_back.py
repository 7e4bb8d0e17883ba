"""Clips of the look-alike's recording, of all qualities, calm and restless: none is over its limit,
and each shows what it says."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bot.demo.recording.options import LOW, MEDIUM, RecordingOptions
from bot.demo.world import World
from bot.model import NoteKind
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
        async with Media(hosts=hosts, cache=cache) as media:
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
