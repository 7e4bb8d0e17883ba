"""The small picture of a clip's beginning, of clips that were really encoded."""

from __future__ import annotations

import io
from itertools import chain
from pathlib import Path

import pytest
from PIL import Image

from bot.clips.capture.media.timeline import SECOND
from bot.clips.editing.poster import MOST_BYTES, fitted, poster_beside, poster_of_clip
from bot.clips.encoding.canvas import Size
from bot.kit.pictures.jpeg import jpeg_size
from tests.clips.capture.harness import encode, names, pictures, sounds

WIDE, TALL = Size(640, 360), Size(360, 640)


def clip(folder: Path, size: Size = WIDE, content: str = "plain") -> Path:
    """A second of the test card."""
    jobs = chain(sounds(1.5), pictures(range(40), size=size, content=content))
    path = folder / "clip-0123456789abcdef.mp4"
    encode(jobs, canvas=size).write(path, 0, SECOND)
    return path


def test_a_poster_lies_beside_the_clip_small_and_whole(tmp_path: Path) -> None:
    path = clip(tmp_path)
    poster = tmp_path / "clip-0123456789abcdef.jpg"
    assert poster_beside(path, str(poster)) == poster.name
    assert jpeg_size(poster) == (320, 180)
    assert poster.stat().st_size <= MOST_BYTES
    assert names(tmp_path) == [poster.name, path.name]


def test_a_poster_has_the_clip_s_shape_and_its_colours(tmp_path: Path) -> None:
    path = clip(tmp_path, TALL)
    data = poster_of_clip(path)
    assert data is not None
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.size) == ("JPEG", (180, 320))
        darkest, lightest = image.convert("L").getextrema()
    assert isinstance(darkest, int)
    assert isinstance(lightest, int)
    assert darkest < 40
    assert lightest > 215


def test_noise_is_small_enough_too(tmp_path: Path) -> None:
    data = poster_of_clip(clip(tmp_path, Size(320, 320), "noise"))
    assert data is not None
    assert len(data) <= MOST_BYTES


def test_a_clip_of_sound_alone_has_no_poster(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    encode(sounds(1.5)).write(path, 0, SECOND)
    assert poster_beside(path, str(tmp_path / "sound.jpg")) is None
    assert names(tmp_path) == ["sound.mp4"]


def test_whoever_wants_none_gets_none(tmp_path: Path) -> None:
    path = clip(tmp_path)
    assert poster_beside(path, None) is None
    assert names(tmp_path) == [path.name]


@pytest.mark.parametrize("what", ["no video", "nowhere"])
def test_a_poster_that_fails_costs_nothing_else(tmp_path: Path, what: str) -> None:
    path = clip(tmp_path)
    wanted = tmp_path / "clip-0123456789abcdef.jpg"
    if what == "no video":
        path.write_bytes(b"broken")
    else:
        wanted = tmp_path / "gone" / wanted.name
    assert poster_beside(path, str(wanted)) is None
    assert names(tmp_path) == [path.name]


@pytest.mark.parametrize(
    ("sides", "small"),
    [
        ((1280, 720), (320, 180)),
        ((406, 720), (180, 320)),
        ((160, 90), (160, 90)),
        ((2000, 2), (320, 2)),
    ],
)
def test_sides_are_even_and_at_most_320(sides: tuple[int, int], small: tuple[int, int]) -> None:
    assert fitted(*sides) == small
