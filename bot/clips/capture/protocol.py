"""What crosses the pipes between the main process and a capture process. Pure.

Commands in: `open` (OpenCapture), `clip` (MakeClip; any number of them, at the same time), `finish`
(end the clip `id` now, with what there is), `cancel` (leave nothing of the clip `id`), `access`
(RoomAccess, the answer to `access-wanted`), `no-access`. The end of stdin ends the process.

Events out: `ready` (imports done), `alive` (RingState, every two seconds), `joining`, `joined`,
`media` (the first packet is in the ring), `progress` (of the clip `id`; `done`: so many seconds are
encoded), `view` (a View, each time that it is another one, and `at` which second of the recording),
`access-wanted` (a new token is needed), `clip` (the result of the clip `id`, see `clip_result`),
`ended` (nothing more comes of this room, for the reason `end`; what the ring has can still be cut).

Instants are seconds of `time.monotonic`, which is one clock for all processes of a machine.

The children that work on what is finished have a command and two events each. One makes clips
smaller: `shrink` (ShrinkClip), `shrunk` (Shrunk); one cuts a part out: `trim` (TrimClip), `trimmed`
(Trimmed), or takes over what a stranger has made: `take-over` (TakeOver), `trimmed`; one makes a
clip of a recording's segments: `segments` (CutSegments), `segments-cut` (SegmentsCut); one finds
out how far two clips are apart: `align` (Align), `aligned` (with `lag` in seconds, null where
nobody can tell). Each may say `failed` (with `failure` and `detail`).
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from bot.clips.capture.media.rate import Rate
from bot.model import (
    CaptureEnd,
    ClipFailure,
    ClipNote,
    ClipResult,
    ClipStatus,
    NoteKind,
    RecordingFacts,
)


@dataclass(frozen=True, slots=True)
class _Plain:
    """What is sent as it is: each of its fields is a value of JSON."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """From a command or an event. Raises KeyError where a field is not there."""
        return cls(**{f.name: data[f.name] for f in fields(cls)})


@dataclass(frozen=True, slots=True)
class RoomAccess:
    """How to enter one room: its urls, nearest first, and the token that they take."""

    urls: tuple[str, ...]
    token: str = field(repr=False)

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """From a command."""
        return cls(tuple(data["urls"]), data["token"])


@dataclass(frozen=True, slots=True)
class OpenCapture:
    """Join a room, and keep the last `span` seconds of it, at most `max_bytes` of packets."""

    access: RoomAccess
    rate: Rate
    span: float
    max_bytes: int

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """From a command."""
        rate = Rate(**data["rate"])
        return cls(RoomAccess.of(data["access"]), rate, data["span"], data["max_bytes"])


@dataclass(frozen=True, slots=True)
class MakeClip(_Plain):
    """A clip within `max_bytes` at `path`; its poster at `poster`, if one is wanted.

    It shows what was on air from `begins` until `ends`; without them, the next `seconds`, from when
    there is something to record. `id` is the client's, and tells what belongs to which clip.
    """

    seconds: float
    path: str
    max_bytes: int
    poster: str | None = None
    begins: float | None = None
    ends: float | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class RingState(_Plain):
    """What a capture has at hand: all between `oldest` and `newest`, None where there is nothing
    yet; the seconds of processor time that it took so far; how many `sounds` it mixes.
    `is_outgrown`: what is shown now belongs on a canvas of another shape, or a much larger one."""

    oldest: float | None
    newest: float | None
    cpu: float
    sounds: int
    is_outgrown: bool = False


class Source(StrEnum):
    """What a track shows."""

    CAMERA = "camera"
    SCREEN = "screen"
    MICROPHONE = "microphone"
    SCREEN_SOUND = "screen-sound"
    OTHER_PICTURE = "other-picture"
    OTHER_SOUND = "other-sound"

    @property
    def is_picture(self) -> bool:
        """Whether it is a video track."""
        return self in (Source.CAMERA, Source.SCREEN, Source.OTHER_PICTURE)


@dataclass(frozen=True, slots=True)
class View:
    """What is recorded of a room now, None where there is none. `muted`: by who publishes the
    picture; `held`: no other has come for a while. Sides are pixels of the one that came last.
    `sound` is the one that the picture is in step with, of the `sounds` that are mixed."""

    picture: Source | None = None
    width: int = 0
    height: int = 0
    muted: bool = False
    held: bool = False
    sound: Source | None = None
    sounds: int = 0


@dataclass(frozen=True, slots=True)
class ShrinkClip(_Plain):
    """The MP4 at `source` within `max_bytes`, as a new file at `target`, or in its place where both
    are the same; its poster at `poster`."""

    source: str
    target: str
    max_bytes: int
    poster: str | None = None


@dataclass(frozen=True, slots=True)
class Shrunk(_Plain):
    """What a clip is, now that it is smaller; sides in pixels, None where it has no picture.
    `poster` is the name of its new poster, None where there is none."""

    bytes: int
    width: int | None
    height: int | None
    poster: str | None = None


@dataclass(frozen=True, slots=True)
class TrimClip(_Plain):
    """What the MP4 at `source` shows in [begins, ends), in its own seconds, as a new file at
    `target`; its poster at `poster`."""

    source: str
    target: str
    begins: float
    ends: float
    poster: str | None = None


@dataclass(frozen=True, slots=True)
class TakeOver(_Plain):
    """The MP4 at `source`, which a stranger has made, as a new file of ours at `target`; its poster
    at `poster`. Of a longer one, its first `longest` seconds."""

    source: str
    target: str
    longest: float
    poster: str | None = None


@dataclass(frozen=True, slots=True)
class Trimmed:
    """A part that was cut out, which begins at that second of the whole: a little sooner than was
    asked for, where no picture can be shown before."""

    begins: float
    result: ClipResult

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """From an event. Raises KeyError, TypeError or ValueError."""
        return cls(data["begins"], clip_result(data))


@dataclass(frozen=True, slots=True)
class SegmentFile:
    """A segment of a recording, an MPEG-TS file. It begins at the second `begins` of the recording,
    by its playlist, and lasts `seconds`; `group` counts discontinuities."""

    path: str
    begins: float
    seconds: float
    group: int = 0


@dataclass(frozen=True, slots=True)
class CutSegments:
    """What segments show in [begins, ends), in seconds of the recording, as a new file at `target`;
    its poster at `poster`. `is_muted`: without its sound."""

    segments: tuple[SegmentFile, ...]
    target: str
    begins: float
    ends: float
    poster: str | None = None
    is_muted: bool = False

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """From a command."""
        known = {f.name: data[f.name] for f in fields(cls)}
        known["segments"] = tuple(SegmentFile(**one) for one in data["segments"])
        return cls(**known)


@dataclass(frozen=True, slots=True)
class MakeStill(_Plain):
    """The first picture of the file at `path`, a segment or an MP4 of ours, as a JPEG of at most
    `most_side` pixels a side."""

    path: str
    most_side: int
    is_segment: bool = True


@dataclass(frozen=True, slots=True)
class SegmentsCut:
    """A clip that was cut out of segments, as its file has it. It begins at that second of the
    recording; of its pictures, so many are `frames`, and they are missing so often (`gaps`), for
    `longest_gap` seconds at most."""

    begins: float
    frames: int
    gaps: int
    longest_gap: float
    result: ClipResult

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """From an event. Raises KeyError, TypeError or ValueError."""
        return cls(
            data["begins"], data["frames"], data["gaps"], data["longest_gap"], clip_result(data)
        )

    def event(self) -> dict[str, Any]:
        """As an event's data."""
        about = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "result"}
        return {**result_event(self.result), **about}


