"""What breaks under a clip: the server, the worker, the way in. And what it looks like whole."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import pytest_asyncio

from bot.demo.site.server import DEAD_REGION, Fault, TokenFault
from bot.demo.world import World
from bot.model import CaptureEnd, ClipFailure, ClipProgress, ClipResult, ClipStatus, NoteKind, Phase
from tests.clip_harness import AT_ONCE, BUSY, Taken, Underway, capture_pool, complaints, record
from tests.conftest import require_livekit_server
from tests.patience import PATIENCE

SMALL: dict[str, Any] = {"width": 320, "height": 180, "fps": 15}
"""Nobody counts the frames of these."""


class Watch:
    """Progress; `under_way` is set when the first second is recorded, `is_away` when the connection
    is found broken, `is_back` when several seconds are recorded since it came back."""

    def __init__(self) -> None:
        self.phases: list[Phase] = []
        self.under_way = asyncio.Event()
        self.is_away = asyncio.Event()
        self.is_back = asyncio.Event()
        self._began = 0.0

    def __call__(self, now: ClipProgress) -> None:
        if not self.phases or self.phases[-1] is not now.phase:
            self.phases.append(now.phase)
            self._began = now.done_seconds
        if now.done_seconds >= 1.0:
            self.under_way.set()
        if now.phase is Phase.RECONNECTING:
            self.is_away.set()
        is_back = now.phase is Phase.RECORDING and Phase.RECONNECTING in self.phases
        if is_back and now.done_seconds >= self._began + 5.0:
            self.is_back.set()


async def test_a_clip_of_720p30_keeps_every_promise(world: World, tmp_path: Path) -> None:
    """Small, what `make soak` shows at full length: length, ends, sync, frames, freezes."""
    coin, watch = world.add_coin("WHOLE", "Whole"), Watch()
    async with capture_pool(world, keep_spare=True) as using:
        caster, _ = await asyncio.gather(
            world.broadcast(coin, encoder="pre-encoded", loop_seconds=2), using.spare()
        )
        result, verdict = await record(
            world, coin, 5.0, tmp_path, caster=caster, using=using, on_progress=watch
        )
    assert result.status is ClipStatus.COMPLETE
    assert complaints(verdict, 5.0, BUSY) == []
    assert verdict.pix_fmt == "yuv420p"
    assert [path.name for path in tmp_path.iterdir()] == [result.path.name if result.path else ""]
    assert watch.phases == [
        Phase.JOINING, Phase.WAITING, Phase.SETTLING, Phase.RECORDING, Phase.WRITING,
    ]  # fmt: skip


async def server_dies(world: World, folder: Path) -> tuple[Taken, list[Phase]]:
    coin, watch = world.add_coin("REBORN", "Reborn"), Watch()
    await world.broadcast(coin, **SMALL)
    making = record(world, coin, 60.0, folder, finish=watch.is_back, on_progress=watch)
    clip = asyncio.create_task(making)
    await watch.under_way.wait()
    await world.server.kill()
    await watch.is_away.wait()
    await asyncio.sleep(2.0)  # so long it is away: a shorter hold is nothing that is told
    await world.server.restart()
    return await clip, watch.phases


async def room_ends(world: World, folder: Path) -> Taken:
    coin, watch = world.add_coin("ENDED", "Ended"), Watch()
    await world.broadcast(coin, **SMALL)
    clip = asyncio.create_task(record(world, coin, 8.0, folder, on_progress=watch))
    await watch.under_way.wait()
    await world.server.delete_room(coin.room)
    return await clip


async def worker_is_killed(world: World, folder: Path) -> tuple[ClipResult, list[Path], Taken]:
    """What came of it, what it left behind, and the next clip."""
    coin = world.add_coin("KILLED", "Killed")
    await world.broadcast(coin, **SMALL)
    async with capture_pool(world) as using:
        async with Underway(using, coin, 8.0, folder / "killed.mp4") as clip:
            await clip.reaches(Phase.RECORDING, 1.0)
            os.kill(clip.pid, signal.SIGKILL)
            result = await clip.result()
        left = list(folder.iterdir())
        return result, left, await record(world, coin, 1.0, folder, using=using)


async def entrance_is_dead(world: World, folder: Path) -> Taken:
    coin = world.add_coin("REGION", "Region")
    await world.broadcast(coin, **SMALL)
    dead = {**DEAD_REGION, "distance": "1"}
    world.site.set_regions([dead, {**world.site.near_region(), "distance": "2"}])
    return await record(world, coin, 1.0, folder)


async def token_is_refused(world: World, folder: Path) -> tuple[ClipResult, int]:
    """What came of it, and how often a token was asked for."""
    coin = world.add_coin("REFUSED", "Refused")
    coin.go_live("Nobody gets in", media=False)
    world.site.fail("regions", Fault.NOT_FOUND)  # so that LiveKit itself refuses
    coin.token_fault = TokenFault.WRONG_SECRET
    result, _ = await record(world, coin, 1.0, folder)
    return result, world.site.count("join")


async def parent_is_killed(world: World, folder: Path) -> tuple[int, list[psutil.Process]]:
    """How many processes it had, and those that stayed alive."""
    coin = world.add_coin("ORPHAN", "Orphan")
    await world.broadcast(coin, **SMALL)
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "clip", coin.mint, "30s", "--out", str(folder / "o.mp4")),
        env={**os.environ, **world.environment},
        stderr=asyncio.subprocess.PIPE,
    )
    assert parent.stderr is not None
    async for line in parent.stderr:
        if line.startswith(b"recording"):
            break
    workers = psutil.Process(parent.pid).children()
    parent.kill()
    await parent.wait()
    _, alive = await asyncio.to_thread(psutil.wait_procs, workers, timeout=PATIENCE)
    return len(workers), alive


SCENES: tuple[Callable[[World, Path], Awaitable[Any]], ...] = (
    server_dies, room_ends, worker_is_killed, entrance_is_dead, token_is_refused, parent_is_killed,
)  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of each scene, each in its own world."""
    require_livekit_server()
    turns = asyncio.Semaphore(AT_ONCE)

    async def play(scene: Callable[[World, Path], Awaitable[Any]]) -> Any:
        async with turns, World() as world:
            return await scene(world, tmp_path_factory.mktemp(scene.__name__))

    async with asyncio.TaskGroup() as playing:
        tasks = {scene.__name__: playing.create_task(play(scene)) for scene in SCENES}
    return {name: task.result() for name, task in tasks.items()}


