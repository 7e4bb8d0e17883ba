"""Pictures from the web, fetched only from where we mean to go, and made anew before use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import PumpfunError
from bot.kit.pictures import PictureError, PictureTooLargeError
from bot.model import ALERTS, Reason
from bot.pumpfun.failures import Endpoint
from bot.pumpfun.media_hosts import MOST_REDIRECTS, REDIRECTS, MediaHosts

if TYPE_CHECKING:
    from collections.abc import Iterable

    import httpx

    from bot.kit.pictures.decoder import Decoder
    from bot.model import Picture
    from bot.pumpfun.http import Answer, Http

_MOST_BYTES = 8 * 1024 * 1024


class Pictures:
    """Fetches pictures from `media_hosts` (see `MediaHosts`)."""

    def __init__(self, http: Http, media_hosts: Iterable[str], decoder: Decoder) -> None:
        self._http = http
        self._decoder = decoder
        self._hosts = MediaHosts(media_hosts)

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
        for _ in range(MOST_REDIRECTS + 1):
            answer = await self._http.ask(
                Endpoint.PICTURE,
                url,
                most_bytes=_MOST_BYTES,
                accept=REDIRECTS | {200},
                asker=ALERTS,
            )
            if answer.status == 200:
                return answer
            url = self._checked(answer.headers.get("location", ""), url)
        raise PumpfunError(Reason.NOT_ALLOWED, detail=f"more than {MOST_REDIRECTS} redirects")

    def _checked(self, text: str, base: httpx.URL | None = None) -> httpx.URL:
        """`text` as a URL, from `base` if relative. Raises `PumpfunError` (NOT_ALLOWED)."""
        url = self._hosts.url(text, base)
        if url is None:
            raise PumpfunError(Reason.NOT_ALLOWED, detail="a host or scheme that is not allowed")
        return url
