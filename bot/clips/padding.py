"""Padded clips: what is kept around clips, to cut them anew when no ring has it any more.

One is an ordinary cut of what the clip was cut of, the ring or the site's recording: of the clip's
window and half a minute on either side. It is ordered as soon as the clip is made, since a ring
keeps for longer only what is wanted of it; of a ring it is there when the half minute after the
clip has passed, or the stream is over.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from bot.clips.results import failed
from bot.errors import FilesUnreachable, StoreError
from bot.kit.tasks import Tasks, within
from bot.model import ClipFailure, ClipRequest, ClipResult, PlacedBy, SourceName, Window

if TYPE_CHECKING:
    from bot.clips.retention import ClipRetention
    from bot.clips.sources.port import ClipSource, OnProgress
    from bot.kit.files import Files
    from bot.kit.timing.clock import Clock
    from bot.store import Store

_log = logging.getLogger(__name__)

PADDING = 30.0
"""Seconds before and after the clip."""

_LEAST_MORE = 1.0
"""A padded clip that has hardly more than its clip is not worth its bytes."""

_SLACK = 0.5
_SHARE = 1.5
"""It may take so much more a second than the clip did: others are more restless."""

_MOST_BYTES = 1 << 30
"""It is cut at the ring's own rate, and never encoded to fit."""

_MOST_HEIGHT = 2160
_RETRY_SECONDS, _TRIES = 2.0, 30
_STOP_SECONDS = 3.0


class Rings(Protocol):
    """Captures that stay open. `part_of`: what of a window can be cut, which ends now where more
    of it is to come. `is_kept`: what is at hand of that coin is not about to go."""

    def part_of(self, mint: str, window: Window) -> Window | None: ...
    def is_kept(self, mint: str) -> bool: ...
    async def clip(
        self,
        request: ClipRequest,
        on_progress: OnProgress = ...,
        finish: asyncio.Event | None = None,
    ) -> ClipResult: ...


@dataclass(frozen=True, slots=True)
class PaddedClipPlan:
    """One that is going to be made: its key, what it is to show, and of what, the ring or the
    site's recording. `max_height`: of no better quality than that; `placed_by`: as the clip was."""

    key: str
    mint: str
    window: Window
    source: SourceName
    max_height: int
    placed_by: PlacedBy | None = None


