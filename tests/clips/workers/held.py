"""Captures on a clock that the test moves."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from bot.clips.workers.captures import Captures, ring_order
from bot.clips.workers.opened_capture import CaptureOrder
from bot.clips.workers.shared_capture import Hold
from bot.model import (
    ClipRequest,
    ClipResult,
    Window,
)
from tests.fakes.captures import FakeOpener
from tests.fakes.clock import FakeClock, settle

MINT, OTHER = "minty", "other"
RING = ring_order(60.0, 30.0, 120.0, 720)
PLENTY = 10 << 20


@dataclass
class Held:
    """Captures on a clock that the test moves."""

    captures: Captures
    opener: FakeOpener
    clock: FakeClock
    folder: Path
    count: int = 0

    def request(self, seconds: float = 30.0, window: Window | None = None) -> ClipRequest:
        self.count += 1
        path = self.folder / f"{self.count}.mp4"
        return ClipRequest(MINT, seconds, path, PLENTY, 720, window)

    def clip(self, seconds: float = 30.0) -> asyncio.Task[ClipResult]:
        """The next seconds."""
        return asyncio.create_task(self.captures.clip(self.request(seconds)), name="clip")

    async def past(self, seconds: float = 30.0) -> ClipResult:
        """The last seconds."""
        window = Window.before(self.clock.now(), seconds)
        return await self.captures.clip(self.request(seconds, window))

    @property
    def at_hand(self) -> float:
        """How many seconds of the coin."""
        window = self.captures.at_hand(MINT)
        return window.seconds if window is not None else 0.0

    async def hold(self, mint: str = MINT, hold: Hold = Hold.HELD) -> None:
        self.captures.hold(mint, hold)
        await settle()

    async def has(self, seconds: float) -> None:
        """The newest capture is so old."""
        await self.clock.advance(seconds)
        now = self.clock.monotonic()
        self.opener.last.has(now - seconds, now, cpu=seconds / 4)


@contextlib.asynccontextmanager
async def captures_in(folder: Path, ring: CaptureOrder | None = RING) -> AsyncIterator[Held]:
    opener, clock = FakeOpener(), FakeClock()
    async with Captures(opener, clock=clock, ring=ring, longest=120.0) as captures:
        yield Held(captures, opener, clock, folder)
