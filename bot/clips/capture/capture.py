"""One capture: the connection to a room, what records it, and the clips that are cut of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict

from bot.clips.capture.beginning import Beginning
from bot.clips.capture.error_boundary import ErrorBoundary
from bot.clips.capture.history import History, Look
from bot.clips.capture.liveness import LivenessTracker, cut_short, given_up
from bot.clips.capture.media.room_recorder import RoomRecorder
from bot.clips.capture.media.timeline import SECOND
from bot.clips.capture.output.clip_builder import (
    BuilderContext,
    ClipBuilder,
    Report,
    failure_of,
    why_nothing,
)
from bot.clips.capture.output.clip_files import ClipFiles
from bot.clips.capture.protocol import MakeClip, OpenCapture, RingState, View
from bot.clips.capture.room.room_connection import AskAccess, NotAdmitted, RoomConnection
from bot.clips.capture.room.session import Session
from bot.clips.results import result_event
from bot.kit.processes.own_process import return_memory
from bot.kit.tasks import Tasks, background, first_to_end
from bot.model import CaptureEnd, ClipFailure, ClipResult, ClipStatus, Phase, VideoFault

_TICK = 0.1
_BEGINNING_LOOK = 0.01
_TICKS_PER_MEASURE = 5
_HEARTBEAT_SECONDS = 2.0
_MEMORY_SECONDS = 30.0
_REPORT_SECONDS = 0.25

_LONGEST_ABSENCE = 300 * SECOND
"""So long what came last is kept, when nobody is there any more: a creator may come back, and who
looks at what was may still ask for it."""

Emit = Callable[..., None]


def clock() -> int:
    """Microseconds of the monotonic clock, the one that libwebrtc's render times are on."""
    return time.monotonic_ns() // 1000


