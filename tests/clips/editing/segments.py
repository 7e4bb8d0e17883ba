"""A recording as the site makes one: numbered pictures and beeps, in MPEG-TS segments."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from bot.clips.editing import CutSegments, SegmentFile
from bot.demo.broadcast.picture_spec import PictureSpec
from bot.demo.broadcast.sound import SAMPLE_RATE, sound
from bot.demo.broadcast.testcard import make_content

TICKS = 90_000
FPS = 30
PICTURES = 59
LENGTH = PICTURES / FPS
"""Seconds of a segment: 59 pictures, as near to the site's 1.96 s as whole pictures come."""


@dataclass(frozen=True, slots=True)
class Take:
    """How segments are encoded. `first` is the number of the first picture; `zero` is what a packet
    of picture number 0 counts."""

    count: int = 6
    first: int = 0
    zero: int = TICKS
    width: int = 320
    height: int = 180
    b_frames: int = 0
    content: str = "plain"
    codec: str = "libx264"
    has_sound: bool = True
    has_picture: bool = True


def segments(take: Take) -> list[bytes]:
    """The bytes of each."""
    with av.open(io.BytesIO(_encoded(take)), "r", format="mpegts") as whole:
        streams = [*whole.streams.video, *whole.streams.audio]
        packets = [packet for packet in whole.demux(*streams) if packet.size]
        return [_segment(streams, part) for part in _parts(packets, take)]


def written(
    folder: Path, parts: Sequence[bytes], *, begins: float = 0.0, group: int = 0, name: str = "s"
) -> tuple[SegmentFile, ...]:
    """Files of them, one after another."""
    files = []
    for number, part in enumerate(parts):
        path = folder / f"{name}{number}.ts"
        path.write_bytes(part)
        files.append(SegmentFile(str(path), begins + number * LENGTH, LENGTH, group))
    return tuple(files)


def want(files: Sequence[SegmentFile], folder: Path, begins: float, ends: float) -> CutSegments:
    """`clip.mp4` of them, without a poster."""
    return CutSegments(tuple(files), str(folder / "clip.mp4"), begins, ends)


def moved(files: Sequence[SegmentFile], seconds: float, group: int) -> tuple[SegmentFile, ...]:
    """The same, so much later on the recording's line of time."""
    return tuple(replace(one, begins=one.begins + seconds, group=group) for one in files)


def _encoded(take: Take) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mpegts", options={"mpegts_copyts": "1"}) as container:
        packets: list[Any] = []
        if take.has_picture:
            packets += _pictures(container, take)
        if take.has_sound:
            packets += _sounds(container, take)
        for packet in sorted(packets, key=lambda one: one.dts * one.time_base):
            container.mux(packet)
    return file.getvalue()


def _pictures(container: Any, take: Take) -> list[Any]:
    stream = container.add_stream(take.codec, rate=FPS)
    stream.width, stream.height, stream.pix_fmt = take.width, take.height, "yuv420p"
    stream.codec_context.gop_size = PICTURES
    if take.codec == "libx264":
        stream.codec_context.time_base = Fraction(1, TICKS)
        stream.options = {
            "preset": "superfast",
            "x264-params": f"keyint={PICTURES}:min-keyint={PICTURES}:scenecut=0:"
            f"bframes={take.b_frames}:b-adapt=0:threads=1:rc-lookahead=0",
        }
    painter = make_content(take.content, PictureSpec(take.width, take.height, FPS))
    packets: list[Any] = []
    for number in range(take.first, take.first + take.count * PICTURES):
        rows = painter.paint(number).data.reshape(-1, take.width).copy()
        frame = av.VideoFrame.from_ndarray(rows, format="yuv420p")
        frame.pts = take.zero + number * TICKS // FPS
        frame.time_base = Fraction(1, TICKS)
        packets += stream.encode(frame)
    return [*packets, *stream.encode(None)]


def _sounds(container: Any, take: Take) -> list[Any]:
    stream = container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
    packets: list[Any] = []
    begins = take.first * SAMPLE_RATE // FPS
    ends = begins + take.count * PICTURES * SAMPLE_RATE // FPS
    for at in range(begins, ends, 1024):
        block = np.ascontiguousarray(sound(at, 1024).astype(np.float32).T / 32768)
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate = SAMPLE_RATE
        frame.pts = at + take.zero * SAMPLE_RATE // TICKS
        frame.time_base = Fraction(1, SAMPLE_RATE)
        packets += stream.encode(frame)
    return [*packets, *stream.encode(None)]


def _parts(packets: Sequence[Any], take: Take) -> list[list[Any]]:
    """Each begins with a keyframe, or where there is no picture, when the next one is due."""
    parts: list[list[Any]] = [[] for _ in range(take.count)]
    at, keys = -1, list[int]()
    for packet in packets:
        if packet.stream.type == "video":
            at += packet.is_keyframe
            keys += [packet.pts] if packet.is_keyframe else []
            parts[at].append(packet)
    first = min(packet.pts for packet in packets)
    keys = keys or [first + number * PICTURES * TICKS // FPS for number in range(take.count)]
    for packet in packets:
        if packet.stream.type == "audio":
            parts[max(0, sum(packet.pts >= key for key in keys) - 1)].append(packet)
    return parts


def _segment(streams: Sequence[Any], packets: Sequence[Any]) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mpegts", options={"mpegts_copyts": "1"}) as container:
        outputs = {one.index: container.add_stream_from_template(one) for one in streams}
        for packet in packets:
            packet.stream = outputs[packet.stream.index]
            container.mux(packet)
    return file.getvalue()
