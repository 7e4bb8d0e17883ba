"""Judges a clip by what is in the file itself: `python -m tests.clip_judge FILE` prints it as JSON.

The clip is of the test card (`bot.demo.broadcast.testcard`): the strip says which frame each
picture is, the lamp flashes and a beep begins at the same instant of each second. All times are
seconds since the file's own zero; skew is beep minus flash, so that late sound is positive.
"""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from bot.demo.broadcast.frame_marks import SHARE_BIT, Plane, read_lamp, read_strip
from bot.demo.broadcast.sound import SAMPLE_RATE
from tests.beep_detection import beep_onsets

_LIT = 140.0
_BAR = 30.0
"""Luma below which a whole row or column is a bar: the card has none so dark."""
_PAIR_SECONDS = 0.5
_SILENCE = 10 ** (-55 / 20)
_SILENCE_SECONDS = 0.04


@dataclass(slots=True)
class Verdict:
    """What a clip holds. Numbers are those of the camera; `shares` counts a screen share's."""

    bytes: int = 0
    duration: float = 0.0
    moov_first: bool = False
    ordered: bool = True
    keyframe_first: bool = False
    keyframes: list[float] = field(default_factory=list)
    video_codec: str = ""
    audio_codec: str = ""
    pix_fmt: str = ""
    width: int = 0
    height: int = 0
    video_start: float | None = None
    video_end: float | None = None
    audio_start: float | None = None
    audio_end: float | None = None
    frames: int = 0
    fps: float = 0.0
    pts: list[float] = field(default_factory=list)
    longest_gap: float = 0.0
    numbers: list[int | None] = field(default_factory=list)
    unreadable: int = 0
    missing: int = 0
    repeated: int = 0
    backwards: int = 0
    shares: int = 0
    mean_luma: float = 0.0
    contents: list[tuple[int, int]] = field(default_factory=list)
    """Each size that the picture had inside its bars, in the order in which they came."""
    flashes: list[float] = field(default_factory=list)
    beeps: list[float] = field(default_factory=list)
    first_skew: float | None = None
    """Of the first flash alone: what comes just after subscribing is off with any formula."""
    skews: list[float] = field(default_factory=list)
    skew_median: float | None = None
    skew_p95: float | None = None
    silences: list[tuple[float, float]] = field(default_factory=list)


def judge(path: str | Path, *, loop_frames: int = 0) -> Verdict:
    """Measure the clip at `path`; with `loop_frames` the numbers start again after so many.

    Raises av.FFmpegError where it is no media file.
    """
    path = Path(path)
    verdict = Verdict(bytes=path.stat().st_size, moov_first=_moov_first(path))
    with av.open(str(path)) as container:
        verdict.duration = (container.duration or 0) / av.time_base
        _judge_packets(container, verdict)
    with av.open(str(path)) as container:
        _judge_video(container, verdict)
    with av.open(str(path)) as container:
        _judge_audio(container, verdict)
    _judge_numbers(verdict, loop_frames)
    _judge_skew(verdict)
    return verdict


def _moov_first(path: Path) -> bool:
    """Whether a player can begin before it has all of the file."""
    with path.open("rb") as file:
        while len(head := file.read(8)) == 8:
            size, name = struct.unpack(">I4s", head)
            if name in (b"moov", b"mdat"):
                return bool(name == b"moov")
            skip = struct.unpack(">Q", file.read(8))[0] - 16 if size == 1 else size - 8
            file.seek(skip, 1)
    return False


def _judge_packets(container: av.container.InputContainer, verdict: Verdict) -> None:
    last: dict[int, int] = {}
    seen = set()
    for packet in container.demux():
        if packet.dts is None or packet.pts is None:
            continue
        index = packet.stream_index
        backwards = index in last and packet.dts <= last[index]
        verdict.ordered = verdict.ordered and not backwards and packet.pts >= packet.dts
        last[index] = packet.dts
        if packet.stream.type == "video":
            if packet.is_keyframe:
                verdict.keyframes.append(float(packet.pts * packet.time_base))
            if index not in seen:
                verdict.keyframe_first = packet.is_keyframe
        seen.add(index)


def _judge_video(container: av.container.InputContainer, verdict: Verdict) -> None:
    stream = next(iter(container.streams.video), None)
    if stream is None:
        return
    verdict.video_codec = stream.codec_context.name
    verdict.width, verdict.height = stream.codec_context.width, stream.codec_context.height
    verdict.pix_fmt = stream.codec_context.pix_fmt or ""
    lit, lumas, last = True, [], 0.0
    for frame in container.decode(stream):
        at = float(frame.time or 0.0)
        luma = _luma(frame)
        content = crop_bars(luma)
        if (size := (content.shape[1], content.shape[0])) not in verdict.contents[-1:]:
            verdict.contents.append(size)
        verdict.pts.append(at)
        verdict.numbers.append(read_strip(content))
        lumas.append(float(luma.mean()))
        was, lit = lit, read_lamp(content) > _LIT
        if lit and not was:
            verdict.flashes.append(at)
        last = float((frame.duration or 0) * (stream.time_base or 0))
    _sum_up_video(verdict, lumas, last)


