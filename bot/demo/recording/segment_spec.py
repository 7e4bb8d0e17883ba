"""One segment as it is ordered of the process that makes it. Pure, and JSON on its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from bot.demo.broadcast.picture_spec import PictureSpec

TICKS = 90_000
"""A second of MPEG-TS time."""


@dataclass(frozen=True, slots=True)
class SegmentSpec:
    """Pictures with `numbers`, `fps` of them a second, the first one at `pts` ticks; and sound.

    `zero_pts` is the time of sample 0 of the broadcast, in ticks; `sounds` of the blocks of 1024
    samples come, from number `first_sound` on. `lead` are numbers of pictures that are encoded
    before and thrown away, so that the segment begins without a keyframe.
    """

    content: str
    title: str
    symbol: str
    clock_zero: float
    source_fps: int
    width: int
    height: int
    fps: int
    rate: int
    b_frames: int
    numbers: tuple[int, ...]
    pts: int
    zero_pts: float
    first_sound: int
    sounds: int
    lead: tuple[int, ...] = ()
    repeats: bool = False
    """Whether the same numbers come again, at another time."""
    codec: str = "libx264"
    container: str = "mpegts"

    @property
    def picture(self) -> PictureSpec:
        """What is painted."""
        return PictureSpec(
            width=self.width,
            height=self.height,
            fps=self.source_fps,
            symbol=self.symbol,
            title=self.title,
            clock_zero=self.clock_zero,
        )

    @property
    def pictures(self) -> Self:
        """What its pictures depend on: the same whenever they are shown."""
        return replace(self, pts=0, zero_pts=0.0, first_sound=0, sounds=0)

    @classmethod
    def read(cls, message: Mapping[str, Any]) -> Self:
        """The spec in a command."""
        spec: dict[str, Any] = dict(message["spec"])
        return cls(**spec | {name: tuple(spec[name]) for name in ("numbers", "lead")})

    def spoken(self) -> dict[str, Any]:
        """The same as a command carries it."""
        return asdict(self)
