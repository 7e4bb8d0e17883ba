"""From the event loop to the encoder's thread: bounded, never blocking the giver.

The loop puts, the encoder's thread takes. Pictures beyond `PICTURES`, or beyond `BYTES` of them,
push out the oldest one, which is counted; a wish for a keyframe passes on to the next picture.
Sound beyond its bound becomes silence of the same length, so that its time stays right.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, replace
from typing import Any

PICTURES = 8
BYTES = 32 << 20
"""Of decoded pictures that wait in one queue: six of 1440p, two of 4K."""

SOUND_SAMPLES = 48_000 * 5
_LEAST = 2


@dataclass(frozen=True, slots=True)
class PictureJob:
    """Show `frame` (None: the one before it, again) at `time`; `key`: begin a group with it."""

    time: int
    frame: Any
    key: bool = False
    bytes: int = 0
    """What `frame` takes."""


@dataclass(frozen=True, slots=True)
class SoundJob:
    """The next `samples`; `data` is s16 stereo, interleaved, or None for silence."""

    samples: int
    data: Any


Job = PictureJob | SoundJob


def capacity(picture_bytes: int) -> int:
    """How many pictures of so many bytes a queue holds."""
    return max(_LEAST, min(PICTURES, BYTES // max(1, picture_bytes)))


class FrameQueue:
    """The queue of jobs. `close` lets the taker finish what is there."""

    def __init__(self) -> None:
        self._ready = threading.Condition()
        self._pictures: deque[PictureJob] = deque()
        self._sound: deque[SoundJob] = deque()
        self._sound_samples = 0
        self._closed = False
        self.dropped = 0
        """Pictures that were pushed out."""

    def put_picture(self, job: PictureJob) -> None:
        """Give a picture."""
        with self._ready:
            while self._is_full(job):
                self._push_out()
            self._pictures.append(job)
            self._ready.notify()

    def _is_full(self, job: PictureJob) -> bool:
        waiting = len(self._pictures)
        taken = sum(picture.bytes for picture in self._pictures)
        return waiting >= PICTURES or (waiting >= _LEAST and taken + job.bytes > BYTES)

    def _push_out(self) -> None:
        """Drop the oldest picture; its wish for a keyframe is the next one's."""
        self.dropped += 1
        if self._pictures.popleft().key:
            self._pictures[0] = replace(self._pictures[0], key=True)

    def put_sound(self, job: SoundJob) -> None:
        """Give sound."""
        with self._ready:
            if job.data is not None and self._sound_samples + job.samples > SOUND_SAMPLES:
                job = SoundJob(job.samples, None)
            if job.data is not None:
                self._sound_samples += job.samples
            self._sound.append(job)
            self._ready.notify()

    def take(self) -> Job | None:
        """The next job, sound first (it is cheap and unbroken); None after `close` and the last."""
        with self._ready:
            while not (self._sound or self._pictures or self._closed):
                self._ready.wait()
            if self._sound:
                job = self._sound.popleft()
                if job.data is not None:
                    self._sound_samples -= job.samples
                return job
            return self._pictures.popleft() if self._pictures else None

    def close(self) -> None:
        """No more jobs come."""
        with self._ready:
            self._closed = True
            self._ready.notify()
