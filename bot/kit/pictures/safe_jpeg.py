"""Pictures that others made, made anew: what leaves here was written by our own encoder.

For the process that decodes them alone (`bot.kit.pictures.decoder_process`): whoever made a picture
decides how long this takes, and Pillow is told to take what is there of a file that was cut off.
"""

from __future__ import annotations

import contextlib
import io
import struct

from PIL import (
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    ImageFile,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from bot.kit.pictures import PictureError, PictureTooLargeError
from bot.kit.pictures.jpeg import QUALITY
from bot.model import Picture

_PLUGINS = (AvifImagePlugin, GifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin)
"""Loaded now, or the first picture would pay for them."""

AvifImagePlugin.DEFAULT_MAX_THREADS = 1

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
_BEHIND = (255, 255, 255)
_PROFILED = frozenset({"RGB", "L", "CMYK"})
"""The modes that a colour profile can speak of."""

# What Pillow's decoders raise for a broken file differs by format and by what is broken.
_BROKEN = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, struct.error,
    MemoryError,
)  # fmt: skip

_MOST_SCANS = 100
"""Honest progressive JPEGs have about ten. Each costs a pass over the whole picture, and a hostile
one has tens of thousands."""


def safe_jpeg(data: bytes, *, max_pixels: int = 16_000_000, max_side: int = 1280) -> Picture:
    """`data` (JPEG, PNG, WebP, AVIF, GIF; the first frame of what moves) as a JPEG of at most
    `max_side` px.

    Upright, in sRGB, on white where it was transparent, without metadata; of a file that was cut
    off, what there is. The size that the header states is held against `max_pixels` before
    anything is decoded. Raises `PictureError`.
    """
    try:
        return _whole_or_part(data, max_pixels, max_side)
    except PictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureTooLargeError(str(error)) from error
    except _BROKEN as error:
        raise PictureError(f"cannot be decoded: {type(error).__name__}") from error


def _whole_or_part(data: bytes, max_pixels: int, max_side: int) -> Picture:
    try:
        return _made_anew(data, max_pixels, max_side)
    except PictureError:
        raise
    except _BROKEN:
        return _what_there_is(data, max_pixels, max_side)


def _made_anew(data: bytes, max_pixels: int, max_side: int) -> Picture:
    with _opened(data, max_pixels) as image:
        return _encoded(_upright(image, max_side))


def _what_there_is(data: bytes, max_pixels: int, max_side: int) -> Picture:
    """Of a file that was cut off. Raises ValueError where nothing of it can be seen."""
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        with _opened(data, max_pixels) as image:
            small = _upright(image, max_side)
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
    if small.getcolors(1) is not None:
        raise ValueError("nothing of it is there")
    return _encoded(small)


def _opened(data: bytes, max_pixels: int) -> Image.Image:
    if data.startswith(b"\xff\xd8") and data.count(b"\xff\xda") > _MOST_SCANS:
        raise PictureTooLargeError("more scans than a picture has")
    image = Image.open(io.BytesIO(data), formats=_FORMATS)
    if image.width * image.height > max_pixels:
        image.close()
        raise PictureTooLargeError(f"{image.width}x{image.height} is over {max_pixels} pixels")
    return image


def _upright(image: Image.Image, max_side: int) -> Image.Image:
    """`image` in RGB or RGBA, small enough, and turned as its EXIF says."""
    profile = image.info.get("icc_profile")
    image.draft(None, (max_side, max_side))  # lets a JPEG decode at a fraction of its size
    small = _smooth(image)
    small.thumbnail((max_side, max_side))
    return _in_srgb(ImageOps.exif_transpose(small), profile)


def _smooth(image: Image.Image) -> Image.Image:
    """In a mode with eight bits a channel, of which sizes in between can be made."""
    if image.mode.startswith("I"):  # 16 bits of grey, which `convert` would cut off at 255
        return image.point(lambda grey: grey * (1 / 256)).convert("L")
    if image.has_transparency_data:  # what is transparent has a colour too: it must not bleed
        whole = image if image.mode == "RGBA" else image.convert("RGBA")
        return whole.convert("RGBa")
    return image if image.mode in _PROFILED else image.convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The colours that the profile means; one that cannot be read means nothing."""
    if profile and image.mode in _PROFILED:
        with contextlib.suppress(ImageCms.PyCMSError, *_BROKEN):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            seen = ImageCms.profileToProfile(
                image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            if seen is not None:
                return seen
    return image.convert("RGBA" if image.mode == "RGBa" else "RGB")


def _encoded(image: Image.Image) -> Picture:
    # A new image: comments and profiles of the old one would be written along with it.
    flat = Image.new("RGB", image.size, _BEHIND)
    flat.paste(image, mask=image if image.mode == "RGBA" else None)
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=QUALITY, optimize=True)
    return Picture(out.getvalue(), flat.width, flat.height)
