"""A clip job: somebody wants a window of a stream as an MP4, within so many bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.chat import Person


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
    """Why a job failed before it came to a recording; a recording's failures are `ClipFailure`."""

    OFFLINE = "offline"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class ClipOrder:
    """What is asked for. `request_key` is the platform's id of the request: it counts once.

    `seconds` long, from `ago` seconds before the request on, at most `max_bytes`. `reply_to` is
    the platform's id of the message to answer.
    """

    request_key: str
    place_id: int
    target_id: int
    mint: str
    person: Person
    seconds: float
    ago: float
    max_bytes: int
    asked_at: datetime
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class ClipJob:
    """A row. `leader_id`: the job whose recording this one shares, or None.

    `card_id` is the platform's id of the message that shows how far it is, while there is one that
    another life of the service can change. `phase` is a `bot.model.Phase` while it runs. `result`
    is JSON of what came of it (`bot.clips.service`). `file_key` names the MP4 among our files,
    until `expires_at`.
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
