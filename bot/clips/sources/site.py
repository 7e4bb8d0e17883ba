"""The site's own clips: fetched, and taken over by a process that copies their packets."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from bot.clips.editing import TakeOver, Trimmed, part_of
from bot.clips.editing.second_encode import Encode, encode_smaller, fitting
from bot.clips.results import not_kept
from bot.clips.sources.port import OnProgress
from bot.clips.workers.trimmer import take_over
from bot.kit.files import remove
from bot.model import ClipRequest, ClipResult, Offer, SourceName, Window

_log = logging.getLogger(__name__)

LONGEST_SECONDS = 600.0
"""Highlights were seen of a minute at most."""


class Downloads(Protocol):
    """What fetches their files. Raises PumpfunError and OSError; then nothing is left."""

    async def fetch(self, url: str, path: Path) -> int: ...


class SiteSource:
    """A `ClipSource` that has no windows of a stream, but clips that somebody else has cut."""

    name = SourceName.SITE

    def __init__(
        self,
        downloads: Downloads,
        take: Callable[[TakeOver], Awaitable[Trimmed]] = take_over,
        encode: Encode = encode_smaller,
    ) -> None:
        self._downloads = downloads
        self._take = take
        self._encode = encode

    async def offer(self, mint: str, window: Window) -> Offer | None:
        """Nothing: who wants one of its clips names it."""
        return None

    async def cut(
        self,
        request: ClipRequest,
        on_progress: OnProgress = lambda _: None,
        finish: asyncio.Event | None = None,
    ) -> ClipResult:
        """All of the clip at the request's URL, whatever its window is, made smaller where it has
        to be. It is begun and ended in one go, so `finish` ends nothing. Raises PumpfunError."""
        assert request.url is not None, "nobody has said which clip"
        download = part_of(request.path)
        try:
            await self._downloads.fetch(request.url, download)
            result = await self._taken(request, download)
        except OSError as error:
            _log.warning("a clip of the site's cannot be kept: %s", error)
            return not_kept(error)
        finally:
            await asyncio.to_thread(remove, download)
        if result.failure is not None:
            return result
        return await fitting(self._encode, request, result)

    async def _taken(self, request: ClipRequest, download: Path) -> ClipResult:
        poster = str(request.poster) if request.poster is not None else None
        want = TakeOver(str(download), str(request.path), LONGEST_SECONDS, poster)
        result = (await self._take(want)).result
        begins_at = request.window.begins_at if request.window is not None else None
        return replace(result, started_at=begins_at) if result.failure is None else result
