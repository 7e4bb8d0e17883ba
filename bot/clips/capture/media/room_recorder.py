"""Where a room's pictures and sound come together: timelines, encoder and ring of one capture."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.clips.capture.media.encoder import Encoder
from bot.clips.capture.media.frame_losses import FrameLosses, LossCounts, TrackStats
from bot.clips.capture.media.frame_queue import FrameQueue, PictureJob, SoundJob
from bot.clips.capture.media.mixer import Mixed
from bot.clips.capture.media.ring import Cut, Ring
from bot.clips.capture.media.sound_mix import BED_LAG, SoundMix
from bot.clips.capture.media.timeline import SECOND, Skew, VideoTimeline
from bot.clips.encoding.canvas import CanvasWatch, Size, choose_canvas
from bot.clips.encoding.rate import Rate
from bot.clips.encoding.scaler import RawFrame

HOLD_AFTER = 1 * SECOND
"""A picture that stood still for so long is repeated, so that the ring keeps keyframes and time."""

_QUIET_AFTER = SECOND // 2
_MARGIN = SECOND // 20
_STEADY = 1 * SECOND
_NEVER_STEADY = 4 * SECOND
"""A picture whose size changes for so long is taken as it is: the canvas may be outgrown later."""

_STALLED = SECOND // 2
_LATEST_PICTURE = 3 * SECOND // 10
_GIVE_UP_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of a capture without a new picture, in microseconds of its timeline."""

    start: int
    end: int


