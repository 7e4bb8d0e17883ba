"""The main process's end of one capture: what it is told, what it tells, and its death."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from bot.clips.capture import MakeClip, OpenCapture, RoomAccess, clip_result, part_of
from bot.clips.results import failed
from bot.errors import ChildError, PumpfunError
from bot.kit.processes.child import Child, Message
from bot.kit.processes.resource_limits import Limits, ran_out_of_memory
from bot.kit.tasks import Tasks, background
from bot.model import (
    ClipFailure,
    ClipProgress,
    ClipResult,
    JoinToken,
    Phase,
    Region,
)

_SILENCE_SECONDS = 20.0
"""A worker in a room is heard every two seconds; one that is silent for so long is killed."""

_SECOND_LOOK_SECONDS = 1.0
_STOP_SECONDS = 4.0

_LONGEST_MORE = 180.0
"""Twice its seconds and so many more, and a clip is not waited for: joining, reconnecting, writing
and a second encode are over by then, on a slow machine too."""

_OWN_BYTES = 432 << 20
_BYTES_PER_CORE = 16 << 20
_BYTES_PER_PIXEL = 32
_PIXELS_720P = 1280 * 720
_CORES = 4
_CPU_SECONDS = 120

_NEAREST = 2
"""How many of the nearest are tried before the bare host, which comes last: 6 s each at most."""

OnProgress = Callable[[ClipProgress], None]


class Rooms(Protocol):
    """Who gives access to a coin's room: a fresh token, and where to use it, nearest first.

    May raise PumpfunError.
    """

    async def entrance(self, mint: str) -> tuple[JoinToken, tuple[Region, ...]]: ...


async def find_access(rooms: Rooms, mint: str) -> RoomAccess:
    """A fresh token and the urls that take it. Raises PumpfunError."""
    token, regions = await rooms.entrance(mint)
    urls = [region.url for region in regions]
    return RoomAccess((*urls[:_NEAREST], *urls[_NEAREST:][-1:]), token.secret)


def limits_of(order: OpenCapture) -> Limits:
    """What one capture may take (docs/architecture.md says what it does take).

    Memory: its ring, the SDK's threads, of which there are more where there are more cores, and
    larger pictures where the settings ask for them. The processor: four cores all the time.
    """
    height = order.rate.height
    more_pixels = max(0, height * height * 16 // 9 - _PIXELS_720P)
    cores = os.cpu_count() or 1
    own = _OWN_BYTES + _BYTES_PER_CORE * cores + _BYTES_PER_PIXEL * more_pixels
    return Limits(own + order.max_bytes, _CPU_SECONDS + round(_CORES * order.span))


class CaptureClient:
    """One capture process in use. `began` is when its clip was asked for, by `time.monotonic`.

    The process may die or hang at any time: that is a failed clip, and nothing else.
    """

    def __init__(self, child: Child, rooms: Rooms, mint: str, began: float) -> None:
        self._child = child
        self._rooms = rooms
        self._mint = mint
        self._began = began
        self._first_media: dict[str, float] = {}
        self._tasks = Tasks()
        self._on_progress: OnProgress = lambda _: None
        self._result: asyncio.Future[ClipResult] = asyncio.get_running_loop().create_future()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._child.pid

    async def open(self, order: OpenCapture) -> None:
        """Send it into the room. Raises ChildError where it is dead already."""
        self._child.limit(limits_of(order))
        self._tasks.start(self._read(), "capture-events")
        await self._child.send("open", **asdict(order))

    async def clip(
        self, want: MakeClip, on_progress: OnProgress, finish: asyncio.Event | None = None
    ) -> ClipResult:
        """One clip; setting `finish` ends it with what there is. Its failures are results."""
        self._on_progress = on_progress
        try:
            async with background(self._finish_on(finish), "capture-finish"):
                await self._child.send("clip", **asdict(want))
                async with asyncio.timeout(2 * want.seconds + _LONGEST_MORE):
                    return await self._result
        except ChildError:
            return await self._died()
        except TimeoutError:
            self._child.kill()
            return failed(ClipFailure.WORKER_SILENT)
        finally:
            try:
                await self.close()
            finally:  # whoever wrote it may have been killed; whoever finished has renamed it
                with contextlib.suppress(OSError):
                    part_of(Path(want.path), self._child.pid).unlink(missing_ok=True)

    async def close(self) -> None:
        """End the process; may be called again."""
        await self._child.stop(_STOP_SECONDS)
        await self._tasks.stop()

    async def _read(self) -> None:
        try:
            while (event := await self._next_event()) is not None:
                self._on_event(event)
        except TimeoutError:
            self._child.kill()
            self._settle(failed(ClipFailure.WORKER_SILENT))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            self._child.kill()  # it does not keep to the protocol
            self._settle(failed(ClipFailure.WORKER_DIED, type(error).__name__))
        self._settle(await self._died())

    async def _next_event(self) -> Message | None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SILENCE_SECONDS):
                return await self._child.next_event()
        # It may be ourselves who stood still: then what it said meanwhile is there.
        async with asyncio.timeout(_SECOND_LOOK_SECONDS):
            return await self._child.next_event()

    def _on_event(self, event: Message) -> None:
        match event.pop("event"):
            case "progress":
                self._on_progress(ClipProgress(Phase(event["phase"]), event["done"]))
            case "joining":
                self._on_progress(ClipProgress(Phase.JOINING, attempt=event["attempt"]))
            case "media":
                self._first_media.setdefault(event["kind"], time.monotonic() - self._began)
            case "access-wanted":
                self._tasks.start(self._give_access(), "capture-access")
            case "clip":
                self._settle(clip_result({**event, "join_ms": self._join_ms()}))

    def _settle(self, result: ClipResult) -> None:
        if not self._result.done():
            self._result.set_result(result)

    async def _give_access(self) -> None:
        with contextlib.suppress(ChildError):  # nobody waits for it any more
            try:
                access = await find_access(self._rooms, self._mint)
            except PumpfunError:
                await self._child.send("no-access")
            else:
                await self._child.send("access", **asdict(access))

    def _join_ms(self) -> int | None:
        first = self._first_media.get("picture", self._first_media.get("sound"))
        return round(first * 1000) if first is not None else None

    async def _finish_on(self, finish: asyncio.Event | None) -> None:
        if finish is None:
            return
        await finish.wait()
        with contextlib.suppress(ChildError):
            await self._child.send("finish")

    async def _died(self) -> ClipResult:
        ended = await self._child.wait()
        words = self._child.last_words
        return failed(_death(ended, words), f"{ended}\n{words}" if words else ended)


def _death(ended: str, words: str) -> ClipFailure:
    if ended == "SIGXCPU":
        return ClipFailure.WORKER_PROCESSOR
    if ran_out_of_memory(words):
        return ClipFailure.WORKER_MEMORY
    return ClipFailure.WORKER_DIED
