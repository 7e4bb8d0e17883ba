"""A small picture of a clip's beginning, for chats that show one before it is played.

Telegram takes a JPEG of at most 320 pixels a side and 200 kB
(https://core.telegram.org/bots/api#sendvideo, `thumbnail`).
"""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path
from typing import Any

import av
from av.video.reformatter import ColorRange, VideoReformatter

from bot.clips.capture.protocol import part_of

_log = logging.getLogger(__name__)

MOST_SIDE = 320
MOST_BYTES = 200_000

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
    with av.open(str(clip)) as container:
        if not container.streams.video:
            return None
        stream = container.streams.video[0]
        stream.thread_count = 1
        frame = next(container.decode(stream), None)
    if frame is None:
        return None
    sides = fitted(frame.width, frame.height)
    small = VideoReformatter().reformat(
        frame, *sides, format="yuvj420p", dst_color_range=ColorRange.JPEG
    )
    jpegs = (_jpeg(small, quality) for quality in _QUALITIES)
    return next((jpeg for jpeg in jpegs if len(jpeg) <= MOST_BYTES), None)


def fitted(width: int, height: int) -> tuple[int, int]:
    """The same shape with even sides of at most 320."""
    share = min(1.0, MOST_SIDE / max(width, height))
    return max(2, round(width * share) // 2 * 2), max(2, round(height * share) // 2 * 2)


def _jpeg(frame: Any, quality: int) -> bytes:
    encoder: Any = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height = frame.width, frame.height
    encoder.pix_fmt = "yuvj420p"
    encoder.time_base = frame.time_base
    encoder.qmin = encoder.qmax = quality
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    return b"".join(bytes(packet) for packet in packets)
