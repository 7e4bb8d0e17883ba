"""One capture: the connection to a room, its recording, and the clip that is cut of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict

from bot.clips.capture.error_boundary import ErrorBoundary
from bot.clips.capture.media.recording import Recording
from bot.clips.capture.media.timeline import SECOND
from bot.clips.capture.output.clip_builder import ClipBuilder
from bot.clips.capture.protocol import MakeClip, OpenCapture, View
from bot.clips.capture.room.room_connection import AskAccess, NotAdmitted, RoomConnection
from bot.clips.capture.room.session import Session
from bot.kit.tasks import background
from bot.model import ClipFailure, ClipResult, ClipStatus, Phase, VideoFault

_TICK = 0.1
_TICKS_PER_MEASURE = 5
_HEARTBEAT_SECONDS = 2.0
_REPORT_SECONDS = 0.25

Emit = Callable[..., None]


def clock() -> int:
    """Microseconds of the monotonic clock, the one that libwebrtc's render times are on."""
    return time.monotonic_ns() // 1000


class Capture:
    """Made of an order; `run` records until cancelled. `emit` tells the parent, from any thread."""

    def __init__(self, order: OpenCapture, ask_access: AskAccess, emit: Emit) -> None:
        self._order = order
        self._emit = emit
        self._recording = Recording(
            order.rate,
            span=round(order.span * SECOND),
            max_bytes=order.max_bytes,
            clock=clock,
            on_first=lambda kind: emit("media", kind=kind),
        )
        self._connection = RoomConnection(self._recording, ask_access, emit)
        self._clip_builder: ClipBuilder | None = None
        self._finish = False
        self._contained = ErrorBoundary()
        self._entered: asyncio.Future[NotAdmitted | None] = (
            asyncio.get_running_loop().create_future()
        )
        self._last_report: tuple[Phase | None, float] = (None, 0.0)
        self._view = View()

    async def run(self) -> None:
        """Enter, and record until cancelled; leave cleanly then."""
        try:
            async with background(self._send_heartbeats(), "heartbeats"):
                await self._enter()
                await self._tick_on()
        finally:
            await self._connection.leave()
            self._recording.close()

    async def clip(self, want: MakeClip) -> ClipResult:
        """One clip, from the beginning of this capture."""
        refused = await asyncio.shield(self._entered)
        if refused is not None:
            detail = str(refused.status or "")
            return ClipResult(ClipStatus.FAILED, failure=refused.failure, detail=detail)
        self._clip_builder = ClipBuilder(self._recording, self._connection, self._report)
        if self._finish:
            self._clip_builder.stop()
        return await self._clip_builder.make(want)

    def finish(self) -> None:
        """End the clip now, with what there is."""
        self._finish = True
        if self._clip_builder is not None:
            self._clip_builder.stop()
        elif not self._entered.done():
            self._entered.set_result(NotAdmitted(ClipFailure.STOPPED, None))

    async def _enter(self) -> None:
        outcome: NotAdmitted | None = None
        try:
            await self._connection.enter(self._order.access)
        except NotAdmitted as refused:
            outcome = refused
        if not self._entered.done():
            self._entered.set_result(outcome)

    async def _tick_on(self) -> None:
        ticks = 0
        while True:
            before = clock()
            await asyncio.sleep(_TICK)
            with self._contained("a tick"):
                self._recording.tick(late=clock() - before > 2 * _TICK * SECOND)
                self._look()
            ticks += 1
            session = self._connection.session
            if session is not None and ticks % _TICKS_PER_MEASURE == 0:
                with self._contained("a measure"):
                    session.ask_again()
                    await self._measure(session)

    def _look(self) -> None:
        """Tell what is taken of the room, where that is something else than before, and at what
        second of the clip."""
        session, before = self._connection.session, self._view
        self._view = View()
        if session is not None:
            shown, heard = session.video, session.audio
            self._view = View(
                picture=shown.published.source if shown else None,
                width=shown.size.width if shown else 0,
                height=shown.size.height if shown else 0,
                muted=session.presence.picture_muted,
                held=self._recording.holds,
                sound=heard.published.source if heard else None,
            )
        if self._view != before:
            begun = self._recording.zero
            at = (self._recording.now - begun) / SECOND if begun is not None else 0.0
            self._emit("view", at=round(at, 2), **asdict(self._view))

    async def _send_heartbeats(self) -> None:
        while True:
            self._emit("alive")
            await asyncio.sleep(_HEARTBEAT_SECONDS)

    async def _measure(self, session: Session) -> None:
        shown, heard, picture = session.video, session.audio, None
        for feed in session.pictures:
            stats = await feed.stats()
            if stats is not None and self._recording.count(stats):
                session.refuse(stats.sid, VideoFault.UNDECODABLE)
            if feed is shown:
                picture = stats
        sound = await heard.stats() if heard is not None else None
        self._recording.measure(picture, sound)

    def _report(self, phase: Phase, done: float) -> None:
        if self._recording.disconnected_since is not None:
            phase = Phase.RECONNECTING
        now = asyncio.get_running_loop().time()
        if phase is self._last_report[0] and now - self._last_report[1] < _REPORT_SECONDS:
            return
        self._last_report = (phase, now)
        self._emit("progress", phase=phase.value, done=round(done, 2))
