"""Who may ask what of the HTTP port: pure, so that every rule can be tried without a socket."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urlsplit

OPEN_PATH = "/healthz"
"""Whoever restarts containers asks without a password, and is told the bare status."""

MARK = "X-Mintcast"
"""Our own script sends it. A script of another site would have to ask leave first (CORS), and gets
none; so it shows whose request this is where a proxy has renamed the host."""

API = "/api/"
_PROXY = frozenset(
    {
        "forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip",
        "cf-connecting-ip", "cf-ray", "fastly-client-ip", "fly-client-ip", "x-original-host",
        "x-envoy-external-address", "x-original-forwarded-for", "tailscale-user-login",
    }
)  # fmt: skip
"""What a proxy adds, beside all that begins with `X-Forwarded-`."""

_FORWARDED_HOST = re.compile(r'host="?([^";,\s]+)', re.IGNORECASE)


class Refusal(Enum):
    """Why a request is not answered. The sentences are in `bot.texts.platforms.page`."""

    HOST = "host"
    PROXY = "proxy"
    ORIGIN = "origin"
    PASSWORD = "password"  # noqa: S105
    GUESSES = "guesses"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what is at `host`: `localhost`, or an address of its own,
    which nobody can point elsewhere."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


@dataclass(frozen=True, slots=True)
class Rules:
    """Holds each request against where we listen. `local`: only this machine reaches us.

    A password that is set is asked of everybody: a proxy on this machine need not say that it is
    one. Without it, only this machine's own name and addresses get in. Any other name is either
    that of a proxy, or it was pointed at us by somebody whose page would read ours (DNS rebinding).
    A browser sends the password to no name but the one that it was typed for, so with it any name
    will do.
    """

    local: bool
    password: str | None = field(repr=False)

    def refusal(
        self, method: str, path: str, headers: Mapping[str, str], *, old: bool = False
    ) -> Refusal | None:
        """None for what is allowed. `old`: it came as HTTP/1.0, which some proxies speak, and no
        browser."""
        return self.final_refusal(self.entry_refusal(headers, old=old), method, path, headers)

    def entry_refusal(self, headers: Mapping[str, str], *, old: bool = False) -> Refusal | None:
        """None for who may see everything, the details of health too."""
        if self.password is not None:
            given = password_of(headers.get("Authorization", ""))
            is_right = given is not None and is_same(given, self.password)
            return None if is_right else Refusal.PASSWORD
        if not self.local or not is_loopback(_name_of(headers.get("Host", ""))):
            return Refusal.HOST
        return Refusal.PROXY if old or _has_come_through_a_proxy(headers) else None

    def final_refusal(
        self, refused: Refusal | None, method: str, path: str, headers: Mapping[str, str]
    ) -> Refusal | None:
        """What becomes of a request whose entry was `refused` for that, if it was."""
        is_open = path == OPEN_PATH and refused is not Refusal.HOST
        if refused is not None and not is_open:
            return refused
        return self._of_another_site(method, path, headers)

    def _of_another_site(
        self, method: str, path: str, headers: Mapping[str, str]
    ) -> Refusal | None:
        """Nobody's page but ours may act, or ask the API; programs, which name no page, may."""
        if method in ("GET", "HEAD") and not path.startswith(API):
            return None
        site = headers.get("Sec-Fetch-Site", "none")
        if site not in ("same-origin", "none"):
            return Refusal.ORIGIN
        if _is_place(headers.get("Origin"), headers.get("Host", "")):
            return None
        if self.password is None:  # a proxy that has renamed the host, or another page
            return Refusal.PROXY if site == "same-origin" else Refusal.ORIGIN
        return None if site == "same-origin" or _is_marked(headers) else Refusal.ORIGIN


def _has_come_through_a_proxy(headers: Mapping[str, str]) -> bool:
    names = [name.lower() for name in headers]
    return any(name in _PROXY or name.startswith("x-forwarded-") for name in names)


def _is_marked(headers: Mapping[str, str]) -> bool:
    """By our own script, or by a proxy that says by which name it was asked: a page can have none
    of these sent to another site unasked, so it does not matter who added them."""
    origin = headers.get("Origin")
    return MARK in headers or any(_is_place(origin, host) for host in _outer(headers))


def _outer(headers: Mapping[str, str]) -> Iterator[str]:
    for host in headers.get("X-Forwarded-Host", "").split(","):
        yield host.strip()
    for found in _FORWARDED_HOST.finditer(headers.get("Forwarded", "")):
        yield found[1]


def _name_of(host: str) -> str:
    """The name in a Host header without its port; empty for what is none."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port  # raises for what is no port
    except ValueError:
        return ""
    return (parts.hostname or "") if parts.netloc == host and "@" not in host else ""


def _is_place(origin: str | None, host: str) -> bool:
    """Whether `origin` is the page at `host`, or no page at all."""
    if origin is None:
        return True
    try:
        place = urlsplit(origin).netloc.lower()
    except ValueError:
        return False
    return place != "" and place == host.lower()


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
