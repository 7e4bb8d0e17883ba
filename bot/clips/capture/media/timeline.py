"""Where each picture and each sound belongs on one line of time. Pure: no media, no clock.

Times are integer microseconds of the local monotonic clock, less the capture's `base`, so that
one zero serves audio and video.

* Video has timestamps: libwebrtc's render time, on the local clock (measured with livekit 1.2.1:
  8 ms ahead of arrival at the median, never backwards).
* Audio has none. It is pulled by the local clock, so the count of samples *is* its time; only
  where the count begins must be found. A block can come late but never early: the beginning is
  the least of (arrival - length - samples so far) over many blocks.
* What remains is that the two jitter buffers hold media back for different times. `Skew` is that
  difference, moved slowly, added to the video's time. Measured on LiveKit 1.13.5 under jitter: raw
  skew +127 ms, corrected +2 ms; libwebrtc's estimated playout time is off by 30 ms, or absent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.clips.encoding.rate import SAMPLE_RATE

SECOND = 1_000_000

T = TypeVar("T")


def samples_of(duration_us: int) -> int:
    """Samples in a duration, to the nearest."""
    return round(duration_us * SAMPLE_RATE / SECOND)


def duration_of(samples: int) -> int:
    """Microseconds that so many samples last."""
    return round(samples * SECOND / SAMPLE_RATE)


@dataclass(frozen=True, slots=True)
class JitterTotals:
    """A jitter buffer since its start: seconds that all it gave out was held, and how much.
    `track` tells it from others."""

    delay: float
    emitted: int
    track: str = ""


class Skew:
    """How much later than its twin the audio is played out, as a correction of video time.

    It moves by at most 200 ms a second, so that no viewer sees it move, and never beyond 500 ms.
    """

    LIMIT = 500_000
    SLEW = 0.2
    SMOOTHING = 0.5
    SETTLED_WITHIN = 12_000

    def __init__(self) -> None:
        self._seen: dict[str, JitterTotals] = {}
        self._delays: dict[str, float] = {}
        self._target: float | None = None
        self._value = 0.0
        self._at: int | None = None
        self._steady = 0

    @property
    def delay(self) -> int:
        """How long after its arrival here something stands on the line of time: as long as the
        sound is held back, to which the picture is brought; without sound, the picture."""
        return round(self._delays.get("audio", self._delays.get("video", 0.0)) * SECOND)

    def measure(self, video: JitterTotals | None, audio: JitterTotals | None) -> None:
        """Take both buffers' totals, about every half second."""
        fresh = [self._window("video", video), self._window("audio", audio)]
        if not all(fresh):
            return
        wanted = (self._delays["audio"] - self._delays["video"]) * SECOND
        wanted = max(-self.LIMIT, min(self.LIMIT, wanted))
        moved = abs(wanted - self._target) if self._target is not None else self.LIMIT
        self._steady = self._steady + 1 if moved <= self.SETTLED_WITHIN else 0
        before = self._target if self._target is not None else wanted
        self._target = before + (wanted - before) * self.SMOOTHING

    def _window(self, kind: str, totals: JitterTotals | None) -> bool:
        if totals is None:
            return False
        before = self._seen.get(kind)
        self._seen[kind] = totals
        if before is None or totals.track != before.track:
            return False  # the first window
        if totals.emitted <= before.emitted or totals.delay < before.delay:
            return False  # a new track under an old name, or nothing came out
        self._delays[kind] = (totals.delay - before.delay) / (totals.emitted - before.emitted)
        return True

    @property
    def settled(self) -> bool:
        """Whether two windows in a row hardly moved."""
        return self._steady >= 2

    def jump(self) -> None:
        """Take the measured value at once: allowed as long as no clip has begun."""
        self._value = self._target or 0.0

    def at(self, now: int) -> int:
        """The correction at a moment; moments must not go backwards."""
        elapsed = max(0, now - self._at) if self._at is not None else 0
        self._at = now
        step = elapsed * self.SLEW
        gap = (self._target or 0.0) - self._value
        self._value += max(-step, min(step, gap))
        return round(self._value)