def test_a_server_that_dies_and_returns_leaves_a_held_picture(played: dict[str, Any]) -> None:
    (result, verdict), phases = played["server_dies"]
    assert (result.status, result.end) == (ClipStatus.PARTIAL, CaptureEnd.STOPPED)
    assert Phase.RECONNECTING in phases
    assert NoteKind.PICTURE_HELD in [note.kind for note in result.notes]
    assert verdict.duration > 6.0
    assert verdict.skew_p95 is not None
    assert verdict.skew_p95 < BUSY.p95


def test_a_server_that_ends_the_room_ends_the_clip(played: dict[str, Any]) -> None:
    result, verdict = played["room_ends"]
    assert result.status is ClipStatus.PARTIAL
    assert result.end is CaptureEnd.ROOM_CLOSED
    assert 0.5 < verdict.duration < 4.0


def test_a_worker_killed_in_mid_clip_is_one_failed_clip(played: dict[str, Any]) -> None:
    result, left, (again, verdict) = played["worker_is_killed"]
    assert result.failure is ClipFailure.WORKER_DIED
    assert "SIGKILL" in result.detail
    assert left == []
    assert again.status is ClipStatus.COMPLETE, "the next clip has a worker of its own"
    assert verdict.duration > 0.5


def test_a_dead_entrance_is_passed_by(played: dict[str, Any]) -> None:
    result, _ = played["entrance_is_dead"]
    assert result.status is ClipStatus.COMPLETE


def test_a_refused_token_is_asked_for_once_more_and_never_shown(played: dict[str, Any]) -> None:
    result, asked = played["token_is_refused"]
    assert result.failure is ClipFailure.TOKEN_REFUSED
    assert result.detail == "401"
    assert asked == 2
    assert "eyJ" not in repr(result)


def test_the_process_dies_with_its_parent(played: dict[str, Any]) -> None:
    """A parent that is killed outright closes nothing; the kernel does it for it."""
    workers, alive = played["parent_is_killed"]
    assert workers
    assert alive == []


@pytest.mark.soak  # Ctrl-C in `test_command_line` shows it in every run
async def test_finishing_early_keeps_what_there_is(world: World, tmp_path: Path) -> None:
    coin, watch = world.add_coin("FINISH", "Finish"), Watch()
    await world.broadcast(coin, **SMALL)
    finish = asyncio.Event()
    clip = asyncio.create_task(
        record(world, coin, 20.0, tmp_path, finish=finish, on_progress=watch)
    )
    await watch.under_way.wait()
    finish.set()
    result, verdict = await clip
    assert result.status is ClipStatus.PARTIAL
    assert result.end is CaptureEnd.STOPPED
    assert 0.5 < verdict.duration < 4.0
