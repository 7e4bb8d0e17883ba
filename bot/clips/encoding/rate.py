"""How many bits a clip may spend, so that it fits its limit in one encode. Pure.

A stream under VBV never takes more than `maxrate * T + bufsize` bits (held with noise, x264 core
165; `maxrate * T` alone was exceeded). The encoder runs at constant quality below that bound, so
calm pictures take less, and noise takes nearly all of it.
"""

from __future__ import annotations

from dataclasses import dataclass

CEILING_720P = 6_000_000
"""Bits a second that no 720p picture needs more than; other sizes in proportion to their pixels."""

GOP_SECONDS = 0.5
"""A clip of the past begins at the keyframe nearest to where it was asked for."""

SAMPLE_RATE = 48_000
"""Of a clip's sound, in a second."""

_PIXELS_720P = 1280 * 720
_SHARE = 0.97
_LEAST_BITS_PER_PIXEL = 0.025
_LEAST_VIDEO = 50_000
_LADDER = (1080, 720, 540, 480, 360, 240)
_AUDIO_SHARE = 0.15  # without steps: a larger limit must never mean a worse picture
_LEAST_AUDIO, _MOST_AUDIO = 32_000, 96_000
_HEADER_BYTES = 6_000
_HEADER_BYTES_PER_SECOND = 1_600


@dataclass(frozen=True, slots=True)
class Rate:
    """Bits a second of each stream; `buffer` in bits; `height`, the tallest picture worth it:
    that of a wide one, and the width of an upright one, which has the same pixels."""

    video: int
    buffer: int
    audio: int
    height: int


def plan(seconds: float, max_bytes: int, max_height: int) -> Rate | None:
    """The rate for a clip of `seconds` within `max_bytes`; None where that shows nothing."""
    bits = 8 * (max_bytes * _SHARE - _HEADER_BYTES - _HEADER_BYTES_PER_SECOND * seconds)
    audio = int(min(_MOST_AUDIO, max(_LEAST_AUDIO, bits / seconds * _AUDIO_SHARE)))
    buffer_seconds = min(1.0, max(0.25, seconds / 10))
    video = int((bits - audio * seconds) / (seconds + buffer_seconds))
    if video < _LEAST_VIDEO:
        return None
    height = _worthwhile_height(video, max_height)
    video = min(video, _ceiling(height))
    return Rate(video, int(video * buffer_seconds), audio, height)


def fewest_bytes(seconds: float) -> int:
    """The least limit that a clip of `seconds` can be made for, in whole KiB."""
    low, high = 1, 64
    while plan(seconds, high * 1024, 240) is None:
        low, high = high, high * 2
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (middle, high) if plan(seconds, middle * 1024, 240) is None else (low, middle)
    return high * 1024


def _worthwhile_height(video: int, max_height: int) -> int:
    heights = (max_height, *(height for height in _LADDER if height < max_height))
    worth = (h for h in heights if video >= _pixels(h) * 30 * _LEAST_BITS_PER_PIXEL)
    return next(worth, heights[-1])


def _ceiling(height: int) -> int:
    return max(1_000_000, CEILING_720P * _pixels(height) // _PIXELS_720P)


def _pixels(height: int) -> int:
    return height * height * 16 // 9
