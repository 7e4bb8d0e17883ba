"""The lively test card: the coin's name, a clock, the frame's number, bars and a bouncing coin.

The still parts are painted once a size, dark and lit; a frame copies only what moves.
"""

from __future__ import annotations

import math

import numpy as np

from bot.demo.broadcast.canvas import Mask, Picture, Rgb, rounded, text_size, yuv
from bot.demo.broadcast.card_layout import CardLayout
from bot.demo.broadcast.frame_marks import NUMBER_BITS, Box, Plane, paint_strip
from bot.demo.broadcast.glyphs import glyph, text_mask
from bot.demo.broadcast.picture_spec import (
    DARK,
    GOLD,
    PALE,
    PANEL,
    RED,
    WHITE,
    PictureSpec,
    is_flash,
)
from bot.demo.broadcast.sound import level

_BAR_COLOURS: tuple[Rgb, Rgb, Rgb] = ((86, 224, 208), (124, 124, 250), (255, 120, 170))


class Card:
    """The card: the coin's name, a clock, the frame's number, bars and a coin that bounces."""

    def __init__(self, spec: PictureSpec) -> None:
        self._spec = spec
        self._layout = layout = CardLayout(spec)
        self._still = _still(spec, layout)
        self._lit = _lit(spec, layout, self._still)
        self._picture = self._still.copy()
        self._clock = _Line(layout.clock, layout.clock_dot)
        self._count = _Line(layout.count, layout.count_dot)
        self._coin = _Coin(layout.coin_area, spec.symbol)

    def paint(self, number: int) -> Picture:
        """Frame `number`, as the clock has it at `clock_zero` + number / fps."""
        picture, layout, seconds = self._picture, self._layout, number / self._spec.fps
        self._clock.write(picture.y, _clock_text(self._spec.clock_zero + seconds))
        self._count.write(picture.y, f"FRAME {number % (1 << NUMBER_BITS):07d}")
        lamp = self._lit if is_flash(number, self._spec.fps) else self._still
        picture.take(lamp, layout.lamp)
        self._paint_meter(seconds)
        self._paint_stage(seconds)
        paint_strip(picture.y, number)
        return picture

    def _paint_meter(self, seconds: float) -> None:
        lit, dark = self._layout.meter_parts(level(seconds))
        self._picture.take(self._lit, lit)
        self._picture.take(self._still, dark)

    def _paint_stage(self, seconds: float) -> None:
        self._picture.take(self._still, self._layout.coin_area)
        for bar in self._layout.bars(seconds):
            self._picture.take(self._lit, bar)
        self._coin.paint(self._picture, seconds)


class _Line:
    """A line of text that changes: characters are copied in as ready pixels."""

    def __init__(self, box: Box, dot: float) -> None:
        self._box = box
        self._dot = dot
        self._ink, self._ground = yuv(WHITE)[0], yuv(PANEL)[0]
        self._ready: dict[str, Plane] = {}

    def write(self, luma: Plane, text: str) -> None:
        """Write `text`, over what stood there."""
        x = self._box.x
        for character in text:
            tile = self._tile(character)
            rows, columns = tile.shape
            luma[self._box.y : self._box.y + rows, x : x + columns] = tile
            x += columns

    def _tile(self, character: str) -> Plane:
        if character not in self._ready:
            mask = glyph(character, self._dot)
            shades = np.rint(self._ground + (self._ink - self._ground) * mask)
            self._ready[character] = shades.astype(np.uint8)
        return self._ready[character]


