"""The viewer's LiveKit token that `POST /livestream/join` hands out, and the ways it can be bad."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import jwt
from livekit import api

DAY = 86_400.0
PAST = -600.0
"""Seconds; LiveKit forgives a minute, so an expired token must be older than that."""


class TokenFault(StrEnum):
    """A way in which the token of a join is of no use."""

    EXPIRED = "expired"
    WRONG_SECRET = "wrong-secret"
    GARBAGE = "garbage"
    WRONG_ROOM = "wrong-room"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Keys:
    """What the LiveKit server and the site share."""

    key: str
    secret: str

    def viewer_token(self, room: str, ttl: float, *, hidden: bool = False) -> str:
        """The claims of an anonymous viewer (seen 2025-09 and 2025-11), save `nbf`.

        The site's samples have `nbf: 0`; this library writes the present second.
        """
        grants = api.VideoGrants(
            room=room,
            room_join=True,
            room_create=False,
            can_publish=False,
            can_subscribe=True,
            can_publish_data=True,
            hidden=hidden,
        )
        token = api.AccessToken(self.key, self.secret).with_grants(grants)
        token = token.with_metadata(json.dumps(METADATA, separators=(",", ":")))
        token = token.with_identity(secrets.token_hex(4)).with_ttl(timedelta(seconds=ttl))
        return token.to_jwt()

    def accepts(self, token: str) -> bool:
        """Whether the token is signed with our secret and not expired."""
        try:
            api.TokenVerifier(self.key, self.secret).verify(token)
        except jwt.PyJWTError:
            return False
        return True


METADATA = {"anon": True, "role": "viewer"}


def join_answer(
    keys: Keys, room: str, ttl: float, fault: TokenFault | None, *, hidden: bool
) -> dict[str, str]:
    """The body of a join: `{token, role}`, no server URL in it (seen 2025-09-17)."""
    if fault is TokenFault.MISSING:
        return {"role": "viewer"}
    if fault is TokenFault.GARBAGE:
        return {"token": "not.a.token", "role": "viewer"}
    if fault is TokenFault.WRONG_SECRET:
        keys = Keys(keys.key, secrets.token_hex(24))
    if fault is TokenFault.WRONG_ROOM:
        room = f"{room.rpartition(':')[0]}:1"
    if fault is TokenFault.EXPIRED:
        ttl = PAST
    return {"token": keys.viewer_token(room, ttl, hidden=hidden), "role": "viewer"}
