"""Answers of pump.fun as they were observed, to be changed by the tests."""

from __future__ import annotations

import time
from typing import Any

import jwt

MINT = "4F21DZvcbdBCLHh4YfH7LEMWwNhUjsEkJxVdSxXqpump"
OTHER_MINT = "9p3Nf8WbfQzQYHzRpRT7LgPYEoEYhSqGEGDnNsJzkpds"
WALLET = "8tRrJ3vvPjzTQyHwJ8wDxVaqWNyJDtNGfyA9mRYopsDV"
DIRECTORY = f"https://clips.pump.fun/{MINT}/2070397_20260827_101112"
THUMBNAIL = f"{DIRECTORY}/thumb.jpg"
PLAYLIST = f"{DIRECTORY}/master_playlist_20260827_101112.m3u8"
NO_NAMES = ("xn--", "xn--a", "xn--0", "xn--pump-.fun")
"""Hosts that look like names in IDNA and are none: reading one raises a ValueError."""


def live_answer(**changes: object) -> dict[str, object]:
    """`GET /livestream` of a live coin, in the shape of 2026-08; `...` takes a field away."""
    answer: dict[str, object] = {
        "id": 2070397,
        "mintId": MINT,
        "creatorAddress": WALLET,
        "streamStartTimestamp": 1763604956911,
        "numParticipants": 26,
        "isLive": True,
        "thumbnail": THUMBNAIL,
        "title": "hello",
        "mode": "view-only",
    }
    return {key: value for key, value in (answer | changes).items() if value is not ...}


def roster_row(**changes: object) -> dict[str, object]:
    """A row of the board, in the shape of 2026-09."""
    row: dict[str, object] = {
        "mint": MINT,
        "name": "I AM PILL",
        "symbol": "IAMPILL",
        "image_uri": "https://ipfs.io/ipfs/Qm",
        "creator": WALLET,
        "is_currently_live": True,
        "num_participants": 78,
        "livestream_title": "hi",
        "thumbnail": THUMBNAIL,
        "thumbnail_updated_at": 1760220776181,
        "nsfw": False,
    }
    return row | changes


def not_found(message: str) -> dict[str, object]:
    """A 404 of NestJS."""
    return {"statusCode": 404, "message": message, "error": "Not Found"}


def token_text(**claims: object) -> str:
    """A viewer's token as `join` gives it, signed with a key that nobody uses."""
    default: dict[str, Any] = {
        "video": {"room": f"livestream:{MINT}:2070397", "roomJoin": True},
        "metadata": '{"anon":true,"role":"viewer"}',
        "sub": "somebody",
        "nbf": 0,
        "exp": int(time.time()) + 86_400,
    }
    return jwt.encode(default | claims, "not-the-real-key-but-one-that-is-long-enough")
