from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clips.capture.canvas import Size, choose_canvas, fit, is_blank

NOTHING = Size(0, 0)

sizes = st.builds(Size, st.integers(16, 4_096), st.integers(16, 4_096))
announcements = st.just(NOTHING) | st.builds(Size, st.integers(0, 9_000), st.integers(0, 9_000))


@given(announcements, sizes, st.integers(144, 2_160))
@settings(deadline=None)
def test_a_canvas_has_even_sides_and_is_not_too_high(
    announced: Size, first: Size, max_height: int
) -> None:
    canvas = choose_canvas(announced, first, max_height)
    assert canvas.width % 2 == canvas.height % 2 == 0
    assert canvas.width >= 2
    assert 2 <= canvas.height <= max_height


@given(st.integers(240, 4_000), st.integers(240, 4_000), st.integers(240, 2_160))
@settings(deadline=None)
def test_a_canvas_keeps_the_shape_of_the_picture(width: int, height: int, max_height: int) -> None:
    size = Size(width, height)
    canvas = choose_canvas(NOTHING, size, max_height)
    scale = canvas.height / height
    assert abs(canvas.width - width * scale) <= 2 + width / height
    assert scale <= 1 + 1 / height
    assert abs(canvas.height - min(height, max_height)) <= 1


@given(sizes, sizes)
@settings(deadline=None)
def test_a_picture_lies_inside_its_canvas_on_even_pixels(picture: Size, canvas: Size) -> None:
    canvas = choose_canvas(NOTHING, canvas, 2_160)
    box = fit(picture, canvas)
    assert box.left % 2 == box.top % 2 == box.size.width % 2 == box.size.height % 2 == 0
    assert box.left >= 0
    assert box.top >= 0
    assert box.left + box.size.width <= canvas.width
    assert box.top + box.size.height <= canvas.height
    assert box.size.width == canvas.width or box.size.height == canvas.height


@given(sizes, sizes)
@settings(deadline=None)
def test_a_picture_keeps_its_shape_in_any_canvas(picture: Size, canvas: Size) -> None:
    canvas = choose_canvas(NOTHING, canvas, 2_160)
    box = fit(picture, canvas)
    scale = min(canvas.width / picture.width, canvas.height / picture.height)
    assert abs(box.size.width - picture.width * scale) <= 2
    assert abs(box.size.height - picture.height * scale) <= 2


@pytest.mark.parametrize(
    ("announced", "first", "max_height", "canvas"),
    [
        (Size(1280, 720), Size(320, 180), 720, Size(1280, 720)),
        (Size(1920, 1080), Size(320, 180), 720, Size(1280, 720)),
        (Size(640, 360), Size(640, 360), 720, Size(640, 360)),
        (Size(1280, 720), Size(360, 640), 720, Size(404, 720)),
        (Size(720, 1280), Size(720, 1280), 1280, Size(720, 1280)),
        (NOTHING, Size(853, 480), 720, Size(852, 480)),
        (Size(8, 8), Size(640, 480), 720, Size(640, 480)),
        (Size(1280, 720), Size(1280, 720), 361, Size(640, 360)),
    ],
)
def test_a_canvas_is_as_announced_in_the_shape_that_came(
    announced: Size, first: Size, max_height: int, canvas: Size
) -> None:
    assert choose_canvas(announced, first, max_height) == canvas


def test_an_announcement_that_makes_no_sense_ends_nothing() -> None:
    """Whoever publishes chooses it: it may claim a square of 16 and send a ribbon."""
    canvas = choose_canvas(Size(16, 16), Size(4_096, 16), 720)
    assert min(canvas.width, canvas.height) >= 2


@pytest.mark.parametrize(
    ("size", "blank"),
    [(Size(2, 2), True), (Size(8, 8), True), (Size(640, 8), True), (Size(16, 16), False)],
)
def test_what_the_server_sends_before_a_track_ends_is_no_picture(size: Size, blank: bool) -> None:
    assert is_blank(size) is blank
