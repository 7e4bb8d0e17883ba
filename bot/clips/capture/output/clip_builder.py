"""From a capture under way to a finished clip: where it begins, where it ends, and the file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from bot.clips.capture.beginning import MEDIA_SECONDS
from bot.clips.capture.history import History, Look
from bot.clips.capture.liveness import Presence, media_deadline
from bot.clips.capture.media.frame_losses import LossCounts
from bot.clips.capture.media.ring import Cut
from bot.clips.capture.media.room_recorder import RoomRecorder
from bot.clips.capture.media.timeline import SECOND
from bot.clips.capture.output.clip_end import (
    LEAST_CLIP,
    Ending,
    Progress,
    Shown,
    ending_of,
    is_heard,
    shown_of,
)
from bot.clips.capture.output.clip_files import ClipFiles
from bot.clips.capture.output.writer import Templates
from bot.clips.capture.protocol import MakeClip
from bot.clips.editing.clip_file import WriteFailure
from bot.model import (
    CaptureEnd,
    ClipFailure,
    ClipNote,
    ClipResult,
    ClipStatus,
    NoteKind,
    Phase,
)

_POLL = 0.05
_QUICK_POLL = 0.01
_SOON = SECOND // 2
"""A window that ends so soon has as good as ended."""

_NOTABLE_GAP = SECOND
_NOTABLY_LATER = SECOND // 2
_PATIENCE_MORE = SECOND // 5
"""So much longer a clip waits for a beginning than the capture does, whose decision it is."""

Report = Callable[[Phase, float], None]


class NoMedia(Exception):
    """Nothing came that a clip could be made of."""

    def __init__(self, failure: ClipFailure) -> None:
        super().__init__(failure.value)
        self.failure = failure


class Room(Protocol):
    """Where the capture comes from. `ended` resolves to why nothing more comes from there."""

    ended: asyncio.Future[CaptureEnd]

    @property
    def presence(self) -> Presence: ...


@dataclass(frozen=True, slots=True)
class BuilderContext:
    """What the clips of one capture are made of, and by."""

    recorder: RoomRecorder
    room: Room
    history: History
    files: ClipFiles


class ClipBuilder:
    """Makes one clip of what `context` has, for as long as its room gives what there is to record.

    `stop` ends it with what there is. `needs_from` is where it begins at the earliest: from there
    on, the ring lets nothing go until the file is written.
    """

    def __init__(self, want: MakeClip, context: BuilderContext, report: Report) -> None:
        recorder = context.recorder
        self.stopped = asyncio.Event()
        self._asked_at = recorder.now
        self._want = want
        self._recorder = recorder
        self._room = context.room
        self._history = context.history
        self._files = context.files
        self._report = report
        self._stopped_at: int | None = None
        self._asked_from = 0
        self.needs_from = self._asked_at if want.begins is None else recorder.time(want.begins)

    def stop(self) -> None:
        """End it now, with what there is. Safe to call again."""
        if self._stopped_at is None:
            self._stopped_at = self._recorder.now
            self.stopped.set()

    async def make(self) -> ClipResult:
        """Wait for the beginning and the end, and write. What goes wrong is in the result."""
        try:
            self._asked_from, end = await self._window()
            ending = await self._ending(self._start, end)
            start, pictured_from = self._start, self._recorder.pictured_from
            shown = shown_of(start, ending, self._history, pictured_from)
            if shown.end - shown.start < min(LEAST_CLIP, end - start):
                raise NoMedia(self._why_nothing(shown))
            self._report(Phase.WRITING, (shown.end - shown.start) / SECOND)
            return await self._write(shown)
        except NoMedia as nothing:
            return ClipResult(
                ClipStatus.FAILED, failure=nothing.failure, detail=self._recorder.error or ""
            )
        except WriteFailure as broken:
            return ClipResult(ClipStatus.FAILED, failure=broken.failure, detail=broken.detail)

    # Its beginning

    @property
    def _start(self) -> int:
        """Where it begins by what is at hand."""
        at_hand = self._recorder.at_hand
        return max(self._asked_from, at_hand[0] if at_hand is not None else 0)

    async def _window(self) -> tuple[int, int]:
        """From when until when on the capture's timeline, once that has begun."""
        want, recorder = self._want, self._recorder
        if want.begins is None or want.ends is None:
            while (start := self._first_moment()) is None:
                await self._wait()
            return start, start + round(want.seconds * SECOND)
        start, end = (recorder.time(instant) for instant in (want.begins, want.ends))
        while (at_hand := recorder.at_hand) is None and recorder.now < end:
            await self._wait()
        start, end = self._history.on_air(start), self._history.on_air(end)
        if at_hand is None or end - max(start, at_hand[0]) < LEAST_CLIP:
            raise NoMedia(ClipFailure.NOT_AT_HAND)
        return start, end

    def _first_moment(self) -> int | None:
        """Where a clip of the next seconds begins, once something comes that can be shown."""
        zero, look = self._recorder.zero, self._history.latest
        if zero is None or zero >= self._asked_at:
            return zero
        last = look.liveness.whole if look.liveness.whole is not None else look.last_sound
        if last is None or last < self._asked_at or look.given_up is not None:
            return None
        return self._asked_at if last - self._asked_at < SECOND else last

    async def _wait(self) -> None:
        """For the beginning, as long as it can be hoped for."""
        if self._recorder.error is not None:
            raise NoMedia(ClipFailure.WORKER_DIED)
        if self._stopped_at is not None:
            raise NoMedia(ClipFailure.STOPPED)
        if self._room.ended.done():
            raise NoMedia(failure_of(self._room.ended.result()))
        self._give_up_in_time()
        is_shown = self._recorder.first_picture is not None and self._room.presence.fault is None
        self._report(Phase.SETTLING if is_shown else Phase.WAITING, 0.0)
        await asyncio.sleep(_QUICK_POLL)

    def _give_up_in_time(self) -> None:
        recorder, presence = self._recorder, self._room.presence
        why = why_nothing(presence, recorder)
        if presence.fault is not None and why == presence.fault.value:
            raise NoMedia(why)
        liveness = self._history.latest.liveness
        deadline = media_deadline(liveness, self._asked_at, MEDIA_SECONDS)
        if recorder.now >= deadline + _PATIENCE_MORE:
            raise NoMedia(why)

    # Its end

    async def _ending(self, start: int, end: int) -> Ending:
        recorder, done, past = self._recorder, 0, end <= self._asked_at + _SOON
        while (ending := ending_of(start, end, self._progress(start, end), past=past)) is None:
            done = max(done, min(end - start, recorder.covered - start))
            self._report(Phase.RECORDING, done / SECOND)
            if recorder.now > end:
                recorder.complete_until(end)
            await asyncio.sleep(_QUICK_POLL if past else _POLL)
        return ending

    def _progress(self, start: int, end: int) -> Progress:
        recorder = self._recorder
        return Progress(
            recorder.now,
            covered=recorder.covered,
            taken=recorder.took(end),
            complete=recorder.covers(end),
            stopped_at=self._stopped_at,
            over=self._over(start),
        )

    def _over(self, start: int) -> CaptureEnd | None:
        if self._recorder.error is not None:
            return CaptureEnd.FAULT
        latest, first = self._history.latest, self._recorder.pictured_from
        began_pictured = first is not None and first <= start + _NOTABLY_LATER
        if latest.fault is not None and began_pictured and self._history.at(start).fault is None:
            return CaptureEnd.VIDEO_FAULT
        return latest.given_up

    def _why_nothing(self, shown: Shown) -> ClipFailure:
        fault = self._history.latest.fault
        if shown.early is CaptureEnd.VIDEO_FAULT and fault is not None:
            return ClipFailure(fault.value)
        return failure_of(shown.early)

    # Its file

    async def _write(self, shown: Shown) -> ClipResult:
        cut, templates = self._cut(shown), Templates(*self._recorder.templates)
        counts = self._history.at(shown.end).counts.since(self._history.at(shown.start).counts)
        notes = self._notes(cut, counts, shown)
        file = await self._files.write(self._want, cut, templates, self._recorder.size)
        seconds = (cut.end - cut.start) / SECOND
        end = shown.early
        if end is None and cut.video and counts.mostly_undecoded:
            end = CaptureEnd.UNDECODABLE
        return ClipResult(
            status=ClipStatus.COMPLETE if end is None else ClipStatus.PARTIAL,
            path=file.path,
            seconds=round(seconds, 3),
            width=file.picture.width if file.picture and cut.video else None,
            height=file.picture.height if file.picture and cut.video else None,
            fps=round(len(cut.video) / seconds, 2) if cut.video else None,
            bytes=file.bytes,
            has_video=bool(cut.video),
            has_audio=bool(cut.audio),
            started_at=self._recorder.wall(cut.start - self._history.at(cut.start).delay),
            dropped_frames=counts.dropped if cut.video else 0,
            notes=(*notes, *file.notes),
            end=end,
            poster=file.poster,
        )

    def _cut(self, shown: Shown) -> Cut:
        cut = self._recorder.cut(shown.start, shown.end, with_video=shown.pictured)
        if cut.video and not is_heard(cut.start, cut.end, self._history):
            cut = replace(cut, audio=())
        if not cut.video and not cut.audio:
            raise NoMedia(ClipFailure.NO_MEDIA)
        return cut

    def _notes(self, cut: Cut, counts: LossCounts, shown: Shown) -> Iterator[ClipNote]:
        looks = list(self._history.between(shown.start, shown.end + 1))
        if cut.start - self._asked_from > _NOTABLY_LATER:
            yield ClipNote(NoteKind.BEGAN_LATER, round((cut.end - cut.start) / SECOND, 1))
        if cut.video:
            yield from self._of_the_picture(cut, counts)
        yield from _of_what_lacks(cut, shown, looks)

    def _of_the_picture(self, cut: Cut, counts: LossCounts) -> Iterator[ClipNote]:
        held = sum(
            min(gap.end, cut.end) - max(gap.start, cut.start)
            for gap in self._recorder.all_gaps(cut.end)
            if gap.end > cut.start and gap.start < cut.end
        )
        if held >= _NOTABLE_GAP:
            yield ClipNote(NoteKind.PICTURE_HELD, round(held / SECOND, 1))
        if counts.undecoded:
            yield ClipNote(NoteKind.FRAMES_UNDECODED, counts.undecoded)
        if missed := counts.lost + counts.late:
            yield ClipNote(NoteKind.FRAMES_DROPPED if counts.busy else NoteKind.FRAMES_LOST, missed)


