"""The size of a clip's picture, and how a frame of another size lies in it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

LARGE_PIXELS = 2560 * 1440
"""Of a larger picture a lower layer is asked for, where there is one."""

MOST_PIXELS = 4096 * 2304
"""A larger picture is refused: the decoder alone takes 500 MB for 8K (VP8, measured 2026-11)."""

_SAME_SHAPE = 0.1
_SMALLEST = 16
_MUCH_LARGER = 1.5
_OUTGROWN_AFTER = 5_000_000
"""Microseconds: who shows something else for a moment does not change what is recorded."""


@dataclass(frozen=True, slots=True)
class Size:
    """Pixels."""

    width: int
    height: int

    @property
    def turned(self) -> Size:
        """The same, on its side."""
        return Size(self.height, self.width)

    @property
    def aspect(self) -> float:
        """Width by height."""
        return self.width / self.height

    @property
    def pixels(self) -> int:
        """How many there are."""
        return self.width * self.height

    @property
    def bytes(self) -> int:
        """What a decoded picture of this size takes (I420)."""
        return self.pixels * 3 // 2


@dataclass(frozen=True, slots=True)
class Box:
    """Where a picture lies in a canvas: even pixels from the left and the top."""

    left: int
    top: int
    size: Size


def is_blank(size: Size) -> bool:
    """Whether a frame is no picture: the server sends 2x2 or 8x8 ones before a track ends."""
    return min(size.width, size.height) < _SMALLEST


def layer_for(size: Size) -> int:
    """Which of three layers to ask for, 0 the largest, by the size that is announced for that one.
    The next has half the sides."""
    return next((layer for layer in (0, 1) if size.pixels <= LARGE_PIXELS * 4**layer), 2)


def choose_canvas(announced: Size, first: Size, max_height: int) -> Size:
    """The canvas of a capture: the announced size, with even sides, within `bounds`.

    Publishers start small and grow, so the first frame does not tell the size; it does tell the
    shape, where a camera was turned after it was announced, and that the announcement is out of
    date where it is the larger one: a window that is shared may be enlarged. Without an
    announcement (0 x 0), the first frame is all there is.
    """
    wanted = announced if min(announced.width, announced.height) >= _SMALLEST else first
    long = max(wanted.width, wanted.height, first.width, first.height)
    is_same = abs(wanted.aspect / first.aspect - 1) <= _SAME_SHAPE
    wanted = _with_long_side(wanted if is_same else first, long)
    most = bounds(wanted, max_height)
    scale = min(1.0, most.width / wanted.width, most.height / wanted.height)
    return Size(
        min(most.width, _even(wanted.width * scale)),
        min(most.height, _even(wanted.height * scale)),
    )


class CanvasWatch:
    """Whether a capture's canvas, which stays as it was at first, still suits what is shown."""

    def __init__(self) -> None:
        self._unfit_since: int | None = None

    def look(self, canvas: Size, wanted: Size, now: int) -> None:
        """What is shown now would have the `wanted` one. `now` is in microseconds."""
        if _suits(canvas, wanted):
            self._unfit_since = None
        elif self._unfit_since is None:
            self._unfit_since = now

    def is_outgrown(self, now: int) -> bool:
        """Whether another one has been wanted for a while."""
        return self._unfit_since is not None and now - self._unfit_since >= _OUTGROWN_AFTER


def bounds(shape: Size, max_height: int) -> Size:
    """The largest canvas for such a shape: 1280x720, or 720x1280 upright, where `max_height` is
    720. So it bounds the short side, and in any shape there are no more pixels than in 16:9."""
    short = max_height - max_height % 2
    most = Size(_even(short * 16 / 9), short)
    return most.turned if shape.height > shape.width else most


def height_of(size: Size) -> int:
    """The `max_height` of which `size` just lies within the bounds."""
    return max(min(size.width, size.height), -(-max(size.width, size.height) * 9 // 32) * 2)


def fit(picture: Size, canvas: Size) -> Box:
    """The largest place in `canvas` that keeps the shape of `picture`, in its middle."""
    scale = min(canvas.width / picture.width, canvas.height / picture.height)
    size = Size(
        min(canvas.width, _even(picture.width * scale)),
        min(canvas.height, _even(picture.height * scale)),
    )
    left, top = (canvas.width - size.width) // 2, (canvas.height - size.height) // 2
    return Box(left - left % 2, top - top % 2, size)


def _suits(canvas: Size, wanted: Size) -> bool:
    if abs(wanted.aspect / canvas.aspect - 1) > _SAME_SHAPE:
        return False
    return wanted.width <= _MUCH_LARGER * canvas.width


def _with_long_side(shape: Size, long: int) -> Size:
    scale = long / max(shape.width, shape.height)
    return Size(max(1, round(shape.width * scale)), max(1, round(shape.height * scale)))


def _even(length: float) -> int:
    return max(2, round(length / 2) * 2)
