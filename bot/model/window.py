"""A window of a stream: what a clip shows, as two instants that never move."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self


@dataclass(frozen=True, slots=True)
class Window:
    """From `begins_at` until just before `ends_at`, aware UTC instants; never empty."""

    begins_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        """Raises ValueError where it ends before it begins."""
        if self.ends_at <= self.begins_at:
            raise ValueError(f"a window that ends at {self.ends_at}, before it begins")

    @classmethod
    def before(cls, end: datetime, seconds: float) -> Self:
        """The last `seconds` before an instant."""
        return cls(end - timedelta(seconds=seconds), end)

    @classmethod
    def after(cls, begin: datetime, seconds: float) -> Self:
        """The next `seconds` from an instant on."""
        return cls(begin, begin + timedelta(seconds=seconds))

    @property
    def seconds(self) -> float:
        """Its length."""
        return (self.ends_at - self.begins_at).total_seconds()

    def within(self, other: Window) -> Window | None:
        """The part of it that lies in `other`, if any does."""
        begin, end = max(self.begins_at, other.begins_at), min(self.ends_at, other.ends_at)
        return Window(begin, end) if begin < end else None

    def covers(self, other: Window) -> bool:
        """Whether all of `other` lies in it."""
        return self.begins_at <= other.begins_at and other.ends_at <= self.ends_at

    def moved(self, seconds: float) -> Window:
        """The same length, so much later (or earlier, where it is negative)."""
        by = timedelta(seconds=seconds)
        return Window(self.begins_at + by, self.ends_at + by)

    def widened(self, seconds: float) -> Window:
        """So much more on either side."""
        by = timedelta(seconds=seconds)
        return Window(self.begins_at - by, self.ends_at + by)

    def is_about(self, other: Window, seconds: float) -> bool:
        """Whether neither end is further than that from the other's."""
        most = timedelta(seconds=seconds)
        begin, end = self.begins_at - other.begins_at, self.ends_at - other.ends_at
        return abs(begin) <= most and abs(end) <= most
