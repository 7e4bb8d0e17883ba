"""Pictures that others made, made anew: what leaves here was written by our own encoder.

The one place that uses Pillow.
"""

from __future__ import annotations

import io
import struct
from pathlib import Path

from PIL import Image, ImageOps

from bot.model import Picture

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_BEHIND = (255, 255, 255)
_QUALITY = 85

# What Pillow's decoders raise for a broken file differs by format and by what is broken.
_BROKEN = (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, struct.error)


class PictureError(ValueError):
    """Not a picture, or one that is broken."""


class PictureTooLargeError(PictureError):
    """More pixels than we are ready to decode."""


def safe_jpeg(data: bytes, *, max_pixels: int = 16_000_000, max_side: int = 1280) -> Picture:
    """`data` (JPEG, PNG, WebP, or the first frame of a GIF) as a JPEG of at most `max_side` px.

    Upright, on white where it was transparent, without metadata. The size that the header
    states is held against `max_pixels` before anything is decoded. Takes up to 200 ms of CPU:
    call it in a thread. Raises `PictureError`.
    """
    try:
        with _opened(data, max_pixels) as checked:
            checked.verify()
        # verify() leaves nothing to read from.
        with _opened(data, max_pixels) as image:
            return _encoded(_upright(image, max_side))
    except PictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureTooLargeError(str(error)) from error
    except _BROKEN as error:
        raise PictureError(f"cannot be decoded: {type(error).__name__}") from error


def _opened(data: bytes, max_pixels: int) -> Image.Image:
    image = Image.open(io.BytesIO(data), formats=_FORMATS)
    if image.width * image.height > max_pixels:
        image.close()
        raise PictureTooLargeError(f"{image.width}x{image.height} is over {max_pixels} pixels")
    return image


def _upright(image: Image.Image, max_side: int) -> Image.Image:
    """`image` in RGB or RGBA, small enough, and turned as its EXIF says."""
    image.draft(None, (max_side, max_side))  # lets a JPEG decode at a fraction of its size
    # Before resizing: a palette cannot be interpolated.
    small = image.convert("RGBA" if image.has_transparency_data else "RGB")
    small.thumbnail((max_side, max_side))
    return ImageOps.exif_transpose(small)


def _encoded(image: Image.Image) -> Picture:
    # A new image: comments and profiles of the old one would be written along with it.
    flat = Image.new("RGB", image.size, _BEHIND)
    flat.paste(image, mask=image if image.mode == "RGBA" else None)
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return Picture(out.getvalue(), flat.width, flat.height)


def jpeg_size(path: Path) -> tuple[int, int] | None:
    """Width and height of a JPEG of ours, read from its header; None if it is none, or gone."""
    try:
        with Image.open(path, formats=("JPEG",)) as image:
            return image.size
    except _BROKEN:
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
    Image.merge("YCbCr", (luma, *chroma)).save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _stretch(value: int, least: int, span: int) -> int:
    return max(0, min(255, round((value - least) * 255 / span)))
