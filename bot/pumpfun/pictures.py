"""Pictures from the web, fetched only from where we mean to go, and made anew before use.

The URL of a picture is text from an answer, and where it redirects is text from another. Each
URL on the way is judged as the very `httpx.URL` that is then asked for, so that no second
parser can read it otherwise.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx

from bot.errors import PumpfunError
from bot.kit.pictures import PictureError, PictureTooLargeError
from bot.model import ALERTS, Reason
from bot.pumpfun.failures import Endpoint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.kit.pictures.decoder import Decoder
    from bot.model import Picture
    from bot.pumpfun.http import Answer, Http

_MOST_BYTES = 8 * 1024 * 1024
_MOST_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PORTS = {"https": 443, "http": 80}
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f.]*:[0-9a-f:.]+")

Origin = tuple[str, str, int]
"""Scheme, host in lower case, port."""


class Pictures:
    """Fetches pictures from `media_hosts`: host names, or origins like `http://127.0.0.1:8080`.

    A bare name means that host over https on the usual port, and no name under it. An origin
    means exactly itself. Raises `ValueError` for one that is neither.
    """

    def __init__(self, http: Http, media_hosts: Iterable[str], decoder: Decoder) -> None:
        self._http = http
        self._decoder = decoder
        self._allowed = frozenset(_named_origin(host) for host in media_hosts)

    async def fetch(self, url: str, params: dict[str, str] | None = None) -> Picture:
        """The picture at `url`, as a JPEG of ours; `params` are merged into its query.

        Raises `PumpfunError`: NOT_ALLOWED for a host or scheme that is not ours to ask, also
        after a redirect; TOO_LARGE (8 MB, or pixels); NOT_A_PICTURE; and what asking raises.
        """
        where = self._checked(url)
        answer = await self._follow(where.copy_merge_params(params) if params else where)
        try:
            return await self._decoder.safe_jpeg(answer.body)
        except PictureTooLargeError:
            reason = Reason.TOO_LARGE
        except PictureError:
            reason = Reason.NOT_A_PICTURE
        raise PumpfunError(reason)

    async def _follow(self, url: httpx.URL) -> Answer:
        for _ in range(_MOST_REDIRECTS + 1):
            answer = await self._http.ask(
                Endpoint.PICTURE,
                url,
                most_bytes=_MOST_BYTES,
                accept=_REDIRECTS | {200},
                asker=ALERTS,
            )
            if answer.status == 200:
                return answer
            url = self._checked(answer.headers.get("location", ""), url)
        raise PumpfunError(Reason.NOT_ALLOWED, detail=f"more than {_MOST_REDIRECTS} redirects")

    def _checked(self, text: str, base: httpx.URL | None = None) -> httpx.URL:
        """`text` as a URL, from `base` if relative. Raises `PumpfunError` (NOT_ALLOWED)."""
        try:
            url = base.join(text) if base is not None else httpx.URL(text)
        except (httpx.InvalidURL, ValueError):
            url = None
        if url is None or url.userinfo or _origin(url) not in self._allowed:
            raise PumpfunError(Reason.NOT_ALLOWED, detail="a host or scheme that is not allowed")
        return url


def _origin(url: httpx.URL) -> Origin:
    return url.scheme, url.host, url.port or _PORTS.get(url.scheme, 0)


def _named_origin(host: str) -> Origin:
    try:
        url = httpx.URL(host if "://" in host else f"https://{host}")
    except httpx.InvalidURL as error:
        raise ValueError(f"not a host name or an origin: {host!r}") from error
    plain = url.scheme in _PORTS and not url.userinfo and url.raw_path == b"/"
    if not plain or not _HOST.fullmatch(url.host):
        raise ValueError(f"not a host name or an origin: {host!r}")
    return _origin(url)