class Capture:
    """Made of an order; `run` records until cancelled. `emit` tells the parent, from any thread.

    Clips are tasks among `tasks`, each with the id that it was asked for by.
    """

    def __init__(self, order: OpenCapture, ask_access: AskAccess, emit: Emit, tasks: Tasks) -> None:
        self._order = order
        self._emit = emit
        self._tasks = tasks
        self._span = round(order.span * SECOND)
        self._recorder = RoomRecorder(
            order.rate,
            span=self._span,
            max_bytes=order.max_bytes,
            clock=clock,
            on_first=lambda kind: emit("media", kind=kind),
        )
        self._connection = RoomConnection(self._recorder, ask_access, emit, tasks)
        self._clips: dict[int, tuple[ClipBuilder, asyncio.Task[None]]] = {}
        self._history = History()
        self._builder_context = BuilderContext(
            self._recorder, self._connection, self._history, ClipFiles()
        )
        self._tracker = LivenessTracker()
        self._end: CaptureEnd | None = None
        self._contained = ErrorBoundary()
        self._entered: asyncio.Future[NotAdmitted | None] = (
            asyncio.get_running_loop().create_future()
        )
        self._view = View()
        self._has_something = False

    async def run(self) -> None:
        """Enter, and record until cancelled; leave cleanly then."""
        try:
            async with (
                background(self._send_heartbeats(), "heartbeats"),
                background(self._return_memory(), "memory"),
            ):
                await self._enter()
                async with background(self._begin(), "beginning"):
                    await self._tick_on()
        finally:
            await self._connection.leave()
            self._recorder.close()

    def start_clip(self, want: MakeClip) -> None:
        """Make one more clip. Its result is told, whatever comes of it."""
        builder = ClipBuilder(want, self._builder_context, self._reporter(want.id))
        task = self._tasks.start(self._clip(want, builder), f"clip-{want.id}")
        self._clips[want.id] = (builder, task)
        task.add_done_callback(lambda _: self._forget(want.id))
        self._keep()

    def finish(self, clip_id: int) -> None:
        """End a clip now, with what there is."""
        if clip_id in self._clips:
            self._clips[clip_id][0].stop()

    def cancel(self, clip_id: int) -> None:
        """Leave nothing of a clip."""
        if clip_id in self._clips:
            self._clips[clip_id][1].cancel()

    async def _clip(self, want: MakeClip, builder: ClipBuilder) -> None:
        result = ClipResult(ClipStatus.FAILED, failure=ClipFailure.WRITE_FAILED)
        try:
            with self._contained(f"clip {want.id}"):
                result = await self._made(builder)
        finally:
            del self._clips[want.id]
            self._emit("clip", id=want.id, **result_event(result))

    def _forget(self, clip_id: int) -> None:
        """One that was cancelled before it could begin has not told of its end itself, and what it
        was to be cut of would be kept for ever."""
        if self._clips.pop(clip_id, None) is not None:
            result = ClipResult(ClipStatus.FAILED, failure=ClipFailure.STOPPED)
            self._emit("clip", id=clip_id, **result_event(result))

    async def _made(self, builder: ClipBuilder) -> ClipResult:
        async with background(builder.stopped.wait(), "clip-stopped") as stopped:
            await first_to_end(self._entered, stopped)
        if not self._entered.done():
            return ClipResult(ClipStatus.FAILED, failure=ClipFailure.STOPPED)
        refused = self._entered.result()
        if refused is None:
            return await builder.make()
        detail = str(refused.status or "")
        return ClipResult(ClipStatus.FAILED, failure=refused.failure, detail=detail)

    async def _enter(self) -> None:
        outcome: NotAdmitted | None = None
        try:
            await self._connection.enter(self._order.access)
        except NotAdmitted as refused:
            outcome = refused
        self._entered.set_result(outcome)

    async def _begin(self) -> None:
        beginning = Beginning(self._recorder)
        while self._recorder.zero is None:
            with self._contained("the beginning"):
                beginning.look(self._connection.presence, self._history.latest.liveness)
            await asyncio.sleep(_BEGINNING_LOOK)

    async def _tick_on(self) -> None:
        ticks = 0
        while True:
            before = clock()
            await asyncio.sleep(_TICK)
            with self._contained("a tick"):
                self._tick(late=clock() - before > 2 * _TICK * SECOND)
            ticks += 1
            session = self._connection.session
            if session is not None and ticks % _TICKS_PER_MEASURE == 0:
                with self._contained("a measure"):
                    session.ask_again()
                    await self._measure(session)

    def _tick(self, *, late: bool) -> None:
        look = self._look()
        self._history.add(look)
        if self._end is None:
            goes_on = look.given_up is None and look.fault is None
            self._recorder.tick(late=late, hold=goes_on)
        self._keep()
        self._tell_view()
        self._tell_first()
        self._tell_end()

    def _look(self) -> Look:
        recorder, presence = self._recorder, self._connection.presence
        liveness = self._tracker.look(
            recorder.now,
            connected=recorder.disconnected_since is None,
            publisher=presence.publisher,
            picture=presence.shows,
            last_picture=recorder.last_picture,
        )
        return Look(
            liveness,
            given_up=self._why_over() or given_up(liveness),
            fault=presence.fault,
            last_sound=recorder.last_sound,
            sounds=recorder.sounds,
            sounds_left_out=presence.sounds_left_out,
            counts=recorder.counts,
            delay=recorder.skew.delay,
        )

    def _why_over(self) -> CaptureEnd | None:
        if self._recorder.error is not None:
            return CaptureEnd.FAULT
        if self._entered.done() and self._entered.result() is not None:
            return CaptureEnd.CONNECTION_LOST  # it was not let in, so that nothing will come
        ended = self._connection.ended
        return ended.result() if ended.done() else None

    def _keep(self) -> None:
        """Clips under way have in the ring what they need; and what came last stays while nobody
        is there."""
        needed = [builder.needs_from for builder, _ in self._clips.values()]
        latest = self._history.latest
        if latest.given_up is not None and latest.now - latest.last_moment < _LONGEST_ABSENCE:
            needed.append(latest.last_moment - self._span)
        self._recorder.keep_from(min(needed, default=None))
        at_hand = self._recorder.at_hand
        oldest = at_hand[0] if at_hand is not None else self._recorder.now
        self._history.forget_before(min([oldest, *needed]))

    def _tell_view(self) -> None:
        """What is taken of the room, where that is something else than before, and at what second
        of the capture."""
        session, before = self._connection.session, self._view
        self._view = View()
        if session is not None:
            shown, heard = session.video, session.audio
            self._view = View(
                picture=shown.published.source if shown else None,
                width=shown.size.width if shown else 0,
                height=shown.size.height if shown else 0,
                muted=session.presence.picture_muted,
                held=self._recorder.holds,
                sound=heard.published.source if heard else None,
                sounds=self._recorder.sounds,
            )
        if self._view != before:
            begun = self._recorder.zero
            at = (self._recorder.now - begun) / SECOND if begun is not None else 0.0
            self._emit("view", at=round(at, 2), **asdict(self._view))

    def _tell_first(self) -> None:
        """At once that there is something to cut: others may wait for it."""
        if self._has_something:
            return
        at_hand = self._recorder.at_hand
        if at_hand is not None and at_hand[0] < at_hand[1]:
            self._has_something = True
            self._tell_state()

    def _tell_end(self) -> None:
        if self._end is None and (end := self._why_over()) is not None:
            self._end = end
            self._tell_state()
            self._emit("ended", end=end)

    async def _send_heartbeats(self) -> None:
        while True:
            self._tell_state()
            await asyncio.sleep(_HEARTBEAT_SECONDS)

    async def _return_memory(self) -> None:
        """What a burst has taken stays with the C library for good else: 160 to 176 MB instead of
        155 on a busy machine. It takes some 10 ms, in which no other thread gets memory."""
        while True:
            await asyncio.sleep(_MEMORY_SECONDS)
            await asyncio.to_thread(return_memory)

    def _tell_state(self) -> None:
        oldest, newest = None, None
        if (at_hand := self._recorder.at_hand) is not None:
            latest = self._history.latest
            # What stands still, or whose publisher has left, is filled up for a while.
            is_filled = latest.given_up or cut_short(latest.liveness, latest.now)
            last = min(at_hand[1], latest.last_moment) if is_filled else at_hand[1]
            oldest, newest = (
                self._recorder.instant(time - self._history.at(time).delay)
                for time in (at_hand[0], last)
            )
        cpu, sounds = round(time.process_time(), 2), self._recorder.sounds
        outgrown = self._recorder.is_outgrown
        lacks = self._lacks() if at_hand is None else None
        self._emit("alive", **asdict(RingState(oldest, newest, cpu, sounds, outgrown, lacks)))

    def _lacks(self) -> ClipFailure | None:
        """Why nothing is at hand, once that can be known."""
        if not self._entered.done():
            return None
        if (refused := self._entered.result()) is not None:
            return refused.failure
        if self._connection.ended.done():
            return failure_of(self._connection.ended.result())
        return why_nothing(self._connection.presence, self._recorder)

    async def _measure(self, session: Session) -> None:
        shown, heard, picture = session.video, session.audio, None
        for feed in session.pictures:
            stats = await feed.stats()
            if stats is not None and self._recorder.count(stats):
                session.refuse(stats.sid, VideoFault.UNDECODABLE)
            if feed is shown:
                picture = stats
        sound = await heard.stats() if heard is not None else None
        self._recorder.measure(picture, sound)

    def _reporter(self, clip_id: int) -> Report:
        """Tells how far a clip is, now and then."""
        last: tuple[Phase | None, float] = (None, 0.0)

        def report(phase: Phase, done: float) -> None:
            nonlocal last
            if self._recorder.disconnected_since is not None:
                phase = Phase.RECONNECTING
            now = asyncio.get_running_loop().time()
            if phase is last[0] and now - last[1] < _REPORT_SECONDS:
                return
            last = (phase, now)
            self._emit("progress", id=clip_id, phase=phase.value, done=round(done, 2))

        return report
