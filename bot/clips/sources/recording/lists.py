"""What a recording has now: its lists, asked for once where many want them at the same moment."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakValueDictionary

from bot.clips.sources.recording.placement import Placement, Reading, place
from bot.errors import RecordingError
from bot.kit.bounded_dict import BoundedDict, ExpiringDict
from bot.model import RecordingFault
from bot.pumpfun.recording.coverage import HOLE_SECONDS
from bot.pumpfun.recording.playlists import Rung, SegmentList

if TYPE_CHECKING:
    from bot.kit.timing.clock import Clock
    from bot.model import PlacedBy, Recording
    from bot.pumpfun.recording.media import Media

_FRESH_SECONDS = 0.25
"""A list is not asked for again so soon: segments come every two seconds."""
_EDGE_SECONDS = 30.0
"""For so long it is remembered, to see whether its edge moves."""
_RUNGS_SECONDS = 300.0
_MOST_LISTS = 6
"""Of three hours one takes a megabyte."""
_MOST_KNOWN = 500
_LEAST_SECONDS = 600.0
"""For so long it counts by how much a recording was ever behind: clocks drift, and are set."""
_CLOCK_IS_SET = 0.3
_LONGEST_SEGMENT = 6.0
"""Seconds. Somebody waits: a list of longer ones is not watched for longer."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A list, when it was read (by both of our clocks), and since when its edge is there."""

    segments: SegmentList
    at: float
    read_at: datetime
    edge_since: datetime | None


class Least:
    """The least of what was noted lately. What was noted by a clock that has been set since is
    forgotten: it was noted by another."""

    def __init__(self) -> None:
        self._noted: deque[tuple[float, float]] = deque()
        self._wall: float | None = None

    def of(self, value: float, at: float, now: datetime) -> float:
        """It, with that one. `at` and `now` are both of our clocks."""
        wall = now.timestamp() - at
        if self._wall is None or abs(wall - self._wall) > _CLOCK_IS_SET:
            self._noted.clear()
            self._wall = wall
        while self._noted and self._noted[0][0] < at - _LEAST_SECONDS:
            self._noted.popleft()
        while self._noted and self._noted[-1][1] >= value:
            self._noted.pop()
        self._noted.append((at, value))
        return self._noted[0][1]


class _Stamp(NamedTuple):
    """Of the segment of that number."""

    sequence: int
    at: datetime


def _stamps(segments: SegmentList, after: _Stamp | None) -> list[_Stamp]:
    """Of what is newer, the oldest first; where nothing was known, the newest alone."""
    found = list[_Stamp]()
    for one in reversed(segments.segments):
        if after is not None and one.sequence <= after.sequence:
            break
        if one.stamped_at is not None:
            found.append(_Stamp(one.sequence, one.stamped_at))
            if after is None:
                break
    return found[::-1]


