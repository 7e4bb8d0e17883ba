"""Capture processes: starts them, and keeps a warm one at hand. No database."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType
from typing import Self

from bot.clips.capture import MODULE, MakeClip, OpenCapture
from bot.clips.encoding import GOP_SECONDS, Rate, plan
from bot.clips.results import failed
from bot.clips.workers.capture_client import (
    STOP_SECONDS,
    CaptureClient,
    OnProgress,
    Rooms,
    find_access,
)
from bot.errors import ChildError
from bot.kit.processes.child import Child
from bot.kit.tasks import cancel_and_wait, has_failed, spawn
from bot.model import ClipFailure, ClipRequest, ClipResult

_RESTOCK_SECONDS = 4.0
"""The next spare is started so long after one was taken: its imports would cost the clip frames."""

_WORKER_ENV = {
    "MALLOC_ARENA_MAX": "2",  # glibc keeps an arena per thread; two save some 20 MB
    # A frame of 720p takes 1.4 MB: above glibc's first threshold, each would be mapped and unmapped
    # (1800 page faults a second; 200 with these).
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(128 << 20),
}


class CapturePool:
    """Use as an async context manager; leaving it ends every worker.

    Call `prepare` before asking anybody anything. With `keep_spare`, a worker that has done its
    imports waits at all times from then on, so that a clip need not wait for them. `environment`
    is for the workers, whose SDK reads the proxy there and nowhere else.
    """

    def __init__(
        self,
        rooms: Rooms,
        *,
        keep_spare: bool = True,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._environment = {**_WORKER_ENV, **environment}
        self._rooms = rooms
        self._keep_spare = keep_spare
        self._spares: list[asyncio.Task[Child]] = []
        self._restock: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._keep_spare = False
        if self._restock is not None:
            await cancel_and_wait(self._restock)
        for spare in self._spares:
            with contextlib.suppress(ChildError):
                await (await spare).stop(STOP_SECONDS)

    def prepare(self) -> None:
        """Start a spare worker now, if there is none: it imports while others are asked. One that
        could not be started a while ago says nothing of now."""
        self._spares = [one for one in self._spares if not has_failed(one)]
        if not self._spares:
            self._spares.append(spawn(self._spawn(), "spare-worker"))

    async def spare(self) -> Child | None:
        """The warm worker, once it has started."""
        return await self._spares[0] if self._spares else None

    async def record(
        self,
        request: ClipRequest,
        on_progress: OnProgress = lambda _: None,
        finish: asyncio.Event | None = None,
        asked_at: float | None = None,
    ) -> ClipResult:
        """Join the coin's room, record from now on, and write the file; a cut of the ring even so.

        Setting `finish` ends it with what there is. `asked_at` (of `time.monotonic`) is what
        `join_ms` counts from, else now. Raises PumpfunError where no token was given;
        whatever else goes wrong is in the result.
        """
        rate = plan(request.seconds, request.max_bytes, request.max_height)
        if rate is None:
            return failed(ClipFailure.TOO_FEW_BYTES)
        span = request.seconds + 2 * GOP_SECONDS
        poster = str(request.poster) if request.poster is not None else None
        want = MakeClip(request.seconds, str(request.path), request.max_bytes, poster)
        try:
            async with self.capture(
                request.mint, rate, span, 2 * request.max_bytes, asked_at
            ) as capture:
                return await capture.clip(want, on_progress, finish)
        except ChildError as error:
            return failed(ClipFailure.WORKER_DIED, str(error))

    @contextlib.asynccontextmanager
    async def capture(
        self,
        mint: str,
        rate: Rate,
        span: float,
        max_bytes: int,
        asked_at: float | None = None,
    ) -> AsyncIterator[CaptureClient]:
        """A capture that keeps the last `span` seconds. Raises PumpfunError, ChildError."""
        began = time.monotonic() if asked_at is None else asked_at
        self.prepare()
        access = await find_access(self._rooms, mint)  # first: who is refused needs no process
        capture = CaptureClient(await self._take_worker(), self._rooms, mint, began)
        try:
            await capture.open(OpenCapture(access, rate, span, max_bytes))
            yield capture
        finally:
            await capture.close()

    async def _take_worker(self) -> Child:
        self.prepare()
        taken = self._spares.pop()
        if self._keep_spare and (self._restock is None or self._restock.done()):
            self._restock = spawn(self._prepare_later(), "restock-worker")
        try:
            child = await asyncio.shield(taken)
        except asyncio.CancelledError:
            self._spares.append(taken)  # nobody else would end it
            raise
        if child.alive:
            return child
        await child.stop()
        return await self._spawn()

    async def _prepare_later(self) -> None:
        await asyncio.sleep(_RESTOCK_SECONDS)
        self.prepare()

    async def _spawn(self) -> Child:
        return await Child.spawn(MODULE, env=self._environment)
