"""Pictures from the web, fetched only from where we mean to go, and made anew before use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import PumpfunError
from bot.kit.pictures import PictureError, PictureTooLargeError
from bot.model import ALERTS, Reason
from bot.pumpfun.failures import Endpoint
from bot.pumpfun.media_hosts import MediaHosts
from bot.pumpfun.redirects import follow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.kit.pictures.decoder import Decoder
    from bot.model import Picture
    from bot.pumpfun.http import Http

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
        where = self._hosts.checked(url)
        answer = await follow(
            self._http,
            Endpoint.PICTURE,
            where.copy_merge_params(params) if params else where,
            self._hosts,
            most_bytes=_MOST_BYTES,
            asker=ALERTS,
        )
        try:
            return await self._decoder.safe_jpeg(answer.body)
        except PictureTooLargeError:
            reason = Reason.TOO_LARGE
        except PictureError:
            reason = Reason.NOT_A_PICTURE
        raise PumpfunError(reason)
