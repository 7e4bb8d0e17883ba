"""What is really in the bytes of a picture or a video."""

from __future__ import annotations

import io
from dataclasses import dataclass

import av
from av.error import FFmpegError
from PIL import Image, UnidentifiedImageError

MOST_PHOTO = 10 * 1024 * 1024
MOST_UPLOAD = 50_000_000
MOST_DOWNLOAD = 20 * 1000 * 1000
MOST_THUMBNAIL = 200_000
THUMBNAIL_SIDE = 320
READ_BY_TELEGRAM = 10_000_000
"""Of a video with more bytes Telegram finds out neither size nor duration: measured between 9.8
and 14.8 MB (hermes-agent#116131)."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Sides in pixels; `format` is Pillow's name, such as JPEG."""

    width: int
    height: int
    format: str


@dataclass(frozen=True, slots=True)
class Clip:
    """Sides in pixels, duration in whole seconds."""

    width: int = 320
    height: int = 320
    duration: int = 0
    has_sound: bool = False


def look_at_picture(data: bytes) -> Picture | None:
    """None where it is no picture."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return Picture(image.width, image.height, image.format or "")
    except (UnidentifiedImageError, OSError):
        return None


def is_mp4(data: bytes) -> bool:
    """What Telegram keeps as a video; anything else becomes a document."""
    return data[4:8] == b"ftyp"


def look_at_clip(data: bytes) -> Clip:
    """What Telegram finds in a video itself; its defaults where it does not look or sees none."""
    if len(data) > READ_BY_TELEGRAM:
        return Clip()
    try:
        with av.open(io.BytesIO(data), "r") as media:
            stream = media.streams.video[0]
            seconds = round((media.duration or 0) / 1_000_000)
            return Clip(stream.width, stream.height, seconds, bool(media.streams.audio))
    except (FFmpegError, IndexError):
        return Clip()


def thumbnail_faults(data: bytes) -> list[str]:
    """What the description says against a thumbnail."""
    seen = look_at_picture(data)
    if seen is None or seen.format != "JPEG":
        return ["the thumbnail is no JPEG"]
    found = []
    if max(seen.width, seen.height) > THUMBNAIL_SIDE:
        found.append(f"the thumbnail is {seen.width}x{seen.height}, more than {THUMBNAIL_SIDE}")
    if len(data) > MOST_THUMBNAIL:
        found.append(f"the thumbnail has {len(data)} bytes, more than {MOST_THUMBNAIL}")
    return found
