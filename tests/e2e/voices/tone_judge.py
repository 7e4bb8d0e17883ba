"""Judges the sound of a clip by what is in the file: which tones there are, when, how loud, and
whether anything clicks. Tones are multiples of 250 Hz, up to 4 kHz."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 48_000
_WINDOW = SAMPLE_RATE // 50
"""20 ms: whole periods of every tone, so that each falls out of the mean of any other."""

_TEAR = SAMPLE_RATE // 5
_CLICK_WINDOW = 512
_CLICK_HERTZ = 6_000

Levels = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sound:
    """What a clip plays: -1 to 1, the mean of both channels, from its first sample on."""

    mono: npt.NDArray[np.float32]
    peak: float

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.mono) / SAMPLE_RATE

    def after(self, second: float) -> Sound:
        """What is played from a second on."""
        return Sound(self.mono[round(second * SAMPLE_RATE) :], self.peak)

    def level(self, hertz: float) -> Levels:
        """The amplitude of a tone about each sample."""
        turn = np.exp(-2j * np.pi * hertz * np.arange(len(self.mono)) / SAMPLE_RATE)
        total = np.concatenate([[0], np.cumsum(self.mono * turn)])
        inner = np.abs(total[_WINDOW:] - total[:-_WINDOW]) * 2 / _WINDOW
        level: Levels = np.pad(inner, (_WINDOW // 2, _WINDOW - 1 - _WINDOW // 2))
        return level

    def usual_level(self, hertz: float) -> float:
        """The amplitude that a tone has where it is heard, in decibels."""
        level = self.level(hertz)
        heard = level[level > level.max() / 2]
        return float(20 * np.log10(np.median(heard)))

    def spans(self, hertz: float, least: float = 0.02) -> list[tuple[float, float]]:
        """When a tone is heard, in seconds: its amplitude is above `least`. What is shorter than a
        `_TEAR` between two is none: on a busy machine LiveKit has no sound for so long."""
        loud = np.flatnonzero(self.level(hertz) > least)
        if not len(loud):
            return []
        tears = np.flatnonzero(np.diff(loud) > _TEAR)
        begins, ends = loud[np.append(0, tears + 1)], loud[np.append(tears, -1)]
        pairs = zip(begins.tolist(), ends.tolist(), strict=True)
        return [(begin / SAMPLE_RATE, end / SAMPLE_RATE) for begin, end in pairs]

    def clicks(self) -> Levels:
        """The loudest that is heard far above all tones, in decibels, each 5 ms."""
        hop, window = _CLICK_WINDOW // 2, np.hanning(_CLICK_WINDOW)
        count = (len(self.mono) - _CLICK_WINDOW) // hop
        places = np.arange(count)[:, None] * hop + np.arange(_CLICK_WINDOW)
        spectrum = np.abs(np.fft.rfft(self.mono[places] * window, axis=1)) * 4 / _CLICK_WINDOW
        first = _CLICK_HERTZ * _CLICK_WINDOW // SAMPLE_RATE
        found: Levels = 20 * np.log10(spectrum[:, first:].max(axis=1) + 1e-9)
        return found


def sound_of(path: Path) -> Sound:
    """The sound of the clip at `path`."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=SAMPLE_RATE)
        pieces = [
            piece.to_ndarray()
            for frame in container.decode(container.streams.audio[0])
            for piece in resampler.resample(frame)
        ]
    both = np.concatenate(pieces, axis=1)
    return Sound(both.mean(axis=0).astype(np.float32), float(np.abs(both).max()))