class PaddedClipKeeper:
    """For one loop. `plan` one, name it in the transaction that ends the clip's job
    (`Jobs.order_padded_clip`), then `make` it."""

    def __init__(
        self,
        *,
        store: Store,
        files: Files,
        clip_retention: ClipRetention,
        rings: Rings,
        clock: Clock,
        recording: ClipSource | None = None,
    ) -> None:
        self._store = store
        self._files = files
        self._clip_retention = clip_retention
        self._rings = rings
        self._recording = recording
        self._clock = clock
        self._tasks = Tasks()
        self._making: dict[PaddedClipPlan, asyncio.Event] = {}
        """What is under way; setting its event ends it with what there is."""

    async def recover(self) -> None:
        """What an earlier run was making is never made. Raises StoreError."""
        async with self._store.read() as unit:
            known = await unit.jobs.padded_clips()
        for padded, _ in known:
            if padded.window is None:
                await self._clip_retention.drop_padded_clip(padded.key)

    async def plan(
        self, name: str, mint: str, window: Window, result: ClipResult
    ) -> PaddedClipPlan | None:
        """What is to lie beside a clip of that window, which was just made. None: nobody has more
        than the clip, or the disk has no room to spare. `name` is for the file, and an attacker's
        text."""
        is_recorded = result.recording is not None and self._recording is not None
        around = self._listed(window) if is_recorded else self._in_ring(mint, window)
        if around is None or result.seconds <= 0:
            return None
        needed = round(_SHARE * around.seconds * result.bytes / result.seconds)
        try:
            if not await self._clip_retention.has_room(needed):
                return None
        except OSError:
            return None
        key = self._files.new_key(f"{name[:20]}-padded", "mp4")
        if not is_recorded:
            return PaddedClipPlan(key, mint, around, SourceName.RING, _MOST_HEIGHT)
        height = min(result.width or _MOST_HEIGHT, result.height or _MOST_HEIGHT)
        by = result.recording.placed_by if result.recording is not None else None
        return PaddedClipPlan(key, mint, around, SourceName.RECORDING, height, by)

    def _in_ring(self, mint: str, window: Window) -> Window | None:
        wanted = window.widened(PADDING)
        part = self._rings.part_of(mint, wanted) if self._rings.is_kept(mint) else None
        return window_around(window, part, self._clock.now()) if part is not None else None

    def _listed(self, window: Window) -> Window:
        """What the recording has of it by now, or will have in a moment."""
        around, latest = window.widened(PADDING), max(window.ends_at, self._clock.now())
        return Window(around.begins_at, min(around.ends_at, latest))

    def make(self, plan: PaddedClipPlan) -> None:
        """In the background: it takes as long as the half minute after the clip."""
        self._making[plan] = asyncio.Event()
        self._tasks.start(self._make(plan), f"pad-{plan.key}")

    def finish(self, mint: str) -> None:
        """Nothing more is to be recorded of that coin: what is being made of it ends."""
        for plan, finish in self._making.items():
            if plan.mint == mint:
                finish.set()

    async def stop(self) -> None:
        """What is being made ends with what there is."""
        for finish in self._making.values():
            finish.set()
        with contextlib.suppress(TimeoutError):
            await within(self._clock, _STOP_SECONDS, self._tasks.ended())
        await self._tasks.stop()

    async def _make(self, plan: PaddedClipPlan) -> None:
        request = ClipRequest(
            mint=plan.mint,
            seconds=plan.window.seconds,
            path=self._files.path(plan.key),
            max_bytes=_MOST_BYTES,
            max_height=plan.max_height,
            window=plan.window,
            placed_by=plan.placed_by,
        )
        try:
            result = await self._cut(plan, request)
        except StoreError as error:
            result = failed(ClipFailure.NOT_AT_HAND, str(error))
        except Exception:
            await self._surely_kept(plan.key, None)
            raise
        finally:
            del self._making[plan]
        if result.failure is not None or result.started_at is None:
            _log.info("nothing is kept around a clip: %s %s", result.failure, result.detail)
            await self._surely_kept(plan.key, None)
        else:
            window = Window.after(result.started_at, result.seconds)
            await self._surely_kept(plan.key, window)

    async def _cut(self, plan: PaddedClipPlan, request: ClipRequest) -> ClipResult:
        finish = self._making[plan]
        if plan.source is SourceName.RECORDING and self._recording is not None:
            return await self._recording.cut(request, lambda _: None, finish)
        return await self._rings.clip(request, lambda _: None, finish)

    async def _surely_kept(self, key: str, window: Window | None) -> None:
        """Its row says what it shows; or it goes. A database that does not answer is waited for:
        in the end the sweep makes up for it."""
        for _ in range(_TRIES):
            with contextlib.suppress(StoreError, FilesUnreachable):
                await self._kept(key, window)
                return
            await self._clock.sleep(_RETRY_SECONDS)

    async def _kept(self, key: str, window: Window | None) -> None:
        if window is None or not await self._shared(key):
            await self._clip_retention.drop_padded_clip(key)
            return
        async with self._store.write() as unit:
            is_wanted = await unit.jobs.keep_padded_clip(key, window)
        if not is_wanted:
            with contextlib.suppress(OSError):
                await self._files.delete(key)

    async def _shared(self, key: str) -> bool:
        """Whether all nodes can have it. Raises FilesUnreachable: not yet."""
        try:
            await self._files.share(key)
        except FilesUnreachable:
            raise
        except OSError as error:
            _log.warning("nothing is kept around a clip: %s", error.strerror)
            return False
        return True


def longest_padded(clip_seconds: float) -> float:
    """Seconds that a padded clip shows at most, beside a clip of so many. Pure."""
    return clip_seconds + 2 * PADDING


def window_around(window: Window, part: Window, now: datetime) -> Window | None:
    """What to keep around a clip of that window; None where there is hardly more. Pure.

    The `part` of it that can be cut by now ends now where the stream goes on: then more is to come.
    On a busy machine word of the clip's last seconds is late, and they are there all the same.
    """
    at_hand = window.within(part.widened(_SLACK))
    if at_hand is None or at_hand.begins_at > window.begins_at:
        return None
    if at_hand.seconds < window.seconds / 2:
        return None
    if part.ends_at >= now - timedelta(seconds=_SLACK):
        ends_at = window.widened(PADDING).ends_at
    else:
        ends_at = max(part.ends_at, window.ends_at)
    around = Window(part.begins_at, ends_at)
    return around if around.seconds >= window.seconds + _LEAST_MORE else None