@dataclass(frozen=True, slots=True)
class Align(_Plain):
    """At which second of the clip at `long` that at `short` begins, of the same stream."""

    short: str
    long: str


def part_of(path: Path, pid: int | None = None) -> Path:
    """Where the process `pid` (else this one) lets the clip at `path` grow until it is whole."""
    return path.with_name(f".{path.name}.{pid or os.getpid()}.part")


def result_event(result: ClipResult) -> dict[str, Any]:
    """A result as an event's data."""
    data = asdict(result)
    data["path"] = str(result.path) if result.path is not None else None
    data["started_at"] = result.started_at.isoformat() if result.started_at else None
    return data


def trimmed_event(made: Trimmed) -> dict[str, Any]:
    """The same of a part that was cut out."""
    return {**result_event(made.result), "begins": made.begins}


def clip_result(data: dict[str, Any]) -> ClipResult:
    """The result that an event's data says. Raises KeyError, TypeError or ValueError."""
    known = {f.name: data[f.name] for f in fields(ClipResult) if f.name in data}
    known["status"] = ClipStatus(data["status"])
    known["path"] = Path(data["path"]) if data["path"] else None
    known["started_at"] = datetime.fromisoformat(data["started_at"]) if data["started_at"] else None
    known["notes"] = tuple(ClipNote(NoteKind(n["kind"]), n["amount"]) for n in data["notes"])
    known["end"] = CaptureEnd(data["end"]) if data["end"] else None
    known["failure"] = ClipFailure(data["failure"]) if data["failure"] else None
    facts = data.get("recording")
    known["recording"] = RecordingFacts(**facts) if facts else None
    return ClipResult(**known)
