"""Two clips that were really encoded, of the same stream: the process finds how they lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.clips.editing import Align
from bot.clips.editing.alignment.process import track_of
from bot.clips.editing.segment_cut import cut_segments
from bot.clips.sources.recording.delay_meter import lag_between
from tests.clips.editing.segments import LENGTH, Take, segments, want, written


def made(folder: Path, take: Take, name: str) -> Path:
    """A clip of a whole take."""
    path, files = folder / f"{name}.mp4", written(folder, segments(take), name=name)
    cut_segments(want(files, folder, 0.0, take.count * LENGTH), path)
    return path


async def test_another_size_and_another_beginning_are_found(tmp_path: Path) -> None:
    """It begins 2.5 segments later: the beeps tell the part of a second, the pictures the rest."""
    long = made(tmp_path, Take(count=8), "long")
    short = made(tmp_path, Take(count=2, first=150, width=160, height=96), "short")
    found = await lag_between(Align(str(short), str(long)))
    assert found == pytest.approx(150 / 30, abs=0.05)


async def test_what_is_no_clip_is_told_as_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no clip")
    assert await lag_between(Align(str(broken), str(broken))) is None


def test_of_a_clip_without_sound_there_are_pictures(tmp_path: Path) -> None:
    track = track_of(made(tmp_path, Take(count=1, has_sound=False), "silent"), only_keyframes=False)
    assert len(track.loudness) == 0
    assert len(track.times) == 59
