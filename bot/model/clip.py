"""What is asked of a capture, what it says on the way, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from bot.model.window import Window

DEFAULT_CLIP_SECONDS = 30.0
"""How long a clip is where nobody says, unless the settings do."""

SHORTEST_CLIP_SECONDS = 1.0
"""Less is no clip that anybody means."""


LARGEST_HIGHLIGHT = 50 << 20
"""Bytes of one of the site's own clips; a minute in the best quality has half of that."""


class ClipStatus(StrEnum):
    """`PARTIAL`: shorter than asked, and kept."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    FAILED = "failed"


class CaptureEnd(StrEnum):
    """Why a clip ended before its time. The sentences are in `bot.texts`."""

    PUBLISHER_GONE = "publisher-gone"
    PICTURE_STOPPED = "picture-stopped"
    ROOM_CLOSED = "room-closed"
    REMOVED = "removed"
    REPLACED = "replaced"
    CONNECTION_LOST = "connection-lost"
    STOPPED = "stopped"
    FAULT = "fault"
    VIDEO_FAULT = "video-fault"
    UNDECODABLE = "undecodable"
    RECORDING_BEHIND = "recording-behind"
    RECORDING_HOLE = "recording-hole"
    SEGMENTS_LOST = "segments-lost"


class SourceName(StrEnum):
    """What a clip was cut of: the last seconds of a capture that stays open; the site's own
    recording; the file that is kept around an earlier clip; the room, from now on. Or where it
    comes from as it is: pump.fun itself."""

    RING = "ring"
    RECORDING = "recording"
    PADDED_CLIP = "stock"
    ROOM = "room"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Offer:
    """`window` of what was asked for can be had of `source`, `in_seconds` from now."""

    source: SourceName
    window: Window
    in_seconds: float = 0.0


class VideoFault(StrEnum):
    """Why the picture of a stream cannot be had. Each is a `ClipFailure` where there is no sound
    either, and a `NoteKind` of a clip of the sound alone."""

    H265 = "video-h265"
    FORMAT = "video-format"
    TOO_LARGE = "video-too-large"
    UNDECODABLE = "video-undecodable"
    NOT_RECEIVED = "video-not-received"


class ClipFailure(StrEnum):
    """Why there is no clip at all."""

    NO_PUBLISHER = "no-publisher"
    NO_MEDIA = "no-media"
    CANNOT_JOIN = "cannot-join"
    TOKEN_REFUSED = "token-refused"  # noqa: S105
    TOKEN_NOT_GIVEN = "token-not-given"  # noqa: S105
    ROOM_CLOSED = "room-closed"
    REMOVED = "removed"
    REPLACED = "replaced"
    WORKER_DIED = "worker-died"
    WORKER_SILENT = "worker-silent"
    WORKER_MEMORY = "worker-memory"
    WORKER_PROCESSOR = "worker-processor"
    DISK_FULL = "disk-full"
    NOT_WRITABLE = "not-writable"
    FILE_EXISTS = "file-exists"
    WRITE_FAILED = "write-failed"
    TOO_FEW_BYTES = "too-few-bytes"
    STOPPED = "stopped"
    NOT_AT_HAND = "not-at-hand"
    RECORDING_UNREACHABLE = "recording-unreachable"
    VIDEO_H265 = "video-h265"
    VIDEO_FORMAT = "video-format"
    VIDEO_TOO_LARGE = "video-too-large"
    VIDEO_UNDECODABLE = "video-undecodable"
    VIDEO_NOT_RECEIVED = "video-not-received"


class Phase(StrEnum):
    """What a capture is doing, for a progress bar."""

    ASKING = "asking"
    JOINING = "joining"
    WAITING = "waiting"
    SETTLING = "settling"
    RECORDING = "recording"
    RECONNECTING = "reconnecting"
    CATCHING_UP = "catching-up"
    WRITING = "writing"


@dataclass(frozen=True, slots=True)
class PlacedBy:
    """By which segments of the site's recording were taken to have been on air: so many seconds,
    `shift`, before their stamps. `stamp` names the directory that it holds for; `is_measured`: it
    is no guess."""

    stamp: str
    shift: float
    is_measured: bool


@dataclass(frozen=True, slots=True)
class ClipRequest:
    """A clip of `seconds` within `max_bytes` at `path`, its short side at most `max_height` pixels.

    `window` is what it shows; None: the next `seconds`, from when there is something to record.
    `poster` is where a small JPEG of its beginning goes; None: none is wanted. `url` is that of one
    of the site's own clips, which is to be had as it is. `placed_by`: its window is of a clip whose
    recording was placed so, whatever is known of that by now. `is_for_people`: somebody wants to
    see it, so the ring that it is cut of is of use; a still or a measurement is no reason to keep
    one.
    """

    mint: str
    seconds: float
    path: Path
    max_bytes: int
    max_height: int
    window: Window | None = None
    poster: Path | None = None
    url: str | None = None
    placed_by: PlacedBy | None = None
    is_for_people: bool = True


@dataclass(frozen=True, slots=True)
class ClipProgress:
    """`done_seconds` of the clip are recorded. `attempt` counts the entrances that were tried."""

    phase: Phase
    done_seconds: float = 0.0
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class RecordingFacts:
    """What is known of a clip that was cut of the site's own recording.

    `delay_seconds`: so much later than it was on air something is listed there, as was reckoned;
    `delay_is_measured`: somebody measured that, so it is no guess. Its pictures are missing `gaps`
    times, for `longest_gap` seconds at most. `placed_by`: by it, what is cut of it anew is placed;
    None: its list has no stamps, or it was cut before that was kept.
    """

    delay_seconds: float
    delay_is_measured: bool
    gaps: int
    longest_gap: float
    placed_by: PlacedBy | None = None


@dataclass(frozen=True, slots=True)
class ClipResult:
    """What came of a clip. Of a failed one only `status`, `failure`, `detail` and `join_ms` count.

    `join_ms`: from the request to the first picture (or sound) in the ring, pump.fun included.
    `dropped_frames`: frames that we received and could not decode, or use in time. `notes` are
    codes of what a viewer may notice (`bot.texts.clip_results.clip_note`), each with its amount.
    `poster` is the name of the JPEG that was asked for, beside the clip; None: there is none.
    `recording`: what was cut of the site's own recording; None: it comes from elsewhere.
    """

    status: ClipStatus
    path: Path | None = None
    seconds: float = 0.0
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    bytes: int = 0
    has_video: bool = False
    has_audio: bool = False
    started_at: datetime | None = None
    join_ms: int | None = None
    dropped_frames: int = 0
    notes: tuple[ClipNote, ...] = ()
    end: CaptureEnd | None = None
    failure: ClipFailure | None = None
    detail: str = ""
    poster: str | None = None
    recording: RecordingFacts | None = None


class NoteKind(StrEnum):
    """What a viewer of a clip may notice."""

    BEGAN_LATER = "began-later"
    PICTURE_HELD = "picture-held"
    PICTURE_GAPS = "picture-gaps"
    ABOUT = "about"
    FRAMES_DROPPED = "frames-dropped"
    FRAMES_LOST = "frames-lost"
    FRAMES_UNDECODED = "frames-undecoded"
    SOUNDS_MIXED = "sounds-mixed"
    SOUNDS_LEFT_OUT = "sounds-left-out"
    NO_SOUND = "no-sound"
    NO_PICTURE = "no-picture"
    SECOND_ENCODE = "second-encode"
    RENAMED = "renamed"
    VIDEO_H265 = "video-h265"
    VIDEO_FORMAT = "video-format"
    VIDEO_TOO_LARGE = "video-too-large"
    VIDEO_UNDECODABLE = "video-undecodable"
    VIDEO_NOT_RECEIVED = "video-not-received"


@dataclass(frozen=True, slots=True)
class ClipNote:
    """One note; `amount` is in seconds (for `BEGAN_LATER`, those that were at hand), frames for
    `FRAMES_…`, or how many sounds there were."""

    kind: NoteKind
    amount: float = 0.0
