"""Clips of 30 s and more, on the real server: length, ends, sync, frames, freezes, size."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.demo.world import World
from bot.model import ClipStatus, NoteKind, Phase
from tests.bench.rows.clips.concurrent_clips import COUNT, broadcast_to_all
from tests.bench.rows.clips.size import LEAST_USED, NOISE
from tests.clip_harness import (
    LIMIT,
    PROMISED,
    Underway,
    capture_pool,
    complaints,
    ends_apart,
    jitter,
    judged,
    record,
)
from tests.conftest import require_livekit_server
from tests.soak.processes import stand_still

pytestmark = [pytest.mark.soak, pytest.mark.timeout(300)]

SECONDS = 30.0


@pytest.fixture(params=[False, True], ids=["sync-off", "sync-on"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """A world whose server delays picture and sound together, or does not."""
    require_livekit_server()
    async with World(sync_streams=request.param) as running:
        yield running


@pytest.mark.parametrize("line", ["quiet", "jitter"])
@pytest.mark.parametrize("encoder", ["sdk", "pre-encoded"])
@pytest.mark.parametrize("codec", ["h264", "vp8"])
async def test_thirty_seconds_are_whole_and_in_step(
    world: World, tmp_path: Path, codec: str, encoder: str, line: str
) -> None:
    """On a quiet line with all of its frames; on a bad one in step, and as long as asked."""
    coin = world.add_coin("STEP", "In step")
    caster = await world.broadcast(coin, codec=codec, encoder=encoder)
    bad_line = jitter(world.server, random.Random(5)) if line == "jitter" else None
    async with bad_line or contextlib.nullcontext():
        result, verdict = await record(world, coin, SECONDS, tmp_path, caster=caster)
    assert result.status is ClipStatus.COMPLETE, result
    assert complaints(verdict, SECONDS, frames=line == "quiet") == []


@pytest.mark.parametrize("world", [False], indirect=True, ids=["sync-off"])
async def test_a_minute_of_noise_fits_and_uses_its_limit(world: World, tmp_path: Path) -> None:
    """Within 10 MiB in one encode, and not far below."""
    coin = world.add_coin("NOISE", "Nothing but noise")
    await world.broadcast(coin, **NOISE)
    result, verdict = await record(world, coin, 60.0, tmp_path)
    assert LEAST_USED * LIMIT <= verdict.bytes <= LIMIT
    assert abs(verdict.duration - 60.0) <= 0.5
    assert NoteKind.SECOND_ENCODE not in {note.kind for note in result.notes}


@pytest.mark.parametrize("world", [False], indirect=True, ids=["sync-off"])
async def test_four_captures_at_once_keep_their_frames(world: World, tmp_path: Path) -> None:
    """Four rooms of 720p30, publisher and server on the same two cores."""
    coins = [world.add_coin(f"MANY{number}", "One of many") for number in range(COUNT)]
    async with (
        broadcast_to_all(world, coins) as caster,
        capture_pool(world) as using,
        contextlib.AsyncExitStack() as stack,
    ):
        clips = [
            await stack.enter_async_context(
                Underway(using, coin, SECONDS, tmp_path / f"{coin.symbol}.mp4")
            )
            for coin in coins
        ]
        results = await asyncio.gather(*(clip.result() for clip in clips))
        failure_policy = [await judged(result.path, caster) for result in results]
    assert [complaints(verdict, SECONDS) for verdict in failure_policy] == [[]] * COUNT


@pytest.mark.parametrize("encoder", ["sdk", "pre-encoded"])
async def test_a_loop_that_stalls_for_three_seconds_does_not_lose_the_clip(
    world: World, tmp_path: Path, encoder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the SDK received meanwhile is taken after it, each at its own time."""
    monkeypatch.setattr("bot.clips.workers.capture_pool.MODULE", "tests.soak.clips.stalling_worker")
    coin = world.add_coin("STALL", "Stands still")
    caster = await world.broadcast(coin, encoder=encoder)
    async with (
        capture_pool(world) as using,
        Underway(using, coin, SECONDS, tmp_path / "stalled.mp4") as clip,
    ):
        await clip.reaches(Phase.RECORDING, 10.0)
        os.kill(clip.pid, signal.SIGUSR1)
        result = await clip.result()
    assert result.status is ClipStatus.COMPLETE, result
    verdict = await judged(result.path, caster)
    assert complaints(verdict, SECONDS, frames=False) == []


async def test_a_process_that_stands_still_for_three_seconds_does_not_lose_the_clip(
    world: World, tmp_path: Path
) -> None:
    """All of its threads, so that the SDK misses what the server sends: the length holds."""
    coin = world.add_coin("STALL", "Stands still")
    await world.broadcast(coin)
    async with (
        capture_pool(world) as using,
        Underway(using, coin, SECONDS, tmp_path / "stalled.mp4") as clip,
    ):
        await clip.reaches(Phase.RECORDING, 10.0)
        await stand_still(clip.pid, 3.0)
        result = await clip.result()
    assert result.status is ClipStatus.COMPLETE, result
    verdict = await judged(result.path)
    assert abs(verdict.duration - SECONDS) <= PROMISED.length
    assert ends_apart(verdict) <= PROMISED.ends
    assert verdict.ordered


async def test_of_three_layers_the_best_one_is_recorded(tmp_path: Path) -> None:
    """The others have 19 and 13 pictures a second."""
    require_livekit_server()
    async with World() as world:
        coin = world.add_coin("LAYERS", "Of three layers")
        await world.broadcast(coin, width=360, height=640, codec="vp8", simulcast=True)
        result, verdict = await record(world, coin, 10, tmp_path)
    assert (result.width, result.height) == (360, 640)
    assert verdict.fps > 25
