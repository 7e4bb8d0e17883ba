"""From the event loop to the encoder's thread: bounded, never blocking the giver.

The loop puts, the encoder's thread takes. Pictures beyond `PICTURES` push out the oldest one,
which is counted; a wish for a keyframe passes on to the next picture. Sound beyond its bound
becomes silence of the same length, so that its time stays right.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, replace
from typing import Any

PICTURES = 8
SOUND_SAMPLES = 48_000 * 5


@dataclass(frozen=True, slots=True)
class PictureJob:
    """Show `frame` (None: the one before it, again) at `time`; `key`: begin a group with it."""

    time: int
    frame: Any
    key: bool = False


@dataclass(frozen=True, slots=True)
class SoundJob:
    """The next `samples`; `data` is interleaved s16 stereo, or None for silence."""

    samples: int
    data: Any


Job = PictureJob | SoundJob


class Handoff:
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
            if len(self._pictures) >= PICTURES:
                oldest = self._pictures.popleft()
                self.dropped += 1
                if oldest.key:
                    first = self._pictures.popleft()
                    self._pictures.appendleft(replace(first, key=True))
            self._pictures.append(job)
            self._ready.notify()

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
