"""A capture pool that records nothing, and a site: the test says how each clip goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.errors import PumpfunError
from bot.model import (
    CaptureEnd,
    ClipFailure,
    ClipNote,
    ClipProgress,
    ClipRequest,
    ClipResult,
    ClipStatus,
    Live,
    Observation,
    Phase,
    Reason,
    StreamSnapshot,
)

MP4 = b"mp4"
OnProgress = Callable[[ClipProgress], None]


class Take:
    """One recording that is under way until the test, or `finish`, ends it."""

    def __init__(
        self,
        request: ClipRequest,
        on_progress: Callable[[ClipProgress], None],
        finish: asyncio.Event,
    ) -> None:
        self.request = request
        self.finish = finish
        self.is_over = False
        self.result: asyncio.Future[ClipResult] = asyncio.get_running_loop().create_future()
        self._on_progress = on_progress

    def reach(self, phase: Phase, done_seconds: float = 0.0) -> None:
        """Tell progress, as a worker does several times a second."""
        self._on_progress(ClipProgress(phase, done_seconds))

    def complete(self, seconds: float | None = None, *notes: ClipNote) -> None:
        """The file is there; with `seconds`, it is shorter than asked."""
        self.request.path.write_bytes(MP4)
        self.result.set_result(
            ClipResult(
                ClipStatus.COMPLETE if seconds is None else ClipStatus.PARTIAL,
                path=self.request.path,
                seconds=seconds or self.request.seconds,
                bytes=len(MP4),
                has_video=True,
                notes=notes,
                end=None if seconds is None else CaptureEnd.STOPPED,
            )
        )

    def fail(self, failure: ClipFailure) -> None:
        """No clip."""
        self.result.set_result(ClipResult(ClipStatus.FAILED, failure=failure, detail="as told"))

    def refuse(self, reason: Reason) -> None:
        """pump.fun gives no token."""
        self.result.set_exception(PumpfunError(reason))


class FakeCapturePool:
    """`takes` are the recordings, oldest first. Whoever is told to finish does so where `obeys`:
    with `kept_seconds` of the clip, or with nothing where that is 0."""

    def __init__(self) -> None:
        self.takes: list[Take] = []
        self.most_at_once = 0
        self.obeys = True
        self.kept_seconds = 0.0

    @property
    def running(self) -> list[Take]:
        """Those that are under way."""
        return [take for take in self.takes if not take.is_over]

    async def record(
        self,
        request: ClipRequest,
        on_progress: OnProgress = lambda _: None,
        finish: asyncio.Event | None = None,
    ) -> ClipResult:
        """As `CapturePool.record`."""
        take = Take(request, on_progress, finish or asyncio.Event())
        self.takes.append(take)
        self.most_at_once = max(self.most_at_once, len(self.running))
        ending = asyncio.create_task(self._end_on_finish(take), name="fake-finish")
        try:
            return await take.result
        finally:
            take.is_over = True
            ending.cancel()
            await asyncio.gather(ending, return_exceptions=True)

    async def _end_on_finish(self, take: Take) -> None:
        await take.finish.wait()
        if self.obeys and self.kept_seconds:
            take.complete(self.kept_seconds)
        elif self.obeys:
            take.fail(ClipFailure.STOPPED)


class FakeSite:
    """Every coin is live unless `says` has something else for it. Where `is_slow`, the test lets it
    answer by setting `answers`."""

    def __init__(self) -> None:
        self.is_slow = False
        self.answers = asyncio.Event()
        self.says: dict[str, Observation] = {}
        self.asked: list[str] = []

    async def livestream(self, mint: str) -> Observation:
        """As `PumpfunClient.livestream`."""
        self.asked.append(mint)
        if self.is_slow:
            await self.answers.wait()
        return self.says.get(mint) or Live(StreamSnapshot(mint, 1))
