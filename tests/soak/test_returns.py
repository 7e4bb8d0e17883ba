"""A server that dies and comes back under a clip, while the creator's own program finds its way."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.demo.world import World
from bot.model import ClipStatus, NoteKind, Phase
from tests.scenes import Underway, judged, recorder

pytestmark = [pytest.mark.soak, pytest.mark.timeout(300)]

SECONDS = 24.0
TIMES = 3
AWAY_SECONDS = 3.0


async def test_a_server_that_was_away_never_ends_a_clip(world: World, tmp_path: Path) -> None:
    """Its absence counts for no patience, and the picture that returns is in the clip."""
    coin = world.add_coin("REBORN", "Reborn")
    await world.broadcast(coin, width=640, height=360)
    async with recorder(world) as using:
        for number in range(TIMES):
            path = tmp_path / f"{number}.mp4"
            async with Underway(using, coin, SECONDS, path) as clip:
                await clip.reaches(Phase.RECORDING, 5.0)
                await world.server.kill()
                await asyncio.sleep(AWAY_SECONDS)
                await world.server.restart()
                result = await clip.result()
            assert result.status is ClipStatus.COMPLETE, result
            assert NoteKind.PICTURE_HELD in {note.kind for note in result.notes}
            verdict = await judged(result.path)
            assert abs(verdict.duration - SECONDS) <= 0.5
            assert len(set(verdict.numbers[-60:])) > 30, "the picture is back at the end"
