from __future__ import annotations

import io
import struct
import time
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from bot.kit.pictures import PictureError, PictureTooLargeError
from bot.kit.pictures.safe_jpeg import safe_jpeg
from tests.fakes.pictures import progressive_jpeg


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def plain(width: int = 40, height: int = 30) -> Image.Image:
    return Image.new("RGB", (width, height), (10, 200, 30))


def pixel(data: bytes, x: int, y: int) -> tuple[int, int, int]:
    """Of what becomes of `data`."""
    red, green, blue = reopened(data).convert("RGB").crop((x, y, x + 1, y + 1)).tobytes()
    return red, green, blue


def reopened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
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


def noise() -> Image.Image:
    return Image.effect_noise((64, 64), 80).convert("RGB")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
def test_of_a_picture_that_was_cut_off_there_is_what_came(kind: str) -> None:
    data = encoded(noise(), kind)
    made = reopened(safe_jpeg(data[: len(data) // 2]).data)
    assert made.size == (64, 64)
    top = made.crop((0, 0, 64, 16)).convert("L").tobytes()
    assert max(top) - min(top) > 60


@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
def test_half_a_picture_that_can_only_be_read_whole_is_refused(kind: str) -> None:
    data = encoded(noise(), kind)
    with pytest.raises(PictureError):
        safe_jpeg(data[: len(data) // 2])


def test_a_picture_of_which_nothing_came_is_refused() -> None:
    data = encoded(noise(), "PNG")
    with pytest.raises(PictureError):
        safe_jpeg(data[: data.index(b"IDAT") + 8])


@pytest.mark.parametrize(("mode", "full"), [("I;16", 65535), ("L", 255), ("1", 1)])
def test_grey_of_any_depth_keeps_its_shades(mode: str, full: int) -> None:
    """Row B2: a ramp of 16 bits came out white."""
    row = [round(x * full / 255) for x in range(256)]
    image = Image.new(mode, (256, 16))
    image.putdata(row * 16)
    made = safe_jpeg(encoded(image, "PNG")).data
    shades = [pixel(made, x, 8)[0] for x in (0, 64, 128, 192, 255)]
    wanted = [255 * value // full for value in (row[x] for x in (0, 64, 128, 192, 255))]
    assert all(abs(a - b) <= 3 for a, b in zip(shades, wanted, strict=True)), shades


@pytest.mark.parametrize("depth", ["RGB", "LA", "RGBA"])
def test_sixteen_bits_a_channel_keep_their_shades(depth: str) -> None:
    colour_type, channels = {"RGB": (2, 3), "LA": (4, 2), "RGBA": (6, 4)}[depth]
    one = (0x4000).to_bytes(2, "big") * channels
    if depth != "RGB":
        one = one[:-2] + b"\xff\xff"
    header = struct.pack(">IIBBBBB", 8, 8, 16, colour_type, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress((b"\0" + one * 8) * 8))
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")
    assert pixel(safe_jpeg(data).data, 4, 4) == (0x40, 0x40, 0x40)


def test_the_colours_of_a_printers_jpeg_are_not_turned_around() -> None:
    """Adobe's CMYK is stored inverted."""
    data = encoded(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG", quality=95)
    red, green, blue = pixel(safe_jpeg(data).data, 8, 8)
    assert red > 240
    assert max(green, blue) < 15


def test_a_colour_profile_is_applied() -> None:
    """A profile whose red and blue have changed places shows what is applied, and what is not."""
    swapped = ImageCms.createProfile("sRGB")
    profile = bytearray(ImageCms.ImageCmsProfile(swapped).tobytes())
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    data = encoded(Image.new("RGB", (16, 16), (255, 0, 0)), "PNG", icc_profile=bytes(profile))
    made = pixel(safe_jpeg(data).data, 8, 8)
    assert made[2] > 200 > 60 > made[0]


def test_what_is_transparent_does_not_bleed_when_it_is_made_smaller() -> None:
    image = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 100, 200))
    made = safe_jpeg(encoded(image, "PNG"), max_side=20).data
    assert all(min(pixel(made, x, 10)) > 230 for x in range(12, 20))


@pytest.mark.parametrize("kind", ["WEBP", "PNG", "AVIF"])
def test_of_what_moves_the_first_frame_is_shown(kind: str) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
    red, _, blue = pixel(safe_jpeg(data).data, 10, 10)
    assert red > 200
    assert blue < 60


def test_a_jpeg_of_too_many_scans_is_not_even_begun() -> None:
    """Row B1: 2 MB, and two and a half minutes of the processor."""
    before = time.process_time()
    with pytest.raises(PictureTooLargeError):
        safe_jpeg(progressive_jpeg(60_000))
    assert time.process_time() - before < 1.0


def test_a_jpeg_of_some_scans_is_made_anew() -> None:
    assert safe_jpeg(progressive_jpeg(20, side=200)).width == 200


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
