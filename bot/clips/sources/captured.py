"""What captures give: the ring, what was on air; the room, what comes next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.clips.sources.port import OnProgress
from bot.model import ClipRequest, ClipResult, Offer, SourceName, Window

if TYPE_CHECKING:
    from bot.clips.workers.captures import Captures
    from bot.kit.timing.clock import Clock


class RingSource:
    """A `ClipSource`: cut of a capture that was open already. `elsewhere`: what another node has at
    hand of a coin."""

    name = SourceName.RING

    def __init__(
        self, captures: Captures, elsewhere: Callable[[str], Window | None] = lambda _: None
    ) -> None:
        self._captures = captures
        self._elsewhere = elsewhere

    async def offer(self, mint: str, window: Window) -> Offer | None:
        """The longest part of it that one capture has; of another node's ring, what that one said,
        for it is that node that cuts it."""
        part = self._captures.part_of(mint, window)
        if part is None and (there := self._elsewhere(mint)) is not None:
            part = window.within(there)
        return None if part is None else Offer(self.name, part)

    async def cut(
        self,
        request: ClipRequest,
        on_progress: OnProgress = lambda _: None,
        finish: asyncio.Event | None = None,
    ) -> ClipResult:
        """The window of the request; nothing where it is gone."""
        assert request.window is not None, "a ring has nothing that is still to come"
        return await self._captures.clip(request, on_progress, finish)


class RoomSource:
    """A `ClipSource`: recorded from now on, by a capture that is opened for it where none is
    open."""

    name = SourceName.ROOM

    def __init__(self, captures: Captures, clock: Clock) -> None:
        self._captures = captures
        self._clock = clock

    async def offer(self, mint: str, window: Window) -> Offer | None:
        """All of what is still to come, and nothing of what was."""
        return Offer(self.name, window) if window.begins_at >= self._clock.now() else None

    async def cut(
        self,
        request: ClipRequest,
        on_progress: OnProgress = lambda _: None,
        finish: asyncio.Event | None = None,
    ) -> ClipResult:
        """The next seconds, from when there is something to record. Raises PumpfunError."""
        return await self._captures.clip(replace(request, window=None), on_progress, finish)
