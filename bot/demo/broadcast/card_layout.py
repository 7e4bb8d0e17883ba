"""Where everything stands on the test card, at any size and in either orientation."""

from __future__ import annotations

import math

from bot.demo.broadcast.canvas import text_size
from bot.demo.broadcast.frame_marks import Box, lamp_box, strip_box
from bot.demo.broadcast.glyphs import ADVANCE
from bot.demo.broadcast.picture_spec import PictureSpec

_SEGMENTS = 20
_BARS = 32


class CardLayout:
    """Boxes in even pixels and dot sizes in pixels, worked out once for a size."""

    def __init__(self, spec: PictureSpec) -> None:
        width, height = spec.width, spec.height
        portrait = height > width
        self.unit = unit = min(width, height) // 36 & ~1 or 2
        margin = round(0.05 * min(width, height)) & ~1
        self.lamp = lamp_box(width, height)
        self.strip = strip_box(width, height)
        side = self.lamp.right - self.lamp.x
        self.emblem = Box(margin, margin, margin + side, margin + side)
        self.head = Box(margin + side + unit, margin + unit // 2, self.lamp.x - unit, margin + side)
        self.head_dot = side / 13
        top, bottom = (0.17, 0.40) if portrait else (0.27, 0.625)
        self.panel = Box(margin, round(top * height), width - margin, round(bottom * height)).even()
        self._fill_panel()
        self.coin_area = Box(
            margin, self.panel.bottom + unit, width - margin, round(0.875 * height)
        ).even()
        self.full_bars = _columns(self.coin_area, _BARS)

    def fitting(self, text: str, box: Box, most: float) -> float:
        """The largest dot up to `most` with which `text` is no wider than `box`."""
        return min(most, (box.right - box.x) / (ADVANCE * max(1, len(text))))

    def meter_parts(self, level: float) -> tuple[Box, Box]:
        """The meter's lit and its dark part at `level` (0 to 1)."""
        index = round(level * len(self.segments))
        split = self.segments[index].x if index < len(self.segments) else self.meter.right
        box = self.meter
        return Box(box.x, box.y, split, box.bottom), Box(split, box.y, box.right, box.bottom)

    def bars(self, seconds: float) -> list[Box]:
        """The lit part of each bar at `seconds`; all of them jump as a second begins."""
        jump = math.exp(-4.0 * (seconds % 1.0))
        return [self._bar(index, box, seconds, jump) for index, box in enumerate(self.full_bars)]

    def _bar(self, index: int, box: Box, seconds: float, jump: float) -> Box:
        wave = math.sin(1.9 * seconds + 0.55 * index) * math.sin(1.1 * seconds - 0.23 * index)
        share = min(1.0, 0.16 + 0.34 * abs(wave) + 0.40 * jump * abs(math.sin(1.7 * index + 1)))
        top = box.bottom - round(share * (box.bottom - box.y))
        return Box(box.x, top & ~1, box.right, box.bottom)

    def _fill_panel(self) -> None:
        panel, unit = self.panel, self.unit
        inner, rows = panel.right - panel.x - 2 * unit, panel.bottom - panel.y
        self.small_dot = max(1.0, min(rows / 70, inner / 190))
        top = panel.y + round(0.08 * rows)
        right = panel.x + unit + round(34 * self.small_dot)
        self.badge = Box(panel.x + unit, top, right, top + round(11 * self.small_dot)).even()
        self.count_dot = min(rows / 46, inner / 2 / (13 * ADVANCE))
        across, down = text_size("FRAME 0000000", self.count_dot)
        low = panel.bottom - round(0.08 * rows) - down
        self.count = Box(panel.x + unit, low, panel.x + unit + across, low + down)
        self._fill_meter(self.count.right + unit, low, down)
        self.clock_dot = min(inner / (12 * ADVANCE), rows / 18)
        across, down = text_size("00:00:00.000", self.clock_dot)
        left = (panel.x + panel.right - across) // 2
        top = (self.badge.bottom + low - down) // 2
        self.clock = Box(left, top, left + across, top + down)

    def _fill_meter(self, left: int, top: int, high: int) -> None:
        self.meter = box = Box(left, top, self.panel.right - self.unit, top + high).even()
        self.segments = _columns(box, _SEGMENTS)


def _columns(box: Box, count: int) -> list[Box]:
    """`box` cut into about `count` columns of even width, with gaps, from its left to its right."""
    step = max(4, (box.right - box.x) // count & ~1)
    count = (box.right - box.x) // step
    gap = max(2, step // 4 & ~1)
    starts = [box.x + ((box.right - box.x) * index // count & ~1) for index in range(count)]
    return [Box(x, box.y, x + step - gap, box.bottom) for x in starts]
