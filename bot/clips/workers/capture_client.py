"""The main process's end of one capture: what it is told, what it tells, and its death."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

from bot.clips.capture import MakeClip, OpenCapture, RingState, RoomAccess
from bot.clips.editing import part_of
from bot.clips.editing.second_encode import LONGEST_SECONDS
from bot.clips.results import clip_result, failed
from bot.clips.workers.capture_limits import CaptureLimits
from bot.errors import ChildError, PumpfunError
from bot.kit.files import remove
from bot.kit.processes.child import Child, Message
from bot.kit.processes.resource_limits import ran_out_of_memory
from bot.kit.tasks import Tasks, background, to_its_end
from bot.model import (
    CaptureEnd,
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

STOP_SECONDS = 4.0
"""A capture process that is to end may take so long to leave its room; then it is killed. Less than
`LAST_GRACE`, after which it ends itself."""

_LONGEST_MORE = 120.0 + LONGEST_SECONDS
"""Its own length and so many seconds after its end, a clip is not waited for: joining,
reconnecting, writing and a second encode, which may have to wait for others, are over by then, on
a slow machine too."""

_CANCEL_SECONDS = 2.0
"""How long a capture may take to say that nothing is left of a clip that nobody wants."""

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


@dataclass(frozen=True, slots=True)
class _Underway:
    """A clip that was asked for; `joins`: before there was anything in the ring."""

    on_progress: OnProgress
    result: asyncio.Future[ClipResult]
    joins: bool


class CaptureClient:
    """One capture process in use: any number of clips, one after another or at the same time.

    `began` is when it was asked for, by `time.monotonic`. The process may die or hang at any time:
    then every clip under way is a failed one, and nothing else happens.
    """

    def __init__(self, child: Child, rooms: Rooms, mint: str, began: float) -> None:
        self.ring: RingState | None = None
        """What it has at hand, as it said last: every two seconds. None: it has not said yet."""
        self.ended: asyncio.Future[CaptureEnd] = asyncio.get_running_loop().create_future()
        """Resolves when nothing more comes. What there is can be cut until the process dies."""
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Resolves when the process is gone, and all that it had with it."""
        self._child = child
        self._rooms = rooms
        self._mint = mint
        self._began = began
        self._first_media: dict[str, float] = {}
        self._tasks = Tasks()
        self._ids = itertools.count(1)
        self._clips: dict[int, _Underway] = {}
        self._parts: list[Path] = []
        self._death: ClipResult | None = None
        self._limits: CaptureLimits | None = None

    @property
    def pid(self) -> int:
        """The process id."""
        return self._child.pid

    async def open(self, order: OpenCapture) -> None:
        """Send it into the room. Raises ChildError where it is dead already."""
        self._limits = CaptureLimits(order, time.monotonic())
        self._child.limit(self._limits.now, self._limits.most)
        self._tasks.start(self._read(), "capture-events")
        await self._child.send("open", **asdict(order))

    async def clip(
        self,
        want: MakeClip,
        on_progress: OnProgress = lambda _: None,
        finish: asyncio.Event | None = None,
    ) -> ClipResult:
        """One clip; setting `finish` ends it with what there is. Its failures are results.

        Being cancelled leaves nothing of it. The capture goes on in any case.
        """
        want = replace(want, id=next(self._ids))
        result: asyncio.Future[ClipResult] = asyncio.get_running_loop().create_future()
        self._clips[want.id] = _Underway(on_progress, result, joins=not self._first_media)
        try:
            async with background(self._finish_on(want.id, finish), "capture-finish"):
                return await self._made(want, result)
        finally:
            del self._clips[want.id]
            self._parts.append(part_of(Path(want.path), self._child.pid, want.id))
            if result.done() and self._death is None:
                self._parts.pop()  # it answered, so it has cleared up itself

    async def close(self) -> None:
        """End the process; may be called again."""
        await self._child.stop(STOP_SECONDS)
        await self._tasks.stop()
        self._die(failed(ClipFailure.WORKER_DIED))
        remove(*self._parts)  # whoever wrote them may have been killed

    async def _made(self, want: MakeClip, result: asyncio.Future[ClipResult]) -> ClipResult:
        if self._death is not None:
            return self._death
        try:
            await self._child.send("clip", **asdict(want))
            await asyncio.wait({result}, timeout=longest_wait(want, time.monotonic()))
        except ChildError:
            return await self._died()
        except asyncio.CancelledError:
            await to_its_end(self._take_back(want.id, result))
            raise
        if not result.done():
            await self._take_back(want.id, result)
            return failed(ClipFailure.WORKER_SILENT)
        return result.result()

    async def _take_back(self, clip_id: int, result: asyncio.Future[ClipResult]) -> None:
        with contextlib.suppress(ChildError):
            await self._child.send("cancel", id=clip_id)
            await asyncio.wait({result}, timeout=_CANCEL_SECONDS)
        if result.done() and (path := result.result().path) is not None:  # made at that moment
            poster = result.result().poster
            remove(path, *([path.with_name(poster)] if poster else []))

    async def _read(self) -> None:
        try:
            while (event := await self._next_event()) is not None:
                self._on_event(event)
        except TimeoutError:
            self._child.kill()
            self._die(failed(ClipFailure.WORKER_SILENT))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            self._child.kill()  # it does not keep to the protocol
            self._die(failed(ClipFailure.WORKER_DIED, type(error).__name__))
        self._die(await self._died())

    async def _next_event(self) -> Message | None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SILENCE_SECONDS):
                return await self._child.next_event()
        # It may be ourselves who stood still: then what it said meanwhile is there.
        async with asyncio.timeout(_SECOND_LOOK_SECONDS):
            return await self._child.next_event()

    def _on_event(self, event: Message) -> None:
        match event.pop("event"):
            case "alive":
                self._hear(RingState.of(event))
            case "progress":
                self._tell(ClipProgress(Phase(event["phase"]), event["done"]), event["id"])
            case "joining":
                self._tell(ClipProgress(Phase.JOINING, attempt=event["attempt"]), *self._clips)
            case "media":
                self._first_media.setdefault(event["kind"], time.monotonic() - self._began)
            case "access-wanted":
                self._tasks.start(self._give_access(), "capture-access")
            case "clip":
                self._settle(event.pop("id"), clip_result(event))
            case "ended":
                self._end(CaptureEnd(event["end"]))

    def _hear(self, ring: RingState) -> None:
        self.ring = ring
        if self._limits is not None:
            self._limits.renew(ring.cpu, time.monotonic())
            self._child.limit(self._limits.now, self._limits.most)

    def _tell(self, progress: ClipProgress, *clip_ids: int) -> None:
        for clip_id in clip_ids:
            if clip_id in self._clips:
                self._clips[clip_id].on_progress(progress)

    def _settle(self, clip_id: int, result: ClipResult) -> None:
        clip = self._clips.get(clip_id)
        if clip is not None and not clip.result.done():
            join_ms = self._join_ms() if clip.joins else None
            clip.result.set_result(replace(result, join_ms=join_ms))

    def _end(self, end: CaptureEnd) -> None:
        if not self.ended.done():
            self.ended.set_result(end)

    def _die(self, result: ClipResult) -> None:
        """The process is gone, or as good as gone. The first reason counts."""
        self._death = self._death or result
        for clip in self._clips.values():
            if not clip.result.done():
                clip.result.set_result(self._death)
        self._end(CaptureEnd.FAULT)
        if not self.gone.done():
            self.gone.set_result(None)

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

    async def _finish_on(self, clip_id: int, finish: asyncio.Event | None) -> None:
        if finish is None:
            return
        await finish.wait()
        with contextlib.suppress(ChildError):
            await self._child.send("finish", id=clip_id)

    async def _died(self) -> ClipResult:
        ended = await self._child.end()
        words = self._child.last_words
        return failed(_death(ended, words), f"{ended}\n{words}" if words else ended)


def longest_wait(want: MakeClip, now: float) -> float:
    """For how many seconds a clip is waited for."""
    until_its_end = want.seconds if want.ends is None else max(0.0, want.ends - now)
    return until_its_end + want.seconds + _LONGEST_MORE


def _death(ended: str, words: str) -> ClipFailure:
    if ended == "SIGXCPU":
        return ClipFailure.WORKER_PROCESSOR
    if ran_out_of_memory(words):
        return ClipFailure.WORKER_MEMORY
    return ClipFailure.WORKER_DIED
