"""Sounds that come in blocks, each when it likes, become one unbroken run of samples. Pure.

The run goes on as soon as every sound has delivered; one that is late is waited for no longer than
its patience, and what of it comes after that is left out: nothing moves the time. A sound that is
alone passes unchanged, but for the samples in which it rises. Where several are heard at once, the
`Limiter` keeps their sum below full scale.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bot.clips.capture.media.limiter import Limiter, Samples
from bot.clips.capture.media.mixer_input import MixerInput
from bot.clips.encoding.rate import SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Mixed:
    """The next `count` samples of the run, silence where `samples` is None."""

    count: int
    samples: Samples | None = None


class Mixer:
    """Places are numbers of samples since the run began. Inputs are known by name."""

    GRAIN = SAMPLE_RATE // 20
    """Several are mixed so many samples at a time: each of them comes at a moment of its own."""

    PATIENCE = SAMPLE_RATE * 3 // 10
    _AT_ONCE = SAMPLE_RATE

    def __init__(self) -> None:
        self.left_out = 0
        """Samples that came too late."""
        self._inputs: dict[str, MixerInput] = {}
        self._leaving: list[MixerInput] = []
        self._limiter = Limiter()
        self._mixed = 0

    @property
    def count(self) -> int:
        """How many samples were given out."""
        return self._mixed - self._limiter.held

    def join(self, name: str, deadline: int) -> None:
        """A sound comes: the others wait so long for its first samples."""
        self.leave(name)
        self._inputs[name] = MixerInput(self._mixed, deadline)

    def leave(self, name: str) -> None:
        """A sound has gone; what it delivered is heard."""
        if (gone := self._inputs.pop(name, None)) is not None:
            gone.fall()
            self._leaving.append(gone)

    def put(self, name: str, at: int, samples: Samples) -> None:
        """Take samples of a sound, but for those that come too late: the run, or the sound itself,
        has been there already."""
        taker = self._inputs[name]
        late = min(len(samples), max(0, max(self._mixed, taker.end) - at))
        self.left_out += late
        if late < len(samples):
            taker.put(at + late, samples[late:], follows=not late)
        taker.awaited, taker.deadline = True, at + len(samples) + self.PATIENCE

    def is_passed(self, name: str) -> bool:
        """Whether the run went on without this sound, and still does."""
        one = self._inputs[name]
        return one.end < self._mixed and not one.awaited

    def lose_patience(self, now: int) -> None:
        """Wait no more for what has not come by now, the place that is being heard."""
        for waiting in self._inputs.values():
            waiting.awaited &= now <= waiting.deadline

    def take(self) -> list[Mixed]:
        """Give out what is complete."""
        ends = [waiting.end for waiting in self._inputs.values() if waiting.awaited]
        everyone = [*self._inputs.values(), *self._leaving]
        until = min(ends) if ends else max((one.end for one in everyone), default=0)
        least = self.GRAIN if len(everyone) > 1 else 1
        return list(self._mix(until)) if until - self._mixed >= least else []

    def fill(self, until: int) -> list[Mixed]:
        """Give out all up to a place, whoever has not delivered so far."""
        if until <= self.count:
            return []
        return [*self._mix(until), *self._let_go(until)]

    def _mix(self, until: int) -> Iterator[Mixed]:
        everyone = [*self._inputs.values(), *self._leaving]
        for one in everyone:
            if one.end < until:
                one.fall()
        while self._mixed < until:
            begins = [one.begins for one in everyone if one.begins is not None]
            begin = min(begins, default=until)
            if begin > self._mixed:
                yield from self._let_go(self._mixed)
                yield from self._silence(min(begin, until))
            else:
                yield from self._sum(everyone, min(until, self._mixed + self._AT_ONCE))
        self._leaving = [gone for gone in self._leaving if gone.begins is not None]

    def _sum(self, everyone: list[MixerInput], until: int) -> Iterator[Mixed]:
        total = np.zeros((until - self._mixed, 2), np.int32)
        heard = sum(one.add_to(total, self._mixed) for one in everyone)
        self._mixed = until
        mixed = self._limiter.limit(total) if heard > 1 else self._limiter.release(total)
        if len(mixed):
            yield Mixed(len(mixed), mixed)

    def _let_go(self, until: int) -> Iterator[Mixed]:
        """What the limiter holds back before a place."""
        if until > self.count and self._limiter.held:
            rest = self._limiter.release(np.zeros((0, 2), np.int32))
            yield Mixed(len(rest), rest)

    def _silence(self, until: int) -> Iterator[Mixed]:
        if until > self._mixed:
            count, self._mixed, self._limiter = until - self._mixed, until, Limiter()
            yield Mixed(count)
