"""A limiter: keeps a sum of sounds below full scale without a click. Pure.

What it lets through at each moment is known one step ahead, so that the gain is down before the
loud sample comes: it falls within a step, and comes back slowly.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from bot.clips.encoding.rate import SAMPLE_RATE

Samples = npt.NDArray[np.int16]
Total = npt.NDArray[np.int32]
"""A sum of stereo samples, one row for each moment, as `Samples`."""

Gains = npt.NDArray[np.float32]

_FULL = 32_767


class Limiter:
    """Takes a sum piece by piece and gives it out, a moment later.

    `limit` holds back two steps at most, to look ahead; `release` gives out all, and where nothing
    had to be turned down lately, exactly as it came.
    """

    CEILING = round(_FULL * 10 ** (-3 / 20))
    """3 dB below full scale: of voices and of tones AAC was seen to overshoot by 2."""

    STEP = SAMPLE_RATE // 200
    RELEASE_SECONDS = 0.3
    _RECOVERY = 1 - math.exp(-1 / (200 * RELEASE_SECONDS))
    _RECOVERED = 0.9995

    def __init__(self) -> None:
        self._held: Total = np.zeros((0, 2), np.int32)
        self._gain = 1.0

    @property
    def held(self) -> int:
        """How many samples are held back."""
        return len(self._held)

    def limit(self, total: Total) -> Samples:
        """Give out what is known well enough ahead, never above the ceiling."""
        heard = np.concatenate([self._held, total])
        ready = max(0, len(heard) // self.STEP - 1) * self.STEP
        needed = self._needed(heard[: ready + self.STEP])
        self._held = heard[ready:]
        return self._turned_down(heard[:ready], needed, self.CEILING)

    def release(self, total: Total) -> Samples:
        """Give out all. Only what was held back is limited: `total` is one sound alone."""
        heard, held = np.concatenate([self._held, total]), len(self._held)
        needed = self._needed(heard)
        needed[-(-held // self.STEP) :] = 1.0
        self._held = heard[:0]
        given = self._turned_down(heard, needed, _FULL)
        given[:held] = given[:held].clip(-self.CEILING, self.CEILING)  # the gain may still fall
        return given

    def _needed(self, heard: Total) -> Gains:
        """The highest gain that each step may have."""
        steps = -(-len(heard) // self.STEP)
        loudest = np.zeros((steps * self.STEP, 2), np.int32)
        np.abs(heard, out=loudest[: len(heard)])
        peaks = loudest.reshape(steps, 2 * self.STEP).max(axis=1, initial=self.CEILING)
        needed: Gains = (self.CEILING / peaks).astype(np.float32)
        return needed

    def _turned_down(self, heard: Total, needed: Gains, ceiling: int) -> Samples:
        if self._gain == 1.0 and bool((needed == 1.0).all()):
            return heard.clip(-_FULL - 1, _FULL).astype(np.int16)
        gains = self._gains(needed)[: len(heard)]
        if len(gains):
            self._gain = float(gains[-1])
        down: Samples = np.rint(heard * gains[:, None]).clip(-ceiling, ceiling).astype(np.int16)
        return down

    def _gains(self, needed: Gains) -> Gains:
        """The gain of each sample: a line from edge to edge of the steps, low enough for both."""
        edges = [self._gain]
        for step, most in enumerate(needed):
            back = edges[-1] + (1 - edges[-1]) * self._RECOVERY
            back = back if back < self._RECOVERED else 1.0
            edges.append(min(back, most, *needed[step + 1 : step + 2]))
        places = np.arange(len(needed) * self.STEP) + 1
        return np.interp(places / self.STEP, range(len(edges)), edges).astype(np.float32)
