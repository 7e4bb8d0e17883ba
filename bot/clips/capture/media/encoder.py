"""Frames in, packets out into the ring: x264 and AAC through PyAV, in one thread of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import PictureType, VideoFrame

from bot.clips.capture.media.frame_queue import FrameQueue, PictureJob, SoundJob
from bot.clips.capture.media.ring import Encoded, Ring
from bot.clips.capture.media.timeline import SECOND
from bot.clips.encoding.canvas import Size
from bot.clips.encoding.rate import GOP_SECONDS, SAMPLE_RATE, Rate
from bot.clips.encoding.scaler import RawFrame, Scaler
from bot.clips.encoding.streams import AUDIO_BASE, VIDEO_BASE, add_audio, add_video, carried

_GOP = int(GOP_SECONDS * SECOND)


class Encoder:
    """Takes jobs from `frame_queue` in its own thread and fills `ring`, holding `lock` as it does.

    `canvas` must be set before the first picture. `on_first` is called from the thread with
    "picture" and "sound", once each, when the first packet of it is in the ring. `error` is set
    when encoding failed; the thread has then ended.
    """

    def __init__(
        self, frame_queue: FrameQueue, ring: Ring, rate: Rate, on_first: Callable[[str], None]
    ) -> None:
        self.lock = threading.Lock()
        self.canvas: Size | None = None
        self.error: str | None = None
        self.unusable = 0
        """Pictures that could not be put on the canvas, and were left out."""
        self.began_at: int | None = None
        """When the capture begins: with the first picture that was to begin a group, and does; or
        when it was told to, without one."""
        self.video: Any = None
        self.audio: Any = carried(add_audio, rate)
        self._frame_queue = frame_queue
        self._ring = ring
        self._rate = rate
        self._on_first = on_first
        self._seen: set[str] = set()
        self._scaler: Scaler | None = None
        self._last: VideoFrame | None = None
        self._next_key = 0
        self._key_wanted = False
        self._samples = 0
        self._silence = np.zeros((1, 2 * SAMPLE_RATE // 10), dtype=np.int16)
        self._thread = threading.Thread(target=self._run, name="encoder", daemon=True)
        self._thread.start()

    def join(self, timeout: float) -> None:
        """Wait for the thread; close the queue first."""
        self._thread.join(timeout)

    def begin_at(self, time: int) -> None:
        """What the ring holds from before `time` is no part of the capture."""
        with self.lock:
            self._ring.forget_before(time)
        self.began_at = time

    def _run(self) -> None:
        try:
            while (job := self._frame_queue.take()) is not None:
                if isinstance(job, PictureJob):
                    self._encode_picture(job)
                else:
                    self._encode_sound(job)
        except (av.FFmpegError, ValueError, MemoryError) as error:
            self.error = f"{type(error).__name__}: {error}"

    def _encode_picture(self, job: PictureJob) -> None:
        self._key_wanted |= job.key
        frame = self._usable(job.frame) if job.frame is not None else self._last
        if frame is None:
            return
        wanted, self._key_wanted = self._key_wanted, False
        self._last = frame
        frame.pts = round(job.time * 90_000 / SECOND)
        frame.time_base = VIDEO_BASE
        key = wanted or job.time >= self._next_key
        frame.pict_type = PictureType.I if key else PictureType.NONE
        if key:  # keep the beat, unless it was asked for or is long past
            late = job.time - self._next_key
            self._next_key = job.time + _GOP - (late if 0 <= late < _GOP // 4 else 0)
        for packet in self.video.encode(frame):
            self._add("picture", packet, self._ring.add_video)
        if wanted and self.began_at is None:
            self.begin_at(job.time)

    def _usable(self, raw: RawFrame) -> VideoFrame | None:
        """The picture on the canvas; where it cannot be put there, the one before it."""
        if self.video is None:
            assert self.canvas is not None
            self.video = carried(add_video, self.canvas, self._rate)
            self._scaler = Scaler(self.canvas)
        try:
            return cast(Scaler, self._scaler).fit(raw)
        except (av.FFmpegError, ValueError, MemoryError):
            self.unusable += 1
            return self._last

    def _encode_sound(self, job: SoundJob) -> None:
        if job.data is not None:
            self._encode_samples(np.frombuffer(job.data, dtype=np.int16).reshape(1, -1))
            return
        left = job.samples
        while left:
            part = min(left, SAMPLE_RATE // 10)
            self._encode_samples(self._silence[:, : 2 * part])
            left -= part

    def _encode_samples(self, samples: np.ndarray[Any, Any]) -> None:
        frame = AudioFrame.from_ndarray(samples, format="s16", layout="stereo")
        frame.sample_rate = SAMPLE_RATE
        frame.time_base = AUDIO_BASE
        frame.pts = self._samples
        self._samples += samples.shape[1] // 2
        for packet in self.audio.encode(frame):
            self._add("sound", packet, self._ring.add_audio)

    def _add(self, kind: str, packet: Any, add: Callable[[Encoded], None]) -> None:
        base = packet.time_base
        time = round(packet.pts * base * SECOND)
        duration = round((packet.duration or 0) * base * SECOND)
        with self.lock:
            add(Encoded(time, duration, packet.size, packet.is_keyframe, packet))
        if kind not in self._seen:
            self._seen.add(kind)
            self._on_first(kind)
