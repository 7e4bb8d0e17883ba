"""The password as a browser sends it, and as it is compared. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac


def password_of(header: str) -> str | None:
    """What an Authorization header gives; None for what is no Basic authentication."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        pair = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    _, colon, password = pair.partition(":")
    return password if colon else None


def is_same(given: str, wanted: str) -> bool:
    """In the same time whatever differs."""
    return hmac.compare_digest(digest(given), digest(wanted))


def digest(text: str) -> bytes:
    """Of one length for all, so that comparing tells nothing, not even the length."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
