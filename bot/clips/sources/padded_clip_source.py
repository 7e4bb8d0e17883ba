"""What was kept around an earlier clip: a part of that file, copied."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.clips.editing import TrimClip
from bot.clips.editing.second_encode import Encode, encode_smaller, fitting
from bot.clips.results import failed, missing
from bot.clips.sources.port import OnProgress
from bot.model import (
    ClipFailure,
    ClipRequest,
    ClipResult,
    Offer,
    PaddedClip,
    SourceName,
    Window,
)

if TYPE_CHECKING:
    from bot.clips.workers.trimmer import Trimmer
    from bot.kit.files import Files
    from bot.store import Store

_CUT_SECONDS = 0.5
"""A process starts, copies and ends: whoever has the packets at hand is sooner."""


class PaddedClipSource:
    """A `ClipSource`. Nothing is fetched, joined or encoded, unless a part is too large."""

    name = SourceName.PADDED_CLIP

    def __init__(
        self, store: Store, files: Files, trimmer: Trimmer, encode: Encode = encode_smaller
    ) -> None:
        self._store = store
        self._files = files
        self._trimmer = trimmer
        self._encode = encode

    async def offer(self, mint: str, window: Window) -> Offer | None:
        """The longest part of it that one padded clip has."""
        found = await self._find(mint, window)
        return None if found is None else Offer(self.name, found[1], _CUT_SECONDS)

    async def cut(
        self,
        request: ClipRequest,
        on_progress: OnProgress = lambda _: None,
        finish: asyncio.Event | None = None,
    ) -> ClipResult:
        """The window of the request; it is begun and ended in one go, so `finish` ends nothing."""
        assert request.window is not None, "a padded clip has no seconds that are to come"
        found = await self._find(request.mint, request.window)
        if found is None:
            return failed(ClipFailure.NOT_AT_HAND)
        padded, part = found
        assert padded.window is not None
        try:
            source = await self._files.fetch(padded.key)
        except OSError:
            return failed(ClipFailure.NOT_AT_HAND)
        zero = padded.window.begins_at
        made = await self._trimmer.trim(
            TrimClip(
                source=str(source),
                target=str(request.path),
                begins=(part.begins_at - zero).total_seconds(),
                ends=(part.ends_at - zero).total_seconds(),
                poster=str(request.poster) if request.poster is not None else None,
            )
        )
        if made.result.failure is not None:
            return made.result
        begins_at = zero + timedelta(seconds=made.begins)
        result = replace(made.result, started_at=begins_at, notes=missing(made.result))
        return await fitting(self._encode, request, result)

    async def _find(self, mint: str, window: Window) -> tuple[PaddedClip, Window] | None:
        """The padded clip that has most of it, and what that is."""
        async with self._store.read() as unit:
            kept = await unit.jobs.padded_clips_of(mint)
        parts = [(padded, part) for padded in kept if (part := _part(padded, window)) is not None]
        for padded, part in sorted(parts, key=lambda one: one[1].seconds, reverse=True):
            if await self._files.may_be_there(padded.key):
                return padded, part
        return None


def _part(padded: PaddedClip, window: Window) -> Window | None:
    return window.within(padded.window) if padded.window is not None else None
