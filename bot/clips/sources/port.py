"""What every source of clips is to the service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from bot.model import ClipProgress, ClipRequest, ClipResult, Offer, SourceName, Window

OnProgress = Callable[[ClipProgress], None]


class ClipSource(Protocol):
    """Something that can give windows of a stream, as one MP4 each.

    `offer`: the part of the window that it can give, None where that is nothing. It promises
    nothing: what was at hand may be gone when it is cut. `cut` makes the file; setting `finish`
    ends it with what there is. Failures are in the result; it may raise PumpfunError.
    """

    name: SourceName

    async def offer(self, mint: str, window: Window) -> Offer | None: ...
    async def cut(
        self,
        request: ClipRequest,
        on_progress: OnProgress = ...,
        finish: asyncio.Event | None = None,
    ) -> ClipResult: ...
