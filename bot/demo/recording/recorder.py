"""The recording of one coin: its media directories, what each path of them answers, its faults."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime

from bot.demo.recording import playlists
from bot.demo.recording.faults import ListFault, Order, SegmentFault
from bot.demo.recording.media_directory import MediaDirectory, Segment
from bot.demo.recording.options import RecordingOptions, Rung
from bot.demo.recording.programme import Programme
from bot.demo.recording.segment_spec import TICKS, SegmentSpec
from bot.demo.recording.segments import Segments
from bot.demo.recording.wrong_lists import spoil
from bot.demo.recording.wrong_segments import refusal, spoiled

_WRAP = 1 << 33
_JUMP_SECONDS = 100
_LIST = re.compile(r"playlist_(?P<stamp>\d{8}_\d{6})_(?P<rung>\d)(?P<live>_live)?\.m3u8")
_SEGMENT = re.compile(r"playlist_(?P<stamp>\d{8}_\d{6})_(?P<rung>\d)_(?P<index>\d{5})\.ts")


class Recorder:
    """What the site keeps of one coin. Written by the coin's script, read by the site's answers.

    Nothing is made before somebody asks for it: see `segment`.
    """

    def __init__(
        self,
        programme: Programme,
        segments: Segments,
        options: RecordingOptions | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.programme = programme
        self.options = options or RecordingOptions()
        self.directories: list[MediaDirectory] = []
        self._segments = segments
        self._monotonic = monotonic
        self._orders: list[Order] = []

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """From the lowest to the highest."""
        return self.options.rungs

    def open(self, stream_id: int, stamp: str, opened_at: datetime, *, past: float = 0.0) -> None:
        """A directory appears, `past` seconds ago, and takes the place of the one before."""
        now = self._monotonic() - past
        if self.directories and self.directories[-1].ends is None:
            lost = self.options.hole - self.options.first_media
            self.directories[-1].close(now, now - lost)
        self.directories.append(
            MediaDirectory(stream_id, stamp, opened_at, now, self.programme, self.options)
        )

    def close(self) -> None:
        """Off air: what was recorded until now is listed as late as the rest."""
        now = self._monotonic()
        if self.directories and self.directories[-1].ends is None:
            self.directories[-1].close(now, now)

    def shows(self, programme: Programme) -> None:
        """Another broadcaster is on air, whose first frames are still to be recorded."""
        self.programme = programme
        if self.is_open:
            self.directories[-1].programme = programme

    @property
    def is_open(self) -> bool:
        """Whether a directory grows."""
        return bool(self.directories) and self.directories[-1].ends is None

    def fills(self, folder: str) -> bool:
        """Whether that is the directory which grows."""
        return self.is_open and self.directories[-1].name == folder

    def fail(
        self,
        fault: ListFault | SegmentFault,
        at: Collection[int] | None = None,
        *,
        rung: int | None = None,
        count: int = 3,
        master: bool = False,
    ) -> None:
        """Let media lists, the `master`, or the segments `at` fail until healed. `count`: at how
        many segments a list is frozen, how many a sliding one holds, how many a shrunk one has
        lost."""
        self._orders.append(Order(fault, at, rung, count, master))

    def heal(self) -> None:
        """Lift every order."""
        self._orders.clear()

    def named(self, folder: str) -> MediaDirectory | None:
        """The directory of that name, while it is served."""
        found = [d for d in self.directories if d.name == folder]
        return found[-1] if found and not found[-1].gone(self._monotonic()) else None

    def master(self, folder: str, name: str) -> bytes | None:
        """A master playlist; None: there is none, or not yet."""
        directory = self.named(folder)
        if directory is None or name != playlists.master_name(directory.stamp):
            return None
        if not directory.listed(self.rungs[0], self._monotonic()):
            return None
        rows = [(rung, *directory.programme.fitted(rung)) for rung in self.rungs]
        return self._spoiled(playlists.master(directory.stamp, rows), None)

    def media_list(self, folder: str, name: str) -> bytes | None:
        """A media playlist. A `_live` one dies with its stream."""
        directory, match = self.named(folder), _LIST.fullmatch(name)
        if directory is None or match is None or match["stamp"] != directory.stamp:
            return None
        rung, now = self._rung(int(match["rung"])), self._monotonic()
        if rung is None or (match["live"] and directory.ends is not None):
            return None
        return self._list_of(directory, rung, now, live=bool(match["live"]))

    def _list_of(
        self, directory: MediaDirectory, rung: Rung, now: float, *, live: bool
    ) -> bytes | None:
        listed = directory.listed(rung, now)
        if not listed:
            return None
        ended = directory.complete(now)
        kept = playlists.KEPT_LIVE if live else len(listed)
        for order in self._of_lists(rung.number):
            match order.fault:
                case ListFault.FROZEN:
                    listed, ended = listed[: order.count], False
                case ListFault.SHRUNK:
                    listed, ended = listed[: -order.count], False
                case ListFault.SLIDING:
                    kept = order.count
        listed = listed[-kept:]
        entries = [self._entry(directory, rung, segment) for segment in listed]
        text = playlists.media(entries, first=listed[0].index if listed else 0, ended=ended)
        return self._spoiled(text, rung.number)

    def _entry(self, directory: MediaDirectory, rung: Rung, segment: Segment) -> playlists.Entry:
        name = playlists.segment_name(directory.stamp, rung.number, segment.index)
        broken = any(
            order.fault is SegmentFault.DISCONTINUITY and order.first == segment.index
            for order in self._hitting(rung.number, segment.index)
        )
        return playlists.Entry(name, segment.seconds, directory.dated(segment), broken)

    async def segment(self, folder: str, name: str) -> bytes | int | None:
        """A segment that is listed; or the status with which it is refused; None: there is none.

        Raises ChildError where it cannot be made.
        """
        directory, match = self.named(folder), _SEGMENT.fullmatch(name)
        if directory is None or match is None or match["stamp"] != directory.stamp:
            return None
        rung, index = self._rung(int(match["rung"])), int(match["index"])
        if rung is None or index >= len(directory.listed(rung, self._monotonic())):
            return None
        orders = self._hitting(rung.number, index)
        if (status := refusal(orders)) is not None:
            return status
        body = await self._segments.made(self._spec(directory, rung, index, orders))
        return spoiled(body, orders)

    def clipped(self) -> list[MediaDirectory]:
        """The directories of which there is a COMPLETE clip, the oldest first."""
        return [one for one in self.directories if one.clipped(self._monotonic())]

    def clip_list(self, directory: MediaDirectory) -> bytes:
        """The playlist of a COMPLETE clip: the best rung, whole."""
        rung = self.rungs[-1]
        listed = directory.listed(rung, math.inf)
        entries = [
            playlists.Entry(playlists.clip_segment(one.index), one.seconds, directory.dated(one))
            for one in listed
        ]
        return playlists.media(entries, ended=True).encode()

    async def clip_segment(self, directory: MediaDirectory, index: int) -> bytes:
        """A segment of a COMPLETE clip. Raises ChildError where it cannot be made."""
        return await self._segments.made(self._spec(directory, self.rungs[-1], index, []))

    async def highlight(self, folder: str, begins_at: datetime, seconds: float) -> bytes | None:
        """The MP4 of a highlight; None: it was not recorded. Raises ChildError."""
        directory = next((one for one in self.directories if one.name == folder), None)
        rung = self.rungs[-1]
        window = directory.window(rung, begins_at, seconds) if directory else None
        if directory is None or window is None:
            return None
        ticks = -round(window.first * TICKS / window.fps)
        spec = replace(directory.spec(rung, window, ticks), container="mp4")
        return await self._segments.made(spec)

    async def prepare(self, seconds: float, rung: int | None = None, *, ago: float = 0.0) -> None:
        """Make the last `seconds` that were listed so many seconds `ago`, so that nobody waits
        for them."""
        directory, then = self.directories[-1], self._monotonic() - ago
        for one in self.rungs:
            if rung is None or one.number == rung:
                count = max(1, round(seconds / self.options.segment))
                for segment in directory.listed(one, then)[-count:]:
                    await self._segments.made(self._spec(directory, one, segment.index, []))

    def _spec(
        self, directory: MediaDirectory, rung: Rung, index: int, orders: list[Order]
    ) -> SegmentSpec:
        """How to make a segment, its time and its picture wrong as ordered."""
        segment = directory.segment(rung, index)
        spec = directory.spec(rung, segment, self._ticks(directory, rung, index))
        for order in orders:
            match order.fault:
                case SegmentFault.NO_KEYFRAME:
                    spec = directory.without_keyframe(rung, segment, spec)
                case SegmentFault.SILENT:
                    spec = replace(spec, sounds=0)
                case SegmentFault.OTHER_CODEC:
                    spec = replace(spec, codec="mpeg2video")
                case SegmentFault.OTHER_SIZE:
                    spec = replace(spec, width=spec.width // 32 * 24, height=spec.height // 32 * 24)
        return spec

    def _ticks(self, directory: MediaDirectory, rung: Rung, index: int) -> int:
        """The time of the directory's first frame, as this segment counts it."""
        ticks = self.options.first_pts
        for order in self._orders:
            begins = directory.segment(rung, order.first).first if order.at else 0
            before = round(begins * TICKS / directory.programme.fitted(rung)[2])
            if order.fault is SegmentFault.TIME_WRAP:
                ticks = _WRAP - before - TICKS
            elif order.hits(rung.number, index):
                ticks += _shift(order.fault, before)
        return ticks

    def _of_lists(self, rung: int) -> list[Order]:
        return [
            order
            for order in self._orders
            if isinstance(order.fault, ListFault) and order.rung in (None, rung)
        ]

    def _hitting(self, rung: int, index: int) -> list[Order]:
        return [
            order
            for order in self._orders
            if isinstance(order.fault, SegmentFault) and order.hits(rung, index)
        ]

    def _spoiled(self, text: str, rung: int | None) -> bytes:
        """A list as ordered; the master is of no rung."""
        body = text.encode()
        for order in self._orders:
            meant = order.master == (rung is None) and order.rung in (None, rung)
            if isinstance(order.fault, ListFault) and meant:
                body = spoil(text, order.fault)
        return body

    def _rung(self, number: int) -> Rung | None:
        return next((rung for rung in self.rungs if rung.number == number), None)


def _shift(fault: ListFault | SegmentFault, before: int) -> int:
    """By how many ticks a fault moves the time of what follows it."""
    match fault:
        case SegmentFault.DISCONTINUITY | SegmentFault.TIME_BACK:
            return -before
        case SegmentFault.TIME_JUMP:
            return _JUMP_SECONDS * TICKS
        case _:
            return 0
