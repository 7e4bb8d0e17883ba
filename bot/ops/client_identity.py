"""Who asks: the address that counts for a bound, and a browser that was let in before. Pure."""

from __future__ import annotations

import functools
import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Iterable, Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_HOME_BITS = 64
"""Of an IPv6 address: whoever has one has the 2^64 beside it."""


class TrustedProxies:
    """Whose word is taken for whom they ask: `X-Forwarded-For` of these addresses or networks."""

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        self._trusted: tuple[Network, ...] = tuple(
            ipaddress.ip_network(each, strict=False) for each in trusted
        )

    def caller(self, peer: str, forwarded: Sequence[str]) -> str:
        """The last one in the chain who is no proxy of ours; IPv6 by its network."""
        chain = [part for line in forwarded for part in line.split(",")]
        address = _address(peer)
        while chain and address is not None and self._trusts(address):
            before = _address(chain.pop())
            if before is None:
                break
            address = before
        return home_of(str(address or peer))

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)


class KnownDevices:
    """Knows a browser that once sent the right password, by a cookie.

    It opens nothing: such a browser is only counted by itself, and not by an address that it may
    share with whoever guesses (a proxy that tells nobody's address, say). A cookie that was stolen
    is worth some guesses more. It outlives a restart, and means nothing under another password.
    """

    def __init__(self, password: str) -> None:
        self._password = password

    def issue(self) -> str:
        """The cookie of a new device."""
        name = secrets.token_hex(12)
        return f"{name}.{self._sign(name)}"

    def known(self, cookie: str | None) -> str | None:
        """The name of the device, where the cookie is one of ours."""
        name, _, sign = (cookie or "").partition(".")
        if not sign.isascii() or not hmac.compare_digest(sign, self._sign(name)):
            return None
        return name

    def _sign(self, name: str) -> str:
        return hmac.new(self._key, name.encode("utf-8", "replace"), "sha256").hexdigest()

    @functools.cached_property
    def _key(self) -> bytes:
        """Costs some 50 ms, so that a cookie is a poor way to guess the password by."""
        text = self._password.encode("utf-8", "surrogatepass")
        return hashlib.scrypt(text, salt=b"mintcast device", n=1 << 14, r=8, p=1)


def _address(text: str) -> Address | None:
    """With or without a port."""
    bare = text.strip().partition("%")[0]
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def home_of(peer: str) -> str:
    """What counts as one address: all that whoever has it is sure to have, too."""
    address = _address(peer)
    if address is None:
        return peer
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.ip_network((address, _HOME_BITS), strict=False))
