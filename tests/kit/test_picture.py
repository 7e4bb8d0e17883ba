from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from bot.kit.picture import PictureError, PictureTooLargeError, safe_jpeg


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def plain(width: int = 40, height: int = 30) -> Image.Image:
    return Image.new("RGB", (width, height), (10, 200, 30))


def reopened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_each_known_format_becomes_a_jpeg(kind: str) -> None:
    picture = safe_jpeg(encoded(plain(), kind))
    image = reopened(picture.data)
    assert image.format == "JPEG"
    assert image.mode == "RGB"
    assert image.size == (picture.width, picture.height) == (40, 30)


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "ICO", "PPM", "PDF", "EPS"])
def test_every_other_format_is_refused(kind: str) -> None:
    with pytest.raises(PictureError):
        safe_jpeg(encoded(plain(), kind))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
def test_each_mode_of_colour_becomes_rgb(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert reopened(safe_jpeg(encoded(Image.new(mode, (9, 7)), kind)).data).mode == "RGB"


def test_a_large_picture_is_made_smaller_in_its_proportions() -> None:
    picture = safe_jpeg(encoded(plain(3000, 1000), "JPEG"), max_side=600)
    assert (picture.width, picture.height) == (600, 200)


def test_what_is_transparent_lies_on_white() -> None:
    picture = safe_jpeg(encoded(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "PNG"))
    assert reopened(picture.data).getpixel((10, 10)) == (255, 255, 255)


def test_an_animation_shows_its_first_frame() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    pixels = reopened(safe_jpeg(data).data).tobytes()
    assert pixels[0] > 200  # red
    assert pixels[2] < 60  # blue


def test_a_picture_taken_sideways_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = safe_jpeg(encoded(plain(40, 30), "JPEG", exif=exif))
    assert (picture.width, picture.height) == (30, 40)


def test_nothing_but_pixels_comes_through() -> None:
    exif = Image.Exif()
    exif[0x010E] = "SECRET place"
    data = encoded(
        plain(), "JPEG", exif=exif, comment=b"SECRET comment", icc_profile=b"SECRET profile"
    )
    picture = safe_jpeg(data + b"SECRET<script>")
    assert b"SECRET" in data
    assert b"SECRET" not in picture.data


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_that_claims(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [5_000, 10_000, 50_000, 2_000_000])
def test_a_bomb_is_refused_by_its_header(side: int) -> None:
    with pytest.raises(PictureTooLargeError):
        safe_jpeg(png_that_claims(side, side))


def test_the_bound_of_pixels_is_exact() -> None:
    assert safe_jpeg(encoded(plain(10, 10), "PNG"), max_pixels=100).width == 10
    with pytest.raises(PictureTooLargeError):
        safe_jpeg(encoded(plain(10, 10), "PNG"), max_pixels=99)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_half_a_picture_is_refused(kind: str) -> None:
    noise = Image.effect_noise((64, 64), 80).convert("RGB")
    ImageDraw.Draw(noise).line((0, 0, 64, 64))
    data = encoded(noise, kind)
    with pytest.raises(PictureError):
        safe_jpeg(data[: len(data) // 2])


@given(st.binary(max_size=300))
def test_any_bytes_are_a_picture_or_a_picture_error(data: bytes) -> None:
    with pytest.raises(PictureError):
        safe_jpeg(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
@given(data=st.data())
def test_a_picture_with_any_bytes_changed_is_one_or_an_error(kind: str, data: Any) -> None:
    broken = bytearray(encoded(plain(), kind))
    for _ in range(data.draw(st.integers(1, 4))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    try:
        picture = safe_jpeg(bytes(broken))
    except PictureError:
        return
    assert picture.width <= 1280
