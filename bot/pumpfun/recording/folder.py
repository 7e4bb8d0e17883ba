"""Where a recording may be fetched from: its own folder, on a host that the settings name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.errors import RecordingError
from bot.model import RecordingFault

if TYPE_CHECKING:
    import httpx

    from bot.pumpfun.media_hosts import MediaHosts

_CLIMBS = re.compile(r"%2e|%2f|%5c|%00|\\|//|(?:^|/)\.{1,2}(?:/|$)", re.IGNORECASE)
"""What a server might take for a way out of the folder."""


class RecordingFolder:
    """The folder of one recording, which its master playlist lies in, at `master`.

    Nothing of the recording lies anywhere else. Raises RecordingError (FOREIGN) where the master
    itself does not lie where we go.
    """

    def __init__(self, hosts: MediaHosts, master: str) -> None:
        url = hosts.url(master)
        path = _path(url) if url is not None else ""
        self._hosts = hosts
        self._folder = path[: path.rfind("/") + 1]
        if url is None or len(self._folder) < 2:
            raise self.refusal("a master playlist")
        self.master = url

    def checked(self, text: str, base: httpx.URL) -> httpx.URL:
        """`text` as a URL, from `base` if relative. Raises RecordingError (FOREIGN)."""
        url = self._hosts.url(text, base)
        path = _path(url) if url is not None else ""
        below = path.removeprefix(self._folder)
        if url is None or below == path or _CLIMBS.search(below):
            raise RecordingError(RecordingFault.FOREIGN)
        return url

    def refusal(self, detail: str) -> RecordingError:
        """What is raised where we do not go on."""
        return RecordingError(RecordingFault.FOREIGN, detail)


def _path(url: httpx.URL) -> str:
    return url.raw_path.partition(b"?")[0].decode("ascii")
