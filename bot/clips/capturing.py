"""The parent's end of one capture: its orders, its events, its death."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from bot.clips.capture import Door, OpenCapture, WantClip, clip_result, part_of
from bot.errors import ChildError, PumpfunError
from bot.kit.process import Child, Message
from bot.model import (
    ClipFailure,
    ClipProgress,
    ClipResult,
    ClipStatus,
    JoinToken,
    Phase,
    Region,
)

_SILENCE_SECONDS = 15.0
"""A worker that makes a clip reports every quarter of a second; one so silent is killed."""

_STOP_SECONDS = 4.0

OnProgress = Callable[[ClipProgress], None]


class Rooms(Protocol):
    """Who gives the way into a coin's room: a fresh token, and where to use it, nearest first.

    May raise PumpfunError.
    """

    async def entrance(self, mint: str) -> tuple[JoinToken, tuple[Region, ...]]: ...


async def find_door(rooms: Rooms, mint: str) -> Door:
    """A fresh token and the entrances that it opens. Raises PumpfunError."""
    token, regions = await rooms.entrance(mint)
    return Door(tuple(region.url for region in regions), token.secret)


class Capturing:
    """One capture process in use. `began` is when its clip was asked for, by `time.monotonic`.

    The process may die at any time: that is a failed clip, and nothing else.
    """

    def __init__(self, child: Child, rooms: Rooms, mint: str, began: float) -> None:
        self._child = child
        self._rooms = rooms
        self._mint = mint
        self._began = began
        self._first_media: dict[str, float] = {}
        self._heard = time.monotonic()
        self._on_progress: OnProgress = lambda _: None
        self._result: asyncio.Future[ClipResult] = asyncio.get_running_loop().create_future()
        self._reader = asyncio.create_task(self._read(), name="capture-events")

    @property
    def pid(self) -> int:
        """The process id."""
        return self._child.pid

    async def open(self, order: OpenCapture) -> None:
        """Send it into the room. Raises ChildError where it is dead already."""
        await self._child.send("open", **asdict(order))

    async def clip(
        self, want: WantClip, on_progress: OnProgress, finish: asyncio.Event | None = None
    ) -> ClipResult:
        """One clip; setting `finish` ends it with what there is. Raises nothing for its failures."""
        self._on_progress = on_progress
        self._heard = time.monotonic()
        helpers = [asyncio.create_task(self._guard(), name="capture-guard")]
        if finish is not None:
            helpers.append(asyncio.create_task(self._finish_on(finish), name="capture-finish"))
        try:
            await self._child.send("clip", **asdict(want))
            return await self._result
        except ChildError:
            return await self._died()
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)
            await self.close()
            # Whoever wrote it may have been killed; whoever finished has renamed it.
            part_of(Path(want.path)).unlink(missing_ok=True)

    async def close(self) -> None:
        """End the process; may be called again."""
        await self._child.stop(_STOP_SECONDS)
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    async def _read(self) -> None:
        async for event in self._child.events():
            self._heard = time.monotonic()
            await self._take(event)
        if not self._result.done():
            self._result.set_result(await self._died())

    async def _take(self, event: Message) -> None:
        match event.pop("event"):
            case "progress":
                self._on_progress(ClipProgress(Phase(event["phase"]), event["done"]))
            case "joining":
                self._on_progress(ClipProgress(Phase.JOINING, attempt=event["attempt"]))
            case "media":
                self._first_media.setdefault(event["kind"], time.monotonic() - self._began)
            case "door-wanted":
                await self._answer_door()
            case "clip" if not self._result.done():
                self._result.set_result(clip_result({**event, "join_ms": self._join_ms()}))

    async def _answer_door(self) -> None:
        try:
            door = await find_door(self._rooms, self._mint)
        except PumpfunError:
            await self._child.send("no-door")
        else:
            await self._child.send("door", **asdict(door))

    def _join_ms(self) -> int | None:
        first = self._first_media.get("picture", self._first_media.get("sound"))
        return round(first * 1000) if first is not None else None

    async def _guard(self) -> None:
        while (silent := time.monotonic() - self._heard) < _SILENCE_SECONDS:
            await asyncio.sleep(_SILENCE_SECONDS - silent)
        if not self._result.done():
            self._result.set_result(_failed(ClipFailure.WORKER_SILENT))
        self._child.kill()

    async def _finish_on(self, finish: asyncio.Event) -> None:
        await finish.wait()
        with contextlib.suppress(ChildError):
            await self._child.send("finish")

    async def _died(self) -> ClipResult:
        ended = await self._child.wait()
        words = self._child.last_words
        return _failed(ClipFailure.WORKER_DIED, f"{ended}\n{words}" if words else ended)


def _failed(failure: ClipFailure, detail: str = "") -> ClipResult:
    return ClipResult(ClipStatus.FAILED, failure=failure, detail=detail)
