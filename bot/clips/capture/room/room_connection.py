"""The connection to a room, for as long as it takes: url by url, and again after a disconnect."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from bot.clips.capture.error_boundary import ErrorBoundary
from bot.clips.capture.liveness import Presence
from bot.clips.capture.protocol import RoomAccess
from bot.clips.capture.room.join import JoinFailed
from bot.clips.capture.room.session import Session, Sink
from bot.kit.tasks import Tasks, cancel_and_wait
from bot.model import CaptureEnd, ClipFailure

_BACK_OFF = (0.5, 1.0, 2.0, 4.0)

Emit = Callable[..., None]
AskAccess = Callable[[], Awaitable[RoomAccess | None]]


class NotAdmitted(Exception):
    """No url let us in. `failure` says why; `status` is the last HTTP status, if any."""

    def __init__(self, failure: ClipFailure, status: int | None) -> None:
        super().__init__(failure.value, status)
        self.failure = failure
        self.status = status


class RoomConnection:
    """Joins, and joins anew with a new token where the server lets us (disconnect reasons 0, 3 …).

    `session` is the present one, None between two. `ended` resolves to why there is no return. Who
    follows the room is one of `tasks`, whose owner is told where that fails: nobody would return.
    """

    def __init__(self, sink: Sink, ask_access: AskAccess, emit: Emit, tasks: Tasks) -> None:
        self.session: Session | None = None
        self.ended: asyncio.Future[CaptureEnd] = asyncio.get_running_loop().create_future()
        self._sink = sink
        self._ask_access = ask_access
        self._emit = emit
        self._tasks = tasks
        self._task: asyncio.Task[None] | None = None
        self._abandoned = False
        self._contained = ErrorBoundary()

    async def enter(self, access: RoomAccess) -> None:
        """The first join. Raises NotAdmitted. From then on the room is followed until `leave`."""
        try:
            await self._enter(access)
        except NotAdmitted as refused:
            if refused.failure is not ClipFailure.TOKEN_REFUSED:
                raise
            fresh = await self._ask_access()  # it may have expired on the way: a new one, once
            if fresh is None:
                raise NotAdmitted(ClipFailure.TOKEN_NOT_GIVEN, None) from None
            await self._enter(fresh)
        self._task = self._tasks.start(self._follow(), "room-connection")

    async def leave(self) -> None:
        """Leave the room for good; bounded in time."""
        if self._task is not None:
            await cancel_and_wait(self._task)
        if self.session is not None:
            await self.session.leave()

    @property
    def presence(self) -> Presence:
        """Who and what is in the room."""
        return self.session.presence if self.session is not None else Presence()

    async def _enter(self, access: RoomAccess) -> None:
        failed: list[JoinFailed] = []
        for attempt, url in enumerate(access.urls, 1):
            self._emit("joining", attempt=attempt)
            session = Session(self._sink)
            try:
                await session.join(url, access.token)
            except JoinFailed as error:
                failed.append(error)
                self._abandoned |= error.abandoned
                continue
            self.session = session
            self._sink.network(True)
            self._emit("joined")
            return
        status = next((error.status for error in failed if error.status), None)
        # One server that knows the token and refuses it outweighs those that are out of reach.
        refused = any(error.refused for error in failed)
        raise NotAdmitted(ClipFailure.TOKEN_REFUSED if refused else ClipFailure.CANNOT_JOIN, status)

    async def _follow(self) -> None:
        while self.session is not None:
            reason = await self.session.ended
            self._sink.network(False)
            await self.session.leave()
            self.session = None
            if reason is CaptureEnd.REPLACED and self._abandoned:
                reason = None  # by ourselves: a url that we gave up let us in at last
            if reason is not None:
                self.ended.set_result(reason)
                return
            await self._come_back()

    async def _come_back(self) -> None:
        for pause in (*_BACK_OFF, *(_BACK_OFF[-1:] * 20)):
            await asyncio.sleep(pause)
            access = await self._ask_access()
            if access is None:
                continue
            with self._contained("a return"), contextlib.suppress(NotAdmitted):
                await self._enter(access)
                return
        self.ended.set_result(CaptureEnd.CONNECTION_LOST)
