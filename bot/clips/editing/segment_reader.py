"""The packets of a recording's segments, as one demuxer finds them in the files in a row.

What a segment says is an attacker's: FFmpeg reads bytes that we hand it and is told that they are
MPEG-TS, so it opens nothing that they name; it decodes h264 and aac alone, and no more streams than
a segment of the site has.

Where a new group begins, or other streams come, another demuxer begins: see `programme`.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from bot.clips.editing.clip_file import WriteFailure
from bot.clips.editing.programme import Programme, programmes
from bot.clips.editing.protocol import SegmentFile
from bot.clips.editing.untrusted_mp4 import check_picture, codec_of
from bot.model import ClipFailure

TICKS = 90_000
"""MPEG-TS counts in these, in a second."""

_OPTIONS = {
    "codec_whitelist": "h264,aac",
    "format_whitelist": "mpegts",
    "protocol_whitelist": "none",
    "max_streams": "16",
    "correct_ts_overflow": "0",
}
_HEADERS = re.compile(
    rb"\x00\x00\x01([\x07\x27\x47\x67\x08\x28\x48\x68].*?)(?=\x00\x00[\x00\x01]|\Z)", re.DOTALL
)
"""Parameter sets of sequences and pictures, between start codes."""


@dataclass(frozen=True, slots=True)
class Found:
    """A packet, and in which of the segments it begins."""

    packet: Any
    is_video: bool
    segment: int

    @property
    def header(self) -> bytes | None:
        """What a decoder has to know of it and of all that follow; None: as before."""
        data = bytes(self.packet)
        if self.is_video:
            found = b"\x00".join(_HEADERS.findall(data))
            return hashlib.blake2b(found, digest_size=8).digest() if found else None
        return bytes((data[1], data[2], data[3] & 0xC0)) if len(data) > 3 else None


class Reader:
    """Segments in a row that have the same streams, `first` of which is that one of all;
    `is_muted`: of their picture alone."""

    def __init__(
        self, container: Any, starts: Sequence[int], first: int, is_muted: bool = False
    ) -> None:
        self._container = container
        self._starts = starts
        self._first = first
        self.video = next(iter(container.streams.video), None)
        self.audio = None if is_muted else _usable_sound(container)
        if self.video is None and self.audio is None:
            raise WriteFailure(ClipFailure.NO_MEDIA, "no picture and no sound in a segment")
        if self.video is not None:
            _check_picture(self.video)

    def packets(self) -> Iterator[Found]:
        """All of both streams, in the order in which they lie there."""
        streams = [stream for stream in (self.video, self.audio) if stream is not None]
        segments = {stream.index: self._first for stream in streams}
        for packet in _demuxed(self._container, streams):
            if packet.size == 0 or packet.pts is None:
                continue
            index = packet.stream.index
            if packet.pos is not None and packet.pos >= 0:
                segments[index] = self._first + bisect_right(self._starts, packet.pos) - 1
            yield Found(packet, packet.stream.type == "video", segments[index])


class _Joined:
    """Files in a row, to be read once."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = iter(paths)
        self._file: Any = None

    def read(self, count: int) -> bytes:
        """The next bytes; none at the end of the last file."""
        while True:
            if self._file is None:
                path = next(self._paths, None)
                if path is None:
                    return b""
                self._file = path.open("rb")
            if data := self._file.read(count):
                return bytes(data)
            self.close()

    def close(self) -> None:
        """The file that is read now."""
        if self._file is not None:
            self._file.close()
            self._file = None


def readers(
    segments: Sequence[SegmentFile], first: int = 0, *, is_muted: bool = False
) -> Iterator[Reader]:
    """One for each part that can be shown, open until the next is asked for. Raises WriteFailure
    where there is none, and OSError."""
    trouble: WriteFailure | None = None
    is_any = False
    for part in _parts(segments, first):
        with contextlib.ExitStack() as opening:
            try:
                reader = opening.enter_context(_opened(part, is_muted))
            except WriteFailure as failure:
                trouble = trouble or failure
                continue
            is_any = True
            yield reader
    if trouble is not None and not is_any:
        raise trouble


_Part = list[tuple[int, SegmentFile]]


def _parts(segments: Sequence[SegmentFile], first: int) -> Iterator[_Part]:
    """Those in a row that one demuxer can read. A segment that names no streams has those of the
    one before."""
    part, streams = _Part(), Programme()
    for number, segment in enumerate(segments, first):
        named = programmes(Path(segment.path).read_bytes())
        changes = bool(streams) and any(one != streams for one in named)
        if part and (changes or segment.group != part[-1][1].group):
            yield part
            part = []
        part.append((number, segment))
        streams = named[-1] if named else streams
    if part:
        yield part


@contextlib.contextmanager
def _opened(part: _Part, is_muted: bool) -> Iterator[Reader]:
    paths = [Path(segment.path) for _, segment in part]
    starts, size = list[int](), 0
    for path in paths:
        starts.append(size)
        size += path.stat().st_size
    joined = _Joined(paths)
    try:
        with _container(joined) as container:
            yield Reader(container, starts, part[0][0], is_muted)
    finally:
        joined.close()


def _container(joined: _Joined) -> Any:
    try:
        return av.open(joined, format="mpegts", options=_OPTIONS)
    except av.FFmpegError as error:
        raise WriteFailure(ClipFailure.NO_MEDIA, f"a segment cannot be read: {error}") from None


def _demuxed(container: Any, streams: Sequence[Any]) -> Iterator[Any]:
    """All of them. At its end, PyAV 18 stumbles over a stream that came in the middle."""
    with contextlib.suppress(IndexError):
        yield from container.demux(*streams)


def _usable_sound(container: Any) -> Any:
    for stream in container.streams.audio:
        if stream.time_base == Fraction(1, TICKS) and codec_of(stream) == "aac":
            return stream
    return None


def _check_picture(stream: Any) -> None:
    codec = codec_of(stream)
    if codec == "h264" and stream.time_base != Fraction(1, TICKS):
        raise WriteFailure(ClipFailure.VIDEO_FORMAT, codec)
    check_picture(stream)
