"""Where media may be fetched from: hosts that the settings name.

The address of a picture, a playlist or a segment is text from an answer, and where it redirects is
text from another. Each is judged as the very `httpx.URL` that is then asked for, so that no second
parser can read it otherwise.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx

from bot.errors import PumpfunError
from bot.model import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

_PORTS = {"https": 443, "http": 80}
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f.]*:[0-9a-f:.]+")

Origin = tuple[str, str, int]
"""Scheme, host in lower case, port."""


class MediaHosts:
    """Host names, or origins like `http://127.0.0.1:8080`.

    A bare name means that host over https on the usual port, and no name under it. An origin
    means exactly itself. Raises `ValueError` for one that is neither.
    """

    def __init__(self, hosts: Iterable[str]) -> None:
        self._allowed = frozenset(_named_origin(host) for host in hosts)

    def url(self, text: str, base: httpx.URL | None = None) -> httpx.URL | None:
        """`text` as a URL, from `base` if relative; None where we do not go there."""
        try:
            url = base.join(text) if base is not None else httpx.URL(text)
            is_ours = not url.userinfo and _origin(url) in self._allowed
        except (httpx.InvalidURL, ValueError):
            return None
        return url if is_ours else None

    def checked(self, text: str, base: httpx.URL | None = None) -> httpx.URL:
        """The same. Raises `PumpfunError` (NOT_ALLOWED) where we do not go there."""
        url = self.url(text, base)
        if url is None:
            raise self.refusal("a host or scheme that is not allowed")
        return url

    def refusal(self, detail: str) -> PumpfunError:
        """What is raised where we do not go."""
        return PumpfunError(Reason.NOT_ALLOWED, detail=detail)


def _origin(url: httpx.URL) -> Origin:
    return url.scheme, _host(url), url.port or _PORTS.get(url.scheme, 0)


def _host(url: httpx.URL) -> str:
    """As it is asked for. `URL.host` is how people read it (`xn--…`), and raises IDNAError, a
    ValueError, where that is no name."""
    return url.raw_host.decode("ascii")


def _named_origin(host: str) -> Origin:
    try:
        url = httpx.URL(host if "://" in host else f"https://{host}")
    except httpx.InvalidURL as error:
        raise ValueError(f"not a host name or an origin: {host!r}") from error
    plain = url.scheme in _PORTS and not url.userinfo and url.raw_path == b"/"
    if not plain or not _HOST.fullmatch(_host(url)):
        raise ValueError(f"not a host name or an origin: {host!r}")
    return _origin(url)
