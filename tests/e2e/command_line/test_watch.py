"""`mintcast clip --watch`: a stream's last seconds, saved at each Enter and at each SIGUSR1."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.demo.broadcast.broadcaster import Broadcaster
from bot.demo.site.coins import DemoCoin
from bot.demo.world import World
from tests.clip_harness import judged
from tests.patience import PATIENCE

SMALL: dict[str, Any] = {"width": 320, "height": 180, "fps": 15}


class Watching:
    """The command under way, in a folder of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def says(self, words: str) -> None:
        """Wait for a line on stderr that has them."""
        await self._until(self.process.stderr, words)

    async def clip(self) -> Any:
        """The next clip that it tells of."""
        told = await self.told()
        assert "path" in told, told
        return told

    async def told(self) -> Any:
        return json.loads(await self._until(self.process.stdout, "{"))

    def press_enter(self, times: int = 1) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n" * times)

    async def ended(self) -> int | None:
        assert self.process.stderr is not None
        async with asyncio.timeout(PATIENCE):
            said = await self.process.stderr.read()
            await self.process.wait()
        assert b"Traceback" not in said, said.decode()
        return self.process.returncode

    async def _until(self, stream: asyncio.StreamReader | None, words: str) -> str:
        assert stream is not None
        async with asyncio.timeout(PATIENCE):
            while words not in (line := (await stream.readline()).decode()):
                assert line, f"it ended without {words}"
        return line


@pytest.fixture
def coin(world: World) -> DemoCoin:
    return world.add_coin("MINTY", "Minty the coin")


@pytest.fixture
async def caster(world: World, coin: DemoCoin) -> Broadcaster:
    return await world.broadcast(coin, **SMALL)


@pytest.fixture
async def watching(
    world: World, coin: DemoCoin, caster: Broadcaster, tmp_path: Path
) -> AsyncIterator[Watching]:
    (tmp_path / "clips").mkdir()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "clip", coin.mint, "2s", "--watch", "--json"),
        *("--out", "clips"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=tmp_path,
        env={**os.environ, **world.environment},
    )
    try:
        yield Watching(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_each_call_saves_what_was_just_on(watching: Watching, tmp_path: Path) -> None:
    await watching.says("Enter saves the last 2 s")
    watching.press_enter(times=2)
    same, first = await watching.clip(), await watching.clip()
    assert same["path"] != first["path"]
    last = first
    while last["started_at"] <= first["started_at"]:  # as long as all that came is in a clip
        watching.process.send_signal(signal.SIGUSR1)
        last = await watching.clip()
    for clip in (same, first, last):
        assert clip["status"] == "complete"
        verdict = await judged(tmp_path / clip["path"])
        assert verdict.ordered
        assert verdict.duration == pytest.approx(clip["seconds"], abs=0.1)
        assert verdict.duration < 2.6
    (tmp_path / "clips").rename(tmp_path / "away")
    watching.press_enter()
    assert "can't be saved there" in (await watching.told())["reason"]
    (tmp_path / "away").rename(tmp_path / "clips")
    watching.press_enter()
    watching.process.send_signal(signal.SIGINT)
    ending = asyncio.create_task(watching.ended())
    with contextlib.suppress(ProcessLookupError):
        async with asyncio.timeout(PATIENCE):
            while watching.process.returncode is None:  # none of these ends it, nor costs the clip
                os.kill(watching.process.pid, signal.SIGUSR1)
                await asyncio.sleep(0)
    assert await ending == 0
    assert (await watching.clip())["status"] == "complete"
    assert not list((tmp_path / "clips").glob(".*")), "nothing is left but the clips"


@pytest.mark.soak
async def test_it_ends_with_the_stream(
    coin: DemoCoin, caster: Broadcaster, watching: Watching
) -> None:
    await watching.says("Enter saves the last 2 s")
    coin.end()
    await caster.stop()
    await watching.says("The stream is over.")
    assert await watching.ended() == 0
