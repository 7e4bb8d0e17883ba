"""The first picture of a video as a JPEG: the poster of a clip, and the still of a segment.

A poster is for chats that show one before the clip is played. Telegram takes a JPEG of at most 320
pixels a side and 200 kB (https://core.telegram.org/bots/api#sendvideo, `thumbnail`).
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from bot.clips.editing.clip_file import WriteFailure, part_of
from bot.clips.editing.protocol import MakeStill, SegmentFile
from bot.clips.editing.segment_reader import Reader, readers
from bot.model import ClipFailure

_log = logging.getLogger(__name__)

MOST_SIDE = 320
MOST_BYTES = 200_000
MOST_STILL_BYTES = 600_000
"""As text it goes through a pipe whose lines have a megabyte at most."""

_QUALITIES = (4, 10, 20, 31)
"""Of mjpeg's scale, on which 2 is the best and 31 the smallest."""

_BROKEN = (av.FFmpegError, OSError, ValueError, TypeError, LookupError, ArithmeticError)
"""What a file that cannot be shown raises differs by what is broken; no clip is lost by it."""


def poster_beside(clip: Path, poster: str | None) -> str | None:
    """Write the poster of `clip` at `poster`; its name, or None where there is none.

    Whatever goes wrong costs the poster, and never the clip.
    """
    if poster is None:
        return None
    path = Path(poster)
    part = part_of(path)
    try:
        data = poster_of_clip(clip)
        if data is None:
            return None
        part.write_bytes(data)
        part.replace(path)
    except _BROKEN as error:
        _log.warning("a clip has no poster: %s", error)
        return None
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return path.name


def poster_of_clip(clip: Path) -> bytes | None:
    """The first picture of the MP4 as a JPEG; None where it has none, or none so small."""
    frame = _first_of_clip(clip)
    return None if frame is None else _small(frame, MOST_SIDE, MOST_BYTES)


def still_of(want: MakeStill) -> bytes:
    """What is ordered. Raises WriteFailure where there is no picture, or none that we decode."""
    path = Path(want.path)
    try:
        frame = _first_of_segment(path) if want.is_segment else _first_of_clip(path)
        jpeg = None if frame is None else _small(frame, want.most_side, MOST_STILL_BYTES)
    except _BROKEN as error:
        raise WriteFailure(ClipFailure.NO_MEDIA, str(error)) from error
    if jpeg is None:
        raise WriteFailure(ClipFailure.NO_MEDIA, "no picture in it")
    return jpeg


def _first_of_clip(clip: Path) -> Any:
    with av.open(str(clip)) as container:
        if not container.streams.video:
            return None
        stream = container.streams.video[0]
        stream.thread_count = 1
        return next(container.decode(stream), None)


def _first_of_segment(path: Path) -> Any:
    """From its first keyframe: what comes before that refers to pictures that are not there."""
    for reader in readers((SegmentFile(str(path), 0.0, 0.0),)):
        if reader.video is not None:
            return next(_frames(reader, reader.video.codec_context), None)
    return None


def _frames(reader: Reader, decoder: Any) -> Iterator[Any]:
    decoder.thread_count = 1
    has_key = False
    for found in reader.packets():
        has_key = has_key or (found.is_video and found.packet.is_keyframe)
        if found.is_video and has_key:
            yield from decoder.decode(found.packet)
    yield from decoder.decode(None)


def fitted(width: int, height: int, most_side: int = MOST_SIDE) -> tuple[int, int]:
    """The same shape with even sides of at most so many pixels."""
    share = min(1.0, most_side / max(width, height))
    return max(2, round(width * share) // 2 * 2), max(2, round(height * share) // 2 * 2)


def _small(frame: Any, most_side: int, most_bytes: int) -> bytes | None:
    """In the colours that JPEG means, which are not those of larger videos."""
    small = VideoReformatter().reformat(
        frame,
        *fitted(frame.width, frame.height, most_side),
        format="yuvj420p",
        dst_colorspace=Colorspace.ITU601,
        dst_color_range=ColorRange.JPEG,
    )
    jpegs = (_jpeg(small, quality) for quality in _QUALITIES)
    return next((jpeg for jpeg in jpegs if len(jpeg) <= most_bytes), None)


def _jpeg(frame: Any, quality: int) -> bytes:
    encoder: Any = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height = frame.width, frame.height
    encoder.pix_fmt = "yuvj420p"
    encoder.time_base = frame.time_base
    encoder.qmin = encoder.qmax = quality
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    return b"".join(bytes(packet) for packet in packets)
