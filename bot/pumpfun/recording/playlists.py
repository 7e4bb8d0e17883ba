"""What a playlist of the site's own recording says (HLS, RFC 8216). Pure.

The text is an attacker's: it is bounded before it is read, every number has a range, and what would
change the meaning of a segment's address is refused, each with its fault. Addresses stay as they
are written, for whoever asks for one to judge.

One segment that cannot be believed costs no other: of one that is far too long nothing is shown,
and a stamp of a year that cannot be is none.

Refused: keys and maps (the site has changed its format then), byte ranges, variables, lists that
leave entries out, sound in lists of its own. What else is unknown says nothing of what a segment
is, and is passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.errors import RecordingError
from bot.model import RecordingFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_BYTES = 4 << 20
MOST_ENTRIES = 50_000
MOST_LINES = 6 * MOST_ENTRIES
MOST_RUNGS = 32
LONGEST_LINE = 2048
LONGEST_SEGMENT = 30.0
"""Seconds. What is longer says how much later the next one begins, and is never fetched."""
LONGEST_LIST = 30 * 86_400.0
"""Seconds. A segment of the longest that can be written (eleven days) costs no other; of 50,000
such, times cannot be reckoned with."""
YEARS = range(2000, 2100)
"""A stamp of any other is one of a clock that was not set, or an attacker's."""