class _Coin:
    """A coin that spins, and touches the ground as each second begins."""

    _VIEWS = 24

    def __init__(self, coin_area: Box, symbol: str) -> None:
        self._coin_area = coin_area
        room = min(coin_area.bottom - coin_area.y, (coin_area.right - coin_area.x) // 2)
        self._side = max(16, room // 2 & ~3)
        self._views = [self._view(symbol[:1], k) for k in range(self._VIEWS)]

    def paint(self, picture: Picture, seconds: float) -> None:
        """Paint it where it is at `seconds`."""
        coin_area, side = self._coin_area, self._side
        phase = seconds % 1.0
        height = 4 * phase * (1 - phase) * (coin_area.bottom - coin_area.y - side)
        sweep = abs((seconds / 6.0) % 2.0 - 1.0)
        x = coin_area.x + int((1 - sweep) * (coin_area.right - coin_area.x - side))
        y = coin_area.bottom - side - int(height)
        view = self._views[int(seconds * self._VIEWS / 2) % self._VIEWS]
        for mask, colour in view:
            picture.blend(mask, x & ~1, y & ~1, colour)

    def _view(self, letter: str, k: int) -> list[tuple[Mask, Rgb]]:
        turn = abs(math.cos(math.pi * k / self._VIEWS))
        disc = rounded(Box(0, 0, self._side, self._side), self._side / 2)
        inner = np.zeros_like(disc)
        rim = self._side // 9
        small = rounded(Box(0, 0, self._side - 2 * rim, self._side - 2 * rim), self._side / 2 - rim)
        inner[rim:-rim, rim:-rim] = small
        letters = np.zeros_like(disc)
        mark = text_mask(letter, self._side / 13)
        top, left = (self._side - len(mark)) // 2, (self._side - mark.shape[1]) // 2
        letters[top : top + len(mark), left : left + mark.shape[1]] = mark
        layers = ((disc, (236, 168, 40)), (inner, (255, 214, 96)), (letters, (164, 96, 16)))
        return [(_squeezed(mask, max(turn, 0.12)), colour) for mask, colour in layers]


def _squeezed(mask: Mask, share: float) -> Mask:
    """`mask` narrowed to `share` of its width about its middle."""
    side = mask.shape[1]
    at = (np.arange(side) + 0.5 - side / 2) / share + side / 2 - 0.5
    low = np.clip(np.floor(at).astype(int), 0, side - 2)
    part = np.clip(at - low, 0, 1)
    squeezed = mask[:, low] * (1 - part) + mask[:, low + 1] * part
    return np.where((at >= -0.5) & (at <= side - 0.5), squeezed, 0.0)


def _still(spec: PictureSpec, layout: CardLayout) -> Picture:
    """All that does not move, with lamp and meter dark and no bars."""
    picture = Picture(spec.width, spec.height)
    picture.image(_sky(spec))
    picture.blend(rounded(layout.panel, layout.unit), layout.panel.x, layout.panel.y, PANEL)
    _write_head(picture, spec, layout)
    _write_panel(picture, spec, layout)
    _lamp(picture, layout, DARK)
    for part in layout.segments:
        picture.fill(part, DARK)
    picture.fill(layout.strip, (70, 70, 70))
    return picture


def _lit(spec: PictureSpec, layout: CardLayout, still: Picture) -> Picture:
    """The same with everything on that can be on."""
    picture = still.copy()
    _lamp(picture, layout, WHITE)
    for index, part in enumerate(layout.segments):
        share = index / len(layout.segments)
        picture.fill(part, RED if share > 0.85 else GOLD if share > 0.6 else _BAR_COLOURS[0])
    for index, bar in enumerate(layout.full_bars):
        picture.fill(bar, _between(_BAR_COLOURS, index / len(layout.full_bars)))
    return picture


def _write_head(picture: Picture, spec: PictureSpec, layout: CardLayout) -> None:
    side = layout.emblem.right - layout.emblem.x
    for shrink, colour in ((0, (236, 168, 40)), (side // 18 & ~1, (255, 214, 96))):
        box = Box(
            layout.emblem.x + shrink,
            layout.emblem.y + shrink,
            layout.emblem.right - shrink,
            layout.emblem.bottom - shrink,
        )
        picture.blend(rounded(box, (box.right - box.x) / 2), box.x, box.y, colour)
    dot = side / 12
    across, down = text_size("$", dot)
    left, top = layout.emblem.x + (side - across) // 2, layout.emblem.y + (side - down) // 2
    picture.text("$", left, top, dot, (164, 96, 16))
    symbol_dot = layout.fitting(spec.symbol, layout.head, layout.head_dot)
    picture.text(spec.symbol, layout.head.x, layout.head.y, symbol_dot, WHITE)
    title_dot = layout.fitting(spec.title, layout.head, layout.head_dot * 0.42)
    down = round(8.9 * symbol_dot + (layout.head_dot - symbol_dot) * 2)
    picture.text(spec.title, layout.head.x, layout.head.y + down, title_dot, PALE)


def _write_panel(picture: Picture, spec: PictureSpec, layout: CardLayout) -> None:
    picture.blend(rounded(layout.badge, layout.unit * 0.5), layout.badge.x, layout.badge.y, RED)
    across, down = text_size(spec.badge, layout.small_dot)
    middle = (layout.badge.y + layout.badge.bottom - down) // 2
    left = (layout.badge.x + layout.badge.right - across) // 2
    picture.text(spec.badge, left, middle, layout.small_dot, WHITE)
    about = f"{spec.width}x{spec.height} {spec.fps} FPS"
    across, _ = text_size(about, layout.small_dot)
    picture.text(about, layout.panel.right - layout.unit - across, middle, layout.small_dot, PALE)


def _lamp(picture: Picture, layout: CardLayout, colour: Rgb) -> None:
    box = layout.lamp
    picture.blend(rounded(box, (box.right - box.x) / 2), box.x, box.y, colour)


def _sky(spec: PictureSpec) -> Mask:
    """A slanting gradient of two colours with a glow of the third."""
    y, x = np.mgrid[0 : spec.height, 0 : spec.width]
    slant = ((x / spec.width + y / spec.height) / 2)[..., None]
    far = np.hypot(x / spec.width - 0.85, y / spec.height - 0.15)[..., None]
    glow = 0.55 * np.exp(-((far / 0.45) ** 2))
    first, second, third = (np.array(colour, float) for colour in spec.sky)
    sky: Mask = (first * (1 - slant) + second * slant) * (1 - glow) + third * glow
    return sky


def _between(colours: tuple[Rgb, Rgb, Rgb], share: float) -> Rgb:
    """The colour at `share` (0 to 1) of the way through three."""
    place = share * 2
    low, high = (colours[0], colours[1]) if place < 1 else (colours[1], colours[2])
    part = place % 1.0
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(low, high, strict=True))
    return red, green, blue


def _clock_text(seconds: float) -> str:
    thousandths = round(seconds * 1000) % 86_400_000
    minutes, thousandths = divmod(thousandths, 60_000)
    return (
        f"{minutes // 60:02d}:{minutes % 60:02d}:{thousandths // 1000:02d}.{thousandths % 1000:03d}"
    )
