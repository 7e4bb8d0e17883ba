"""Drawing on an I420 picture with numpy: fills, masks and text, in BT.601 limited range."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bot.demo.broadcast.frame_marks import Box, Plane
from bot.demo.broadcast.glyphs import ADVANCE, LINE, text_mask

Rgb = tuple[int, int, int]
Yuv = tuple[int, int, int]
Mask = npt.NDArray[np.floating]
RgbArray = npt.NDArray[np.floating]

_MATRIX = np.array(
    [[65.481, 128.553, 24.966], [-37.797, -74.203, 112.0], [112.0, -93.786, -18.214]]
) / 255.0  # fmt: skip
_OFFSET = np.array([16.0, 128.0, 128.0])


def yuv(colour: Rgb) -> Yuv:
    """A colour as a 4:2:0 picture stores it."""
    y, u, v = np.rint(_MATRIX @ np.array(colour, float) + _OFFSET)
    return int(y), int(u), int(v)


class Picture:
    """One I420 picture in one block of memory; `y`, `u` and `v` are views of it."""

    def __init__(self, width: int, height: int) -> None:
        if width % 2 or height % 2 or width < 16 or height < 16:
            raise ValueError(f"a 4:2:0 picture has even sides of 16 at least: {width}x{height}")
        self.width, self.height = width, height
        whole, quarter = width * height, width * height // 4
        self.data: Plane = np.empty(whole + 2 * quarter, np.uint8)
        self.y: Plane = self.data[:whole].reshape(height, width)
        self.u: Plane = self.data[whole : whole + quarter].reshape(height // 2, width // 2)
        self.v: Plane = self.data[whole + quarter :].reshape(height // 2, width // 2)

    def copy(self) -> Picture:
        """The same picture in memory of its own."""
        twin = Picture(self.width, self.height)
        twin.data[:] = self.data
        return twin

    def take(self, other: Picture, box: Box) -> None:
        """Copy `box` (even pixels) from a picture of the same size."""
        self.y[box.slices] = other.y[box.slices]
        half = _halved(box).slices
        self.u[half] = other.u[half]
        self.v[half] = other.v[half]

    def fill(self, box: Box, colour: Rgb) -> None:
        """Paint `box` (even pixels) in one colour."""
        y, u, v = yuv(colour)
        self.y[box.slices] = y
        self.u[_halved(box).slices] = u
        self.v[_halved(box).slices] = v

    def image(self, rgb: RgbArray) -> None:
        """Paint the whole picture from (height, width, 3) red, green and blue of 0 to 255."""
        stored = rgb @ _MATRIX.T + _OFFSET
        self.y[:] = np.rint(stored[..., 0])
        self.u[:] = np.rint(_quartered(stored[..., 1]))
        self.v[:] = np.rint(_quartered(stored[..., 2]))

    def blend(self, mask: Mask, x: int, y: int, colour: Rgb) -> None:
        """Paint `colour` at even (x, y) as strongly as `mask` says (0 to 1), within the picture."""
        mask = mask[: self.height - y, : self.width - x]
        mask = mask[: len(mask) & ~1, : mask.shape[1] & ~1]
        rows, columns = mask.shape
        box = Box(x, y, x + columns, y + rows)
        small = _quartered(mask)
        luma, *chroma = yuv(colour)
        _mix(self.y[box.slices], mask, luma)
        for plane, value in zip((self.u, self.v), chroma, strict=True):
            _mix(plane[_halved(box).slices], small, value)

    def text(self, text: str, x: int, y: int, dot: float, colour: Rgb) -> None:
        """Write `text` with dots of `dot` pixels, its upper left corner at (x, y)."""
        self.blend(text_mask(text, dot), x & ~1, y & ~1, colour)


def text_size(text: str, dot: float) -> tuple[int, int]:
    """The width and height that `text` takes with its gaps, in pixels."""
    return round(len(text) * ADVANCE * dot), round(LINE * dot)


def rounded(box: Box, radius: float) -> Mask:
    """A mask of the size of `box` with round corners; a radius of half its side is a disc."""
    height, width = box.bottom - box.y, box.right - box.x
    y, x = np.mgrid[0:height, 0:width] + 0.5
    across = np.maximum(np.abs(x - width / 2) - (width / 2 - radius), 0)
    down = np.maximum(np.abs(y - height / 2) - (height / 2 - radius), 0)
    mask: Mask = np.clip(radius - np.hypot(across, down) + 0.5, 0, 1)
    return mask


def _halved(box: Box) -> Box:
    return Box(box.x // 2, box.y // 2, box.right // 2, box.bottom // 2)


def _quartered(plane: Mask) -> Mask:
    small: Mask = (plane[::2, ::2] + plane[1::2, ::2] + plane[::2, 1::2] + plane[1::2, 1::2]) / 4
    return small


def _mix(plane: Plane, mask: Mask, value: int) -> None:
    plane[:] = np.rint(plane + (value - plane.astype(np.float32)) * mask)
