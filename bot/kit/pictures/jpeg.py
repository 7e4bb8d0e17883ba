"""Pictures of our own; those that others made are decoded by `bot.kit.pictures.decoder`."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

QUALITY = 85


def jpeg_size(path: Path) -> tuple[int, int] | None:
    """Width and height of a JPEG of ours, read from its header; None if it is none, or gone."""
    try:
        with Image.open(path, formats=("JPEG",)) as image:
            return image.size
    except (OSError, SyntaxError, ValueError):
        return None


def jpeg_of_yuv(size: tuple[int, int], y: bytes, u: bytes, v: bytes) -> bytes:
    """A 4:2:0 picture in BT.601 limited range as a JPEG: how a video frame becomes a picture."""
    half = (size[0] // 2, size[1] // 2)
    luma = Image.frombytes("L", size, y).point([_stretch(n, 16, 219) for n in range(256)])
    chroma = (
        Image.frombytes("L", half, plane)
        .point([_stretch(n, 16, 224) for n in range(256)])
        .resize(size)
        for plane in (u, v)
    )
    out = io.BytesIO()
    Image.merge("YCbCr", (luma, *chroma)).save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _stretch(value: int, least: int, span: int) -> int:
    return max(0, min(255, round((value - least) * 255 / span)))
