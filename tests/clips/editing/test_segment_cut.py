"""Clips of segments that were really encoded. Whatever is wrong with the segments, each picture
that a clip shows is shown when it was: its number says so."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.clips.editing import SegmentFile
from bot.clips.editing.clip_file import WriteFailure
from bot.clips.editing.segment_cut import CutFile, cut_segments
from bot.model import ClipFailure
from tests.clip_judge import Verdict, judge
from tests.clips.capture.harness import names
from tests.clips.editing.segments import (
    FPS,
    LENGTH,
    PICTURES,
    TICKS,
    Take,
    moved,
    segments,
    want,
    written,
)

ALL = list(range(6 * PICTURES))


@functools.cache
def made(take: Take) -> tuple[bytes, ...]:
    """They are encoded once."""
    return tuple(segments(take))


def cut(
    files: Sequence[SegmentFile], folder: Path, begins: float, ends: float
) -> tuple[CutFile, Verdict]:
    """The clip, and what a judge finds in it: nobody may have lied about it."""
    path = folder / "clip.mp4"
    told, verdict = cut_segments(want(files, folder, begins, ends), path), judge(path)
    assert verdict.ordered
    assert verdict.moov_first
    assert verdict.keyframe_first
    assert verdict.unreadable == verdict.repeated == verdict.backwards == 0
    assert told.frames == verdict.frames
    assert abs(told.gaps.longest - verdict.longest_gap) < 0.002
    assert abs(told.seconds - (verdict.video_end or 0.0)) < 0.05
    return told, verdict


def is_true(told: CutFile, verdict: Verdict, late: float = 0.0) -> bool:
    """Whether each picture is shown when it was."""
    shown = zip(verdict.pts, verdict.numbers, strict=True)
    return all(
        number is not None and abs(told.begins + at - late - number / FPS) < 0.02
        for at, number in shown
    )


def fails(files: Sequence[SegmentFile], folder: Path) -> ClipFailure:
    with pytest.raises(WriteFailure) as caught:
        cut_segments(want(files, folder, 0.0, 10.0), folder / "clip.mp4")
    assert "clip.mp4" not in names(folder)
    return caught.value.failure


@pytest.mark.parametrize(
    "take",
    [Take(), Take(b_frames=2), Take(zero=(1 << 33) - 5 * TICKS), Take(b_frames=2, zero=0)],
    ids=["plain", "b-frames", "wraps", "from-zero"],
)
def test_it_begins_with_the_nearest_keyframe_and_ends_at_the_frame(
    take: Take, tmp_path: Path
) -> None:
    files = written(tmp_path, made(take))
    told, verdict = cut(files, tmp_path, 2.5, 9.0)
    assert told.begins == pytest.approx(LENGTH, abs=0.001)
    assert verdict.numbers == ALL[PICTURES : 9 * FPS]
    assert told.seconds == pytest.approx(9.0 - LENGTH, abs=0.002)
    assert is_true(told, verdict)
    assert verdict.skew_median is not None
    assert abs(verdict.skew_median) < 0.002
    assert told.gaps.count == 0


def test_a_keyframe_after_the_beginning_is_taken_where_it_is_nearer(tmp_path: Path) -> None:
    files = written(tmp_path, made(Take()))
    told, verdict = cut(files, tmp_path, 3.0, 9.0)
    assert told.begins == pytest.approx(2 * LENGTH, abs=0.001)
    assert verdict.numbers == ALL[2 * PICTURES : 9 * FPS]


def test_of_a_short_window_no_keyframe_takes_much_away(tmp_path: Path) -> None:
    files = written(tmp_path, made(Take()))
    told, _ = cut(files, tmp_path, 3.0, 5.0)
    assert told.begins == pytest.approx(LENGTH, abs=0.001)


def test_a_window_before_the_first_segment_begins_with_it(tmp_path: Path) -> None:
    told, verdict = cut(written(tmp_path, made(Take())), tmp_path, -30.0, 1.0)
    assert told.begins == 0.0
    assert verdict.numbers == ALL[:FPS]


def test_a_window_that_ends_later_than_the_segments_ends_with_them(tmp_path: Path) -> None:
    told, verdict = cut(written(tmp_path, made(Take())), tmp_path, 8.0, 60.0)
    assert verdict.numbers == ALL[4 * PICTURES :]
    assert told.seconds == pytest.approx(2 * LENGTH, abs=0.002)


def test_a_count_that_jumps_unannounced_costs_nothing(tmp_path: Path) -> None:
    later = Take(count=3, first=3 * PICTURES, zero=7_000_000)
    parts = [*made(Take())[:3], *made(later)]
    told, verdict = cut(written(tmp_path, parts), tmp_path, 0.0, 12.0)
    assert verdict.numbers == ALL
    assert is_true(told, verdict)
    assert verdict.skew_p95 is not None
    assert verdict.skew_p95 < 0.002


def test_counts_that_go_back_at_a_discontinuity_cost_nothing(tmp_path: Path) -> None:
    later = Take(count=3, first=3 * PICTURES, zero=-3 * PICTURES * TICKS // FPS + TICKS)
    early = written(tmp_path, made(Take())[:3])
    late = written(tmp_path, made(later), begins=3 * LENGTH, group=1, name="t")
    told, verdict = cut([*early, *late], tmp_path, 0.0, 12.0)
    assert verdict.numbers == ALL
    assert is_true(told, verdict)


def test_a_hole_is_never_closed_up_and_the_longer_side_is_shown(tmp_path: Path) -> None:
    files = written(tmp_path, made(Take()))
    hole = [*files[:2], *moved(files[2:], 21.0, 1)]
    told, verdict = cut(hole, tmp_path, 0.0, 34.0)
    assert verdict.numbers == ALL[2 * PICTURES :]
    assert told.begins == pytest.approx(2 * LENGTH + 21, abs=0.001)
    assert is_true(told, verdict, late=21.0)
    told, verdict = cut(hole, tmp_path, 0.0, 25.5)
    assert verdict.numbers == ALL[: 2 * PICTURES]
    assert is_true(told, verdict)


def test_a_segment_that_is_left_out_is_a_hole_too(tmp_path: Path) -> None:
    files = written(tmp_path, made(Take()))
    told, verdict = cut([*files[:1], *files[2:]], tmp_path, 0.0, 12.0)
    assert verdict.numbers == ALL[2 * PICTURES :]
    assert is_true(told, verdict)


@pytest.mark.parametrize("kept", [0.2, 0.6, 0.9])
def test_a_segment_that_breaks_off_shows_no_damaged_picture(kept: float, tmp_path: Path) -> None:
    parts = list(made(Take()))
    whole = len(parts[3]) // 188
    parts[3] = parts[3][: int(whole * kept) * 188]
    told, verdict = cut(written(tmp_path, parts), tmp_path, 0.0, 12.0)
    assert is_true(told, verdict)
    assert told.gaps.longest <= 1.1
    assert 0 < verdict.missing == len(ALL) - verdict.frames or told.seconds < 4 * LENGTH


@pytest.mark.parametrize("text", [b"<html>" * 800, b"\x00" * 18_800, bytes(range(256)) * 80])
def test_what_is_no_segment_is_a_hole(text: bytes, tmp_path: Path) -> None:
    parts = list(made(Take()))
    parts[1] = text
    told, verdict = cut(written(tmp_path, parts), tmp_path, 0.0, 12.0)
    assert verdict.numbers[-PICTURES:] == ALL[-PICTURES:]
    assert is_true(told, verdict)


def test_one_clip_has_one_size(tmp_path: Path) -> None:
    other = Take(count=4, first=2 * PICTURES, width=480, height=270)
    files = written(tmp_path, [*made(Take())[:2], *made(other)])
    told, verdict = cut(files, tmp_path, 0.0, 12.0)
    assert told.picture is not None
    assert (told.picture.width, told.picture.height) == (480, 270)
    assert verdict.contents == [(480, 270)]
    assert verdict.numbers == ALL[2 * PICTURES :]
    assert is_true(told, verdict)


def test_a_recording_without_sound_or_picture_is_cut_all_the_same(tmp_path: Path) -> None:
    told, _ = cut(written(tmp_path, made(Take(has_sound=False))), tmp_path, 3.0, 9.0)
    assert not told.has_audio
    files = written(tmp_path, made(Take(has_picture=False)))
    heard = cut_segments(want(files, tmp_path, 3.0, 9.0), tmp_path / "clip.mp4")
    assert (heard.picture, heard.has_audio, heard.frames) == (None, True, 0)
    assert heard.seconds == pytest.approx(6.0, abs=0.05)


def test_other_codecs_and_sizes_are_refused(tmp_path: Path) -> None:
    hevc = written(tmp_path, made(Take(count=1, codec="libx265", has_sound=False)))
    assert fails(hevc, tmp_path) is ClipFailure.VIDEO_H265
    old = written(tmp_path, made(Take(count=1, codec="mpeg2video")))
    assert fails(old, tmp_path) is ClipFailure.VIDEO_FORMAT
    wide = written(tmp_path, made(Take(count=1, width=2048, height=64)))
    assert fails(wide, tmp_path) is ClipFailure.VIDEO_TOO_LARGE


def test_what_is_no_stream_opens_nothing_that_it_names(tmp_path: Path) -> None:
    told, _ = cut(written(tmp_path, made(Take())), tmp_path, 0.0, 4.0)
    assert told.frames
    movie = (tmp_path / "clip.mp4").read_bytes()
    (tmp_path / "clip.mp4").unlink()
    secret = (tmp_path / "s0.ts").as_uri()
    texts = [
        b"",
        movie,
        f"#EXTM3U\n#EXTINF:2,\n{secret}\n#EXT-X-ENDLIST\n".encode(),
        f"ffconcat version 1.0\nfile {secret}\n".encode(),
    ]
    for text in texts:
        file = written(tmp_path, [text], name="x")
        assert fails(file, tmp_path) is ClipFailure.NO_MEDIA


def test_what_the_segments_do_not_show_is_no_clip(tmp_path: Path) -> None:
    files = moved(written(tmp_path, made(Take())), 100.0, 0)
    assert fails(files, tmp_path) is ClipFailure.NO_MEDIA
    gone = [replace(files[0], path=str(tmp_path / "gone.ts"))]
    assert fails(gone, tmp_path) is ClipFailure.NOT_WRITABLE
