"""Many clips and long captures: nothing is left, nothing grows, every death is told."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import psutil
import pytest

from bot.clips.encoding import plan
from bot.demo.world import World
from bot.model import ClipFailure, ClipStatus
from tests.bench.meters import rss_over, slope
from tests.clip_harness import HEIGHT, LIMIT, Underway, capture_pool, record
from tests.soak.processes import kill, names_in, open_files

pytestmark = [pytest.mark.soak, pytest.mark.timeout(2400)]

RING_SECONDS = 60.0
WATCHED_SECONDS = 1800.0
MOST_MEGABYTES = 165.0
MOST_GROWTH = 0.5
"""MB a minute: what a leak of one packet in a hundred would exceed."""

TIMES = 20


async def test_memory_stays_flat_for_half_an_hour(world: World) -> None:
    """A capture of 720p30 with 60 s in its ring, watched from when the ring is full."""
    coin = world.add_coin("MEMORY", "What it keeps")
    await world.broadcast(coin)
    rate = plan(RING_SECONDS, LIMIT, HEIGHT)
    assert rate is not None
    async with (
        capture_pool(world) as using,
        using.capture(coin.mint, rate, RING_SECONDS, 2 * LIMIT) as capture,
    ):
        await asyncio.sleep(RING_SECONDS + 15.0)
        points = await rss_over(capture.pid, WATCHED_SECONDS, every=1.0)
    growth = slope([(second / 60, size) for second, size in points])
    assert max(size for _, size in points) <= MOST_MEGABYTES
    assert growth <= MOST_GROWTH, f"{growth:.2f} MB a minute"


async def test_clip_after_clip_leaves_nothing_behind(world: World, tmp_path: Path) -> None:
    """No process, no thread, no descriptor, no file but the clips."""
    coin = world.add_coin("AGAIN", "Again and again")
    await world.broadcast(coin, encoder="pre-encoded")
    me = psutil.Process()
    async with capture_pool(world) as using:
        await record(world, coin, 1.0, tmp_path, using=using)  # pools and executors are there now
        before = (len(me.children(recursive=True)), me.num_threads(), open_files())
        for _ in range(TIMES):
            result, _ = await record(world, coin, 1.0, tmp_path, using=using)
            assert result.status is ClipStatus.COMPLETE
        after = (len(me.children(recursive=True)), me.num_threads(), open_files())
    assert after[0] == before[0]
    assert after[1] <= before[1] + 2, "threads of the executor may come, one a clip may not"
    assert after[2] <= before[2] + 1
    assert len(names_in(tmp_path)) == TIMES + 1


async def test_a_killed_worker_is_a_failed_clip_at_any_moment(world: World, tmp_path: Path) -> None:
    """SIGKILL while it starts, joins, waits, records or writes: told, and no part file is left."""
    coin = world.add_coin("KILLED", "Killed at any moment")
    await world.broadcast(coin, encoder="pre-encoded")
    rng = random.Random(11)
    async with capture_pool(world) as using:
        for number in range(TIMES):
            path = tmp_path / f"{number}.mp4"
            async with Underway(using, coin, 2.0, path) as clip:
                await asyncio.sleep(rng.uniform(0.0, 5.0))
                kill(clip.pid)
                result = await clip.result()
            whole = path.exists()
            assert result.status is (ClipStatus.COMPLETE if whole else ClipStatus.FAILED)
            assert whole or result.failure is ClipFailure.WORKER_DIED
            assert whole or "SIGKILL" in result.detail
            assert [name for name in names_in(tmp_path) if not name.endswith(".mp4")] == []