class VideoTimeline:
    """Gives each picture its time: strictly rising, near its arrival."""

    LEAST_STEP = 2_000
    AHEAD = 500_000
    LATE = 1_000_000
    BURST = 500_000

    def __init__(self, base: int) -> None:
        self._base = base
        self.last: int | None = None
        """The time that was given out last."""
        self._arrived: int | None = None
        self._credit = 0
        self._credit_until = 0

    def place(self, timestamp: int, arrival: int, correction: int) -> int | None:
        """The time of a picture, or None where it would stand before or on the one shown last.

        `timestamp` and `arrival` are microseconds of the monotonic clock. A timestamp that is
        missing (-1) or far from the arrival is not believed, and the arrival stands for it.
        """
        time = timestamp if self._believable(timestamp, arrival) else arrival
        placed = time + correction - self._base
        if self.last is not None and placed < self.last + self.LEAST_STEP:
            if placed < self.last - self.BURST:  # a clock that fell back: go on from here
                placed = max(arrival - self._base, self.last + self.LEAST_STEP)
            else:
                return None
        self.last = placed
        return placed

    def _believable(self, timestamp: int, arrival: int) -> bool:
        # Whoever took the frames may have stood still: what queued up meanwhile comes at once,
        # late by that gap, with true timestamps.
        if self._arrived is not None and arrival - self._arrived > self.BURST:
            self._credit = arrival - self._arrived
            self._credit_until = arrival + self.BURST
        self._arrived = arrival
        late = self.LATE + (self._credit if arrival <= self._credit_until else 0)
        return timestamp > 0 and -self.AHEAD <= arrival - timestamp <= late


@dataclass(frozen=True, slots=True)
class Placed(Generic[T]):
    """A block of sound; its first sample is number `at` since the capture's base."""

    block: T
    at: int


class AudioTimeline(Generic[T]):
    """Gives the blocks of one sound their places. They follow one another without a hole, but where
    count and clock have parted. Of several that come at once, `quickly` finds a place in time."""

    ANCHOR_BLOCKS = 10
    QUICK_BLOCKS = 3
    WINDOW = 15
    TOLERANCE = 40_000
    QUICK_TOLERANCE = 10_000
    SUSTAINED = 1_000_000

    def __init__(self, base: int, *, quickly: bool = False) -> None:
        self._base = base
        self._quickly = quickly
        self._held: list[tuple[T, int]] = []
        self._anchor: int | None = None
        self._fed = 0
        self._placed = 0
        self._recent: deque[tuple[int, int]] = deque(maxlen=self.WINDOW)

    @property
    def anchored(self) -> bool:
        """Whether its place is known."""
        return self._anchor is not None

    def take(self, block: T, samples: int, arrival: int) -> list[Placed[T]]:
        """Take a block; gives out what has its place by now."""
        self._fed += samples
        self._recent.append((arrival, arrival - self._base - duration_of(self._fed)))
        self._held.append((block, samples))
        if self._anchor is not None:
            self._mend(self._anchor)
        elif len(self._held) >= (self.QUICK_BLOCKS if self._quickly else self.ANCHOR_BLOCKS):
            self._anchor = self._earliest
        return [] if self._anchor is None else list(self._place(self._anchor))

    @property
    def _earliest(self) -> int:
        return min(offset for _, offset in self._recent)

    def _place(self, anchor: int) -> Iterator[Placed[T]]:
        for block, samples in self._held:
            yield Placed(block, samples_of(anchor) + self._placed)
            self._placed += samples
        self._held.clear()

    def _mend(self, anchor: int) -> None:
        """Where the count and the clock have parted for a second, follow the clock. A place that
        was found quickly is looked at again once there are as many blocks as for any other."""
        apart, blocks = self._earliest - anchor, len(self._recent)
        if self._quickly and blocks == self.ANCHOR_BLOCKS:
            self._quickly = False
            self._anchor = anchor + (apart if apart < -self.QUICK_TOLERANCE else 0)
            return
        spans = self._recent[-1][0] - self._recent[0][0]
        if blocks < self.WINDOW or spans < self.SUSTAINED or abs(apart) <= self.TOLERANCE:
            return
        self._anchor = anchor + apart
        self._recent.clear()
