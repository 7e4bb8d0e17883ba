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
from dataclasses import dataclass
from typing import Generic, TypeVar

SECOND = 1_000_000
SAMPLE_RATE = 48_000

T = TypeVar("T")


def samples_of(duration_us: int) -> int:
    """Samples in a duration, to the nearest."""
    return round(duration_us * SAMPLE_RATE / SECOND)


def duration_of(samples: int) -> int:
    """Microseconds that so many samples last."""
    return round(samples * SECOND / SAMPLE_RATE)


@dataclass(frozen=True, slots=True)
class JitterTotals:
    """A jitter buffer since its start: seconds that all it gave out was held, and how much."""

    delay: float
    emitted: int


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
        if before is None or totals.emitted <= before.emitted or totals.delay < before.delay:
            return False  # the first window, a new track, or nothing came out
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
class Piece(Generic[T]):
    """The next `samples` of sound: those of `block` from `skip` on, or silence without a block."""

    block: T | None
    skip: int
    samples: int


class AudioTimeline(Generic[T]):
    """Turns blocks of sound into one unbroken run of samples from the capture's base on.

    Where no feed gives sound the run goes on as silence (`fill`), so a microphone that comes,
    goes or changes leaves the time as it is.
    """

    ANCHOR_BLOCKS = 10
    WINDOW = 15
    TOLERANCE = 40_000
    SUSTAINED = 1_000_000

    def __init__(self, base: int) -> None:
        self._base = base
        self._held: list[tuple[T, int]] = []
        self._anchor: int | None = None
        self._fed = 0
        self._owed = 0  # samples to leave out, because the run is ahead of the feed
        self._recent: deque[tuple[int, int]] = deque(maxlen=self.WINDOW)
        self.count = 0
        """Samples given out so far: the run ends at `duration_of(count)`."""

    @property
    def anchored(self) -> bool:
        """Whether the present feed's place is known."""
        return self._anchor is not None

    @property
    def end(self) -> int:
        """The time up to which sound has been given out."""
        return duration_of(self.count)

    def restart(self) -> None:
        """Another feed speaks from now on."""
        self._held.clear()
        self._recent.clear()
        self._anchor = None
        self._fed = 0
        self._owed = 0

    def take(self, block: T, samples: int, arrival: int) -> list[Piece[T]]:
        """Take a block of the feed; gives out what has its place by now."""
        offset = arrival - self._base - duration_of(self._fed + samples)
        self._recent.append((arrival, offset))
        self._fed += samples
        if self._anchor is None:
            self._held.append((block, samples))
            return self._try_anchor()
        return [*self._mend(), *self._give(block, samples)]

    def fill(self, until: int) -> list[Piece[T]]:
        """Silence up to a time, where no feed is heard."""
        missing = samples_of(until) - self.count
        return self._silence(missing) if missing > 0 else []

    def _try_anchor(self) -> list[Piece[T]]:
        if len(self._held) < self.ANCHOR_BLOCKS:
            return []
        self._anchor = min(offset for _, offset in self._recent)
        pieces = self._shift(samples_of(self._anchor) - self.count)
        for block, samples in self._held:
            pieces += self._give(block, samples)
        self._held.clear()
        return pieces

    def _mend(self) -> list[Piece[T]]:
        """Where the count and the clock have parted for a second, follow the clock."""
        assert self._anchor is not None
        spans = self._recent[-1][0] - self._recent[0][0]
        if len(self._recent) < self.WINDOW or spans < self.SUSTAINED:
            return []
        apart = min(offset for _, offset in self._recent) - self._anchor
        if abs(apart) <= self.TOLERANCE:
            return []
        self._anchor += apart
        self._recent.clear()
        return self._shift(samples_of(apart))

    def _shift(self, samples: int) -> list[Piece[T]]:
        later = samples - self._owed
        self._owed = max(0, -later)
        return self._silence(later)

    def _silence(self, samples: int) -> list[Piece[T]]:
        if samples <= 0:
            return []
        self.count += samples
        return [Piece(None, 0, samples)]

    def _give(self, block: T, samples: int) -> list[Piece[T]]:
        skip = min(self._owed, samples)
        self._owed -= skip
        if skip == samples:
            return []
        self.count += samples - skip
        return [Piece(block, skip, samples - skip)]
