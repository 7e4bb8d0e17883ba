"""A capture that stays open, on the real server: many clips of one ring."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.clips.capture.liveness import RETURN_SECONDS
from bot.demo.world import World
from bot.model import CaptureEnd, ClipFailure, ClipResult, ClipStatus, NoteKind
from tests.clip_harness import BUSY, judged, kept
from tests.conftest import require_livekit_server
from tests.fakes.clock import until
from tests.ring_harness import OpenRing, off_the_window, open_ring

SMALL: dict[str, Any] = {"width": 320, "height": 180, "fps": 30}
LOOP: dict[str, Any] = {**SMALL, "encoder": "pre-encoded", "loop_seconds": 20}
"""It takes little, and each of its frames is known by its number."""

NEAR = 0.5
AT_ONCE = 4
"""So many play at once, which two cores carry."""

Scene = Callable[[World, Path], Awaitable[None]]


async def clips_of_one_ring_are_made_at_the_same_time(world: World, folder: Path) -> None:
    """Of the past, from now on, one that is given up, one that is ended early: each by itself."""
    coin = world.add_coin("RING", "Kept open")
    await world.broadcast(coin, **SMALL)
    async with open_ring(world, coin, 20.0) as ring:
        await ring.holds(4.0)
        now, enough = time.monotonic(), asyncio.Event()
        given_up = asyncio.create_task(ring.next(30.0, folder / "given-up.mp4"))
        ended = asyncio.create_task(
            ring.window(now - 1.0, now + 30.0, folder / "ended.mp4", enough)
        )
        following = asyncio.create_task(ring.next(2.0, folder / "next.mp4"))
        reaching = asyncio.create_task(ring.window(now - 2.0, now + 2.0, folder / "both.mp4"))
        last = await ring.last(3.0, folder / "last.mp4")
        given_up.cancel()
        await asyncio.gather(given_up, return_exceptions=True)
        enough.set()
        results = [last, await ended, await following, await reaching]
        again = await ring.last(2.0, folder / "again.mp4")
    assert [result.status for result in results] == [
        ClipStatus.COMPLETE, ClipStatus.PARTIAL, ClipStatus.COMPLETE, ClipStatus.COMPLETE,
    ]  # fmt: skip
    assert abs(results[3].seconds - 4.0) <= 0.5
    assert again.status is ClipStatus.COMPLETE
    assert abs(last.seconds - 3.0) <= 0.5
    assert abs((await judged(last.path)).duration - 3.0) <= 0.5
    assert {path.name for path in folder.iterdir()} == {
        "last.mp4", "ended.mp4", "next.mp4", "both.mp4", "again.mp4",
    }  # fmt: skip


async def what_is_no_longer_kept_is_a_failure_that_says_so(world: World, folder: Path) -> None:
    coin = world.add_coin("OLD", "Too long ago")
    await world.broadcast(coin, **SMALL)
    async with open_ring(world, coin, 20.0) as ring:
        await ring.holds(1.0)
        now = time.monotonic()
        result = await ring.window(now - 90.0, now - 60.0, folder / "old.mp4")
    assert (result.status, result.failure) == (ClipStatus.FAILED, ClipFailure.NOT_AT_HAND)
    assert list(folder.iterdir()) == []


async def a_ring_outlives_the_room_until_it_is_closed(world: World, folder: Path) -> None:
    coin = world.add_coin("OVER", "Over")
    await world.broadcast(coin, **SMALL)
    async with open_ring(world, coin, 20.0) as ring:
        await ring.holds(3.0)
        now = time.monotonic()
        await world.server.delete_room(coin.room)
        end = await ring.capture.ended
        result = await ring.window(now - 2.0, now - 0.5, folder / "over.mp4")
    assert end.value == "room-closed"
    assert result.status is ClipStatus.COMPLETE


async def a_capture_that_is_not_let_in_is_over(world: World, folder: Path) -> None:
    coin = world.add_coin("OUT", "Not let in")
    await world.broadcast(coin, **SMALL)
    await world.server.kill()
    async with open_ring(world, coin, 20.0) as ring:
        assert await ring.capture.ended is CaptureEnd.CONNECTION_LOST
    assert list(folder.iterdir()) == []


async def twenty_clips_within_ten_seconds_are_all_right(world: World, folder: Path) -> None:
    """Each shows what was on air in its window; and the ring is none the worse for it."""
    coin = world.add_coin("TWENTY", "Twenty at once")
    caster = await world.broadcast(coin, **LOOP)
    chance = random.Random(20)
    async with open_ring(world, coin, 30.0) as ring:
        await ring.holds(12.0)
        began, windows = time.monotonic(), list[tuple[float, float]]()
        clips: list[asyncio.Task[ClipResult]] = []
        for number in range(20):
            ends = time.monotonic() - chance.choice([0.0, chance.uniform(0.0, 6.0)])
            windows.append((ends - chance.uniform(2.0, 5.0), ends))
            clip = ring.window(*windows[-1], folder / f"{number}.mp4")
            clips.append(asyncio.create_task(clip))
            await asyncio.wait(clips[-1:], timeout=chance.uniform(0.0, 0.4))
        results = await asyncio.gather(*clips)
        whole = await ring.window(began, time.monotonic(), folder / "whole.mp4")
    assert {result.status for result in [*results, whole]} == {ClipStatus.COMPLETE}
    for window, result in zip(windows, results, strict=True):
        verdict = await judged(result.path)
        off = off_the_window(verdict, caster, *window)
        assert max(map(abs, off)) <= NEAR, (window, off)
        assert abs(verdict.duration - (window[1] - window[0])) <= 2 * NEAR
    verdict = await judged(whole.path, caster)
    assert kept(verdict) >= BUSY.kept
    assert verdict.ordered
    assert verdict.backwards == 0


async def one_that_is_cancelled_while_it_is_written_leaves_nothing(
    world: World, folder: Path
) -> None:
    coin = world.add_coin("CANCEL", "Given up")
    await world.broadcast(coin, **SMALL)
    async with open_ring(world, coin, 20.0) as ring:
        await ring.holds(8.0)
        for number in range(10):
            clip = asyncio.create_task(ring.last(6.0, folder / f"{number}.mp4"))
            await asyncio.wait([clip], timeout=0.02 * number)
            clip.cancel()
            await asyncio.gather(clip, return_exceptions=True)
            assert clip.cancelled() or clip.result().path == folder / f"{number}.mp4"
        beside = await ring.last(2.0, folder / "beside.mp4")
    made = {f"{n}.mp4" for n in range(10) if (folder / f"{n}.mp4").exists()}
    assert beside.status is ClipStatus.COMPLETE
    assert {path.name for path in folder.iterdir()} == {"beside.mp4", *made}


async def a_ring_goes_on_when_its_creator_leaves_and_returns(world: World, folder: Path) -> None:
    """What came last can be had while nobody is there, and a window over the hole says so. That it
    left is told before it is given up."""
    coin = world.add_coin("RETURN", "Leaves and returns")
    caster = await world.broadcast(coin, **LOOP)
    async with open_ring(world, coin, 20.0) as ring:
        await ring.holds(6.0)
        left = time.monotonic()
        await caster.leave()
        gone = time.monotonic()
        await ring.is_fresh(False)
        told = time.monotonic()
        state = ring.capture.ring
        before = await ring.window(left - 3.0, left - 1.0, folder / "before.mp4")
        await until(lambda: time.monotonic() > gone + RETURN_SECONDS + 1.0)
        nothing = await ring.last(3.0, folder / "nothing.mp4")
        await caster.back()
        await ring.is_fresh()
        await ring.reaches(time.monotonic() + 6.0)
        over = await ring.window(left - 3.0, time.monotonic(), folder / "over.mp4")
        after = await ring.last(3.0, folder / "after.mp4")
    assert told - gone < RETURN_SECONDS
    assert state is not None
    assert state.newest == pytest.approx(left, abs=1.0)
    assert before.status is ClipStatus.COMPLETE
    assert nothing.status is ClipStatus.FAILED
    assert (after.status, after.notes) == (ClipStatus.COMPLETE, ())
    assert over.status is ClipStatus.COMPLETE
    assert NoteKind.BEGAN_LATER in {note.kind for note in over.notes}
    assert over.seconds > 5.0
    verdict = await judged(over.path)
    assert verdict.longest_gap < BUSY.freeze


async def a_ring_goes_on_when_the_server_was_away(world: World, folder: Path) -> None:
    coin = world.add_coin("AWAY", "The server was away")
    await world.broadcast(coin, **SMALL)
    async with open_ring(world, coin, 60.0) as ring:
        await ring.holds(5.0)
        broke = time.monotonic()
        await world.server.kill()
        before = await ring.window(broke - 4.0, broke - 1.0, folder / "before.mp4")
        await world.server.restart()
        await ring.holds(5.0 + time.monotonic() - broke)
        await moving(ring, folder)
        again = await ring.window(broke - 4.0, broke - 1.0, folder / "again.mp4")
    assert before.status is ClipStatus.COMPLETE
    assert again.status is ClipStatus.COMPLETE
    assert (folder / "again.mp4").read_bytes() == (folder / "before.mp4").read_bytes()


async def a_picture_that_comes_later_is_shown_where_it_is_most_of_the_window(
    world: World, folder: Path
) -> None:
    coin = world.add_coin("CAMERA", "The camera comes later")
    caster = await world.broadcast(coin, **SMALL)
    await caster.unpublish("video")
    async with open_ring(world, coin, 30.0) as ring:
        await ring.holds(6.0)
        shown = time.monotonic()
        await caster.republish("video")
        await ring.reaches(shown + 6.0)
        most_of_it = await ring.window(shown - 2.0, shown + 5.0, folder / "picture.mp4")
        little_of_it = await ring.window(shown - 5.0, shown + 2.0, folder / "sound.mp4")
    assert (most_of_it.has_video, most_of_it.status) == (True, ClipStatus.COMPLETE)
    assert NoteKind.BEGAN_LATER in {note.kind for note in most_of_it.notes}
    assert 3.5 < most_of_it.seconds < 6.0
    assert (little_of_it.has_video, little_of_it.status) == (False, ClipStatus.COMPLETE)
    assert [note.kind for note in little_of_it.notes] == [NoteKind.NO_PICTURE]
    assert little_of_it.seconds == pytest.approx(7.0, abs=0.5)


async def moving(ring: OpenRing, folder: Path) -> None:
    """Until what is on air now is in it."""

    async def is_moving() -> bool:
        path = folder / "look.mp4"
        path.unlink(missing_ok=True)
        await ring.last(1.0, path)
        return len(set((await judged(path)).numbers)) > 10 if path.exists() else False

    await until(is_moving)


IN_ONE_WORLD: tuple[Scene, ...] = (
    a_ring_goes_on_when_its_creator_leaves_and_returns,
    twenty_clips_within_ten_seconds_are_all_right,
    a_picture_that_comes_later_is_shown_where_it_is_most_of_the_window,
    one_that_is_cancelled_while_it_is_written_leaves_nothing,
    clips_of_one_ring_are_made_at_the_same_time,
    a_ring_outlives_the_room_until_it_is_closed,
    what_is_no_longer_kept_is_a_failure_that_says_so,
)
ITS_SERVER_DIES: tuple[Scene, ...] = (
    a_ring_goes_on_when_the_server_was_away,
    a_capture_that_is_not_let_in_is_over,
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, asyncio.Task[None]]:
    """All scenes, some at once: they mostly wait."""
    require_livekit_server()
    stage = asyncio.Semaphore(AT_ONCE)
    async with World() as world:
        tasks = {
            scene.__name__: asyncio.create_task(
                play(scene, tmp_path_factory.mktemp("ring"), stage, world)
            )
            for scene in IN_ONE_WORLD
        }
        tasks |= {
            scene.__name__: asyncio.create_task(play(scene, tmp_path_factory.mktemp("ring"), stage))
            for scene in ITS_SERVER_DIES
        }
        await asyncio.wait(tasks.values())
    return tasks


async def play(
    scene: Scene, folder: Path, stage: asyncio.Semaphore, world: World | None = None
) -> None:
    async with stage, contextlib.AsyncExitStack() as stack:
        if world is None:
            world = await stack.enter_async_context(World())
        await scene(world, folder)


@pytest.mark.soak
@pytest.mark.parametrize("scene", [one.__name__ for one in (*IN_ONE_WORLD, *ITS_SERVER_DIES)])
def test_of_a_capture_that_stays_open(played: dict[str, asyncio.Task[None]], scene: str) -> None:
    played[scene].result()
