"""A small font of five by seven dots, drawn large and smooth."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.float32]

ROWS = 7
LINE = 8
ADVANCE = 6
"""Dots from one line, and one character, to the next."""

_FIRST = 0x20
# One group of five columns a character from the space to the Z, the lowest bit uppermost.
_COLUMNS = bytes.fromhex(
    "0000000000 00005f0000 0007000700 147f147f14 242a7f2a12 2313086462 3649562050 0008070300"
    "001c224100 0041221c00 2a1c7f1c2a 08083e0808 0080703000 0808080808 0000606000 2010080402"
    "3e4141413e 00427f4000 7249494946 2141494d33 1814127f10 2745454539 3c4a494931 4121110907"
    "3649494936 464949291e 0000360000 0000563600 0814224100 1414141414 0041221408 0201590906"
    "3e415d594e 7c1211127c 7f49494936 3e41414122 7f4141413e 7f49494941 7f09090901 3e41415173"
    "7f0808087f 00417f4100 2040413f01 7f08142241 7f40404040 7f021c027f 7f0408107f 3e4141413e"
    "7f09090906 3e4151215e 7f09192946 2649494932 03017f0103 3f4040403f 1f2040201f 3f4038403f"
    "6314081463 0304780403 6159494d43"
)
_REACH = 0.54
"""Half the width of a stroke, in dots."""


@lru_cache(maxsize=512)
def glyph(character: str, dot: float) -> Mask:
    """How much of each pixel is ink, 0 to 1, with dots of `dot` pixels; 6 by 8 dots with its gaps.

    Neighbouring dots are joined by round strokes. A character that the font does not have is
    drawn as a question mark.
    """
    width, height = max(1, round(ADVANCE * dot)), max(1, round(LINE * dot))
    x = ((np.arange(width) + 0.5) / dot - 0.5)[None, :]
    y = ((np.arange(height) + 0.5) / dot - 0.5)[:, None]
    nearest = np.full((height, width), 9.0)
    for row, column, down, right in _strokes(_dots(character.upper())):
        along = np.clip(
            ((y - row) * down + (x - column) * right) / max(1, down * down + right * right), 0, 1
        )
        np.minimum(
            nearest, np.hypot(y - row - along * down, x - column - along * right), out=nearest
        )
    mask: Mask = np.clip((_REACH - nearest) * dot + 0.5, 0, 1).astype(np.float32)
    return mask


def text_mask(text: str, dot: float) -> Mask:
    """The characters of `text` side by side."""
    return np.concatenate([glyph(character, dot) for character in text or " "], axis=1)


def _dots(character: str) -> npt.NDArray[np.bool_]:
    index = ord(character[:1] or " ") - _FIRST
    if not 0 <= index * 5 < len(_COLUMNS):
        index = ord("?") - _FIRST
    columns = np.frombuffer(_COLUMNS[index * 5 : index * 5 + 5], np.uint8)
    rows = np.arange(ROWS, dtype=np.uint8)[:, None]
    return (columns[None, :] >> rows & 1).astype(bool)


def _strokes(dots: npt.NDArray[np.bool_]) -> Iterator[tuple[float, float, int, int]]:
    """From the middle of each dot (row, column) to each neighbour (down, right) that it joins."""
    lit = np.pad(dots, 1)
    for row, column in np.argwhere(lit):
        yield row - 0.5, column - 0.5, 0, 0
        for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
            corner = down and right and (lit[row, column + right] or lit[row + down, column])
            if lit[row + down, column + right] and not corner:
                yield row - 0.5, column - 0.5, down, right
