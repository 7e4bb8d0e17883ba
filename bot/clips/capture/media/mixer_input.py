"""One sound on its way into the mix: samples at their places, and no hard edge at a hole. Pure.

Where the sound begins, again or at all, it rises within `FADE` samples. Where it ends nobody knows
before: what came last is played once more, backwards and falling.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bot.clips.capture.media.limiter import Samples, Total
from bot.clips.encoding.rate import SAMPLE_RATE

FADE = SAMPLE_RATE * 15 // 1000


def _rise(samples: int) -> npt.NDArray[np.float32]:
    """From silence to full, without an edge at either end."""
    turns = (np.arange(samples) + 0.5) / samples
    return (0.5 - 0.5 * np.cos(np.pi * turns)).astype(np.float32)[:, None]


_RISE = _rise(FADE)


class MixerInput:
    """Places are numbers of samples. `end`: it has delivered up to there; `awaited`: the others
    wait for it, until the place `deadline` is being heard."""

    def __init__(self, at: int, deadline: int) -> None:
        self.end = at
        self.deadline = deadline
        self.awaited = True
        self._pieces: list[tuple[int, Samples]] = []
        self._risen = 0
        self._latest: Samples | None = None  # as long as it may go on from there

    @property
    def begins(self) -> int | None:
        """Where the first sample is that waits; None where none does."""
        return self._pieces[0][0] if self._pieces else None

    def put(self, at: int, samples: Samples, *, follows: bool) -> None:
        """Take the next samples; `follows`: they go on where those before ended."""
        if at != self.end or not follows:
            self.fall()
        self._latest = samples = self._risen_samples(samples)
        self._pieces.append((at, samples))
        self.end = at + len(samples)

    def fall(self) -> None:
        """Let it fade away where it ended; nothing happens where it has already."""
        if self._latest is None:
            return
        mirrored = self._latest[: -FADE - 1 : -1]
        fallen = mirrored * _rise(len(mirrored))[::-1]
        self._pieces.append((self.end, fallen.astype(np.int16)))
        self._latest, self._risen = None, 0

    def add_to(self, total: Total, start: int) -> bool:
        """Add what lies beside `total`, which begins at `start`, and forget it. Whether any did."""
        until, added = start + len(total), False
        for at, samples in self._pieces:
            first, last = max(at, start), min(at + len(samples), until)
            if first < last:
                total[first - start : last - start] += samples[first - at : last - at]
                added = True
        self._pieces = [piece for piece in self._pieces if piece[0] + len(piece[1]) > until]
        return added

    def _risen_samples(self, samples: Samples) -> Samples:
        rise = _RISE[self._risen : self._risen + len(samples)]
        self._risen += len(rise)
        if not len(rise):
            return samples
        risen = samples.copy()
        risen[: len(rise)] = samples[: len(rise)] * rise
        return risen
