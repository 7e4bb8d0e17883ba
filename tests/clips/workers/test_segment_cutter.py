"""A clip of a recording's segments is cut by a process, which leaves a whole file or none."""

from __future__ import annotations

import asyncio
import functools
from dataclasses import replace
from pathlib import Path

import av
import pytest

from bot.clips.editing import CutSegments
from bot.clips.workers.segment_cutter import cut_segments
from bot.kit.pictures.jpeg import jpeg_size
from bot.model import ClipFailure, ClipStatus
from tests.clip_judge import judge
from tests.clips.capture.harness import names
from tests.clips.editing.segments import FPS, LENGTH, PICTURES, Take, segments, want, written
from tests.fakes.clock import until


@functools.cache
def parts() -> tuple[bytes, ...]:
    return tuple(segments(Take()))


def clip(folder: Path, target: Path, begins: float = 2.5, ends: float = 9.0) -> CutSegments:
    """`clip.mp4` and its poster in `target`, of segments in `folder`."""
    wanted = want(written(folder, parts()), target, begins, ends)
    return replace(wanted, poster=str(target / "clip.jpg"))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "clips"
    folder.mkdir()
    return folder


async def test_the_process_tells_what_it_has_made(tmp_path: Path, target: Path) -> None:
    made = await cut_segments(clip(tmp_path, target))
    result, verdict = made.result, judge(target / "clip.mp4")
    assert (result.status, result.path) == (ClipStatus.COMPLETE, target / "clip.mp4")
    assert made.begins == pytest.approx(LENGTH, abs=0.001)
    assert verdict.numbers == list(range(PICTURES, 9 * FPS))
    assert (made.frames, made.gaps) == (verdict.frames, 0)
    assert (result.width, result.height, result.fps) == (320, 180, 30.0)
    assert (result.has_video, result.has_audio, result.poster) == (True, True, "clip.jpg")
    assert jpeg_size(target / "clip.jpg") == (320, 180)
    assert names(target) == ["clip.jpg", "clip.mp4"]


async def test_eight_are_cut_at_once(tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(8)]
    for folder in folders:
        folder.mkdir()
    made = await asyncio.gather(*(cut_segments(clip(folder, folder)) for folder in folders))
    assert {one.result.status for one in made} == {ClipStatus.COMPLETE}


@pytest.mark.parametrize(
    "junk", [b"G" + bytes(187), b"G" * 188, b"\x47\x1f\xff\x10" + b"\xff" * 184]
)
async def test_junk_is_a_failed_clip_and_leaves_nothing(
    junk: bytes, tmp_path: Path, target: Path
) -> None:
    files = written(tmp_path, [junk * 20_000])
    made = await cut_segments(want(files, target, 0.0, 9.0))
    assert made.result.failure in (ClipFailure.NO_MEDIA, ClipFailure.WORKER_DIED)
    assert names(target) == []


@pytest.mark.parametrize(
    "seeds", [range(4), pytest.param(range(4, 12), marks=pytest.mark.soak)], ids=str
)
async def test_damaged_segments_make_a_clip_of_the_length_that_is_told_or_none(
    seeds: range, tmp_path: Path, target: Path
) -> None:
    for seed in seeds:
        damaged = list(parts())
        for at in range(1, 5):
            data = bytearray(damaged[at])
            for hit in range(4 + seed, len(data), 5000 + 777 * seed):
                data[hit] ^= 1 << seed % 8
            damaged[at] = bytes(data)
        made = await cut_segments(want(written(tmp_path, damaged), target, 0.0, 12.0))
        if (path := made.result.path) is not None:
            with av.open(str(path)) as container:
                seconds = (container.duration or 0) / av.time_base
            assert abs(seconds - made.result.seconds) < 0.1
            path.unlink()
        assert names(target) == []


async def test_whoever_stops_waiting_leaves_nothing_half_done(tmp_path: Path, target: Path) -> None:
    work = asyncio.create_task(cut_segments(clip(tmp_path, target)))
    await until(lambda: bool(names(target)) or work.done())
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert not [name for name in names(target) if name.endswith(".part")]
