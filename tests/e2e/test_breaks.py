"""What breaks under a clip: the server, the worker, the way in. And what it looks like whole."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from bot.demo.site import DEAD_REGION, Fault, TokenFault
from bot.demo.world import World
from bot.model import CaptureEnd, ClipFailure, ClipProgress, ClipStatus, NoteKind, Phase
from tests.patience import PATIENCE
from tests.scenes import BUSY, complaints, record, recorder

SMALL: dict[str, Any] = {"width": 640, "height": 360}


class Watch:
    """Progress, and an event for when the first second is recorded."""

    def __init__(self) -> None:
        self.phases: list[Phase] = []
        self.under_way = asyncio.Event()

    def __call__(self, now: ClipProgress) -> None:
        if not self.phases or self.phases[-1] is not now.phase:
            self.phases.append(now.phase)
        if now.done_seconds >= 1.0:
            self.under_way.set()


async def test_a_clip_of_720p30_keeps_every_promise(world: World, tmp_path: Path) -> None:
    """Small, what `make soak` shows at full length: length, ends, sync, frames, freezes."""
    coin, watch = world.add_coin("WHOLE", "Whole"), Watch()
    caster = await world.broadcast(coin, encoder="pre-encoded")
    async with recorder(world, keep_spare=True) as using:
        await using.spare()
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


async def test_a_server_that_dies_and_returns_leaves_a_held_picture(
    world: World, tmp_path: Path
) -> None:
    coin, watch = world.add_coin("REBORN", "Reborn"), Watch()
    await world.broadcast(coin, **SMALL)
    clip = asyncio.create_task(record(world, coin, 8.0, tmp_path, on_progress=watch))
    await watch.under_way.wait()
    await world.server.kill()
    await asyncio.sleep(1.5)  # it is away for so long
    await world.server.restart()
    result, verdict = await clip
    assert result.status is ClipStatus.COMPLETE
    assert Phase.RECONNECTING in watch.phases
    assert NoteKind.PICTURE_HELD in [note.kind for note in result.notes]
    assert verdict.duration > 7.5
    assert verdict.skew_p95 is not None
    assert verdict.skew_p95 < BUSY.p95


async def test_a_server_that_ends_the_room_ends_the_clip(world: World, tmp_path: Path) -> None:
    coin, watch = world.add_coin("ENDED", "Ended"), Watch()
    await world.broadcast(coin, **SMALL)
    clip = asyncio.create_task(record(world, coin, 8.0, tmp_path, on_progress=watch))
    await watch.under_way.wait()
    await world.server.delete_room(coin.room)
    result, verdict = await clip
    assert result.status is ClipStatus.PARTIAL
    assert result.end is CaptureEnd.ROOM_CLOSED
    assert 0.5 < verdict.duration < 4.0


async def test_a_worker_killed_in_mid_clip_is_one_failed_clip(world: World, tmp_path: Path) -> None:
    coin, watch = world.add_coin("KILLED", "Killed"), Watch()
    await world.broadcast(coin, **SMALL)
    async with recorder(world) as using:
        clip = asyncio.create_task(
            record(world, coin, 8.0, tmp_path, using=using, on_progress=watch)
        )
        await watch.under_way.wait()
        worker = next(c for c in psutil.Process().children() if "bot.clips.capture" in c.cmdline())
        os.kill(worker.pid, signal.SIGKILL)
        result, _ = await clip
        assert result.failure is ClipFailure.WORKER_DIED
        assert "SIGKILL" in result.detail
        assert list(tmp_path.iterdir()) == []
        again, verdict = await record(world, coin, 1.0, tmp_path, using=using)
    assert again.status is ClipStatus.COMPLETE, "the next clip has a worker of its own"
    assert verdict.duration > 0.5


async def test_a_dead_entrance_is_passed_by(world: World, tmp_path: Path) -> None:
    coin, watch = world.add_coin("REGION", "Region"), Watch()
    await world.broadcast(coin, **SMALL)
    dead = {**DEAD_REGION, "distance": "1"}
    world.site.set_regions([dead, {**world.site.near_region(), "distance": "2"}])
    result, _ = await record(world, coin, 1.0, tmp_path, on_progress=watch)
    assert result.status is ClipStatus.COMPLETE


async def test_a_refused_token_is_asked_for_once_more_and_never_shown(
    world: World, tmp_path: Path
) -> None:
    coin = world.add_coin("REFUSED", "Refused")
    await world.broadcast(coin, **SMALL)
    world.site.fail("regions", Fault.NOT_FOUND)  # so that LiveKit itself refuses
    coin.token_fault = TokenFault.WRONG_SECRET
    result, _ = await record(world, coin, 1.0, tmp_path)
    assert result.failure is ClipFailure.TOKEN_REFUSED
    assert result.detail == "401"
    assert world.site.count("join") == 2
    assert "eyJ" not in repr(result)


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


async def test_the_process_dies_with_its_parent(world: World, tmp_path: Path) -> None:
    """A parent that is killed outright closes nothing; the kernel does it for it."""
    coin = world.add_coin("ORPHAN", "Orphan")
    await world.broadcast(coin, **SMALL)
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "clip", coin.mint, "30s", "--out", str(tmp_path / "o.mp4")),
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
    assert workers
    _, alive = await asyncio.to_thread(psutil.wait_procs, workers, timeout=PATIENCE)
    assert alive == []
