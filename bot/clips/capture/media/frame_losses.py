"""What becomes of pictures on their way to us. Pure; times are microseconds.

libwebrtc counts what it received whole and what it decoded (`frames_received`, `frames_decoded`).
Between the two lie those that still wait in the jitter buffer, so that only what stays missing for
a while is lost. Measured with B frames (x264 `bf=2`, livekit 1.2.1): 330 received, 22 decoded, a
keyframe each second; in a healthy stream the two are 1 or 2 apart.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from bot.clips.capture.media.timeline import SECOND, JitterTotals

_WINDOW = 4
_WAITING = 8
"""So many may only wait: 1 or 2 do in a healthy stream, more after the line was bad."""

_FRESH = 2 * SECOND
_GONE = 60 * SECOND
_AWAY = 30 * SECOND
"""A track that was left out for so long is judged anew."""

_POOR = 0.25
_LEAST_RECEIVED = 5
_TRIED_SECONDS = 2.0
_TRIED_KEYS = 2
_BUSY_SHARE = 3
"""By how much less a time tells in which our own loop came late: so may decoding have."""

_LONG_SECONDS = 11.0
"""A publisher may send a keyframe each ten seconds; who missed one decodes nothing until then."""


@dataclass(frozen=True, slots=True)
class TrackCounts:
    """Pictures of one track since its start: received whole, decoded, keyframes decoded, taken;
    and packets that were lost on the way."""

    received: int
    decoded: int
    keys: int
    taken: int
    packets_lost: int = 0


@dataclass(frozen=True, slots=True)
class TrackStats:
    """A track's jitter buffer since its start, and what became of its pictures."""

    sid: str
    jitter: JitterTotals
    counts: TrackCounts


@dataclass(frozen=True, slots=True)
class LossCounts:
    """Pictures since a capture's beginning. `lost`: decoded, and never given to us, or of no use;
    `late`: given to us, and pushed out by newer ones. `stalls`: how often our loop came late."""

    received: int = 0
    undecoded: int = 0
    lost: int = 0
    late: int = 0
    stalls: int = 0

    def since(self, before: LossCounts) -> LossCounts:
        """What came after `before`. One may be on its way at either end: the SDK counts a picture
        before we have it."""
        undecoded = self.undecoded - before.undecoded
        return LossCounts(
            self.received - before.received,
            undecoded if undecoded > _WAITING else 0,
            max(0, self.lost - before.lost - 1),
            self.late - before.late,
            self.stalls - before.stalls,
        )

    @property
    def dropped(self) -> int:
        """Those that were received and cannot be seen."""
        return self.undecoded + self.lost + self.late

    @property
    def mostly_undecoded(self) -> bool:
        """Whether more were not decoded than were."""
        return 2 * self.undecoded > self.received

    @property
    def busy(self) -> bool:
        """Whether it was this machine that could not keep up."""
        return self.late > 0 or self.stalls > 0


class TrackLosses:
    """One track, measured about every half second."""

    def __init__(self, first: TrackCounts, now: int) -> None:
        # A track loses a frame or two as it starts, while nobody shows it yet.
        self._first = first
        self._last = first
        self._waiting: deque[int] = deque([first.received - first.decoded], maxlen=_WINDOW)
        self._judged = (first, now)
        self._measured = now
        self._tried = 0
        self._keys = 0
        self._decodable: bool | None = None

    def measure(self, counts: TrackCounts, now: int, *, calm: bool) -> None:
        """Take the next figures; `calm`: this machine was not late since the last."""
        self._last, self._measured = counts, now
        self._waiting.append(counts.received - counts.decoded)
        before, since = self._judged
        received = counts.received - before.received
        if received < _LEAST_RECEIVED:
            return
        is_line_good = counts.packets_lost <= before.packets_lost  # else it explains everything
        poor = is_line_good and counts.decoded - before.decoded < _POOR * received
        self._decodable = not poor
        tried = now - since if calm else (now - since) // _BUSY_SHARE
        self._tried = self._tried + tried if poor else 0
        self._keys = self._keys + counts.keys - before.keys if poor else 0
        self._judged = (counts, now)

    def is_anew(self, counts: TrackCounts, now: int) -> bool:
        """Whether these figures are of a track that was taken anew."""
        if now - self._measured > _AWAY:
            return True
        return counts.received < self._last.received or counts.taken < self._last.taken

    def decodable(self, now: int) -> bool | None:
        """Whether what came last could be decoded; None where that is not known."""
        return self._decodable if now - self._measured <= _FRESH else None

    @property
    def undecodable(self) -> bool:
        """Whether hardly anything can be decoded, though it was tried: from two keyframes on, or
        for longer than anybody leaves between two."""
        tried = self._tried >= _TRIED_SECONDS * SECOND and self._keys >= _TRIED_KEYS
        return tried or self._tried >= _LONG_SECONDS * SECOND

    @property
    def counts(self) -> LossCounts:
        """Whole pictures since the first figures; those that have stayed undecoded for two seconds;
        those that were decoded and not given to us."""
        before = self._first.decoded - self._first.taken
        return LossCounts(
            self._last.received - self._first.received,
            max(0, min(self._waiting)),
            max(0, self._last.decoded - self._last.taken - max(0, before)),
        )

    def is_gone(self, now: int) -> bool:
        """Whether nothing was heard of it for a while."""
        return now - self._measured > _GONE


class FrameLosses:
    """All tracks of a capture. One that is taken again, under the same sid, counts from zero."""

    def __init__(self) -> None:
        self._tracks: dict[str, TrackLosses] = {}
        self._past = LossCounts()

    def measure(self, sid: str, counts: TrackCounts, now: int, *, calm: bool = True) -> bool:
        """Take a track's figures; whether it cannot be decoded."""
        track = self._tracks.get(sid)
        if track is None or track.is_anew(counts, now):
            self._retire(now, sid)
            self._tracks[sid] = TrackLosses(counts, now)
            return False
        track.measure(counts, now, calm=calm)
        return track.undecodable

    def decodable(self, now: int) -> bool | None:
        """Whether what comes now can be decoded; None where that is not known."""
        known = [track.decodable(now) for track in self._tracks.values()]
        if False in known:
            return False
        return True if True in known else None

    def counts(self, *, late: int, stalls: int, unusable: int) -> LossCounts:
        """The sums, with what is counted elsewhere."""
        present = _sum(self._past, *(track.counts for track in self._tracks.values()))
        return replace(present, lost=present.lost + unusable, late=late, stalls=stalls)

    def _retire(self, now: int, sid: str) -> None:
        """Add up the track that is taken anew, and those that are gone: publishers come and go."""
        gone = [s for s, track in self._tracks.items() if s == sid or track.is_gone(now)]
        self._past = _sum(self._past, *(self._tracks.pop(one).counts for one in gone))


def _sum(*counts: LossCounts) -> LossCounts:
    return LossCounts(
        sum(one.received for one in counts),
        sum(one.undecoded for one in counts),
        sum(one.lost for one in counts),
    )
