"""What crosses the pipes between the main process and those that work on finished files. Pure.

Each has a command and two events. One makes clips smaller: `shrink` (ShrinkClip), `shrunk`
(Shrunk); one cuts a part out: `trim` (TrimClip), `trimmed` (Trimmed), or takes over what a stranger
has made: `take-over` (TakeOver), `trimmed`; one makes a clip of a recording's segments: `segments`
(CutSegments), `segments-cut` (SegmentsCut), or a picture of one: `still` (MakeStill), `still`; one
finds out how far two clips are apart: `align` (Align), `aligned` (with `lag` in seconds, null where
nobody can tell). Each may say `failed` (with `failure` and `detail`).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Self

from bot.clips.results import clip_result, result_event
from bot.model import ClipResult


@dataclass(frozen=True, slots=True)
class JsonRecord:
    """What is sent as it is: each of its fields is a value of JSON."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """From a command or an event. Raises KeyError where a field is not there."""
        return cls(**{f.name: data[f.name] for f in fields(cls)})


@dataclass(frozen=True, slots=True)
class ShrinkClip(JsonRecord):
    """The MP4 at `source` within `max_bytes`, as a new file at `target`, or in its place where both
    are the same; its poster at `poster`."""

    source: str
    target: str
    max_bytes: int
    poster: str | None = None


@dataclass(frozen=True, slots=True)
class Shrunk(JsonRecord):
    """What a clip is, now that it is smaller; sides in pixels, None where it has no picture.
    `poster` is the name of its new poster, None where there is none."""

    bytes: int
    width: int | None
    height: int | None
    poster: str | None = None


@dataclass(frozen=True, slots=True)
class TrimClip(JsonRecord):
    """What the MP4 at `source` shows in [begins, ends), in its own seconds, as a new file at
    `target`; its poster at `poster`."""

    source: str
    target: str
    begins: float
    ends: float
    poster: str | None = None


@dataclass(frozen=True, slots=True)
class TakeOver(JsonRecord):
    """The MP4 at `source`, which a stranger has made, as a new file of ours at `target`; its poster
    at `poster`. Of a longer one, its first `longest` seconds."""

    source: str
    target: str
    longest: float
    poster: str | None = None


@dataclass(frozen=True, slots=True)
class Trimmed:
    """A part that was cut out, which begins at that second of the whole: at the keyframe nearest to
    what was asked for."""

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
class MakeStill(JsonRecord):
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
class Align(JsonRecord):
    """At which second of the clip at `long` that at `short` begins, of the same stream."""

    short: str
    long: str


def trimmed_event(made: Trimmed) -> dict[str, Any]:
    """The same of a part that was cut out."""
    return {**result_event(made.result), "begins": made.begins}
