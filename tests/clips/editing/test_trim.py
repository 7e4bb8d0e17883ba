"""Parts of clips that were really encoded: which frames they have, and that both streams agree."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest

from bot.clips.capture.media.timeline import SECOND
from bot.clips.editing.clip_file import WriteFailure, WrittenFile
from bot.clips.editing.trim import trim
from bot.model import ClipFailure
from tests.clip_judge import Verdict, judge
from tests.clips.capture.harness import FPS, SMALL, encode, names, pictures, sounds

WHOLE = 8
"""Seconds of the file that parts are cut out of; two keyframes in each of them."""


@pytest.fixture(scope="module")
def padded_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("padded") / "padded.mp4"
    jobs = chain(sounds(WHOLE + 1), pictures(range((WHOLE + 1) * FPS)))
    encode(jobs).write(path, 0, WHOLE * SECOND)
    return path


def part_of_it(
    padded_clip: Path, folder: Path, begins: float, ends: float
) -> tuple[WrittenFile, Verdict]:
    path = folder / "part.mp4"
    made = trim(padded_clip, path, begins, ends)
    assert made.bytes == path.stat().st_size
    return made, judge(path)


def test_a_part_has_exactly_its_frames_and_plays_anywhere(
    padded_clip: Path, tmp_path: Path
) -> None:
    before = padded_clip.read_bytes()
    made, verdict = part_of_it(padded_clip, tmp_path, 3.0, 6.0)
    assert (made.begins, made.seconds, made.frames) == (3.0, 3.0, 90)
    assert (made.picture, made.has_audio) == (SMALL, True)
    assert verdict.numbers == list(range(90, 180))
    assert verdict.pts[0] == 0.0
    assert verdict.moov_first
    assert verdict.ordered
    assert verdict.keyframe_first
    assert verdict.duration == pytest.approx(3.0, abs=0.03)
    assert (verdict.video_codec, verdict.audio_codec) == ("h264", "aac")
    assert padded_clip.read_bytes() == before


def test_picture_and_sound_stay_together(padded_clip: Path, tmp_path: Path) -> None:
    whole = judge(padded_clip)
    _, verdict = part_of_it(padded_clip, tmp_path, 2.0, 7.0)
    assert verdict.skew_median == pytest.approx(whole.skew_median, abs=0.003)
    assert verdict.audio_start == pytest.approx(0.0, abs=0.022)
    assert verdict.audio_end == pytest.approx(5.0, abs=0.022)


@pytest.mark.parametrize(
    ("begins", "ends", "first"),
    [(3.2, 5.5, 3.0), (3.3, 5.5, 3.5), (3.4, 3.8, 3.0)],
    ids=["the one before", "the one after", "not one that takes too much of it away"],
)
def test_between_keyframes_it_begins_at_the_nearest(
    padded_clip: Path, tmp_path: Path, begins: float, ends: float, first: float
) -> None:
    made, verdict = part_of_it(padded_clip, tmp_path, begins, ends)
    assert made.begins == first
    assert made.seconds == pytest.approx(ends - first)
    assert verdict.numbers == list(range(round(first * FPS), round(ends * FPS)))
    assert verdict.keyframe_first
    assert verdict.audio_start == pytest.approx(0.0, abs=0.022)


def test_it_ends_at_the_frame_where_no_keyframe_is(padded_clip: Path, tmp_path: Path) -> None:
    made, verdict = part_of_it(padded_clip, tmp_path, 1.0, 2.24)
    assert verdict.numbers == list(range(30, 68))
    assert made.seconds == 1.24
    assert verdict.video_end == pytest.approx(1.24, abs=0.001)


def test_what_lies_beyond_the_file_is_left_out(padded_clip: Path, tmp_path: Path) -> None:
    made, verdict = part_of_it(padded_clip, tmp_path, -3.0, 2.0)
    assert (made.begins, made.seconds) == (0.0, 2.0)
    assert verdict.numbers == list(range(60))
    made, verdict = part_of_it(padded_clip, tmp_path, 6.0, 20.0)
    assert made.seconds == pytest.approx(2.0, abs=0.03)
    assert verdict.numbers == list(range(180, 240))


@pytest.mark.parametrize(("begins", "ends"), [(20.0, 30.0), (-9.0, -1.0), (8.5, 9.0)])
def test_a_part_of_which_there_is_nothing_leaves_nothing(
    padded_clip: Path, tmp_path: Path, begins: float, ends: float
) -> None:
    with pytest.raises(WriteFailure) as caught:
        trim(padded_clip, tmp_path / "part.mp4", begins, ends)
    assert caught.value.failure is ClipFailure.NO_MEDIA
    assert names(tmp_path) == []


def test_of_sound_alone_the_sound_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    encode(sounds(6)).write(path, 0, 5 * SECOND)
    made, verdict = part_of_it(path, tmp_path, 1.5, 3.5)
    assert (made.picture, made.frames) == (None, 0)
    assert made.begins == pytest.approx(1.5, abs=0.022)
    assert verdict.duration == pytest.approx(2.0, abs=0.05)
    assert verdict.beeps == pytest.approx([0.5, 1.5], abs=0.03)


def test_of_a_picture_alone_the_pictures_are_cut(tmp_path: Path) -> None:
    path = tmp_path / "silent.mp4"
    encode(pictures(range(5 * FPS))).write(path, 0, 4 * SECOND)
    made, verdict = part_of_it(path, tmp_path, 1.0, 3.0)
    assert not made.has_audio
    assert verdict.numbers == list(range(30, 90))


def test_a_picture_that_is_held_lasts_to_the_end_and_no_longer(tmp_path: Path) -> None:
    path = tmp_path / "held.mp4"
    numbers = [*range(31), *range(90, 150)]
    encode(pictures(numbers)).write(path, 0, 5 * SECOND)
    made, verdict = part_of_it(path, tmp_path, 0.0, 2.0)
    assert made.seconds == 2.0
    assert verdict.video_end == pytest.approx(2.0, abs=0.001)


def test_a_part_of_a_part_is_the_same_as_of_the_whole(padded_clip: Path, tmp_path: Path) -> None:
    trim(padded_clip, tmp_path / "first.mp4", 2.0, 7.0)
    _, again = part_of_it(tmp_path / "first.mp4", tmp_path, 1.0, 4.0)
    _, direct = part_of_it(padded_clip, tmp_path, 3.0, 6.0)
    assert again.numbers == direct.numbers
    assert again.pts == pytest.approx(direct.pts, abs=0.001)
    assert again.skew_median == pytest.approx(direct.skew_median, abs=0.003)


@pytest.mark.parametrize("what", ["nothing there", "no video", "nowhere to write", "full"])
def test_what_cannot_be_read_or_written_is_told_and_leaves_nothing(
    padded_clip: Path, tmp_path: Path, what: str
) -> None:
    source, part, expected = padded_clip, tmp_path / "part.mp4", ClipFailure.NOT_WRITABLE
    if what == "nothing there":
        source = tmp_path / "gone.mp4"
    elif what == "no video":
        source, expected = Path(__file__), ClipFailure.WRITE_FAILED
    elif what == "nowhere to write":
        part = tmp_path / "gone" / "part.mp4"
    else:
        part.symlink_to("/dev/full")
        expected = ClipFailure.DISK_FULL
    with pytest.raises(WriteFailure) as caught:
        trim(source, part, 1.0, 3.0)
    assert caught.value.failure is expected
    assert names(tmp_path) == []
