"""Where the beeps begin in sound: the level of 1 kHz, found to better than 5 ms."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from bot.demo.broadcast.sound import BEEP_HERTZ, BEEP_SECONDS, SAMPLE_RATE

_WINDOW = SAMPLE_RATE // 250
"""Four periods: the hum of the card falls out of its mean, and an edge is found to a period."""
_LEAST_LEVEL = 0.08
_USUAL = 97
"""The percentile at which a beep of 80 ms or more in each second is at its usual level."""
_TEAR = SAMPLE_RATE // 100


def beep_onsets(mono: npt.NDArray[np.float32]) -> list[float]:
    """The seconds from the start of `mono` (48 kHz, -1 to 1) at which a beep begins.

    A beep that is on from the first sample has no onset that could be known.
    """
    level = tone_level(mono)
    if not len(level):
        return []
    # Not the loudest of all: a sender's gain control may overshoot as a beep begins.
    loud = level > max(_LEAST_LEVEL, float(np.percentile(level, _USUAL)) / 2)
    loud = _bridged(loud)
    rises = np.flatnonzero(loud[1:] & ~loud[:-1]) + 1
    rises = rises[rises > _WINDOW]
    falls = np.flatnonzero(loud[:-1] & ~loud[1:]) + 1
    onsets: list[float] = []
    for rise in rises:
        end = falls[falls > rise]
        lasted = ((end[0] if len(end) else len(loud)) - rise) / SAMPLE_RATE
        apart = not onsets or rise / SAMPLE_RATE - onsets[-1] > 2 * BEEP_SECONDS
        if lasted > BEEP_SECONDS / 4 and apart:
            onsets.append(rise / SAMPLE_RATE)
    return onsets


def _bridged(loud: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The same without gaps that are too short to end a beep: what a codec may tear."""
    edges = np.flatnonzero(np.diff(loud.astype(np.int8)))
    whole = loud.copy()
    for end, start in itertools.pairwise(edges):
        if loud[end] and start - end < _TEAR:
            whole[end : start + 1] = True
    return whole


def tone_level(mono: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """The amplitude of 1 kHz about each sample, over 4 ms."""
    if len(mono) < _WINDOW:
        return np.zeros(0)
    turn = np.exp(-2j * np.pi * BEEP_HERTZ * np.arange(len(mono)) / SAMPLE_RATE)
    total = np.concatenate([[0], np.cumsum(mono * turn)])
    inner = np.abs(total[_WINDOW:] - total[:-_WINDOW]) * 2 / _WINDOW
    level: npt.NDArray[np.float64] = np.pad(inner, (_WINDOW // 2, _WINDOW - 1 - _WINDOW // 2))
    return level
