"""A capture that stays open, on the real server: many clips of one ring."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from bot.demo.world import World
from bot.model import CaptureEnd, ClipFailure, ClipStatus
from tests.clip_harness import judged
from tests.ring_harness import open_ring

SMALL: dict[str, Any] = {"width": 320, "height": 180, "fps": 30}


async def test_clips_of_one_ring_are_made_at_the_same_time(world: World, tmp_path: Path) -> None:
    """Of the past, from now on, one that is given up, one that is ended early: each by itself."""
    coin = world.add_coin("RING", "Kept open")
    await world.broadcast(coin, **SMALL)
    async with open_ring(world, coin, 20.0) as ring:
        await ring.holds(4.0)
        now, enough = time.monotonic(), asyncio.Event()
        given_up = asyncio.create_task(ring.next(30.0, tmp_path / "given-up.mp4"))
        ended = asyncio.create_task(
            ring.window(now - 1.0, now + 30.0, tmp_path / "ended.mp4", enough)
        )
        following = asyncio.create_task(ring.next(2.0, tmp_path / "next.mp4"))
        last = await ring.last(3.0, tmp_path / "last.mp4")
        given_up.cancel()
        await asyncio.gather(given_up, return_exceptions=True)
        enough.set()
        results = [last, await ended, await following]
        again = await ring.last(2.0, tmp_path / "again.mp4")
    assert [result.status for result in results] == [
        ClipStatus.COMPLETE, ClipStatus.PARTIAL, ClipStatus.COMPLETE,
    ]  # fmt: skip
    assert again.status is ClipStatus.COMPLETE
    assert abs(last.seconds - 3.0) <= 0.5
    assert abs((await judged(last.path)).duration - 3.0) <= 0.5
    assert {path.name for path in tmp_path.iterdir()} == {
        "last.mp4", "ended.mp4", "next.mp4", "again.mp4",
    }  # fmt: skip


async def test_what_is_no_longer_kept_is_a_failure_that_says_so(
    world: World, tmp_path: Path
) -> None:
    coin = world.add_coin("OLD", "Too long ago")
    await world.broadcast(coin, **SMALL)
    async with open_ring(world, coin, 20.0) as ring:
        await ring.holds(1.0)
        now = time.monotonic()
        result = await ring.window(now - 90.0, now - 60.0, tmp_path / "old.mp4")
    assert (result.status, result.failure) == (ClipStatus.FAILED, ClipFailure.NOT_AT_HAND)
    assert list(tmp_path.iterdir()) == []


async def test_a_ring_outlives_the_room_until_it_is_closed(world: World, tmp_path: Path) -> None:
    coin = world.add_coin("OVER", "Over")
    await world.broadcast(coin, **SMALL)
    async with open_ring(world, coin, 20.0) as ring:
        await ring.holds(3.0)
        now = time.monotonic()
        await world.server.delete_room(coin.room)
        end = await ring.capture.ended
        result = await ring.window(now - 2.0, now - 0.5, tmp_path / "over.mp4")
    assert end.value == "room-closed"
    assert result.status is ClipStatus.COMPLETE


async def test_a_capture_that_is_not_let_in_is_over(world: World) -> None:
    coin = world.add_coin("OUT", "Not let in")
    await world.broadcast(coin, **SMALL)
    await world.server.kill()
    try:
        async with open_ring(world, coin, 20.0) as ring:
            assert await ring.capture.ended is CaptureEnd.CONNECTION_LOST
    finally:
        await world.server.restart()
