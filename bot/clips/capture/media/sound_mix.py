"""All that is heard of a room, as one run of samples: each sound gets its place, and is mixed.

Pure. Times are microseconds, those of arrivals by the monotonic clock, others since the base.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bot.clips.capture.media.mixer import Mixed, Mixer
from bot.clips.capture.media.timeline import SECOND, AudioTimeline, duration_of, samples_of

BED_LAG = 2 * SECOND
"""How far behind the present silence is put where nobody is heard: who begins is waited for."""

_QUICK_PATIENCE = SECOND // 2
"""A sound that comes to others finds its place in less."""


class SoundMix:
    """Sounds are known by name, that of their track. What is taken and filled comes back as the
    samples that are next."""

    def __init__(self, base: int) -> None:
        self._base = base
        self._timelines: dict[str, AudioTimeline[Any]] = {}
        self._mixer = Mixer()

    @property
    def sounds(self) -> int:
        """How many there are now."""
        return len(self._timelines)

    @property
    def anchored(self) -> bool:
        """Whether the place of any is known."""
        return any(timeline.anchored for timeline in self._timelines.values())

    @property
    def end(self) -> int:
        """The time up to which sound has been given out."""
        return duration_of(self._mixer.count)

    def open(self, name: str, now: int) -> None:
        """A sound comes. It may take its time to find its place, unless others are heard."""
        quickly = self.anchored
        self._timelines[name] = AudioTimeline(self._base, quickly=quickly)
        self._mixer.join(name, samples_of(now + (_QUICK_PATIENCE if quickly else BED_LAG)))

    def close(self, name: str) -> list[Mixed]:
        """A sound has gone."""
        self._timelines.pop(name, None)
        self._mixer.leave(name)
        return self._mixer.take()

    def take(self, name: str, block: Any, samples: int, arrival: int) -> list[Mixed]:
        """A block of a sound that is there: interleaved s16 stereo at 48 kHz."""
        for placed in self._timelines[name].take(block, samples, arrival):
            pairs = np.frombuffer(placed.block, dtype=np.int16).reshape(-1, 2)
            self._mixer.put(name, placed.at, pairs)
        return self._mixer.take()

    def lose_patience(self, now: int) -> list[Mixed]:
        """Go on without whoever is late, now that it is `now`."""
        self._mixer.lose_patience(samples_of(now))
        mixed = self._mixer.take()
        self._forget_places()
        return mixed

    def fill(self, until: int) -> list[Mixed]:
        """Silence up to a time, where nobody is heard."""
        mixed = self._mixer.fill(samples_of(until))
        self._forget_places()
        return mixed

    def _forget_places(self) -> None:
        """Who fell silent finds its place anew, should it speak again."""
        for name, timeline in list(self._timelines.items()):
            if timeline.anchored and self._mixer.is_passed(name):
                del self._timelines[name]
                self._timelines[name] = AudioTimeline(self._base, quickly=self.anchored)
