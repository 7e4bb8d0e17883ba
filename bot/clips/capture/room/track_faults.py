"""Which tracks are left out for now, because something is wrong with them. Pure; times are seconds.

One bad moment is no reason to leave a picture out for the rest of a stream, which may last for
hours: a track is tried again after a minute, and where it fails again, after twice as long.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from bot.model import VideoFault

_FIRST_SECONDS, _LONGEST_SECONDS = 60.0, 960.0
_REOPENINGS = 3
_STEADY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class _Held:
    """A fault, until when it counts, and for how long it does."""

    fault: VideoFault
    until: float
    seconds: float


class TrackFaults:
    """By the tracks' ids."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}

    def hold(self, sid: str, fault: VideoFault, now: float) -> None:
        """Leave that track out from now on."""
        before = self._held.get(sid)
        seconds = _FIRST_SECONDS
        if before is not None and now - before.until < before.seconds + _STEADY_SECONDS:
            seconds = min(2 * before.seconds, _LONGEST_SECONDS)
        self._held[sid] = _Held(fault, now + seconds, seconds)

    def of(self, sid: str, now: float) -> VideoFault | None:
        """Why that track is left out, if it is."""
        held = self._held.get(sid)
        return held.fault if held is not None and now < held.until else None

    def forgive(self, fault: VideoFault) -> None:
        """Try again what was left out for that."""
        self._held = {sid: held for sid, held in self._held.items() if held.fault is not fault}


class Reopenings:
    """How often a track of which nothing more came was opened anew."""

    def __init__(self) -> None:
        self._times: dict[str, list[float]] = defaultdict(list)

    def is_one_more_allowed(self, sid: str, now: float) -> bool:
        """Three within a minute are; what has come for a minute has its three again."""
        recent = [time for time in self._times[sid] if now - time < _STEADY_SECONDS]
        self._times[sid] = [*recent, now]
        return len(recent) < _REOPENINGS
