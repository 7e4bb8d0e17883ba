"""The sound that goes with the test card: a quiet hum, and a beep as each second begins."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]

SAMPLE_RATE = 48_000
CHANNELS = 2
BEEP_HERTZ = 1000
BEEP_SECONDS = 0.08

_BEEP_LEVEL = 0.4
_HUM = ((110, 0.012), (165, 0.008), (220, 0.004))
"""Hertz and level of each tone. Whole hertz, so that one second of it can be repeated."""
_EDGE_SECONDS = 0.001


def sound(first: int, count: int) -> Samples:
    """`count` samples from number `first` on, as (count, 2) int16; sample k is heard at k/48000."""
    start = first % SAMPLE_RATE
    return _TWO_SECONDS[start : start + count]


def level(seconds: float) -> float:
    """How loud it is at `seconds`, 0 to 1, falling slowly after each beep as a meter does."""
    since = seconds % 1.0
    return 1.0 if since < BEEP_SECONDS else max(0.0, 1.0 - 2.2 * (since - BEEP_SECONDS))


def _one_second() -> Samples:
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    edges = np.minimum(time, BEEP_SECONDS - time) / _EDGE_SECONDS
    wave = np.sin(2 * np.pi * BEEP_HERTZ * time) * np.clip(edges, 0, 1) * _BEEP_LEVEL
    for hertz, loud in _HUM:
        wave += loud * np.sin(2 * np.pi * hertz * time)
    one: Samples = np.rint(wave * 32767).astype(np.int16)
    return one


def _table() -> Samples:
    one = _one_second()
    return np.repeat(np.concatenate([one, one])[:, None], CHANNELS, axis=1)


_TWO_SECONDS = _table()
"""Blocks of up to a second are slices of this."""
