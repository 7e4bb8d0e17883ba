"""What a target is owed, and what it has been shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum


class DeliveryState(StrEnum):
    """`due → claimed → sending → sent | uncertain | dead`.

    After a crash, `claimed` is still owed and only `sending` is in doubt. `uncertain`: it may
    have arrived, and is never repeated. `dead`: it will not be shown; `error` says why.
    """

    DUE = "due"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    DEAD = "dead"


ENDED_FIRST = "ended-first"
"""Why an alert is dead: its stream had ended before it could be sent."""

UNFOLLOWED = "unfollowed"
"""Why an alert is dead: its coin was unsubscribed before it could be sent."""

NO_COIN = "notcoin:"
"""The key of a notice that a mint names no coin; the mint follows."""


class DeliveryKind(StrEnum):
    """What is owed. A digest is the morning's list of what the night held back."""

    ALERT = "alert"
    CLIP = "clip"
    NOTICE = "notice"
    DIGEST = "digest"


class Priority(IntEnum):
    """Lower goes first."""

    CLIP = 10
    ALERT = 20
    END = 30
    CHANGE = 40
    UPDATE = 50


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row: unique by target and `key` (`alert:<stream>`, `clip:<job>` …).

    `shown` of `wanted` revisions; 0 is: nothing yet. `message_id` is the platform's. `reply_to`
    is the platform's id of what it answers. `epoch` counts its claims: whoever completes one
    names the `worker_id` and the epoch it got, and is refused if another has claimed it since.
    `changed_at`: when its state last did. `mention`: the role that its first showing mentions, as
    it was decided when its sending began; with a `sent_at`, it was shown with it.
    """

    id: int
    target_id: int
    key: str
    kind: DeliveryKind
    stream_id: int | None
    job_id: int | None
    sender: str
    state: DeliveryState
    wanted: int
    shown: int
    priority: int
    silent: bool
    due_at: datetime
    created_at: datetime
    attempts: int = 0
    epoch: int = 0
    message_id: str | None = None
    reply_to: str | None = None
    error: str | None = None
    sent_at: datetime | None = None
    shown_at: datetime | None = None
    body: str | None = None
    worker_id: str | None = None
    changed_at: datetime | None = None
    mention: str | None = None


@dataclass(frozen=True, slots=True)
class ShownAlert:
    """What is needed of an alert that stands, to tell whether it is to be brought up to date."""

    id: int
    stream_id: int
    sender: str
    sent_at: datetime | None
    shown_at: datetime | None
