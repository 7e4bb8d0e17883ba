"""The last seconds of a capture, as encoded packets. Pure: what a packet holds is not looked at.

Whole groups of pictures go at once (OBS does the same), so what is left always begins on a
keyframe; the ring is bounded by time and by bytes, whichever is reached first. It is not locked:
its owner does that (`Encoder` appends in its thread, `Recording` cuts from the event loop).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Encoded:
    """One packet. `time` and `duration` are microseconds on the capture's timeline."""

    time: int
    duration: int
    size: int
    key: bool
    packet: Any

    @property
    def end(self) -> int:
        """When it has been shown."""
        return self.time + self.duration


@dataclass(frozen=True, slots=True)
class Cut:
    """A window of the ring. `start` is its zero: both streams are rebased by it alone."""

    start: int
    end: int
    video: tuple[Encoded, ...]
    audio: tuple[Encoded, ...]


class Ring:
    """At most `span` microseconds (and the group that this falls into) and `max_bytes` bytes."""

    LEAST_GROUPS = 2

    def __init__(self, span: int, max_bytes: int) -> None:
        self._span = span
        self._max_bytes = max_bytes
        self._video: deque[Encoded] = deque()
        self._audio: deque[Encoded] = deque()
        self._keys: deque[int] = deque()
        self.bytes = 0

    @property
    def video_end(self) -> int | None:
        """The time of the newest picture."""
        return self._video[-1].time if self._video else None

    @property
    def audio_end(self) -> int | None:
        """The time up to which there is sound."""
        return self._audio[-1].end if self._audio else None

    @property
    def start(self) -> int | None:
        """The earliest time that a cut can begin at."""
        if self._video:
            return self._video[0].time
        return self._audio[0].time if self._audio else None

    def add_video(self, packet: Encoded) -> None:
        """Append a picture. Pictures before the first keyframe cannot be shown and are left out."""
        if packet.key:
            self._keys.append(packet.time)
        elif not self._keys:
            return
        self._video.append(packet)
        self.bytes += packet.size
        self._purge()

    def add_audio(self, packet: Encoded) -> None:
        """Append sound."""
        self._audio.append(packet)
        self.bytes += packet.size
        self._purge()

    def nearest_key(self, time: int) -> int | None:
        """The keyframe nearest to `time`."""
        return min(self._keys, key=lambda key: abs(key - time), default=None)

    def cut(self, start: int, end: int, *, with_video: bool = True) -> Cut:
        """What lies in [start, end), beginning at the keyframe nearest to `start`.

        Without pictures the sound alone is cut, at its own packets.
        """
        key = self.nearest_key(start) if with_video else None
        zero = start if key is None else key
        video = () if key is None else tuple(p for p in self._video if zero <= p.time < end)
        audio = tuple(p for p in self._audio if p.time >= zero and p.end <= end)
        return Cut(zero, end, video, audio)

    def _purge(self) -> None:
        while self._over() and len(self._keys) > self.LEAST_GROUPS:
            self._keys.popleft()
            self.bytes -= _drop_before(self._video, self._keys[0])
            self.bytes -= _drop_before(self._audio, self._keys[0])
        if not self._video and self._audio:
            oldest = self._audio[-1].end - self._span
            self.bytes -= _drop_before(self._audio, oldest)
            while self.bytes > self._max_bytes and len(self._audio) > 1:
                self.bytes -= self._audio.popleft().size

    def _over(self) -> bool:
        if self.bytes > self._max_bytes:
            return True
        # The oldest group may go when what is left without it still spans enough.
        return len(self._keys) > 1 and self._video[-1].time - self._keys[1] >= self._span


def _drop_before(packets: deque[Encoded], time: int) -> int:
    """Drop what begins before `time`; the bytes that this freed."""
    freed = 0
    while packets and packets[0].time < time:
        freed += packets.popleft().size
    return freed