class RecordingLists:
    """Reads lists and places them. `delay` is the guess in seconds, `site_time` what the site's
    clock shows, if that is known."""

    def __init__(
        self,
        media: Media,
        clock: Clock,
        *,
        delay: float,
        site_time: Callable[[], datetime | None] = lambda: None,
    ) -> None:
        self._media = media
        self._clock = clock
        self._delay = delay
        self._site_time = site_time
        self._rungs: ExpiringDict[str, tuple[Rung, ...]] = ExpiringDict(clock, _MOST_KNOWN)
        self._seen: ExpiringDict[tuple[str, str], _Seen] = ExpiringDict(clock, _MOST_LISTS)
        self._least: BoundedDict[str, Least] = BoundedDict(_MOST_KNOWN)
        self._measured: BoundedDict[str, float | None] = BoundedDict(_MOST_KNOWN)
        self._newest: BoundedDict[str, dict[str, _Stamp]] = BoundedDict(_MOST_KNOWN)
        """By master and rung, of the newest segment that has one."""
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def rungs(self, recording: Recording) -> tuple[Rung, ...]:
        """What it can be had in, the best first. Raises PumpfunError."""
        master = recording.master
        async with self._locks.setdefault(master, asyncio.Lock()):
            known = self._rungs.get(master)
            if known is None:
                known = await self._media.rungs(master)
                self._rungs.put(master, known, _RUNGS_SECONDS)
            return known

    async def watched(self, recording: Recording, rung: Rung) -> Placement:
        """The same as `look`, once the newest segment was seen to come, or for as long as one
        lasts: only then is it known to half a second, and not to a whole segment, how late stamps
        are. Raises PumpfunError."""
        placement = await self.look(recording, rung)
        seconds = min(self._segment_seconds(recording, rung), _LONGEST_SEGMENT)
        until = self._clock.monotonic() + seconds + _FRESH_SECONDS
        while not (placement.has_stopped or self._has_moved(recording, rung)):
            if self._clock.monotonic() >= until:
                break
            await self._clock.sleep(_FRESH_SECONDS)
            placement = await self.look(recording, rung)
        return placement

    async def look(self, recording: Recording, rung: Rung, by: PlacedBy | None = None) -> Placement:
        """Where its segments are, as of a moment ago. `by`: as they were for another clip, where
        that was of the same directory. Raises PumpfunError."""
        seen = await self._read(recording, rung)
        try:
            return await self._place(recording, seen, by)
        except (ValueError, OverflowError) as error:
            raise RecordingError(RecordingFault.BAD_TIMES, str(error)) from error

    async def _place(self, recording: Recording, seen: _Seen, by: PlacedBy | None) -> Placement:
        now = self._clock.moment(self._site_time())
        ahead = (now.far_at - now.at).total_seconds() if now.far_at is not None else 0.0
        reading = Reading(seen.segments, seen.read_at, ahead, seen.edge_since)
        least = None
        if (behind := reading.behind) is not None:
            noted = self._least.get(recording.master) or Least()
            least = noted.of(behind, seen.at, seen.read_at)
            self._least.put(recording.master, noted)
        late = self.late(recording)
        by = by if by is not None and by.stamp == recording.stamp else None
        # Of a long list that takes a while, in which the loop goes on.
        return await asyncio.to_thread(
            place, reading, delay=self._delay, late=late, least=least, by=by
        )

    def measured(self, recording: Recording, late: float) -> None:
        """From now on its stamps are known to be so many seconds late."""
        self._measured.put(recording.master, late)

    def late(self, recording: Recording) -> float | None:
        """By how many seconds its stamps were measured to be late; None: by nobody, or their clock
        was set back since."""
        known = recording.master in self._measured
        return self._measured.get(recording.master) if known else recording.delay_seconds

    async def _read(self, recording: Recording, rung: Rung) -> _Seen:
        key = recording.master, rung.uri
        async with self._locks.setdefault(" ".join(key), asyncio.Lock()):
            before = self._seen.get(key)
            if before is not None and self._clock.monotonic() - before.at < _FRESH_SECONDS:
                return before
            segments = await self._media.segments(recording.master, rung)
            if self._was_set_back(*key, segments):
                self._least.drop(recording.master)
                self._measured.put(recording.master, None)
            seen = _Seen(
                segments,
                self._clock.monotonic(),
                self._clock.now(),
                self._edge_since(before, segments),
            )
            self._seen.put(key, seen, _EDGE_SECONDS)
            return seen

    def _was_set_back(self, master: str, rung: str, segments: SegmentList) -> bool:
        """Whether the clock that stamps them was, since the list was last read: what came later
        says that it came earlier. An old list out of a cache has nothing that came later. The other
        rungs, which would tell the same, are read as for the first time."""
        newest = self._newest.get(master) or {}
        before, was_set_back = newest.get(rung), False
        for stamp in _stamps(segments, after=before):
            if before is not None and (before.at - stamp.at).total_seconds() > HOLE_SECONDS:
                newest, was_set_back = {}, True
            before = stamp
        if before is not None:
            self._newest.put(master, {**newest, rung: before})
        return was_set_back

    def _has_moved(self, recording: Recording, rung: Rung) -> bool:
        seen = self._seen.get((recording.master, rung.uri))
        return seen is not None and seen.edge_since is not None

    def _segment_seconds(self, recording: Recording, rung: Rung) -> float:
        """Of the newest one."""
        seen = self._seen.get((recording.master, rung.uri))
        listed = seen.segments.segments if seen is not None else ()
        return listed[-1].seconds if listed else 0.0

    def _edge_since(self, before: _Seen | None, segments: SegmentList) -> datetime | None:
        if before is None or not segments.segments or not before.segments.segments:
            return None
        stood = before.segments.segments[-1].sequence == segments.segments[-1].sequence
        return before.edge_since if stood else self._clock.now()
