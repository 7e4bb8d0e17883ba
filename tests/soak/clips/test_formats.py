"""Streams that cannot be recorded, or not as they are: what is said of them, how soon, how much."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from bot.demo.world import World
from bot.model import CaptureEnd, ClipFailure, ClipResult, ClipStatus, NoteKind, Phase
from tests.clip_harness import Underway, capture_pool, judged, record
from tests.soak.publisher.go_publisher import h265

pytestmark = [pytest.mark.soak, pytest.mark.timeout(300)]

SMALL: dict[str, Any] = {"width": 640, "height": 360}
SECONDS = 8.0
SOON = 12.0
"""Seconds, on a busy machine; a room without media is waited for longer than that."""

MOST_MEGABYTES = 400.0


def kinds(result: ClipResult) -> list[NoteKind]:
    return [note.kind for note in result.notes]


async def test_h265_is_said_at_once(world: World, tmp_path: Path) -> None:
    coin = world.add_coin("HEVC", "In H.265")
    async with h265(world, coin, tmp_path, sound=False):
        began = time.monotonic()
        result, _ = await record(world, coin, SECONDS, tmp_path)
    assert result.failure is ClipFailure.VIDEO_H265
    assert time.monotonic() - began < SOON


async def test_of_h265_the_sound_is_recorded_at_once(world: World, tmp_path: Path) -> None:
    coin = world.add_coin("HEVC", "In H.265")
    async with h265(world, coin, tmp_path, sound=True):
        began = time.monotonic()
        result, verdict = await record(world, coin, SECONDS, tmp_path)
    assert result.status is ClipStatus.COMPLETE, result
    assert (result.has_video, result.has_audio) == (False, True)
    assert kinds(result) == [NoteKind.VIDEO_H265]
    assert abs(verdict.duration - SECONDS) <= 0.5
    assert time.monotonic() - began < SECONDS + SOON


async def test_of_b_frames_the_sound_is_recorded(world: World, tmp_path: Path) -> None:
    coin = world.add_coin("BFRAMES", "With B frames")
    await world.broadcast(coin, encoder="pre-encoded", b_frames=2, **SMALL)
    result, verdict = await record(world, coin, SECONDS, tmp_path)
    assert result.status is ClipStatus.COMPLETE, result
    assert kinds(result) == [NoteKind.VIDEO_UNDECODABLE]
    assert abs(verdict.duration - SECONDS) <= 0.5


async def test_a_picture_that_turns_undecodable_ends_the_clip(world: World, tmp_path: Path) -> None:
    """The creator's program starts again in mid-clip, with other settings."""
    coin = world.add_coin("TURNS", "Turns bad")
    caster = await world.broadcast(coin, encoder="pre-encoded", **SMALL)
    async with (
        capture_pool(world) as using,
        Underway(using, coin, 30.0, tmp_path / "turns.mp4") as clip,
    ):
        await clip.reaches(Phase.RECORDING, 3.0)
        await caster.leave()
        await world.broadcast(coin, encoder="pre-encoded", b_frames=2, **SMALL)
        result = await clip.result()
    assert result.status is ClipStatus.PARTIAL, result
    assert result.end is CaptureEnd.VIDEO_FAULT
    assert NoteKind.VIDEO_UNDECODABLE in kinds(result)
    assert 2.0 < result.seconds < 20.0


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"width": 7680, "height": 4320, "fps": 3}, None),
        ({"width": 7680, "height": 4320, "fps": 3, "simulcast": True}, (1280, 720)),
        ({"width": 3840, "height": 2160, "fps": 10}, (1280, 720)),
        ({"width": 8192, "height": 256, "fps": 15}, (1280, 40)),
        ({"width": 256, "height": 4096, "fps": 15}, (80, 1280)),
        ({"width": 720, "height": 1280}, (720, 1280)),
    ],
    ids=["8k", "8k-simulcast", "4k", "ribbon", "upright-ribbon", "upright"],
)
async def test_any_size_is_bounded_or_refused(
    world: World, tmp_path: Path, options: dict[str, Any], expected: tuple[int, int] | None
) -> None:
    coin = world.add_coin("SIZES", "Of any size")
    await world.broadcast(coin, codec="vp8", content="plain", audio=False, **options)
    path = tmp_path / "size.mp4"
    async with capture_pool(world) as using, Underway(using, coin, 3.0, path) as clip:
        making = asyncio.create_task(clip.result(), name="clip-result")
        most = await most_memory(clip.pid, making)
        result = await making
    verdict = await judged(result.path)
    # Where the small layers are late, pictures of 50 MB come first: it is a sentence then.
    is_refused = options.get("simulcast") and result.failure is ClipFailure.WORKER_MEMORY
    if expected is None:
        assert result.failure is ClipFailure.VIDEO_TOO_LARGE
    elif not is_refused:
        assert (result.width, result.height) == (verdict.width, verdict.height) == expected
    assert most < MOST_MEGABYTES


async def most_memory(pid: int, until: asyncio.Task[ClipResult]) -> float:
    """The most that a process takes until something is done, in MB."""
    process, most = psutil.Process(pid), 0.0
    while not until.done():
        with contextlib.suppress(psutil.Error):  # it has ended
            most = max(most, process.memory_info().rss / 1e6)
        await asyncio.sleep(0.1)
    return most
