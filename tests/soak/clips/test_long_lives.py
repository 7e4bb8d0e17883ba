"""Many clips and long captures: nothing is left, nothing grows, every death is told."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import psutil
import pytest

from bot.demo.world import World
from bot.kit.tasks import background
from bot.model import ClipFailure, ClipStatus
from tests.bench.meters import rss_over, slope
from tests.clip_harness import Underway, capture_pool, record
from tests.ring_harness import OpenRing, open_ring
from tests.soak.processes import kill, names_in, open_files

pytestmark = [pytest.mark.soak, pytest.mark.timeout(2400)]

RING_SECONDS = 60.0
CLIP_SECONDS = 30.0
EACH_SECONDS = 20.0
WATCHED_SECONDS = 1800.0
MOST_MEGABYTES = 165.0
MOST_GROWTH = 0.5
"""MB a minute: what a leak of one packet in a hundred would exceed."""

TIMES = 20


async def test_memory_stays_flat_for_half_an_hour(world: World, tmp_path: Path) -> None:
    """A ring of 720p30 with 60 s, watched from when it is full, and a clip cut of it each 20 s."""
    coin = world.add_coin("MEMORY", "What it keeps")
    await world.broadcast(coin)
    async with open_ring(world, coin, RING_SECONDS) as ring:
        await ring.holds(RING_SECONDS)
        async with background(_cut_again_and_again(ring, tmp_path), "clips-of-it") as cutting:
            points = await rss_over(ring.capture.pid, WATCHED_SECONDS, every=1.0)
            assert not cutting.done(), cutting.result()
    growth = slope([(second / 60, size) for second, size in points])
    most = max(size for _, size in points)
    print(f"{most:.0f} MB at most, {growth:+.2f} MB a minute")  # for docs/performance.md
    assert most <= MOST_MEGABYTES
    assert growth <= MOST_GROWTH, f"{growth:.2f} MB a minute"


async def _cut_again_and_again(ring: OpenRing, folder: Path) -> None:
    while True:
        result = await ring.last(CLIP_SECONDS, folder / "clip.mp4")
        assert result.status is ClipStatus.COMPLETE, result
        await asyncio.sleep(EACH_SECONDS)


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
