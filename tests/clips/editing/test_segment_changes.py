"""What a recording's segments hold may change in mid-stream, and one part of them may be of no use:
what can be shown is shown, and heard."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest

from bot.clips.editing import SegmentFile
from bot.clips.editing.clip_file import WriteFailure
from bot.clips.editing.segment_cut import CutFile, cut_segments
from bot.model import ClipFailure
from tests.clip_judge import Verdict, judge
from tests.clips.editing.segments import LENGTH, PICTURES, TICKS, Take, segments, want, written

COUNT = 3
ALL = list(range(COUNT * PICTURES))
JUNK = b"\x47" * 188 * 100

made = functools.cache(segments)


def one(number: int, **how: object) -> bytes:
    """Segment `number` of the stream, made otherwise."""
    take = Take(count=1, first=number * PICTURES)
    return made(replace(take, **how))[0]  # type: ignore[arg-type]


def in_row(folder: Path, parts: Sequence[bytes]) -> tuple[SegmentFile, ...]:
    """Nobody says that anything changes."""
    return written(folder, parts)


def in_groups(folder: Path, parts: Sequence[bytes]) -> tuple[SegmentFile, ...]:
    """There is a discontinuity before each of them."""
    files = written(folder, parts)
    return tuple(replace(file, group=number) for number, file in enumerate(files))


def jumps(segment: bytes, seconds: int) -> bytes:
    """The same, but that its second half counts so much further."""
    file = io.BytesIO()
    with (
        av.open(io.BytesIO(segment), "r", format="mpegts") as old,
        av.open(file, "w", format="mpegts", options={"mpegts_copyts": "1"}) as new,
    ):
        streams = [*old.streams.video, *old.streams.audio]
        outputs = {stream.index: new.add_stream_from_template(stream) for stream in streams}
        packets: list[Any] = [packet for packet in old.demux(*streams) if packet.size]
        middle = packets[0].pts + LENGTH / 2 * TICKS
        for packet in packets:
            ahead = seconds * TICKS if packet.pts >= middle else 0
            packet.pts, packet.dts = packet.pts + ahead, packet.dts + ahead
            packet.stream = outputs[packet.stream.index]
            new.mux(packet)
    return file.getvalue()


def cut(files: Sequence[SegmentFile], folder: Path) -> tuple[CutFile, Verdict]:
    """All of them."""
    path = folder / "clip.mp4"
    return cut_segments(want(files, folder, 0.0, COUNT * LENGTH + 0.1), path), judge(path)


Laid = Callable[[Path, Sequence[bytes]], tuple[SegmentFile, ...]]
laid = pytest.mark.parametrize("lay", [in_row, in_groups])


@laid
def test_sound_that_comes_later_is_heard_from_there_on(lay: Laid, tmp_path: Path) -> None:
    parts = [one(0, has_sound=False), one(1), one(2)]
    told, verdict = cut(lay(tmp_path, parts), tmp_path)
    assert told.has_audio
    assert verdict.numbers == ALL
    assert verdict.audio_end == pytest.approx(COUNT * LENGTH, abs=0.05)
    assert verdict.skew_median == pytest.approx(0.0, abs=0.002)


@laid
def test_a_picture_that_comes_later_is_shown_from_there_on(lay: Laid, tmp_path: Path) -> None:
    parts = [one(0, has_picture=False), one(1), one(2)]
    told, verdict = cut(lay(tmp_path, parts), tmp_path)
    assert told.begins == pytest.approx(LENGTH, abs=0.05)
    assert verdict.numbers == ALL[PICTURES:]
    assert verdict.skew_median == pytest.approx(0.0, abs=0.002)


def test_sound_that_comes_within_a_segment_costs_no_picture(tmp_path: Path) -> None:
    parts = [one(0, has_sound=False) + one(1), one(2)]
    files = written(tmp_path, parts)
    files = (replace(files[0], seconds=2 * LENGTH), replace(files[1], begins=2 * LENGTH))
    _, verdict = cut(files, tmp_path)
    assert verdict.numbers == ALL


@laid
@pytest.mark.parametrize("at", [0, COUNT - 1])
@pytest.mark.parametrize("other", [{"codec": "libx265"}, {"codec": "mpeg2video"}, None])
def test_a_part_that_cannot_be_shown_costs_nothing_else(
    lay: Laid, at: int, other: dict[str, object] | None, tmp_path: Path
) -> None:
    parts = [one(number) for number in range(COUNT)]
    parts[at] = one(at, **other) if other is not None else JUNK
    _, verdict = cut(lay(tmp_path, parts), tmp_path)
    assert verdict.numbers == (ALL[PICTURES:] if at == 0 else ALL[:-PICTURES])
    assert verdict.skew_median == pytest.approx(0.0, abs=0.002)


@pytest.mark.parametrize("ahead", [100, 3_600])
def test_a_count_that_jumps_within_a_segment_moves_nothing_else(ahead: int, tmp_path: Path) -> None:
    parts = [jumps(one(0), ahead), one(1), one(2)]
    told, verdict = cut(written(tmp_path, parts), tmp_path)
    assert told.begins == pytest.approx(LENGTH, abs=0.001)
    assert verdict.numbers == ALL[PICTURES:]


def test_a_part_that_is_too_large_costs_nothing_else(tmp_path: Path) -> None:
    parts = [one(0), one(1), one(2, width=2048, height=64)]
    _, verdict = cut(in_groups(tmp_path, parts), tmp_path)
    assert verdict.numbers == ALL[:-PICTURES]


def test_where_no_part_can_be_shown_the_first_says_why(tmp_path: Path) -> None:
    parts = [one(0, codec="libx265"), one(1, codec="mpeg2video"), JUNK]
    with pytest.raises(WriteFailure) as caught:
        cut(in_groups(tmp_path, parts), tmp_path)
    assert caught.value.failure is ClipFailure.VIDEO_H265
