"""How far a short clip lies in a longer one of the same stream. Pure.

Loudness tells that to a few hundredths of a second, unless it repeats; pictures tell it unless
nothing moves. So each lag has the marks of both, and one is believed only where no other, far from
it, is nearly as good.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np
import numpy.typing as npt

STEP = 0.02
"""Seconds: the grid on which loudness is taken, and lags are tried."""

_APART_SECONDS = 0.3
_MARGIN = 0.12
"""By so much of the full mark the best lag is better than any that is so far from it."""
_LEAST_MARK = 0.8
"""The same sound has 0.97 and more through two encoders, other speech never over 0.65."""
_ALONE_MARK, _ALONE_MARGIN = 0.75, 0.3
"""Seen on a machine that was too busy: 0.78 to 0.90, and 0.32 to 0.40 elsewhere."""
_NEARLY = 0.95
_AGREES = 0.75
"""What one of them leaves is nearly the best of the other, or the two speak of other moments."""
_LEAST_OVERLAP = 0.8
_LIVELY_SHARE = 0.5
"""In so much of it something is to be heard: one bang in silence is like any other."""
_FLAT = 1e-3
_AUDIBLE = 0.05
"""Of the logarithm: half a decibel."""

Array = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Track:
    """What is compared. `loudness` has a value each `STEP` from second 0 on; `thumbs` are small
    grey pictures, one a row, each shown at its second of `times`. Either may be empty."""

    loudness: Array
    times: Array
    thumbs: Array


def lag_of(short: Track, long: Track) -> float | None:
    """At which second of `long` the beginning of `short` lies; None: nobody can tell."""
    seconds = max(_length(long) - _LEAST_OVERLAP * _length(short), 0.0)
    lags = np.arange(0.0, seconds, STEP, dtype=np.float32)
    marks = [
        each
        for each in (_of_loudness(short, long, lags), _of_pictures(short, long, lags))
        if each is not None
    ]
    if not marks or not len(lags):
        return None
    peaks = [_peak(each, lags) for each in marks]
    if _differ([peak.lag for peak in peaks if peak.is_clear]):
        return None
    if (alone := _by_one_alone(peaks)) is not None:
        return alone
    total = np.sum(marks, axis=0) / len(marks)
    best = int(np.argmax(total))
    if max(float(each[best]) for each in marks) < _LEAST_MARK:
        return None
    if _leads(total, lags, best):
        return float(lags[best])
    # One of the two repeats: among the lags that it leaves, the other decides.
    for strong, other in permutations(marks, 2):
        left = np.where(strong >= _NEARLY * float(strong.max()), other, 0.0)
        chosen = int(np.argmax(left))
        agrees = other[chosen] >= _AGREES * float(other.max())
        if agrees and _leads(left, lags, chosen):
            return float(lags[chosen])
    return None


@dataclass(frozen=True, slots=True)
class _Peak:
    """The best lag by one kind of marks. `leads`: none that is far from it is nearly as good;
    `is_clear`: and it is good; `is_sure`: and far better than all of those."""

    lag: float
    leads: bool
    is_clear: bool
    is_sure: bool


def _peak(marks: Array, lags: Array) -> _Peak:
    best = int(np.argmax(marks))
    leads, is_good = _leads(marks, lags, best), bool(marks[best] >= _ALONE_MARK)
    is_sure = is_good and _leads(marks, lags, best, _ALONE_MARGIN)
    return _Peak(float(lags[best]), leads, leads and is_good, is_sure)


def _differ(lags: list[float]) -> bool:
    return len(lags) > 1 and max(lags) - min(lags) > _APART_SECONDS


def _by_one_alone(peaks: list[_Peak]) -> float | None:
    """What one of the two says beyond doubt, whatever is wrong with the other: on a machine that is
    too busy a capture loses sound. None: neither does, or the other says something else."""
    said = [peak.lag for peak in peaks if peak.leads]
    return said[0] if any(peak.is_sure for peak in peaks) and not _differ(said) else None


def _leads(marks: Array, lags: Array, best: int, margin: float = _MARGIN) -> bool:
    """Whether no lag that is far from the best one is nearly as good."""
    far = marks[np.abs(lags - lags[best]) > _APART_SECONDS]
    return not len(far) or float(marks[best] - far.max()) >= margin


def _length(track: Track) -> float:
    last = float(track.times[-1]) if len(track.times) else 0.0
    return max(len(track.loudness) * STEP, last)


def _of_loudness(short: Track, long: Track, lags: Array) -> Array | None:
    """1: as loud as one another all the time; 0: not alike."""
    one, other = short.loudness, long.loudness
    if len(one) < 1 / STEP or len(other) < len(one) or not _is_lively(one):
        return None
    marks = np.zeros(len(lags), np.float32)
    for at in range(len(lags)):
        part = other[at : at + len(one)]
        if len(part) >= _LEAST_OVERLAP * len(one) and float(part.std()) > _FLAT:
            marks[at] = np.corrcoef(one[: len(part)], part)[0, 1]
    return np.clip(marks, 0.0, 1.0)


def _is_lively(loudness: Array) -> bool:
    """Whether it changes in most of its seconds."""
    a_second = round(1 / STEP)
    seconds = loudness[: len(loudness) // a_second * a_second].reshape(-1, a_second)
    return float((seconds.std(axis=1) > _AUDIBLE).mean()) >= _LIVELY_SHARE


def _of_pictures(short: Track, long: Track, lags: Array) -> Array | None:
    """1: the same pictures; 0: as different as they mostly are."""
    if len(short.times) < 2 or len(long.times) < 2:
        return None
    costs = np.full(len(lags), np.inf, np.float32)
    for at, lag in enumerate(lags):
        wanted = short.times + lag
        inside = wanted <= long.times[-1]
        if inside.mean() >= _LEAST_OVERLAP:
            nearest = np.searchsorted(long.times, wanted[inside], side="right") - 1
            away = np.abs(short.thumbs[inside] - long.thumbs[np.maximum(nearest, 0)])
            costs[at] = away.mean()
    known = costs[np.isfinite(costs)]
    usual = float(np.median(known)) if len(known) else 0.0
    if usual < _FLAT:
        return None
    return np.clip(1.0 - np.where(np.isfinite(costs), costs, usual) / usual, 0.0, 1.0)
