"""Which of a stranger's pictures are taken; and a stranger's MP4, opened with care: one of the
site's own clips, of which packets are copied.

What it says is an attacker's. FFmpeg reads bytes that we hand it and is told that they are an MP4,
so it opens nothing that they name; it decodes h264 and aac alone.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av

from bot.clips.editing.clip_file import WriteFailure
from bot.model import ClipFailure

_OPTIONS = {
    "codec_whitelist": "h264,aac",
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2",
    "protocol_whitelist": "none",
    "max_streams": "16",
}
_LONGEST_SIDE = 1920
_PIXELS = ("yuv420p", "yuvj420p")

BROKEN = (TypeError, ValueError, ArithmeticError, LookupError, AssertionError)
"""What packets raise that say nothing of when they are, or too much."""


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Any]:
    """Raises WriteFailure where it is none that can be shown."""
    with path.open("rb") as file:
        try:
            container = av.open(file, format="mp4", options=_OPTIONS)
        except (av.FFmpegError, *BROKEN) as error:
            raise WriteFailure(ClipFailure.NO_MEDIA, f"it cannot be read: {error}") from None
        with container:
            yield container


def usable_streams(container: Any) -> list[Any]:
    """Its picture, and its sound where that can be copied. Raises WriteFailure."""
    video = next(iter(container.streams.video), None)
    if video is None:
        raise WriteFailure(ClipFailure.NO_MEDIA, "it has no picture")
    check_picture(video)
    sounds = [one for one in container.streams.audio if codec_of(one) == "aac"]
    return [video, *sounds[:1]]


def check_picture(video: Any) -> None:
    """Raises WriteFailure where the stream is none that we copy or decode."""
    if (codec := codec_of(video)) != "h264":
        failure = ClipFailure.VIDEO_H265 if codec == "hevc" else ClipFailure.VIDEO_FORMAT
        raise WriteFailure(failure, codec)
    context = video.codec_context
    if not 0 < max(context.width, context.height) <= _LONGEST_SIDE:
        size = f"{context.width}x{context.height}"
        raise WriteFailure(ClipFailure.VIDEO_TOO_LARGE, size)
    if context.pix_fmt not in _PIXELS:
        raise WriteFailure(ClipFailure.VIDEO_FORMAT, str(context.pix_fmt))


def codec_of(stream: Any) -> str:
    """By FFmpeg's name; `unknown` where it knows none."""
    return str(stream.codec_context.name) if stream.codec_context is not None else "unknown"
