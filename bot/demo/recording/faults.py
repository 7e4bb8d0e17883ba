"""How the look-alike's recording can be told to fail, list by list and segment by segment.

What any endpoint can do (hang, redirect, be slow, answer 500) is ordered of the site itself, of the
endpoints `masters`, `playlists`, `segments` and `clip-files`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

FOREIGN = "http://192.0.2.1"
"""An address that is reserved for documentation (RFC 5737)."""


class ListFault(StrEnum):
    """A way for a playlist to be wrong."""

    FOREIGN_HOST = "foreign-host"
    FOREIGN_SCHEME = "foreign-scheme"
    LOCAL_FILE = "local-file"
    UPWARDS = "upwards"
    OTHER_COIN = "other-coin"
    KEY = "key"
    MAP = "map"
    BYTE_RANGE = "byte-range"
    TOO_MANY = "too-many"
    TOO_LARGE = "too-large"
    LONG_LINE = "long-line"
    NESTED = "nested"
    PAGE = "page"
    EMPTY = "empty"
    NO_HEADER = "no-header"
    NOT_TEXT = "not-text"
    BAD_LENGTH = "bad-length"
    HUGE_LENGTH = "huge-length"
    NO_LENGTH = "no-length"
    NO_DATES = "no-dates"
    ODD_DATES = "odd-dates"
    FROZEN = "frozen"
    SLIDING = "sliding"
    SHRUNK = "shrunk"


class SegmentFault(StrEnum):
    """A way for a segment to be wrong. The last four change every segment from the first on."""

    LOST = "lost"
    FORBIDDEN = "forbidden"
    PAGE = "page"
    EMPTY = "empty"
    TRUNCATED = "truncated"
    NOISE = "noise"
    MP4 = "mp4"
    TOO_LARGE = "too-large"
    NO_KEYFRAME = "no-keyframe"
    SILENT = "silent"
    OTHER_CODEC = "other-codec"
    OTHER_SIZE = "other-size"
    DISCONTINUITY = "discontinuity"
    TIME_JUMP = "time-jump"
    TIME_BACK = "time-back"
    TIME_WRAP = "time-wrap"


FOLLOWING = frozenset({
    SegmentFault.OTHER_SIZE, SegmentFault.DISCONTINUITY, SegmentFault.TIME_JUMP,
    SegmentFault.TIME_BACK,
})  # fmt: skip
"""Faults that last from the segment in which they begin."""

_WITHOUT_END = 1 << 30


@dataclass(frozen=True, slots=True)
class Order:
    """One standing order: which lists or segments, of which rung (None: all of them)."""

    fault: ListFault | SegmentFault
    at: Collection[int] | None = None
    rung: int | None = None
    count: int = 0
    """How many segments a list stays at, keeps, or loses."""
    master: bool = False
    """Of lists: the master is meant, and not the others."""

    def hits(self, rung: int, index: int) -> bool:
        """Whether segment `index` of that rung is wrong."""
        if self.rung is not None and self.rung != rung:
            return False
        if self.at is None:
            return True
        return index >= min(self.at) if self.fault in FOLLOWING else index in self.at

    @property
    def first(self) -> int:
        """The segment in which it begins; far away where there is none."""
        return min(self.at, default=_WITHOUT_END) if self.at is not None else 0
