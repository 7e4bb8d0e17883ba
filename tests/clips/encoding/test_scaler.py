from __future__ import annotations

import gc
from typing import Any

import numpy as np
import numpy.typing as npt
import psutil
import pytest
from av.video.frame import VideoFrame

from bot.clips.encoding.canvas import Size, fit
from bot.clips.encoding.scaler import RawFrame, Scaler, to_av

CANVAS = Size(320, 180)
DARK = 40

Plane = npt.NDArray[np.uint8]


def raw(luma: Plane, rotation: int = 0) -> RawFrame:
    """A grey frame of this luma, as tight I420."""
    height, width = luma.shape
    chroma = np.full(2 * ((width + 1) // 2) * ((height + 1) // 2), 128, np.uint8)
    data = np.concatenate([luma.reshape(-1), chroma])
    return RawFrame(memoryview(data.tobytes()), Size(width, height), rotation)


def grey(size: Size, level: int = 200) -> Plane:
    return np.full((size.height, size.width), level, np.uint8)


def cornered(size: Size) -> Plane:
    """Grey, its upper left quarter white."""
    luma = grey(size, 100)
    luma[: size.height // 2, : size.width // 2] = 230
    return luma


def plane(frame: Any, number: int = 0) -> Plane:
    shown = frame.planes[number]
    rows = np.frombuffer(memoryview(shown), np.uint8).reshape(-1, shown.line_size)
    return np.asarray(rows[: shown.height, : shown.width])


def bright_corner(frame: VideoFrame) -> tuple[str, str]:
    luma = plane(frame).astype(float)
    height, width = luma.shape
    down, right = luma.mean(axis=1), luma.mean(axis=0)
    vertical = "top" if down[: height // 2].sum() > down[height // 2 :].sum() else "bottom"
    return vertical, "left" if right[: width // 2].sum() > right[width // 2 :].sum() else "right"


def test_a_frame_that_has_the_size_of_the_canvas_is_not_copied() -> None:
    buffer = np.full(320 * 180 * 3 // 2, 90, np.uint8)
    frame = Scaler(CANVAS).fit(RawFrame(buffer, CANVAS))
    buffer[0] = 7
    assert plane(frame)[0, 0] == 7


@pytest.mark.parametrize(
    "size",
    [Size(640, 360), Size(160, 90), Size(90, 160), Size(100, 100), Size(853, 479), Size(17, 31),
     Size(400, 20), Size(1280, 720)],
)  # fmt: skip
def test_a_frame_of_another_size_lies_in_the_middle_and_the_rest_is_black(size: Size) -> None:
    frame = Scaler(CANVAS).fit(raw(grey(size)))
    assert (frame.width, frame.height, frame.format.name) == (320, 180, "yuv420p")
    box, luma = fit(size, CANVAS), plane(frame)
    inside = luma[box.top : box.top + box.size.height, box.left : box.left + box.size.width]
    assert abs(float(inside.mean()) - 200) < 3
    outside = luma.astype(float).sum() - inside.astype(float).sum()
    bars = luma.size - inside.size
    assert bars == 0 or outside / bars < DARK
    assert abs(float(plane(frame, 1).mean()) - 128) < 3


@pytest.mark.parametrize(
    ("rotation", "corner"),
    [
        (0, ("top", "left")),
        (90, ("top", "right")),
        (180, ("bottom", "right")),
        (270, ("bottom", "left")),
    ],
)
@pytest.mark.parametrize("size", [Size(320, 180), Size(180, 320), Size(202, 360)])
def test_a_frame_is_turned_clockwise_until_it_stands_upright(
    size: Size, rotation: int, corner: tuple[str, str]
) -> None:
    turned = raw(cornered(size), rotation)
    assert bright_corner(Scaler(CANVAS).fit(turned)) == corner
    assert turned.upright == (size.turned if rotation in (90, 270) else size)


def test_pictures_follow_one_another_through_changes_of_size() -> None:
    """Each comes out with its own content, none of the one before."""
    scaler = Scaler(CANVAS)
    for number, size in enumerate([Size(640, 360), Size(640, 360), Size(90, 160), CANVAS] * 3):
        level = 60 + 10 * number
        frame = scaler.fit(raw(grey(size, level)))
        assert abs(int(plane(frame)[90, 160]) - level) < 3


def test_a_frame_that_was_given_out_stays_as_it_is() -> None:
    """The encoder keeps the last one, to hold it while nothing comes."""
    scaler = Scaler(CANVAS)
    kept = scaler.fit(raw(grey(Size(640, 360), 210)))
    for _ in range(20):
        scaler.fit(raw(grey(Size(640, 360), 60)))
    assert abs(float(plane(kept).mean()) - 210) < 3


@pytest.mark.parametrize(
    "size", [Size(5, 3), Size(6, 4), Size(17, 16), Size(16, 17), Size(32, 18), Size(480, 270)]
)
def test_every_pixel_arrives_whatever_the_size(size: Size) -> None:
    """270 lines, of which a creator's browser sends many, are two times 135 of colour."""
    half = ((size.height + 1) // 2, (size.width + 1) // 2)
    planes = [
        np.arange(rows * columns, dtype=np.uint8).reshape(rows, columns) ^ np.uint8(number)
        for number, (rows, columns) in enumerate([(size.height, size.width), half, half])
    ]
    frame = to_av(RawFrame(b"".join(p.tobytes() for p in planes), size))
    assert (frame.width, frame.height) == (size.width, size.height)
    for number, sent in enumerate(planes):
        assert (plane(frame, number) == sent).all()


def test_too_little_data_is_an_error_and_no_picture() -> None:
    with pytest.raises(ValueError, match="reshape"):
        to_av(RawFrame(b"\0" * 100, CANVAS))


def test_scaling_many_frames_keeps_no_memory() -> None:
    """A scaling context per frame keeps 15 MB each; one graph does not."""
    scaler, frame = Scaler(CANVAS), raw(grey(Size(1280, 720)))
    process = psutil.Process()
    for _ in range(20):
        scaler.fit(frame)
    gc.collect()
    before = process.memory_info().rss
    for _ in range(150):
        scaler.fit(frame)
    gc.collect()
    assert process.memory_info().rss - before < 60 << 20
