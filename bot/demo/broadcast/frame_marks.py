"""What a machine reads off a test picture: the frame's number, and the lamp.

Both stand at places which are shares of the picture's size, so that they survive scaling; each
bit is a block of at least a fiftieth of the width, read by the mean of its middle, so that it
survives an encoder that has no bits left.

    row 0   1 0 │ number, bits 23…6
    row 1   number, bits 5…0 │ 12 bits of check │ 0 1
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.uint8]
Edges = npt.NDArray[np.int64]

NUMBER_BITS = 24
SHARE_BIT = 1 << (NUMBER_BITS - 1)
"""Set in the numbers of a screen share, so that nobody takes its picture for the camera's."""

_CHECK_BITS = 12
_ROWS, _COLUMNS = 2, 20
_LEFT, _RIGHT = 0.03, 0.97
_TOP, _BOTTOM = 0.905, 0.985
_BLACK, _WHITE = 16, 235
_LEAST_CONTRAST = 50.0


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a picture in pixels, from (x, y) up to and without (right, bottom)."""

    x: int
    y: int
    right: int
    bottom: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """The part as numpy takes it."""
        return slice(self.y, self.bottom), slice(self.x, self.right)

    def even(self) -> Box:
        """The same, moved to even pixels, where a 4:2:0 picture has a colour."""
        return Box(self.x & ~1, self.y & ~1, self.right & ~1, self.bottom & ~1)


def lamp_box(width: int, height: int) -> Box:
    """Where the lamp is: a square at the upper right, a fifth of the shorter side."""
    side, margin = 0.17 * min(width, height), 0.05 * min(width, height)
    right, top = width - margin, margin
    return Box(round(right - side), round(top), round(right), round(top + side)).even()


def strip_box(width: int, height: int) -> Box:
    """Where the blocks are, with the grey frame around them."""
    x, right = 0.02 * width, 0.98 * width
    return Box(round(x), round(0.89 * height), round(right), round(0.995 * height)).even()


def check_of(number: int) -> int:
    """The 12 bits that go with `number`."""
    return (number * 2654435761 >> 15) & ((1 << _CHECK_BITS) - 1) ^ 0xA5A


def paint_strip(luma: Plane, number: int) -> None:
    """Write `number` (modulo 2^24) into the strip of a whole picture's luma."""
    height, width = luma.shape
    number %= 1 << NUMBER_BITS
    word = (0b10 << NUMBER_BITS | number) << _CHECK_BITS | check_of(number)
    word = word << 2 | 0b01
    blocks = _blocks(width, height)
    for place, block in enumerate(blocks, start=1):
        luma[block.slices] = _WHITE if word >> (len(blocks) - place) & 1 else _BLACK


def read_strip(luma: Plane) -> int | None:
    """The number in a whole picture's luma (without any bars), or None where it does not check."""
    height, width = luma.shape
    means = np.concatenate([_means(luma, *row) for row in _middles(width, height)])
    low, high = means.min(), means.max()
    if high - low < _LEAST_CONTRAST:
        return None
    word = 0
    for on in means > (low + high) / 2:
        word = word << 1 | int(on)
    number = word >> (_CHECK_BITS + 2) & ((1 << NUMBER_BITS) - 1)
    check = word >> 2 & ((1 << _CHECK_BITS) - 1)
    framed = word >> (NUMBER_BITS + _CHECK_BITS + 2) == 0b10 and word & 0b11 == 0b01
    return number if framed and check == check_of(number) else None


def read_lamp(luma: Plane) -> float:
    """The mean luma of the middle of the lamp: about 50 when dark, 230 in a flash."""
    height, width = luma.shape
    return _middle(luma, lamp_box(width, height))


@lru_cache(maxsize=64)
def _blocks(width: int, height: int) -> tuple[Box, ...]:
    """The blocks of the strip, row by row."""
    across, down = (_RIGHT - _LEFT) / _COLUMNS, (_BOTTOM - _TOP) / _ROWS
    corners = (
        (_LEFT + column * across, _TOP + row * down)
        for row in range(_ROWS)
        for column in range(_COLUMNS)
    )
    return tuple(
        Box(
            round(x * width),
            round(y * height),
            round((x + across) * width),
            round((y + down) * height),
        )
        for x, y in corners
    )


@lru_cache(maxsize=64)
def _middles(width: int, height: int) -> tuple[tuple[slice, Edges, Edges], ...]:
    """Of each row of the strip: which lines of the picture hold the middles of its blocks, where
    each of these begins and ends, and how many pixels it has."""
    middles = [_inner(block) for block in _blocks(width, height)]
    rows = (middles[at : at + _COLUMNS] for at in range(0, len(middles), _COLUMNS))
    return tuple(
        (
            row[0].slices[0],
            np.array([(one.x, one.right) for one in row]).ravel(),
            np.array([(one.right - one.x) * (one.bottom - one.y) for one in row]),
        )
        for row in rows
    )


def _means(luma: Plane, lines: slice, edges: Edges, pixels: Edges) -> npt.NDArray[np.float64]:
    """The mean of each block's middle, all of a row at once."""
    if not pixels.all():
        return np.zeros(len(pixels))  # so small a picture has no middles
    of_columns = luma[lines].sum(axis=0, dtype=np.int64)
    means: npt.NDArray[np.float64] = np.add.reduceat(of_columns, edges)[::2] / pixels
    return means


def _middle(luma: Plane, box: Box) -> float:
    """The mean of the middle of `box`."""
    inner = luma[_inner(box).slices]
    return float(inner.mean()) if inner.size else 0.0


def _inner(box: Box) -> Box:
    """The middle half of it each way."""
    x, y = (box.right - box.x) // 4, (box.bottom - box.y) // 4
    return Box(box.x + x, box.y + y, box.right - x, box.bottom - y)
