"""From a recording under way to a finished clip: where it begins, where it ends, and the file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from bot.clips.capture.liveness import Liveness, LivenessTracker, Presence, media_deadline
from bot.clips.capture.media.frame_losses import LossCounts
from bot.clips.capture.media.recording import Recording
from bot.clips.capture.media.ring import Cut
from bot.clips.capture.media.timeline import SECOND
from bot.clips.capture.output import shrink
from bot.clips.capture.output.clip_end import LEAST_CLIP, Progress, Window, window_of
from bot.clips.capture.output.poster import poster_beside
from bot.clips.capture.output.writer import Templates, WriteFailure, publish, write_part
from bot.clips.capture.protocol import MakeClip, part_of
from bot.model import (
    CaptureEnd,
    ClipFailure,
    ClipNote,
    ClipResult,
    ClipStatus,
    NoteKind,
    Phase,
    VideoFault,
)

MEDIA_SECONDS = 14.0
"""How long a room may stay without media. Some streaming programs send a keyframe each 10 s."""

SETTLE_SECONDS = 2.0
"""A clip begins at the latest so long after the first picture, settled or not, if that could be
decoded."""

_LEAST_SETTLE_SECONDS = 1.0
_TRIALS = {True: 0.0, None: 4.0, False: MEDIA_SECONDS}
"""How long pictures are tried before a clip begins with them: can they be decoded?"""

_SOUND_ALONE_SECONDS = 3.0
_POLL = 0.05
_NOTABLE_GAP = SECOND

Report = Callable[[Phase, float], None]


class NoMedia(Exception):
    """Nothing came that a clip could be made of."""

    def __init__(self, failure: ClipFailure) -> None:
        super().__init__(failure.value)
        self.failure = failure


class Room(Protocol):
    """Where the recording comes from. `ended` resolves to why nothing more comes from there."""

    ended: asyncio.Future[CaptureEnd]

    @property
    def presence(self) -> Presence: ...


class ClipBuilder:
    """Makes one clip of `recording`, for as long as `room` gives what there is to record.

    `stop` ends it with what there is.
    """

    def __init__(self, recording: Recording, room: Room, report: Report) -> None:
        self._recording = recording
        self._room = room
        self._report = report
        self._tracker = LivenessTracker()
        self._sounds = 0
        self._fault: VideoFault | None = None
        self._stopped_at: int | None = None

    def stop(self) -> None:
        """End it now, with what there is. Safe to call again."""
        if self._stopped_at is None:
            self._stopped_at = self._recording.now

    async def make(self, want: MakeClip) -> ClipResult:
        """Wait for the beginning and the end, and write. What goes wrong is in the result."""
        try:
            start = await self._beginning()
            before = self._recording.counts
            length = round(want.seconds * SECOND)
            window = await self._ending(start, length)
            if window.end - window.start < min(LEAST_CLIP, length):
                raise NoMedia(self._why_nothing(window.early))
            self._report(Phase.WRITING, (window.end - window.start) / SECOND)
            return await self._write(want, window, self._recording.counts.since(before))
        except NoMedia as nothing:
            return ClipResult(
                ClipStatus.FAILED, failure=nothing.failure, detail=self._recording.error or ""
            )
        except WriteFailure as broken:
            return ClipResult(ClipStatus.FAILED, failure=broken.failure, detail=broken.detail)

    async def _beginning(self) -> int:
        recording, began = self._recording, self._recording.now
        self._report(Phase.WAITING, 0.0)
        asked = False
        while recording.zero is None:
            self._raise_if_over()
            if recording.first_picture is None or self._room.presence.fault is not None:
                self._begin_without_picture(media_deadline(self._liveness(), began, MEDIA_SECONDS))
            elif not asked and self._settled(recording.first_picture):
                asked = True
                recording.begin()
            else:
                self._report(Phase.SETTLING, 0.0)
            await asyncio.sleep(_POLL / 5)
        return recording.zero

    def _raise_if_over(self) -> None:
        if self._recording.error is not None:
            raise NoMedia(ClipFailure.WORKER_DIED)
        if self._stopped_at is not None:
            raise NoMedia(ClipFailure.STOPPED)
        if self._room.ended.done():
            raise NoMedia(_failure_of(self._room.ended.result()))

    def _settled(self, first_picture: int) -> bool:
        age = (self._recording.now - first_picture) / SECOND
        expects_sound = self._room.presence.sound and self._recording.first_sound is None
        if age < _TRIALS[self._recording.decodable]:
            return False
        ready = self._recording.settled and not expects_sound
        return age >= SETTLE_SECONDS or (age >= _LEAST_SETTLE_SECONDS and ready)

    def _begin_without_picture(self, deadline: int) -> None:
        recording, presence = self._recording, self._room.presence
        heard = recording.first_sound is not None and not presence.sound_muted
        if presence.fault is not None and not (
            heard or (presence.sound and not presence.sound_muted)
        ):
            raise NoMedia(ClipFailure(presence.fault.value))
        if heard and not presence.shows and recording.first_sound is not None:
            deadline = min(deadline, recording.first_sound + round(_SOUND_ALONE_SECONDS * SECOND))
        if recording.now < deadline:
            return
        if recording.disconnected_since is not None:
            raise NoMedia(ClipFailure.CANNOT_JOIN)
        if not heard:
            raise NoMedia(ClipFailure.NO_MEDIA if presence.publisher else ClipFailure.NO_PUBLISHER)
        recording.begin_with_sound()

    async def _ending(self, start: int, length: int) -> Window:
        recording, end, done = self._recording, start + length, 0
        while (window := window_of(start, end, self._progress(end))) is None:
            done = max(done, min(length, recording.covered - start))
            self._report(Phase.RECORDING, done / SECOND)
            if recording.now > end:
                recording.complete_until(end)
            await asyncio.sleep(_POLL)
        return window

    def _progress(self, end: int) -> Progress:
        recording, ended = self._recording, self._room.ended
        fault = CaptureEnd.FAULT if recording.error is not None else None
        return Progress(
            self._liveness(),
            covered=recording.covered,
            taken=recording.took(end),
            complete=recording.covers(end),
            last_sound=recording.last_sound,
            stopped_at=self._stopped_at,
            ended=fault or (ended.result() if ended.done() else self._video_fault()),
        )

    def _video_fault(self) -> CaptureEnd | None:
        """Whether a picture that was recorded can no longer be had."""
        is_lost = self._room.presence.fault is not None and not self._recording.sound_alone
        return CaptureEnd.VIDEO_FAULT if is_lost else None

    def _why_nothing(self, early: CaptureEnd | None) -> ClipFailure:
        if early is CaptureEnd.VIDEO_FAULT and self._fault is not None:
            return ClipFailure(self._fault.value)
        return _failure_of(early)

    def _liveness(self) -> Liveness:
        recording, presence = self._recording, self._room.presence
        self._sounds = max(self._sounds, presence.sounds)
        self._fault = presence.fault or (self._fault if recording.sound_alone else None)
        return self._tracker.look(
            recording.now,
            connected=recording.disconnected_since is None,
            publisher=presence.publisher,
            picture=presence.shows,
            last_picture=None if recording.sound_alone else recording.last_picture,
        )

    async def _write(self, want: MakeClip, window: Window, counts: LossCounts) -> ClipResult:
        path, cut, picture = Path(want.path), self._cut(window), self._recording.size
        templates = Templates(*self._recording.templates)
        size = await asyncio.to_thread(write_part, cut, templates, path)
        notes = self._notes(cut, counts)
        if size > want.max_bytes:
            notes.append(ClipNote(NoteKind.SECOND_ENCODE))
            smaller = await asyncio.to_thread(shrink.shrink, part_of(path), want.max_bytes)
            size, picture = smaller.bytes, smaller.picture
        named = publish(path)
        poster = await asyncio.to_thread(poster_beside, named, want.poster)
        if named != path:
            notes.append(ClipNote(NoteKind.RENAMED))
        seconds = (cut.end - cut.start) / SECOND
        end = window.early
        if end is None and cut.video and counts.mostly_undecoded:
            end = CaptureEnd.UNDECODABLE
        return ClipResult(
            status=ClipStatus.COMPLETE if end is None else ClipStatus.PARTIAL,
            path=named,
            seconds=round(seconds, 3),
            width=picture.width if picture and cut.video else None,
            height=picture.height if picture and cut.video else None,
            fps=round(len(cut.video) / seconds, 2) if cut.video else None,
            bytes=size,
            has_video=bool(cut.video),
            has_audio=bool(cut.audio),
            started_at=self._recording.wall(cut.start),
            dropped_frames=counts.dropped if cut.video else 0,
            notes=tuple(notes),
            end=end,
            poster=poster,
        )

    def _cut(self, window: Window) -> Cut:
        recording = self._recording
        cut = recording.cut(window.start, window.end)
        first, last = recording.first_sound, recording.last_sound
        heard = first is not None and last is not None and first < cut.end and last > cut.start
        if not heard and cut.video:
            cut = replace(cut, audio=())
        if not cut.video and not cut.audio:
            raise NoMedia(ClipFailure.NO_MEDIA)
        return cut

    def _notes(self, cut: Cut, counts: LossCounts) -> list[ClipNote]:
        notes = [*self._of_the_picture(cut, counts)] if cut.video else []
        if self._fault is not None:
            notes.append(ClipNote(NoteKind(self._fault.value)))
        elif not cut.video:
            notes.append(ClipNote(NoteKind.NO_PICTURE))
        if not cut.audio:
            notes.append(ClipNote(NoteKind.NO_SOUND))
        elif self._sounds > 1:
            notes.append(ClipNote(NoteKind.ONE_SOUND, self._sounds))
        return notes

    def _of_the_picture(self, cut: Cut, counts: LossCounts) -> Iterator[ClipNote]:
        held = sum(
            min(gap.end, cut.end) - max(gap.start, cut.start)
            for gap in self._recording.all_gaps(cut.end)
            if gap.end > cut.start and gap.start < cut.end
        )
        if held >= _NOTABLE_GAP:
            yield ClipNote(NoteKind.PICTURE_HELD, round(held / SECOND, 1))
        if counts.undecoded:
            yield ClipNote(NoteKind.FRAMES_UNDECODED, counts.undecoded)
        if missed := counts.lost + counts.late:
            yield ClipNote(NoteKind.FRAMES_DROPPED if counts.busy else NoteKind.FRAMES_LOST, missed)


def _failure_of(end: CaptureEnd | None) -> ClipFailure:
    return {
        CaptureEnd.ROOM_CLOSED: ClipFailure.ROOM_CLOSED,
        CaptureEnd.REMOVED: ClipFailure.REMOVED,
        CaptureEnd.REPLACED: ClipFailure.REPLACED,
        CaptureEnd.STOPPED: ClipFailure.STOPPED,
        CaptureEnd.FAULT: ClipFailure.WORKER_DIED,
        CaptureEnd.CONNECTION_LOST: ClipFailure.CANNOT_JOIN,
    }.get(end or CaptureEnd.PUBLISHER_GONE, ClipFailure.NO_MEDIA)
