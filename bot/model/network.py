"""How others are reached: straight, or through a proxy. Nothing here asks anybody anything.

Libraries are told, and read no environment by themselves: one place decides for all of them.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")

Block = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy, which is asked to CONNECT. `str` shows no password."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        return self.address

    @property
    def address(self) -> str:
        """Where it is, without who we are there."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def url(self) -> str:
        """The same, with who we are there."""
        if not self.user and not self.password:
            return self.address
        known = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        return self.address.replace("://", f"://{known}@", 1)


@dataclass(frozen=True, slots=True)
class Exempt:
    """One entry of NO_PROXY: a block of addresses, or a name and all below it (empty: all)."""

    shown: str
    name: str = ""
    block: Block | None = None
    port: int | None = None

    def covers(self, host: str, port: int) -> bool:
        """Whether `host` is asked without a proxy."""
        if self.port is not None and self.port != port:
            return False
        if self.block is not None:
            address = _address(host)
            return address is not None and address in self.block
        return not self.name or host == self.name or host.endswith(f".{self.name}")


@dataclass(frozen=True, slots=True)
class Network:
    """Which proxy is for what. `ca_file` and `ca_folder` hold certificates that count beside
    those that always do."""

    https: Proxy | None = None
    http: Proxy | None = None
    exempt: tuple[Exempt, ...] = ()
    ca_file: str = ""
    ca_folder: str = ""

    def proxy_for(self, url: str) -> Proxy | None:
        """None: straight. This machine itself is never asked through a proxy."""
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        proxy = self.https if parts.scheme in ("https", "wss") else self.http
        port = parts.port or _PORTS.get(parts.scheme, 0)
        if proxy is None or _is_here(host) or any(one.covers(host, port) for one in self.exempt):
            return None
        return proxy

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no log may show."""
        return tuple(proxy.password for proxy in (self.https, self.http) if proxy is not None)

    def environment(self, url: str) -> Mapping[str, str]:
        """What a process that has only the environment to go by is told, to reach `url`."""
        proxy = self.proxy_for(url)
        told = {
            "HTTP_PROXY": proxy.url if proxy else "",
            "HTTPS_PROXY": proxy.url if proxy else "",
            "SSL_CERT_FILE": self.ca_file,
            "SSL_CERT_DIR": self.ca_folder,
        }
        return {name: value for name, value in told.items() if value}


DIRECT = Network()
"""Everybody is asked straight."""


def parse_proxy(text: str) -> Proxy:
    """`http://user:password@host:port`, or `host:port`. Raises ValueError that says what it must
    be, and shows nothing of it."""
    whole = text if _SCHEME.match(text) else f"http://{text}"
    try:
        whole.encode()  # of the environment it may have bytes that are no text
        parts = urlsplit(whole)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(_WANTED) from None
    if parts.scheme.startswith("socks"):
        raise ValueError(f"is a SOCKS proxy, but {_WANTED}")
    is_more = parts.path.strip("/") or parts.query or parts.fragment
    if parts.scheme != "http" or is_more or port == 0 or not _is_host(host):
        raise ValueError(_WANTED)
    return Proxy(host, port or 80, unquote(parts.username or ""), unquote(parts.password or ""))


_WANTED = "must be the address of an HTTP proxy, http://host:port or http://user:password@host:port"


def parse_exempt(text: str) -> Exempt:
    """`example.com`, `.example.com`, `host:8080`, `10.0.0.0/8`, `fd00::/8`, `[::1]:80`, `*`.

    Raises ValueError for anything else.
    """
    if text == "*":
        return Exempt(text)
    block = _block(text)
    if block is not None:
        return Exempt(text, block=block)
    parts = urlsplit(f"//{text.lower().removeprefix('*').removeprefix('.').rstrip('.')}")
    host, port = parts.hostname or "", parts.port
    if not _is_host(host) or parts.path or "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError(text)
    return Exempt(text, host, _block(host), port)


def _block(text: str) -> Block | None:
    try:
        return ipaddress.ip_network(text.strip("[]"), strict=False)
    except ValueError:
        return None


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_here(host: str) -> bool:
    address = _address(host)
    is_name = host == "localhost" or host.endswith(".localhost")
    return is_name or (address is not None and address.is_loopback)


def can_be_looked_up(host: str) -> bool:
    """Whether it is no name with a part that is empty or has more than 63 letters, for which Python
    has no answer, but a UnicodeError of its own."""
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return True


def _is_host(host: str) -> bool:
    is_name = bool(_NAME.fullmatch(host)) and can_be_looked_up(host)
    return is_name or _address(host) is not None
