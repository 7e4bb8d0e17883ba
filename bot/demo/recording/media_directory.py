"""One media directory: which segments it holds, and which of them are listed by now. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil, floor

from bot.demo.recording.options import RecordingOptions, Rung
from bot.demo.recording.programme import Programme
from bot.demo.recording.segment_spec import TICKS, SegmentSpec

_SAMPLES, _BLOCK = 48_000, 1024


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment of one rung: `count` frames from `first` on, as that rung counts them."""

    index: int
    first: int
    count: int
    fps: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.count / self.fps


@dataclass(slots=True)
class MediaDirectory:
    """Of the time on air from `begins` (monotonic seconds) to `ends`, None: it goes on."""

    stream_id: int
    stamp: str
    opened_at: datetime
    opened: float
    programme: Programme
    options: RecordingOptions
    ends: float | None = None
    closed: float | None = None
    """When it was closed: its stream has ended, or another directory took its place."""

    @property
    def name(self) -> str:
        """What the directory is called, and what the site calls `sessionId`."""
        return f"{self.stream_id}_{self.stamp}"

    @property
    def first_frame(self) -> int:
        """The published frame with which it begins: a whole second's, which every rung has."""
        since = self.opened + self.options.first_media - self.programme.zero
        return max(0, ceil(since)) * self.programme.spec.fps

    @property
    def begins(self) -> float:
        """When that was on air."""
        return self.programme.zero + self.first_frame / self.programme.spec.fps

    def close(self, at: float, ends: float) -> None:
        """Nothing after `ends` is recorded any more; known `at` that moment."""
        self.closed, self.ends = at, max(self.begins, ends)

    def gone(self, now: float) -> bool:
        """Whether nothing of it is served any more."""
        return self.closed is not None and now > self.closed + self.options.outlives

    def complete(self, now: float) -> bool:
        """Whether all of it is listed."""
        return self.ends is not None and now - self.options.delay >= self.ends

    @property
    def began_at(self) -> datetime:
        """The same by the site's clock."""
        return self.opened_at + timedelta(seconds=self.begins - self.opened)

    def clipped(self, now: float) -> bool:
        """Whether the site has made a COMPLETE clip of it."""
        return self.closed is not None and now >= self.closed + self.options.complete_after

    def dated(self, segment: Segment) -> datetime:
        """What EXT-X-PROGRAM-DATE-TIME says: when it was packed, not when it was on air."""
        since = segment.first / segment.fps + self.options.dating
        return self.began_at + timedelta(seconds=since)

    def listed(self, rung: Rung, now: float) -> list[Segment]:
        """Its segments that are listed by now, the oldest first."""
        edge = now - self.options.delay - self.begins
        if self.ends is None or not self.complete(now):
            count = max(0, floor(edge / self.options.length))
        else:
            count = ceil((self.ends - self.begins) / self.options.length)
        found = (self.segment(rung, index) for index in range(count))
        return [segment for segment in found if segment.count > 0]

    def segment(self, rung: Rung, index: int) -> Segment:
        """Segment number `index`, as long as the recording lasted."""
        fps, length = self.programme.fitted(rung)[2], self.options.length
        first, end = ceil(index * length * fps), ceil((index + 1) * length * fps)
        if self.ends is not None:
            end = min(end, floor((self.ends - self.begins) * fps + 1e-6))
        return Segment(index, first, max(0, end - first), fps)

    def window(self, rung: Rung, begins_at: datetime, seconds: float) -> Segment | None:
        """Frames of a window as if they were one segment; None: not all of it was recorded."""
        since = (begins_at - self.began_at).total_seconds()
        until = self.ends - self.begins if self.ends is not None else since + seconds
        if since < 0 or since + seconds > until:
            return None
        fps = self.programme.fitted(rung)[2]
        return Segment(0, ceil(since * fps), floor(seconds * fps), fps)

    def spec(self, rung: Rung, segment: Segment, ticks: int) -> SegmentSpec:
        """How to make it; its directory's time begins at `ticks`."""
        spec = self.programme.spec
        width, height, fps = self.programme.fitted(rung)
        first = Fraction(segment.first, fps)
        sounds = [self._block(first), self._block(first + Fraction(segment.count, fps))]
        return SegmentSpec(
            content=self.programme.content,
            title=spec.title,
            symbol=spec.symbol,
            clock_zero=spec.clock_zero,
            source_fps=spec.fps,
            width=width,
            height=height,
            fps=fps,
            rate=rung.rate,
            b_frames=self.options.b_frames,
            numbers=self._numbers(segment),
            pts=ticks + round(first * TICKS),
            zero_pts=ticks - self.first_frame / spec.fps * TICKS,
            first_sound=sounds[0],
            sounds=sounds[1] - sounds[0],
            repeats=self.programme.loop > 0,
        )

    def without_keyframe(self, rung: Rung, segment: Segment, spec: SegmentSpec) -> SegmentSpec:
        """The same segment, going on where the one before it ended."""
        before = self.segment(rung, segment.index - 1) if segment.index else segment
        return replace(spec, lead=self._numbers(before))

    def _numbers(self, segment: Segment) -> tuple[int, ...]:
        published, fps = self.programme.spec.fps, segment.fps
        frames = range(segment.first, segment.first + segment.count)
        return tuple(
            self.programme.number(self.first_frame + frame * published // fps) for frame in frames
        )

    def _block(self, since: Fraction) -> int:
        """The first block of sound that begins so long after the directory's first frame."""
        at = Fraction(self.first_frame, self.programme.spec.fps) + since
        return ceil(at * _SAMPLES / _BLOCK)
