"""The files of the site's own clips: MP4s, each into a file of ours.

It has an HTTP client and a budget of its own, so that neither polls nor alerts ever wait for one.
An address, and each redirect, leads to a host that the settings name, or is not asked for. What
comes is written as it comes, up to a limit. That it looks like an MP4 is checked here; what is in
it, by a process that has nothing to lose (`bot.clips`).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.errors import PumpfunError
from bot.kit.files import remove
from bot.model import LARGEST_HIGHLIGHT, SERVICE, Reason
from bot.model.network import DIRECT, Network
from bot.pumpfun.failures import Endpoint
from bot.pumpfun.http import ContextOwner, Http
from bot.pumpfun.media_hosts import MediaHosts
from bot.pumpfun.redirects import follow

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import BinaryIO

    import httpx

    from bot.kit.timing.clock import Clock

_SECONDS = 60.0
_REQUESTS_PER_SECOND = 2.0
_AT_ONCE = 3


class ClipDownloads(ContextOwner):
    """`hosts` are those of the settings' `media_hosts`."""

    def __init__(
        self,
        *,
        hosts: Iterable[str],
        most_bytes: int = LARGEST_HIGHLIGHT,
        seconds: float = _SECONDS,
        network: Network = DIRECT,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._hosts = MediaHosts(hosts)
        self._most_bytes = most_bytes
        self._at_once = asyncio.Semaphore(_AT_ONCE)
        self._http = Http(
            requests_per_second=_REQUESTS_PER_SECOND,
            timeout=seconds,
            attempts=1,
            patience=0.0,
            network=network,
            transport=transport,
            clock=clock,
        )
        super().__init__(self._http)

    async def fetch(self, url: str, path: Path) -> int:
        """Write the MP4 at `url` to `path`; how many bytes it has. Where that fails, and where it
        is cancelled, nothing is left there.

        Raises OSError, and `PumpfunError`: NOT_ALLOWED for a host or scheme that is not ours to
        ask, also after a redirect; TOO_LARGE; NOT_A_VIDEO; and what asking raises.
        """
        try:
            async with self._at_once:
                with path.open("wb") as file:
                    return await self._fetch(self._hosts.checked(url), file)
        except BaseException:
            remove(path)
            raise

    async def _fetch(self, url: httpx.URL, file: BinaryIO) -> int:
        async def keep(data: bytes) -> None:
            await asyncio.to_thread(file.write, data)

        answer = await follow(
            self._http,
            Endpoint.CLIP_FILE,
            url,
            self._hosts,
            most_bytes=self._most_bytes,
            asker=SERVICE,
            keep=keep,
        )
        if answer.body[4:8] != b"ftyp":
            raise PumpfunError(Reason.NOT_A_VIDEO, detail="no MP4")
        return file.tell()
