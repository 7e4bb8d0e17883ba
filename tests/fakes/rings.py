"""A ring that records nothing: the test says what it has, and when a cut of it is there."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from bot.clips import ClipRetention, PaddedClipKeeper
from bot.clips.padding import Rings
from bot.clips.sources import ClipSource
from bot.clips.sources.port import OnProgress
from bot.kit.files import Files
from bot.kit.tasks import background, first_to_end
from bot.kit.timing.clock import Clock
from bot.model import ClipRequest, ClipResult, ClipStatus, Window
from bot.store import Store


@dataclass
class FakeRings:
    """It has `window`, of `mint` if that is named, and goes on where that ends now."""

    window: Window | None = None
    kept: bool = True
    mint: str | None = None
    asked: list[tuple[ClipRequest, asyncio.Future[ClipResult]]] = field(default_factory=list)

    def part_of(self, mint: str, window: Window) -> Window | None:
        if self.window is None or self.mint not in (mint, None):
            return None
        return self.window.within(window)

    def is_kept(self, mint: str) -> bool:
        return self.kept

    async def clip(
        self,
        request: ClipRequest,
        on_progress: OnProgress = lambda _: None,
        finish: asyncio.Event | None = None,
    ) -> ClipResult:
        made: asyncio.Future[ClipResult] = asyncio.get_running_loop().create_future()
        self.asked.append((request, made))
        assert finish is not None
        async with background(finish.wait(), "stopping") as stopping:
            await first_to_end(made, stopping)
        return made.result() if made.done() else self.written(request, seconds=40.0)

    def complete(self, *, seconds: float | None = None) -> None:
        request, made = self.asked[-1]
        made.set_result(self.written(request, seconds=seconds or request.window.seconds))  # type: ignore[union-attr]

    def written(self, request: ClipRequest, seconds: float) -> ClipResult:
        assert request.window is not None
        request.path.parent.mkdir(exist_ok=True)
        request.path.write_bytes(b"mp4")
        begins_at = request.window.begins_at
        return ClipResult(
            ClipStatus.COMPLETE, seconds=seconds, bytes=3, has_video=True, started_at=begins_at
        )


def padded_clip_keeper(
    store: Store,
    files: Files,
    clip_retention: ClipRetention,
    clock: Clock,
    rings: Rings | None = None,
    recording: ClipSource | None = None,
) -> PaddedClipKeeper:
    """Nothing is kept around clips, unless `rings` have it, or the `recording` that they are of."""
    return PaddedClipKeeper(
        store=store,
        files=files,
        clip_retention=clip_retention,
        rings=rings or FakeRings(),
        clock=clock,
        recording=recording,
    )
