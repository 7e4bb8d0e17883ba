from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clips.encoding.canvas import (
    CanvasWatch,
    Size,
    choose_canvas,
    fit,
    height_of,
    is_blank,
    layer_for,
)

NOTHING = Size(0, 0)

sizes = st.builds(Size, st.integers(16, 4_096), st.integers(16, 4_096))
announcements = st.just(NOTHING) | st.builds(Size, st.integers(0, 9_000), st.integers(0, 9_000))


@given(announcements, sizes, st.integers(144, 2_160))
@settings(deadline=None)
def test_a_canvas_has_even_sides_and_lies_within_its_bounds(
    announced: Size, first: Size, max_height: int
) -> None:
    canvas = choose_canvas(announced, first, max_height)
    assert canvas.width % 2 == canvas.height % 2 == 0
    short, long = sorted((canvas.width, canvas.height))
    assert 2 <= short <= max_height
    assert long <= max_height * 16 / 9 + 1


@given(sizes, st.integers(240, 2_160))
@settings(deadline=None)
def test_a_canvas_keeps_the_shape_of_the_picture(size: Size, max_height: int) -> None:
    canvas = choose_canvas(NOTHING, size, max_height)
    scale = max(canvas.width / size.width, canvas.height / size.height)
    assert scale <= 1 + 1 / min(size.width, size.height)
    assert abs(canvas.width - size.width * scale) <= 2 + size.aspect
    assert abs(canvas.height - size.height * scale) <= 2 + 1 / size.aspect


@given(sizes, st.integers(240, 2_160))
@settings(deadline=None)
def test_an_upright_picture_keeps_as_many_pixels_as_a_wide_one(size: Size, most: int) -> None:
    assert choose_canvas(NOTHING, size.turned, most) == choose_canvas(NOTHING, size, most).turned


@given(sizes)
@settings(deadline=None)
def test_a_canvas_can_be_made_again_for_its_own_height(size: Size) -> None:
    """As a second encode does: it must not shrink what need not be shrunk."""
    canvas = choose_canvas(NOTHING, size, 720)
    assert choose_canvas(NOTHING, canvas, height_of(canvas)) == canvas


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
        (Size(1280, 720), Size(360, 640), 720, Size(720, 1280)),
        (Size(720, 1280), Size(720, 1280), 720, Size(720, 1280)),
        (Size(1080, 1920), Size(1080, 1920), 720, Size(720, 1280)),
        (Size(7680, 4320), Size(7680, 4320), 720, Size(1280, 720)),
        (Size(8192, 256), Size(8192, 256), 720, Size(1280, 40)),
        (Size(256, 8192), Size(256, 8192), 720, Size(40, 1280)),
        (Size(8192, 16), Size(8192, 16), 720, Size(1280, 2)),
        (Size(2560, 1080), Size(2560, 1080), 720, Size(1280, 540)),
        (Size(720, 720), Size(720, 720), 720, Size(720, 720)),
        (Size(1 << 31, 1 << 31), Size(640, 360), 720, Size(1280, 720)),
        (Size(720, 1280), Size(720, 1280), 1280, Size(720, 1280)),
        (NOTHING, Size(853, 480), 720, Size(852, 480)),
        (Size(8, 8), Size(640, 480), 720, Size(640, 480)),
        (Size(320, 180), Size(1920, 1080), 720, Size(1280, 720)),
        (Size(300, 300), Size(1280, 720), 720, Size(1280, 720)),
        (Size(16, 16), Size(720, 1280), 720, Size(720, 1280)),
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


@pytest.mark.parametrize(
    ("size", "layer"),
    [
        (NOTHING, 0),
        (Size(1920, 1080), 0),
        (Size(2560, 1440), 0),
        (Size(3840, 2160), 1),
        (Size(7680, 4320), 2),
        (Size(1 << 31, 1 << 31), 2),
    ],
)
def test_of_a_large_picture_a_smaller_layer_is_asked_for(size: Size, layer: int) -> None:
    assert layer_for(size) == layer


UPRIGHT, WIDE = Size(360, 640), Size(1280, 720)


@pytest.mark.parametrize(
    ("canvas", "wanted", "is_outgrown"),
    [
        (UPRIGHT, WIDE, True),
        (WIDE, UPRIGHT, True),
        (Size(640, 360), WIDE, True),
        (Size(960, 540), WIDE, False),
        (WIDE, Size(640, 360), False),
    ],
)
def test_a_canvas_is_outgrown_by_another_shape_and_by_a_much_larger_picture(
    canvas: Size, wanted: Size, is_outgrown: bool
) -> None:
    watch = CanvasWatch()
    for second in range(7):
        watch.look(canvas, wanted, second * 1_000_000)
    assert watch.is_outgrown(6_000_000) == is_outgrown


def test_a_moment_of_another_shape_changes_nothing() -> None:
    watch = CanvasWatch()
    watch.look(UPRIGHT, WIDE, 0)
    assert not watch.is_outgrown(4_900_000)
    watch.look(UPRIGHT, UPRIGHT, 4_900_000)
    watch.look(UPRIGHT, WIDE, 5_000_000)
    assert not watch.is_outgrown(9_900_000)
