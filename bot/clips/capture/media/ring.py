"""The last seconds of a capture, as encoded packets. Pure: what a packet holds is not looked at.

Whole groups of pictures go at once (OBS does the same), so what is left always begins on a
keyframe; the ring is bounded by time and by bytes, whichever is reached first. It is not locked:
its owner does that (`Encoder` appends in its thread, `RoomRecorder` cuts from the event loop).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

_NEVER = 1 << 62
_STALE = 5_000_000
"""Microseconds; a picture that stands still is repeated each second."""


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
    """The last `span` microseconds (and the group that this falls into), within `max_bytes` bytes.

    `keep_from` lets nothing go by its age that begins there or later, however long ago that is.
    """

    LEAST_GROUPS = 2

    def __init__(self, span: int, max_bytes: int) -> None:
        self.keep_from: int | None = None
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
        firsts = [packets[0].time for packets in (self._video, self._audio) if packets]
        return min(firsts, default=None)

    @property
    def pictured_from(self) -> int | None:
        """The earliest time that a cut with pictures can begin at."""
        return self._keys[0] if self._keys else None

    def forget_before(self, time: int) -> None:
        """Drop what begins before `time`, and what is left of a group that did."""
        while self._keys and self._keys[0] < time:
            self._keys.popleft()
        self._drop(self._audio, time)
        self._drop(self._video, self._keys[0] if self._keys else _NEVER)

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

    def nearest_key(self, time: int, before: int | None = None) -> int | None:
        """The keyframe nearest to `time`, of those that come `before`."""
        keys = (key for key in self._keys if before is None or key < before)
        return min(keys, key=lambda key: abs(key - time), default=None)

    def cut(self, start: int, end: int, *, with_video: bool = True) -> Cut:
        """What lies in [start, end), beginning at the keyframe nearest to `start`.

        Without pictures the sound alone is cut, at its own packets.
        """
        key = self.nearest_key(start, end) if with_video else None
        zero = start if key is None else key
        video = () if key is None else tuple(p for p in self._video if zero <= p.time < end)
        audio = tuple(p for p in self._audio if p.time >= zero and p.end <= end)
        return Cut(zero, end, video, audio)

    def _purge(self) -> None:
        newest = max(self.video_end or 0, self.audio_end or 0)
        oldest = newest - self._span
        if self.keep_from is not None:
            oldest = min(oldest, self.keep_from)
        # A group may go when the next begins early enough; the last, when none follows for long.
        while len(self._keys) > 1 and self._keys[1] <= oldest:
            self.forget_before(self._keys[1])
        if self._keys and self._video[-1].time < oldest - _STALE:
            self.forget_before(oldest)
        if not self._keys:
            self._drop(self._audio, oldest)
        self._purge_bytes()

    def _purge_bytes(self) -> None:
        while self.bytes > self._max_bytes and len(self._keys) > self.LEAST_GROUPS:
            self.forget_before(self._keys[1])
        while self.bytes > self._max_bytes and not self._keys and len(self._audio) > 1:
            self.bytes -= self._audio.popleft().size

    def _drop(self, packets: deque[Encoded], time: int) -> None:
        while packets and packets[0].time < time:
            self.bytes -= packets.popleft().size
