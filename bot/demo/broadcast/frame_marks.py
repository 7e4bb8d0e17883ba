"""What a machine reads off a test picture: the frame's number, and the lamp.

Both stand at places which are shares of the picture's size, so that they survive scaling; each
bit is a block of at least a fiftieth of the width, read by the mean of its middle, so that it
survives an encoder that has no bits left.

    row 0   1 0 │ number, bits 23…6
    row 1   number, bits 5…0 │ 12 bits of check │ 0 1
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.uint8]

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
    count = _ROWS * _COLUMNS
    for index in range(count):
        on = word >> (count - 1 - index) & 1
        luma[_block(index, width, height).slices] = _WHITE if on else _BLACK


def read_strip(luma: Plane) -> int | None:
    """The number in a whole picture's luma (without any bars), or None where it does not check."""
    height, width = luma.shape
    means = np.array(
        [_middle(luma, _block(i, width, height)) for i in range(_ROWS * _COLUMNS)]
    )  # fmt: skip
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


def _block(index: int, width: int, height: int) -> Box:
    row, column = divmod(index, _COLUMNS)
    across, down = (_RIGHT - _LEFT) / _COLUMNS, (_BOTTOM - _TOP) / _ROWS
    x, y = _LEFT + column * across, _TOP + row * down
    return Box(
        round(x * width), round(y * height), round((x + across) * width), round((y + down) * height)
    )


def _middle(luma: Plane, box: Box) -> float:
    """The mean of the middle half of `box` each way."""
    x, y = (box.right - box.x) // 4, (box.bottom - box.y) // 4
    inner = luma[box.y + y : box.bottom - y, box.x + x : box.right - x]
    return float(inner.mean()) if inner.size else 0.0