def why_nothing(presence: Presence, recorder: RoomRecorder) -> ClipFailure:
    """Why nothing has come of a room that let us in, if that lasts."""
    heard = recorder.first_sound is not None and not presence.sound_muted
    if presence.fault is not None and not (heard or (presence.sound and not presence.sound_muted)):
        return ClipFailure(presence.fault.value)
    if recorder.disconnected_since is not None:
        return ClipFailure.CANNOT_JOIN
    return ClipFailure.NO_MEDIA if presence.publisher else ClipFailure.NO_PUBLISHER


def failure_of(end: CaptureEnd | None) -> ClipFailure:
    """What a room is to a clip of which it gave nothing."""
    return {
        CaptureEnd.ROOM_CLOSED: ClipFailure.ROOM_CLOSED,
        CaptureEnd.REMOVED: ClipFailure.REMOVED,
        CaptureEnd.REPLACED: ClipFailure.REPLACED,
        CaptureEnd.STOPPED: ClipFailure.STOPPED,
        CaptureEnd.FAULT: ClipFailure.WORKER_DIED,
        CaptureEnd.CONNECTION_LOST: ClipFailure.CANNOT_JOIN,
    }.get(end or CaptureEnd.PUBLISHER_GONE, ClipFailure.NO_MEDIA)


def _of_what_lacks(cut: Cut, shown: Shown, looks: list[Look]) -> Iterator[ClipNote]:
    fault = next((look.fault for look in reversed(looks) if look.fault is not None), None)
    if fault is not None and (not cut.video or shown.early is CaptureEnd.VIDEO_FAULT):
        yield ClipNote(NoteKind(fault.value))
    elif not cut.video:
        yield ClipNote(NoteKind.NO_PICTURE)
    yield from _of_sounds(looks) if cut.audio else (ClipNote(NoteKind.NO_SOUND),)


def _of_sounds(looks: list[Look]) -> Iterator[ClipNote]:
    mixed = max((look.sounds for look in looks), default=0)
    if mixed > 1:
        yield ClipNote(NoteKind.SOUNDS_MIXED, mixed)
    if left_out := max((look.sounds_left_out for look in looks), default=0):
        yield ClipNote(NoteKind.SOUNDS_LEFT_OUT, left_out)
