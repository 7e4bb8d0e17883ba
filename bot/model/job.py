"""A clip job: somebody wants a window of a stream as an MP4, within so many bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.chat import Person
from bot.model.clip import ClipFailure, SourceName
from bot.model.window import Window

_LEAST_SECONDS = 0.05


class JobState(StrEnum):
    """`queued → running → done | failed | cancelled`; a done one is later expired or deleted."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    DELETED = "deleted"


class JobFault(StrEnum):
    """Why a job failed before it came to a capture, or after; a capture's own failures are
    `ClipFailure`. `REFUSED`: its file could not take the place of the clip that it changes;
    `BROKEN_OFF`: by a defect of ours.
    """

    BROKEN_OFF = "broken-off"
    EMPTY = "empty"
    OFFLINE = "offline"
    INTERRUPTED = "interrupted"
    REFUSED = "refused"


OUR_FAULTS: frozenset[str] = frozenset(
    {
        JobFault.BROKEN_OFF,
        JobFault.INTERRUPTED,
        ClipFailure.FILE_EXISTS,
        ClipFailure.NOT_AT_HAND,
        ClipFailure.STOPPED,
        ClipFailure.WORKER_DIED,
        ClipFailure.WORKER_SILENT,
        ClipFailure.WRITE_FAILED,
    }
)
"""Failures (`ClipJob.error`) of what was promised, by nobody's doing but ours: it may go well the
next time."""

FREE_RETRIES = 3
"""So many of them in a row don't count as having asked for a clip."""


@dataclass(frozen=True, slots=True)
class ClipOrder:
    """What is asked for: a window of a stream, fixed when it was accepted, as at most `max_bytes`.

    `request_key` is the platform's id of the request: it counts once. `seconds` is how long the
    clip was to be: its window is shorter where less of the stream was there. `reply_to` is the
    platform's id of the message to answer. `stream_id` is our row of the stream, where we know it;
    `parent_id` the job whose clip this one is cut anew from. `is_ahead`: it shows the next seconds,
    from when there is something to record. No two instants tell that: a clock may be set between
    them, and a capture that is open may have begun before it was asked.

    `highlight_id` is the site's id of a highlight that is to be had as it is, from `highlight_url`:
    then nothing is recorded or cut, and the window says when it was on air.
    """

    request_key: str
    place_id: int
    target_id: int
    mint: str
    person: Person
    seconds: float
    window: Window
    max_bytes: int
    asked_at: datetime
    reply_to: str | None = None
    stream_id: int | None = None
    parent_id: int | None = None
    is_ahead: bool = False
    highlight_id: str | None = None
    highlight_url: str | None = None

    @property
    def is_empty(self) -> bool:
        """Its window is too short to show anything."""
        return self.window.seconds < _LEAST_SECONDS


@dataclass(frozen=True, slots=True)
class PaddedClip:
    """A longer file beside a clip, from which others can be cut. `window` is what it shows; None
    while it is being made. `ordered_at`: since when it is."""

    key: str
    mint: str
    ordered_at: datetime
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class ClipJob:
    """A row. `leader_id`: the job whose capture or cut this one shares, or None.

    `card_id` is the platform's id of the message that shows how far it is, while there is one that
    another life of the service can change, and `card_worker_id` names the one that does now.
    `phase` is a `bot.model.Phase` while it runs. `result` is JSON of what came of it
    (`bot.clips.service`). `file_key` names the MP4 among our files, until `expires_at`, and
    `padded_clip_key` the longer one beside it, a `PaddedClip`, while that is kept, or being made.
    `source` is what it is cut of, once that is chosen.
    """

    id: int
    order: ClipOrder
    state: JobState
    phase: str | None = None
    done_seconds: float = 0.0
    cancel_requested: bool = False
    leader_id: int | None = None
    epoch: int = 0
    file_key: str | None = None
    result: str | None = None
    error: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    expires_at: datetime | None = None
    worker_id: str | None = None
    card_id: str | None = None
    card_worker_id: str | None = None
    source: SourceName | None = None
    padded_clip_key: str | None = None
