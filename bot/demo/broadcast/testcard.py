"""The pictures that the broadcaster publishes: a lively card, noise, or plain grey.

All of them show frame n as it is at content time n / fps, carry n in a strip for machines, and
light a lamp for the first tenth of each second: the same instant at which `sound` beeps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from bot.demo.broadcast.canvas import Picture, yuv
from bot.demo.broadcast.card import Card
from bot.demo.broadcast.frame_marks import Box, lamp_box, paint_strip, strip_box
from bot.demo.broadcast.picture_spec import DARK, GREY, WHITE, PictureSpec, is_flash


class Content(Protocol):
    """Whoever paints pictures of one size. What `paint` returns is good until the next call."""

    def paint(self, number: int) -> Picture: ...


def make_content(kind: str, spec: PictureSpec) -> Content:
    """The painter called `kind`: card, noise or plain. Raises ValueError for odd sizes."""
    painters: dict[str, Callable[[PictureSpec], Content]] = {
        "card": Card,
        "noise": Noise,
        "plain": Plain,
    }
    return painters[kind](spec)


class Plain:
    """Grey, the strip and the lamp: the cheapest picture that can be judged."""

    def __init__(self, spec: PictureSpec) -> None:
        self._fps = spec.fps
        self._picture = Picture(spec.width, spec.height)
        self._picture.fill(Box(0, 0, spec.width, spec.height), GREY)
        self._lamp = lamp_box(spec.width, spec.height)

    def paint(self, number: int) -> Picture:
        """Frame `number`."""
        self._picture.fill(self._lamp, WHITE if is_flash(number, self._fps) else DARK)
        paint_strip(self._picture.y, number)
        return self._picture


class Noise:
    """New random luma in every frame: no encoder can make it small."""

    def __init__(self, spec: PictureSpec) -> None:
        self._plain = Plain(spec)
        self._random = np.random.default_rng(1)
        self._ground = strip_box(spec.width, spec.height)

    def paint(self, number: int) -> Picture:
        """Frame `number`; the same number looks different each time."""
        picture = self._plain.paint(number)
        pixels = np.frombuffer(self._random.bytes(picture.y.size), np.uint8)
        np.clip(pixels.reshape(picture.y.shape), 16, 235, out=picture.y)
        picture.y[self._ground.slices] = yuv(GREY)[0]
        return self._plain.paint(number)
