"""Who may ask what of the HTTP port: pure, so that every rule can be tried without a socket."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urlsplit

OPEN_PATH = "/healthz"
"""Whoever restarts containers asks without a password."""

API = "/api/"
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})
_OWN = frozenset({"same-origin", "none"})
_PROXY = ("Forwarded", "Via", "X-Forwarded-For", "X-Real-IP")
"""What a proxy adds: then it is not this machine that asks, whatever name it gives."""

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Refusal(Enum):
    """Why a request is not answered. The sentences are in `bot.texts.page`."""

    HOST = "host"
    ORIGIN = "origin"
    PASSWORD = "password"  # noqa: S105


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens at `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


@dataclass(frozen=True, slots=True)
class Rules:
    """Holds each request against where we listen. `local`: only this machine reaches us.

    Where it does, this machine's own names get in as they are. Any other name is either that of
    a proxy, and its visitors need the password, or it was pointed at us by somebody whose page
    would read ours (DNS rebinding). A browser sends the password to no name but the one that it
    was typed for, so with it any name will do.
    """

    local: bool
    password: str | None = field(repr=False)

    def refusal(self, method: str, path: str, headers: Mapping[str, str]) -> Refusal | None:
        """None for what is allowed."""
        if not self._may_enter(path, headers):
            return Refusal.HOST if self.password is None else Refusal.PASSWORD
        guarded = method not in ("GET", "HEAD") or path.startswith(API)
        if guarded and not _is_own(headers):
            return Refusal.ORIGIN
        return None

    def _may_enter(self, path: str, headers: Mapping[str, str]) -> bool:
        named_here = self.local and _name_of(headers.get("Host", "")) in _HERE
        if self.password is None:
            return named_here
        if path == OPEN_PATH or (named_here and not any(name in headers for name in _PROXY)):
            return True
        return self._knows_password(headers)

    def may_see_details(self, headers: Mapping[str, str]) -> bool:
        """Whether whoever may ask for the health may know more than one word of it."""
        return self.password is None or self._knows_password(headers)

    def _knows_password(self, headers: Mapping[str, str]) -> bool:
        given = _password_of(headers.get("Authorization", ""))
        expected = _digest(self.password or "")
        return given is not None and hmac.compare_digest(_digest(given), expected)


def _digest(text: str) -> bytes:
    """Of one length for all, so that comparing tells nothing, not even the length."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _password_of(header: str) -> str | None:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        pair = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    _, colon, password = pair.partition(":")
    return password if colon else None


def _name_of(host: str) -> str:
    """The name in a Host header without its port; empty for what is none."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port  # raises for what is no port
    except ValueError:
        return ""
    return (parts.hostname or "") if parts.netloc == host and "@" not in host else ""


def _is_own(headers: Mapping[str, str]) -> bool:
    """Whether our own page asks, or no page at all: browsers name the page that asks."""
    origin = headers.get("Origin")
    if origin is not None and _place_of(origin) != headers.get("Host", "").lower():
        return False
    return headers.get("Sec-Fetch-Site", "none") in _OWN


def _place_of(origin: str) -> str:
    """`host:port` of an origin; empty for `null` and what cannot be read."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