_HEAD = "#EXTM3U"
_SECONDS = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,12})?")
_INTEGER = re.compile(r"[0-9]{1,15}")
_SIZE = re.compile(r"([0-9]{1,5})[xX]([0-9]{1,5})")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?[0-9]{0,6}"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_ATTRIBUTE = re.compile(r'(?:^|,)\s*+([A-Z0-9-]{1,40})=("[^"]*"|[^",]*+)(?=,|$)')
"""It begins where one may, and nowhere else: a line may have two thousand that never end."""
_VIDEO = re.compile(r"(?:^|,)\s*(?:avc|hvc|hev|dvh|vp0?[89]|av01|mp4v)", re.IGNORECASE)
"""A codec among those of a rung (RFC 6381)."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

_REFUSED = {
    "#EXT-X-MAP": RecordingFault.FRAGMENTED_MP4,
    "#EXT-X-BYTERANGE": RecordingFault.BYTE_RANGES,
    "#EXT-X-SESSION-KEY": RecordingFault.ENCRYPTED,
    "#EXT-X-DEFINE": RecordingFault.UNKNOWN_FEATURE,
    "#EXT-X-SKIP": RecordingFault.UNKNOWN_FEATURE,
    "#EXT-X-I-FRAMES-ONLY": RecordingFault.UNKNOWN_FEATURE,
}


@dataclass(frozen=True, slots=True)
class Rung:
    """One quality. `uri` is that of its playlist; sides in pixels, 0 where they are not said;
    `bandwidth` in bits a second."""

    uri: str
    bandwidth: int = 0
    width: int = 0
    height: int = 0
    fps: float = 0.0


@dataclass(frozen=True, slots=True)
class Segment:
    """One file of a rung. `sequence` is its number in the stream; `group` counts discontinuities;
    `stamped_at` is when it was packaged, where that is said; `is_missing`: the site lost it, or
    it is too long to be one."""

    uri: str
    seconds: float
    sequence: int
    group: int = 0
    stamped_at: datetime | None = None
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class SegmentList:
    """What one rung has, oldest first. `is_over`: nothing more will come."""

    segments: tuple[Segment, ...] = ()
    is_over: bool = False

    @property
    def seconds(self) -> float:
        """How long all of it is."""
        return sum(segment.seconds for segment in self.segments)


def rungs(data: bytes) -> tuple[Rung, ...]:
    """The rungs of a master playlist, the best first; where some say that they have a picture,
    those alone: what says nothing of one is sound. Raises RecordingError."""
    found, pictures, about = list[Rung](), list[Rung](), None
    for line in _lines(data):
        if line.startswith("#EXT-X-STREAM-INF:"):
            about = _attributes(line.partition(":")[2])
        elif line.startswith("#"):
            _refuse(line)
            if _tag(line) == "#EXTINF":
                raise RecordingError(RecordingFault.NOT_A_PLAYLIST, "segments in a master playlist")
        elif about is not None:
            found.append(rung := _rung(line, about))
            if rung.height or _VIDEO.search(about.get("CODECS", "")):
                pictures.append(rung)
            about = None
        if len(found) > MOST_RUNGS:
            raise RecordingError(RecordingFault.TOO_MANY_ENTRIES, f"over {MOST_RUNGS} rungs")
    if not found:
        raise RecordingError(RecordingFault.NOT_A_PLAYLIST, "no rungs in a master playlist")
    taken = pictures or found
    return tuple(sorted(taken, key=lambda rung: (rung.height, rung.bandwidth), reverse=True))


def segments(data: bytes) -> SegmentList:
    """The segments of one rung's playlist. Raises RecordingError."""
    reading = _Reading()
    for line in _lines(data):
        reading.take(line)
    return SegmentList(tuple(reading.segments), reading.is_over)


def is_master(data: bytes) -> bool:
    """Whether it lists rungs; of what is no playlist, False."""
    return b"#EXT-X-STREAM-INF:" in data[:MOST_BYTES]


@dataclass(slots=True)
class _Reading:
    """One rung's playlist, so far: what was said of the segment whose address comes next."""

    segments: list[Segment] = field(default_factory=list)
    is_over: bool = False
    whole: float = 0.0
    first: int = 0
    group: int = 0
    seconds: float | None = None
    stamped_at: datetime | None = None
    is_missing: bool = False

    def take(self, line: str) -> None:
        """The next line."""
        if not line.startswith("#"):
            self._add(line)
        elif (known := _TAGS.get(_tag(line))) is not None:
            known(self, line.partition(":")[2])
        else:
            _refuse(line)

    def _add(self, uri: str) -> None:
        if self.seconds is None:
            raise RecordingError(RecordingFault.BAD_LENGTH, "a segment without a length")
        if len(self.segments) >= MOST_ENTRIES:
            raise RecordingError(RecordingFault.TOO_MANY_ENTRIES, f"over {MOST_ENTRIES} segments")
        self.whole += self.seconds
        if self.whole > LONGEST_LIST:
            raise RecordingError(RecordingFault.BAD_TIMES, f"over {LONGEST_LIST:g} s")
        sequence = self.first + len(self.segments)
        is_missing = self.is_missing or self.seconds > LONGEST_SEGMENT
        self.segments.append(
            Segment(uri, self.seconds, sequence, self.group, self.stamped_at, is_missing)
        )
        self.seconds, self.stamped_at, self.is_missing = None, None, False

    def length(self, value: str) -> None:
        """Of the next segment."""
        self.seconds = _seconds(value.partition(",")[0].strip())

    def number(self, value: str) -> None:
        """Of the first segment."""
        if self.segments:
            raise RecordingError(RecordingFault.BAD_NUMBER, "a number after the first segment")
        self.first = _integer(value)

    def discontinuity(self, value: str) -> None:
        """Before the next segment."""
        self.group += 1

    def time(self, value: str) -> None:
        """Of the next segment."""
        self.stamped_at = _time(value.strip())

    def gap(self, value: str) -> None:
        """In place of the next segment."""
        self.is_missing = True

    def key(self, value: str) -> None:
        """Of all segments from here on."""
        if _attributes(value).get("METHOD") != "NONE":
            raise RecordingError(RecordingFault.ENCRYPTED)

    def end(self, value: str) -> None:
        """Of the list."""
        self.is_over = True

    def rung(self, value: str) -> None:
        """One level of lists is enough."""
        raise RecordingError(RecordingFault.NESTED)


_TAGS: dict[str, Callable[[_Reading, str], None]] = {
    "#EXTINF": _Reading.length,
    "#EXT-X-MEDIA-SEQUENCE": _Reading.number,
    "#EXT-X-DISCONTINUITY": _Reading.discontinuity,
    "#EXT-X-PROGRAM-DATE-TIME": _Reading.time,
    "#EXT-X-GAP": _Reading.gap,
    "#EXT-X-KEY": _Reading.key,
    "#EXT-X-ENDLIST": _Reading.end,
    "#EXT-X-STREAM-INF": _Reading.rung,
}


def _lines(data: bytes) -> Iterator[str]:
    """All lines that say something, without the head. Raises RecordingError."""
    if len(data) > MOST_BYTES:
        raise RecordingError(RecordingFault.PLAYLIST_TOO_LARGE, f"{len(data)} bytes")
    if data.count(b"\n") > MOST_LINES:
        raise RecordingError(RecordingFault.TOO_MANY_ENTRIES, f"over {MOST_LINES} lines")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise RecordingError(RecordingFault.NOT_A_PLAYLIST, "no UTF-8") from None
    head, *lines = text.removeprefix("\ufeff").split("\n")
    if head.rstrip() != _HEAD or _CONTROL.search(text):
        raise RecordingError(RecordingFault.NOT_A_PLAYLIST)
    for line in lines:
        if len(line) > LONGEST_LINE:
            raise RecordingError(RecordingFault.LINE_TOO_LONG, f"{len(line)} characters")
        if said := line.strip():
            yield said


def _tag(line: str) -> str:
    return line.partition(":")[0]


def _refuse(line: str) -> None:
    tag, _, value = line.partition(":")
    fault = _REFUSED.get(tag)
    if tag == "#EXT-X-MEDIA":
        about = _attributes(value)
        if about.get("TYPE") == "AUDIO" and about.get("URI"):
            fault = RecordingFault.UNKNOWN_FEATURE
    if fault is not None:
        raise RecordingError(fault, tag)


def _rung(uri: str, about: dict[str, str]) -> Rung:
    size = _SIZE.fullmatch(about.get("RESOLUTION", ""))
    fps = about.get("FRAME-RATE", "")
    return Rung(
        uri,
        _integer(about.get("BANDWIDTH", "0")),
        int(size[1]) if size else 0,
        int(size[2]) if size else 0,
        float(fps) if _SECONDS.fullmatch(fps) else 0.0,
    )


def _attributes(text: str) -> dict[str, str]:
    return {name: value.strip('"') for name, value in _ATTRIBUTE.findall(text)}


def _seconds(text: str) -> float:
    if not _SECONDS.fullmatch(text):
        raise RecordingError(RecordingFault.BAD_LENGTH, ascii(text[:40]))
    return float(text)


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text.strip()):
        raise RecordingError(RecordingFault.BAD_NUMBER, ascii(text[:40]))
    return int(text)


def _time(text: str) -> datetime | None:
    """A time without a zone is UTC's; None where its clock was not set. Raises RecordingError."""
    try:
        at = datetime.fromisoformat(text) if _TIME.fullmatch(text) else None
    except ValueError:
        at = None
    if at is None:
        raise RecordingError(RecordingFault.BAD_TIME, ascii(text[:40]))
    if at.year not in YEARS:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
