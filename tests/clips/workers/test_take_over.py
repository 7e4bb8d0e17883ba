"""What a stranger calls an MP4 is taken over by a process that it cannot harm us by."""

from __future__ import annotations

import random
import struct
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from bot.clips.editing import TakeOver
from bot.clips.workers.trimmer import take_over
from bot.model import ClipFailure, ClipResult
from tests.clip_judge import judge
from tests.clips.capture.harness import names

UNUSABLE = frozenset(
    {
        ClipFailure.NO_MEDIA,
        ClipFailure.VIDEO_FORMAT,
        ClipFailure.VIDEO_H265,
        ClipFailure.VIDEO_TOO_LARGE,
        ClipFailure.WORKER_DIED,
    }
)


def film(
    path: Path,
    *,
    codec: str = "libx264",
    size: tuple[int, int] = (320, 180),
    seconds: float = 2.0,
    options: dict[str, str] | None = None,
    container: str = "mp4",
    pixels: str = "yuv420p",
) -> Path:
    """A small video of one grey after another."""
    with av.open(str(path), "w", format=container) as out:
        stream: Any = out.add_stream(codec, rate=30, options=options or {})
        stream.width, stream.height = size
        stream.pix_fmt = pixels
        for number in range(round(seconds * 30)):
            grey = np.full((size[1], size[0], 3), number % 256, dtype=np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
        out.mux(stream.encode(None))
    return path


async def taken(source: Path, folder: Path, longest: float = 60.0) -> ClipResult:
    target = folder / "clip.mp4"
    poster = str(folder / "clip.jpg")
    return (await take_over(TakeOver(str(source), str(target), longest, poster))).result


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "clips").mkdir()
    return tmp_path / "clips"


async def test_pictures_that_lie_in_another_order_than_they_are_shown_stay_whole(
    tmp_path: Path, folder: Path
) -> None:
    source = film(tmp_path / "film.mp4", options={"bf": "3", "x264-params": "bframes=3"})
    result = await taken(source, folder)
    assert result.failure is None
    assert result.seconds == pytest.approx(2.0, abs=0.05)
    with av.open(str(folder / "clip.mp4")) as made:
        times = [frame.pts or 0 for frame in made.decode(video=0)]
    assert len(times) == 60
    assert times == sorted(times)


async def test_a_long_one_is_cut(tmp_path: Path, folder: Path) -> None:
    source = film(tmp_path / "film.mp4", seconds=6.0)
    result = await taken(source, folder, longest=2.0)
    assert result.seconds == pytest.approx(2.0, abs=0.05)
    assert judge(folder / "clip.mp4").duration == pytest.approx(2.0, abs=0.1)


async def test_what_no_chat_plays_is_refused(tmp_path: Path, folder: Path) -> None:
    others = {
        "mpeg4": film(tmp_path / "mpeg4.mp4", codec="mpeg4"),
        "large": film(tmp_path / "large.mp4", size=(2048, 128), seconds=0.2),
        "matroska": film(tmp_path / "film.mkv", container="matroska"),
        "deep": film(tmp_path / "deep.mp4", pixels="yuv444p", seconds=0.2),
    }
    found = {name: (await taken(path, folder)).failure for name, path in others.items()}
    assert found["mpeg4"] is ClipFailure.VIDEO_FORMAT
    assert found["large"] is ClipFailure.VIDEO_TOO_LARGE
    assert found["matroska"] is ClipFailure.NO_MEDIA
    assert found["deep"] is ClipFailure.VIDEO_FORMAT
    assert names(folder) == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x00\x00\x18ftypisom" + bytes(1000),
        b"\x00\x00\x00\x18ftypisom" + b"\xff" * 100_000,
        b"\x00\x00\x00\x18ftypisom" + struct.pack(">I4s", 0xFFFFFFFF, b"moov") + bytes(64),
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    ],
)
async def test_junk_is_a_failed_clip_and_leaves_nothing(
    data: bytes, tmp_path: Path, folder: Path
) -> None:
    (tmp_path / "junk.mp4").write_bytes(data)
    assert (await taken(tmp_path / "junk.mp4", folder)).failure in UNUSABLE
    assert names(folder) == []


async def test_one_that_is_not_there_is_told(tmp_path: Path, folder: Path) -> None:
    assert (await taken(tmp_path / "none.mp4", folder)).failure is not None
    assert names(folder) == []


@pytest.mark.parametrize(
    "seeds", [range(8), pytest.param(range(8, 24), marks=pytest.mark.soak)], ids=str
)
async def test_damage_makes_a_whole_clip_or_none(
    seeds: range, tmp_path: Path, folder: Path
) -> None:
    whole = film(tmp_path / "film.mp4").read_bytes()
    for seed in seeds:
        dice, data = random.Random(seed), bytearray(whole)
        for _ in range(dice.choice((1, 4, 40))):
            data[dice.randrange(len(data))] = dice.randrange(256)
        if seed % 4 == 0:
            del data[dice.randrange(len(data)) :]
        (tmp_path / "damaged.mp4").write_bytes(data)
        result = await taken(tmp_path / "damaged.mp4", folder)
        if result.failure is None:
            assert result.bytes == (folder / "clip.mp4").stat().st_size
            assert 0 < result.seconds <= 60.0
        else:
            assert result.failure in UNUSABLE, seed
            assert names(folder) == []
        for left in folder.iterdir():
            left.unlink()
