"""Captures that record nothing: the test says what each has at hand, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from bot.clips.capture import MakeClip, RingState
from bot.clips.encoding import Rate
from bot.clips.results import failed
from bot.model import CaptureEnd, ClipFailure, ClipProgress, ClipResult, ClipStatus

MP4 = b"mp4"
OnProgress = Callable[[ClipProgress], None]


class FakeCapture:
    """Clips of it are made at once; where it `is_slow`, when the test says so."""

    def __init__(
        self, mint: str, rate: Rate, span: float, max_bytes: int, *, is_slow: bool = False
    ) -> None:
        self.mint = mint
        self.rate = rate
        self.span = span
        self.max_bytes = max_bytes
        self.is_slow = is_slow
        self.is_closed = False
        self.wants: list[MakeClip] = []
        self.ring: RingState | None = None
        self.ended: asyncio.Future[CaptureEnd] = asyncio.get_running_loop().create_future()
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._under_way: list[tuple[MakeClip, asyncio.Future[ClipResult]]] = []

    def has(
        self, oldest: float, newest: float, cpu: float = 0.0, *, is_outgrown: bool = False
    ) -> None:
        """So much is at hand, in seconds of the monotonic clock."""
        self.ring = RingState(oldest, newest, cpu, 1, is_outgrown)

    def end(self, why: CaptureEnd = CaptureEnd.ROOM_CLOSED) -> None:
        """Nothing more comes."""
        self.ended.set_result(why)

    def die(self) -> None:
        """Its process is killed."""
        self.gone.set_result(None)
        for _, result in self._under_way:
            result.set_result(failed(ClipFailure.WORKER_DIED, "SIGKILL"))
        if not self.ended.done():
            self.end(CaptureEnd.FAULT)

    def close(self) -> None:
        """Its process is ended, whoever still wants something of it."""
        self.is_closed = True
        for _, result in self._under_way:
            if not result.done():
                result.set_result(failed(ClipFailure.WORKER_DIED))

    def make(self) -> None:
        """What a slow one has under way is there now."""
        for want, result in self._under_way:
            if not result.done():
                result.set_result(_made(want))

    async def clip(
        self,
        want: MakeClip,
        on_progress: OnProgress = lambda _: None,
        finish: asyncio.Event | None = None,
    ) -> ClipResult:
        """As `CaptureClient.clip`."""
        self.wants.append(want)
        if self.is_closed:
            return failed(ClipFailure.WORKER_DIED)
        if not self.is_slow:
            return _made(want)
        result: asyncio.Future[ClipResult] = asyncio.get_running_loop().create_future()
        self._under_way.append((want, result))
        try:
            return await result
        finally:
            self._under_way.remove((want, result))


class FakeOpener:
    """`opened` are its captures, oldest first. `fails` is raised in place of the next ones."""

    def __init__(self) -> None:
        self.opened: list[FakeCapture] = []
        self.tries = 0
        self.fails: Exception | None = None
        self.is_slow = False
        self.gate: asyncio.Event | None = None
        """Captures open once it is set."""

    @property
    def open(self) -> list[FakeCapture]:
        """Those that are not closed."""
        return [one for one in self.opened if not one.is_closed]

    @property
    def last(self) -> FakeCapture:
        """The newest."""
        return self.opened[-1]

    @contextlib.asynccontextmanager
    async def capture(
        self, mint: str, rate: Rate, span: float, max_bytes: int
    ) -> AsyncIterator[FakeCapture]:
        """As `CapturePool.capture`."""
        self.tries += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.fails is not None:
            raise self.fails
        capture = FakeCapture(mint, rate, span, max_bytes, is_slow=self.is_slow)
        self.opened.append(capture)
        try:
            yield capture
        finally:
            capture.close()


def _made(want: MakeClip) -> ClipResult:
    Path(want.path).write_bytes(MP4)
    return ClipResult(
        ClipStatus.COMPLETE,
        path=Path(want.path),
        seconds=want.seconds,
        bytes=len(MP4),
        has_video=True,
    )
