"""A keyframe so large that what follows it is decoded all at once: none of it is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.demo.world import World
from bot.model import ClipStatus
from tests.clip_harness import Bounds, capture_pool, complaints, record

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1200)]

SECONDS = 15.0
CLIPS = 20
STEADY = Bounds(kept=0.998)


async def test_clips_of_a_stream_with_rare_keyframes_keep_their_frames(
    world: World, tmp_path: Path
) -> None:
    """One each ten seconds, as streaming programs send them."""
    coin = world.add_coin("BURST", "Rare keyframes")
    caster = await world.broadcast(coin, encoder="pre-encoded", gop_seconds=10)
    async with capture_pool(world, keep_spare=True) as using:
        for _ in range(CLIPS):
            result, verdict = await record(
                world, coin, SECONDS, tmp_path, caster=caster, using=using
            )
            assert result.status is ClipStatus.COMPLETE, result
            assert complaints(verdict, SECONDS, STEADY) == []