class RoomRecorder:
    """The sink of a session. Everything here runs on the event loop; the encoder has its thread.

    `clock` gives microseconds of the monotonic clock; times on the timeline count from `base`.
    """

    def __init__(
        self,
        rate: Rate,
        *,
        span: int,
        max_bytes: int,
        clock: Callable[[], int],
        on_first: Callable[[str], None],
    ) -> None:
        self.base = clock()
        self.skew = Skew()
        self.first_picture: int | None = None
        self.last_picture: int | None = None
        self.first_sound: int | None = None
        self.last_sound: int | None = None
        self.disconnected_since: int | None = None
        self.gaps: list[Gap] = []
        self._losses = FrameLosses()
        self._stalls = 0
        self._stalls_counted = 0
        self._rate = rate
        self._clock = clock
        self._ring = Ring(span, max_bytes)
        self._frame_queue = FrameQueue()
        self._encoder = Encoder(self._frame_queue, self._ring, rate, on_first)
        self._video = VideoTimeline(self.base)
        self._sound_mix = SoundMix(self.base)
        self._key_wanted = False
        self._begun = False
        self._canvas_watch = CanvasWatch()
        self._steady: tuple[Size, int] | None = None
        self._unsteady_since: int | None = None
        self._ticked = self.now

    # The session's sink

    def picture(self, frame: RawFrame, timestamp: int, announced: Size) -> None:
        """Take a picture."""
        if not self._canvas_for(frame, announced):
            return
        arrival = self._clock()
        time = self._video.place(timestamp, arrival, self.skew.at(arrival))
        if time is None:
            return
        if self.last_picture is None:
            self.first_picture = time
        elif time - self.last_picture > HOLD_AFTER:
            self.gaps.append(Gap(self.last_picture, time))
        self.last_picture = time
        self._put(time, frame)

    def sound(self, name: str, data: Any, samples: int) -> None:
        """Take a block of a sound that has come: interleaved s16 stereo at 48 kHz."""
        if self.first_sound is None:
            self.first_sound = self.now
        self.last_sound = self.now
        self._give(self._sound_mix.take(name, data, samples, self._clock()))

    def sound_comes(self, name: str) -> None:
        """One more sound is about to be heard."""
        self._sound_mix.open(name, self.now)

    def sound_goes(self, name: str) -> None:
        """Nothing more of this one comes."""
        self._give(self._sound_mix.close(name))

    def network(self, connected: bool) -> None:
        """The line broke, or is back."""
        self.disconnected_since = None if connected else (self.disconnected_since or self.now)

    # The capture's side

    @property
    def now(self) -> int:
        """The present on the timeline."""
        return self._clock() - self.base

    @property
    def counts(self) -> LossCounts:
        """What became of the pictures so far."""
        return self._losses.counts(
            late=self._frame_queue.dropped, stalls=self._stalls, unusable=self._encoder.unusable
        )

    @property
    def error(self) -> str | None:
        """Why encoding ended, if it failed."""
        return self._encoder.error

    @property
    def size(self) -> Size | None:
        """The size of the clips' picture."""
        return self._encoder.canvas

    @property
    def is_outgrown(self) -> bool:
        """Whether what is shown now would have another canvas."""
        return self._canvas_watch.is_outgrown(self.now) and not self.holds

    @property
    def templates(self) -> tuple[Any, Any]:
        """The streams that packets were encoded for: (video or None, audio)."""
        return self._encoder.video, self._encoder.audio

    @property
    def settled(self) -> bool:
        """Whether picture and sound are known to be in step."""
        return self.first_sound is None or (self._sound_mix.anchored and self.skew.settled)

    @property
    def sounds(self) -> int:
        """How many sounds are mixed now."""
        return self._sound_mix.sounds

    @property
    def decodable(self) -> bool | None:
        """Whether the pictures that come can be decoded; None where that is not known yet."""
        return self._losses.decodable(self.now)

    @property
    def holds(self) -> bool:
        """Whether it goes on with its last picture, because no other has come for a while."""
        return self.last_picture is not None and self.now - self.last_picture > HOLD_AFTER

    def wall(self, time: int) -> datetime:
        """When that was or will be, as the wall clock counts now."""
        return datetime.now(UTC) + timedelta(microseconds=time - self.now)

    def instant(self, time: int) -> float:
        """A time on the timeline in seconds of the monotonic clock."""
        return (self.base + time) / SECOND

    def time(self, instant: float) -> int:
        """Such an instant on the timeline."""
        return round(instant * SECOND) - self.base

    def count(self, stats: TrackStats) -> bool:
        """Take what the SDK counts of a track of pictures, about every half second; whether it
        turns out that they cannot be decoded."""
        calm, self._stalls_counted = self._stalls == self._stalls_counted, self._stalls
        return self._losses.measure(stats.sid, stats.counts, self.now, calm=calm)

    def measure(self, video: TrackStats | None, audio: TrackStats | None) -> None:
        """Take the jitter buffers of what is shown and heard, as often."""
        self.skew.measure(video.jitter if video else None, audio.jitter if audio else None)
        if not self._begun:
            self.skew.jump()

    @property
    def zero(self) -> int | None:
        """Where the capture begins, once it does: with a keyframe that is encoded. On a busy
        machine that is a later one than was asked for, and what lies before it is no part of it."""
        return self._encoder.began_at

    def begin(self) -> None:
        """Begin with the next picture: it becomes a keyframe, and its time `zero`."""
        self._key_wanted = True

    def begin_with_sound(self) -> None:
        """Begin now, without a picture; one may come later."""
        self._begun = True
        self._encoder.begin_at(self._sound_mix.end)

    def tick(self, *, late: bool = False, hold: bool = True) -> None:
        """Hold the last picture, if that is to be held, and go on with silence where nothing is
        heard. Call each 0.1 s; `late`: the loop could not."""
        now, before, self._ticked = self.now, self._ticked, self.now
        self._stalls += late
        if now - before > _STALLED:
            return  # we stood still ourselves: what came meanwhile is about to be taken
        newest = self._video.last
        if hold and newest is not None and now - newest > HOLD_AFTER:
            self._hold()
        if not late:
            self._give(self._sound_mix.lose_patience(now))
        if self._quiet:
            self._give(self._sound_mix.fill(now - BED_LAG))

    def complete_until(self, time: int) -> None:
        """Fill up what is missing before `time`, which is past: silence where nobody is heard, and
        the last picture where none comes any more."""
        if self._quiet or not self._sound_mix.anchored:
            # the AAC encoder holds back a little
            self._give(self._sound_mix.fill(time + SECOND // 10))
        is_late = self.now > time + _LATEST_PICTURE  # a held picture takes the place of one to come
        if is_late and (self._video.last or 0) <= time and self._is_shown:
            self._hold()

    def took(self, time: int) -> bool:
        """Whether all that belongs before `time` has come, encoded or not."""
        picture = not self._is_shown or (self._video.last or 0) >= time
        return picture and self._sound_mix.end >= time

    def covers(self, time: int) -> bool:
        """Whether the ring holds all that belongs before `time`, but for a packet of sound."""
        video, audio = self._ends()
        picture = not self._is_shown or video >= time
        return picture and audio >= time - SECOND // 40

    @property
    def covered(self) -> int:
        """Up to when the ring holds what came: the picture, and the sound if there is any now."""
        video, audio = self._ends()
        ends = [audio] if not self._is_shown else [video] if self._quiet else [video, audio]
        return min(ends)

    @property
    def at_hand(self) -> tuple[int, int] | None:
        """From when until when it can be cut now; None: it has not begun."""
        zero, covered = self.zero, self.covered
        with self._encoder.lock:
            oldest = self._ring.start
        if zero is None or oldest is None:
            return None
        return max(zero, oldest), max(zero, covered)

    @property
    def _is_shown(self) -> bool:
        """Whether pictures come, which are to be waited for; one that is held is there."""
        return self.first_picture is not None and not self.holds

    def _ends(self) -> tuple[int, int]:
        with self._encoder.lock:
            return self._ring.video_end or 0, self._ring.audio_end or 0

    @property
    def _quiet(self) -> bool:
        return self.last_sound is None or self.now - self.last_sound > _QUIET_AFTER

    @property
    def pictured_from(self) -> int | None:
        """The first keyframe that is at hand."""
        with self._encoder.lock:
            return self._ring.pictured_from

    def keep_from(self, time: int | None) -> None:
        """Let nothing go by its age that comes at `time` or later."""
        self._ring.keep_from = time
        oldest = self.at_hand[0] if self.at_hand is not None else self.now
        self.gaps = [gap for gap in self.gaps if gap.end > oldest]

    def cut(self, start: int, end: int, *, with_video: bool = True) -> Cut:
        """The packets of a clip."""
        with self._encoder.lock:
            return self._ring.cut(start, end, with_video=with_video)

    def all_gaps(self, until: int) -> list[Gap]:
        """Where no new picture came, the gap that lasts to `until` included."""
        if self.last_picture is None or until - self.last_picture <= HOLD_AFTER:
            return self.gaps
        return [*self.gaps, Gap(self.last_picture, until)]

    def close(self) -> None:
        """End the encoder's thread; what it has not encoded by then is lost."""
        self._frame_queue.close()
        self._encoder.join(_GIVE_UP_SECONDS)

    def _canvas_for(self, frame: RawFrame, announced: Size) -> bool:
        if (canvas := self._encoder.canvas) is not None:
            wanted = choose_canvas(announced, frame.upright, self._rate.height)
            self._canvas_watch.look(canvas, wanted, self.now)
            return True
        if min(announced.width, announced.height) <= 0 and not self._is_steady(frame.upright):
            return False
        self._encoder.canvas = choose_canvas(announced, frame.upright, self._rate.height)
        return True

    def _is_steady(self, size: Size) -> bool:
        now = self.now
        if self._unsteady_since is None:
            self._unsteady_since = now
        if self._steady is None or self._steady[0] != size:
            self._steady = (size, now)
        return now - self._steady[1] >= _STEADY or now - self._unsteady_since >= _NEVER_STEADY

    def _put(self, time: int, frame: RawFrame | None) -> None:
        key, self._key_wanted = self._key_wanted, False
        self._begun |= key
        size = frame.size.bytes if frame is not None else 0
        self._frame_queue.put_picture(PictureJob(time, frame, key, size))

    def _hold(self) -> None:
        now = self._clock()
        time = self._video.place(0, now - _MARGIN, self.skew.at(now))
        if time is not None:
            self._put(time, None)

    def _give(self, mixed: Iterable[Mixed]) -> None:
        for part in mixed:
            self._frame_queue.put_sound(SoundJob(part.count, part.samples))
