"""Sources of clips that record nothing, and a site: the test says how each clip goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from bot.clips.sources import ClipSources
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
    Offer,
    Phase,
    Reason,
    RecordingFacts,
    SourceName,
    StreamSnapshot,
    Window,
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

    def complete(
        self,
        seconds: float | None = None,
        *notes: ClipNote,
        started_at: datetime | None = None,
        recording: RecordingFacts | None = None,
        end: CaptureEnd = CaptureEnd.STOPPED,
    ) -> None:
        """The file is there; with `seconds`, it is shorter than asked, because of `end`."""
        self.request.path.write_bytes(MP4)
        self.result.set_result(
            ClipResult(
                ClipStatus.COMPLETE if seconds is None else ClipStatus.PARTIAL,
                path=self.request.path,
                seconds=seconds or self.request.seconds,
                bytes=len(MP4),
                has_video=True,
                started_at=started_at,
                notes=notes,
                end=None if seconds is None else end,
                recording=recording,
            )
        )

    def fail(self, failure: ClipFailure) -> None:
        """No clip."""
        self.result.set_result(ClipResult(ClipStatus.FAILED, failure=failure, detail="as told"))

    def refuse(self, reason: Reason) -> None:
        """pump.fun gives no token."""
        self.result.set_exception(PumpfunError(reason))


class FakeSource:
    """`takes` are its clips, oldest first. Whoever is told to finish does so where `obeys`: with
    `kept_seconds` of the clip, or with nothing where that is 0. It offers what is `at_hand`."""

    def __init__(self, name: SourceName = SourceName.ROOM) -> None:
        self.name = name
        self.at_hand: Window | None = None
        self.takes: list[Take] = []
        self.most_at_once = 0
        self.obeys = True
        self.kept_seconds = 0.0
        self.fails_to_offer: Exception | None = None
        self.fails_to_cut: Exception | None = None

    @property
    def running(self) -> list[Take]:
        """Those that are under way."""
        return [take for take in self.takes if not take.is_over]

    async def offer(self, mint: str, window: Window) -> Offer | None:
        """As a `ClipSource`."""
        if self.fails_to_offer is not None:
            raise self.fails_to_offer
        part = window.within(self.at_hand) if self.at_hand is not None else None
        return None if part is None else Offer(self.name, part)

    async def cut(
        self,
        request: ClipRequest,
        on_progress: OnProgress = lambda _: None,
        finish: asyncio.Event | None = None,
    ) -> ClipResult:
        """As a `ClipSource`."""
        if self.fails_to_cut is not None:
            raise self.fails_to_cut
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


class FakeFarSource(FakeSource):
    """The site's recording: `asked` for these windows so far. Where `answers` is an event, it says
    nothing until that is set."""

    def __init__(self) -> None:
        super().__init__(SourceName.RECORDING)
        self.asked: list[Window] = []
        self.answers: asyncio.Event | None = None

    async def offer(self, mint: str, window: Window) -> Offer | None:
        """As a `FarSource`."""
        self.asked.append(window)
        if self.answers is not None:
            await self.answers.wait()
        return await super().offer(mint, window)

    async def reach(self, mint: str, window: Window) -> Window | None:
        """As a `FarSource`."""
        offer = await self.offer(mint, window)
        return offer.window if offer is not None else None


def only_from(room: FakeSource) -> ClipSources:
    """Nothing of the past is at hand."""
    return ClipSources([], room, lambda _: None)


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
