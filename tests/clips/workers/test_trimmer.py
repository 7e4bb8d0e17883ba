"""A part of a clip is cut out by a process, which leaves a whole file or none."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from itertools import chain
from pathlib import Path

import pytest

from bot.clips.capture.media.timeline import SECOND
from bot.clips.editing import TrimClip
from bot.clips.workers.trimmer import Trimmer
from bot.kit.pictures.jpeg import jpeg_size
from bot.model import ClipFailure, ClipStatus
from tests.clip_judge import judge
from tests.clips.capture.harness import FPS, encode, names, pictures, sounds
from tests.fakes.clock import FakeClock, until


@pytest.fixture(scope="module")
def padded_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("padded") / "padded.mp4"
    encode(chain(sounds(5), pictures(range(5 * FPS)))).write(path, 0, 4 * SECOND)
    return path


@pytest.fixture
async def trimmer() -> AsyncIterator[Trimmer]:
    made = Trimmer(FakeClock())
    yield made
    await made.close()


def part(padded_clip: Path, folder: Path, begins: float = 1.7, ends: float = 3.0) -> TrimClip:
    """`clip.mp4` out of it, and its poster."""
    return TrimClip(
        str(padded_clip), str(folder / "clip.mp4"), begins, ends, str(folder / "clip.jpg")
    )


async def test_the_process_cuts_a_part_out_and_tells_what_it_is(
    trimmer: Trimmer, padded_clip: Path, tmp_path: Path
) -> None:
    before = padded_clip.read_bytes()
    made = await trimmer.trim(part(padded_clip, tmp_path))
    path, verdict = tmp_path / "clip.mp4", judge(tmp_path / "clip.mp4")
    assert made.begins == 1.5
    result = made.result
    assert (result.status, result.path) == (ClipStatus.COMPLETE, path)
    assert (result.seconds, result.fps, result.bytes) == (1.5, 30.0, path.stat().st_size)
    assert (result.width, result.height) == (verdict.width, verdict.height)
    assert (result.has_video, result.has_audio, result.poster) == (True, True, "clip.jpg")
    assert verdict.numbers == list(range(45, 90))
    assert jpeg_size(tmp_path / "clip.jpg") == (320, 180)
    assert names(tmp_path) == ["clip.jpg", "clip.mp4"]
    assert padded_clip.read_bytes() == before


async def test_what_cannot_be_cut_is_a_failed_clip_and_leaves_nothing(
    trimmer: Trimmer, padded_clip: Path, tmp_path: Path
) -> None:
    made = await trimmer.trim(part(padded_clip, tmp_path, 9.0, 10.0))
    assert (made.result.status, made.result.failure) == (ClipStatus.FAILED, ClipFailure.NO_MEDIA)
    gone = await trimmer.trim(part(tmp_path / "gone.mp4", tmp_path))
    assert gone.result.failure is ClipFailure.NOT_WRITABLE
    assert names(tmp_path) == []


async def test_the_process_serves_several_and_goes_when_nobody_has_wanted_it_for_long(
    padded_clip: Path, tmp_path: Path
) -> None:
    clock = FakeClock()
    trimmer = Trimmer(clock)
    folders = [tmp_path / str(number) for number in range(3)]
    for folder in folders:
        folder.mkdir()
    assert trimmer.pid is None
    await trimmer.trim(part(padded_clip, folders[0]))
    pid = trimmer.pid
    await clock.advance(100)
    both = (trimmer.trim(part(padded_clip, folder)) for folder in folders[1:])
    made = await asyncio.gather(*both)
    assert [one.result.status for one in made] == [ClipStatus.COMPLETE] * 2
    assert trimmer.pid == pid
    await clock.advance(119)
    assert trimmer.pid == pid
    await clock.advance(2)
    await until(lambda: trimmer.pid is None)
    await trimmer.close()


async def test_one_that_ended_while_nobody_looked_is_replaced(
    trimmer: Trimmer, padded_clip: Path, tmp_path: Path
) -> None:
    await trimmer.trim(part(padded_clip, tmp_path))
    pid = trimmer.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    (tmp_path / "clip.mp4").unlink()
    made = await trimmer.trim(part(padded_clip, tmp_path))
    assert made.result.status is ClipStatus.COMPLETE
    assert trimmer.pid not in (pid, None)


async def test_whoever_stops_waiting_leaves_nothing_half_done(
    trimmer: Trimmer, padded_clip: Path, tmp_path: Path
) -> None:
    work = asyncio.create_task(trimmer.trim(part(padded_clip, tmp_path)))
    await until(lambda: bool(list(tmp_path.iterdir())) or work.done())
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert not [name for name in names(tmp_path) if name.endswith(".part")]
