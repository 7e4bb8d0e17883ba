"""Video that no viewer can decode.

More of what cannot be recorded: `tests/soak/clips/test_formats.py`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.demo.world import World
from bot.model import ClipFailure, ClipStatus
from tests.clip_harness import record

SECONDS = 20.0


@pytest.mark.soak
async def test_video_that_cannot_be_decoded_is_told_as_such(world: World, tmp_path: Path) -> None:
    """H.264 with B frames, as a program may send that knows nothing of WebRTC."""
    coin = world.add_coin("BFRAMES", "With B frames")
    await world.broadcast(
        coin, encoder="pre-encoded", b_frames=2, audio=False, width=640, height=360
    )
    result, _ = await record(world, coin, SECONDS, tmp_path)
    assert result.status is ClipStatus.FAILED
    assert result.failure is ClipFailure.VIDEO_UNDECODABLE
    assert list(tmp_path.iterdir()) == []
