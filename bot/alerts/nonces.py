"""The name of a first showing, the same for every try of it. Pure."""

from __future__ import annotations

import base64
import hashlib

from bot.model import Address, ClipJob, Delivery, Stream

LONGEST = 25
"""Of a nonce, as Discord has it."""


def alert_nonce(address: Address, stream: Stream) -> str:
    """Of a stream's alert. Made of what happened, not of row ids: a database that was put back
    from a copy gives the same ids again, and a platform would take its alerts for repeats."""
    return _nonce(address, "alert", stream.mint, stream.broadcast.first_seen_at.isoformat())


def clip_nonce(address: Address, job: ClipJob) -> str:
    """Of the answer to a request for a clip."""
    return _nonce(address, "clip", job.order.request_key)


def other_nonce(address: Address, delivery: Delivery) -> str:
    """Of a notice or a digest."""
    return _nonce(address, delivery.kind, delivery.key, delivery.created_at.isoformat())


def _nonce(address: Address, *parts: str) -> str:
    text = "\0".join((address.platform, address.place, address.channel, *parts))
    digest = hashlib.sha256(text.encode()).digest()[: LONGEST * 6 // 8]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