def _sum_up_video(verdict: Verdict, lumas: Sequence[float], last: float) -> None:
    verdict.frames = len(verdict.pts)
    if not verdict.pts:
        return
    verdict.video_start, verdict.video_end = verdict.pts[0], verdict.pts[-1] + last
    steps = np.diff(verdict.pts)
    verdict.ordered = verdict.ordered and bool((steps > 0).all())
    verdict.longest_gap = float(steps.max()) if len(steps) else 0.0
    span = verdict.video_end - verdict.video_start
    verdict.fps = verdict.frames / span if span > 0 else 0.0
    verdict.mean_luma = float(np.mean(lumas))


def _luma(frame: av.VideoFrame) -> Plane:
    plane = frame.planes[0]
    rows: Plane = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return rows[: frame.height, : frame.width]


def crop_bars(luma: Plane) -> Plane:
    """The picture inside its black bars; the whole where it is black all over."""
    rows, columns = _bright(luma[:, ::4], 1), _bright(luma[::4], 0)
    if rows is None or columns is None:
        return luma
    # Beside a small picture a row is mostly bar: look again at what is left of each.
    rows, columns = _bright(luma[:, columns][:, ::4], 1), _bright(luma[rows][::4], 0)
    return luma if rows is None or columns is None else luma[rows, columns]


def _bright(luma: Plane, axis: int) -> slice | None:
    bright = np.flatnonzero(luma.mean(axis=axis) > _BAR)
    return slice(int(bright[0]), int(bright[-1]) + 1) if len(bright) else None


def _judge_audio(container: av.container.InputContainer, verdict: Verdict) -> None:
    stream = next(iter(container.streams.audio), None)
    if stream is None:
        return
    verdict.audio_codec = stream.codec_context.name
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=SAMPLE_RATE)
    pieces: list[tuple[int, npt.NDArray[np.float32]]] = []
    for frame in container.decode(stream):
        for piece in resampler.resample(frame):
            start = round(float(piece.time or 0.0) * SAMPLE_RATE)
            pieces.append((start, piece.to_ndarray()[0]))
    if not pieces:
        return
    first, end = pieces[0][0], max(start + len(samples) for start, samples in pieces)
    mono = np.zeros(end - first, np.float32)
    for start, samples in pieces:
        mono[start - first : start - first + len(samples)] = samples
    zero = first / SAMPLE_RATE
    verdict.audio_start, verdict.audio_end = zero, end / SAMPLE_RATE
    verdict.beeps = [zero + onset for onset in beep_onsets(mono)]
    verdict.silences = [(zero + a, zero + b) for a, b in _silences(mono)]


def _silences(mono: npt.NDArray[np.float32]) -> list[tuple[float, float]]:
    """Where there is not even the card's hum, in seconds, at least 40 ms long."""
    block = SAMPLE_RATE // 100
    count = len(mono) // block
    level = np.sqrt((mono[: count * block].reshape(count, block) ** 2).mean(axis=1))
    edges = np.diff(np.concatenate([[0], (level < _SILENCE).astype(np.int8), [0]]))
    spans = zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True)
    return [(a / 100, b / 100) for a, b in spans if (b - a) / 100 >= _SILENCE_SECONDS]


def _judge_numbers(verdict: Verdict, loop_frames: int) -> None:
    verdict.unreadable = verdict.numbers.count(None)
    read = [number for number in verdict.numbers if number is not None]
    verdict.shares = sum(number >= SHARE_BIT for number in read)
    camera = [number for number in read if number < SHARE_BIT]
    for before, after in pairwise(camera):
        step = after - before
        if loop_frames and step < 0:
            step %= loop_frames
        verdict.missing += max(0, step - 1)
        verdict.repeated += step == 0
        verdict.backwards += step < 0


def _judge_skew(verdict: Verdict) -> None:
    beeps = np.array(verdict.beeps)
    skews: list[float | None] = []
    for flash in verdict.flashes:
        apart = beeps - flash
        nearest = float(apart[np.abs(apart).argmin()]) if len(apart) else None
        skews.append(nearest if nearest is not None and abs(nearest) < _PAIR_SECONDS else None)
    verdict.first_skew = skews[0] if skews else None
    verdict.skews = [skew for skew in skews[1:] if skew is not None]
    if verdict.skews:
        verdict.skew_median = float(np.median(verdict.skews))
        verdict.skew_p95 = float(np.percentile(np.abs(verdict.skews), 95))


if __name__ == "__main__":
    print(json.dumps(asdict(judge(sys.argv[1])), indent=1))
