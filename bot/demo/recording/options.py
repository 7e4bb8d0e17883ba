"""How the look-alike records: its ladder, and by how much all of it is late."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Rung:
    """One quality. `number` is that of its lists, `height` the shorter side in pixels at most,
    `rate` in bits a second."""

    number: int
    height: int
    fps: int
    rate: int


LOW = Rung(0, 360, 20, 700_000)
MEDIUM = Rung(1, 720, 30, 2_000_000)
HIGH = Rung(2, 1080, 60, 3_300_000)
"""The ladder of the site (measured 2026-08-25)."""


@dataclass(frozen=True, slots=True)
class RecordingOptions:
    """Seconds, each above zero. `tests` make them shorter with `RecordingOptions.quick()`.

    `first_media` after the stamp of a directory comes its first frame. What is on air is listed
    `delay` later, dated `dating` too late. Around a rotation `hole` is lost. Lists that do not
    follow the stream live on for `outlives` after its end; a COMPLETE clip is there after
    `complete_after`.
    """

    rungs: tuple[Rung, ...] = (LOW, MEDIUM)
    segment: float = 1.96
    first_media: float = 16.0
    delay: float = 13.0
    dating: float = 8.5
    hole: float = 21.0
    outlives: float = 600.0
    complete_after: float = 30.0
    b_frames: int = 0
    first_pts: int = 900_000
    """In ticks of 1/90000 s: where a directory's time begins."""

    def __post_init__(self) -> None:
        waits = (self.segment, self.first_media, self.delay, self.dating, self.complete_after)
        if min(waits) <= 0 or self.outlives < 0 or not self.rungs:
            raise ValueError("a recording is never at once, and has a rung")
        if self.dating >= self.delay or self.hole < self.first_media:
            raise ValueError("dates are late by a part of the delay; a hole ends with first media")

    @classmethod
    def quick(cls) -> RecordingOptions:
        """The same, for those who cannot wait: late by 2 s, first media after 1 s."""
        return cls(
            first_media=1.0, delay=2.0, dating=1.3, hole=1.5, outlives=60.0, complete_after=0.5
        )

    @property
    def length(self) -> Fraction:
        """Of a segment, exactly."""
        return Fraction(self.segment).limit_denominator(1000)
