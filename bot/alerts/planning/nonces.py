"""The name of a first showing, the same for every try of it. Pure."""

from __future__ import annotations

import base64
import hashlib

from bot.model import Address, ClipJob, Delivery, DeliveryKind

LONGEST = 25
"""Of a nonce, as Discord has it."""


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
