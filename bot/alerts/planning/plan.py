"""What is to be done with a claimed delivery, and the nonce that names a first showing. Pure."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from bot.model import (
    ENDED_FIRST,
    UNFOLLOWED,
    Address,
    ClipJob,
    Delivery,
    DeliveryKind,
    Message,
    Target,
)

GIVE_UP_AFTER = MappingProxyType(
    {
        DeliveryKind.ALERT: timedelta(hours=6),
        DeliveryKind.CLIP: timedelta(hours=24),
        DeliveryKind.NOTICE: timedelta(hours=24),
        DeliveryKind.DIGEST: timedelta(hours=36),  # its night included
    }
)
"""A first showing that is owed for longer is dead, and says so."""

MENTION_PAUSE = timedelta(minutes=30)
"""A subscription's role is not mentioned again within so long after it was."""

LONGEST = 25
"""Of a nonce, as Discord has it."""


class Why(StrEnum):
    """Why a delivery is dead or uncertain, where it was no platform's fault."""

    ENDED_FIRST = ENDED_FIRST
    UNFOLLOWED = UNFOLLOWED
    NIGHT_SKIP = "night-skip"
    NIGHT_DIGEST = "night-digest"
    TOO_LATE = "too-late"
    GONE = "gone"
    FAULT = "fault"
    CRASH = "crash"


@dataclass(frozen=True, slots=True)
class Show:
    """Send or edit this. `nonce` names it if it is a first showing. `recut_id`: the job that cut a
    clip anew, which is to take the place of the one that stands there."""

    target: Target
    message: Message
    nonce: str
    recut_id: int | None = None


@dataclass(frozen=True, slots=True)
class Remove:
    """Delete what was shown."""

    target: Target


@dataclass(frozen=True, slots=True)
class Leave:
    """What stands there is to stay as it is."""


@dataclass(frozen=True, slots=True)
class Drop:
    """It will not be shown, for this reason."""

    why: Why


@dataclass(frozen=True, slots=True)
class HoldBack:
    """The night's digest tells of it, `until` when it waits; `day` is the date of that morning."""

    until: datetime
    day: str


@dataclass(frozen=True, slots=True)
class Later:
    """It waits until then: the night that it tells of goes on."""

    until: datetime


Plan = Show | Remove | Leave | Drop | HoldBack | Later


# The nonce is the same for every try of one message


def alert_nonce(address: Address, mint: str, origin: str) -> str:
    """Of a stream's alert; `origin` as `Streams.origins` has it. Made of what the site says, so
    that a second copy of the bot, with rows and a clock of its own, makes the same one."""
    return _nonce(address, "alert", mint, origin)


def clip_nonce(address: Address, job: ClipJob) -> str:
    """Of the answer to a request for a clip."""
    return _nonce(address, "clip", job.order.request_key)


def other_nonce(address: Address, delivery: Delivery) -> str:
    """Of a notice or a digest. A digest's key is its day; that of a notice may have row ids, and a
    database that was put back from a copy gives the same ids again."""
    if delivery.kind is DeliveryKind.DIGEST:
        return _nonce(address, delivery.kind, delivery.key)
    return _nonce(address, delivery.kind, delivery.key, delivery.created_at.isoformat())


def _nonce(address: Address, *parts: str) -> str:
    text = "\0".join((address.platform, address.place, address.channel, *parts))
    digest = hashlib.sha256(text.encode()).digest()[: LONGEST * 6 // 8]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
