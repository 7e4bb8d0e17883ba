"""A coin that the look-alike has recorded for ten minutes, and the source that cuts of that."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.demo.recording.options import LOW, MEDIUM, RecordingOptions
from bot.demo.world import World
from bot.pumpfun.recording.media import Media
from bot.pumpfun.recording.segment_cache import SegmentCache
from tests.clips.sources.recording.harness import ON_AIR, Recorded


@pytest.fixture
async def recorded(tmp_path: Path) -> AsyncIterator[Recorded]:
    """Small pictures, so that two cores make thirty seconds of them in no time."""
    async with World(livekit=False, recordings=RecordingOptions(rungs=(LOW, MEDIUM))) as world:
        coin = world.add_coin("MINTY", "Minty the coin")
        world.record(coin, past=ON_AIR, width=320, height=180)
        cache = SegmentCache(tmp_path / "segments", 64 << 20)
        async with Media(
            hosts=[world.site.origin], cache=cache, longest=180.0, timeout=10.0
        ) as media:
            yield Recorded(world, coin, media, tmp_path)
