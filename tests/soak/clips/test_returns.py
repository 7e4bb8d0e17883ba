"""Who comes back in mid-clip finds it going on: the server, and our own process."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from bot.demo.world import World
from bot.model import ClipStatus, NoteKind, Phase
from tests.clip_harness import Underway, capture_pool, judged
from tests.soak.processes import stand_still

pytestmark = [pytest.mark.soak, pytest.mark.timeout(300)]

SECONDS = 24.0
TIMES = 3
AWAY_SECONDS = 3.0


async def test_a_server_that_was_away_never_ends_a_clip(world: World, tmp_path: Path) -> None:
    """Its absence counts for no patience, and the picture that returns is in the clip."""
    coin = world.add_coin("REBORN", "Reborn")
    await world.broadcast(coin, width=640, height=360)
    async with capture_pool(world) as using:
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


async def test_who_stood_still_does_not_take_the_recording_process_for_silent(
    world: World, tmp_path: Path
) -> None:
    """The command is stopped for longer than the process that records may say nothing."""
    coin, path = world.add_coin("STOPPED", "Stopped"), tmp_path / "stopped.mp4"
    await world.broadcast(coin, width=640, height=360)
    command = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "clip", coin.mint, "30s", "--out", str(path)),
        env={**os.environ, **world.environment},
        stderr=asyncio.subprocess.PIPE,
    )
    assert command.stderr is not None
    async for line in command.stderr:
        if line.startswith(b"recording"):
            break
    await stand_still(command.pid, 22.0)
    printed = await command.stderr.read()
    assert await command.wait() == 0, printed.decode()
    assert path.exists()
