"""Durations and sizes as people type them. Pure."""

from __future__ import annotations

import math
import re

from bot.errors import ByteSizeError, DurationError

_DURATION = re.compile(
    r"(?:(?P<hours>\d+(?:\.\d+)?)h)?(?:(?P<minutes>\d+(?:\.\d+)?)m(?:in)?)?"
    r"(?:(?P<seconds>\d+(?:\.\d+)?)s?)?",
    re.ASCII,
)
_BYTES = re.compile(r"(?P<count>\d+(?:\.\d+)?)(?P<unit>[kmg]?)i?b?", re.ASCII | re.IGNORECASE)
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def parse_duration(text: str, longest: float) -> float:
    """`30s`, `90`, `1m`, `1m30s` in seconds, above 0, at most `longest`. Raises DurationError."""
    typed = text.strip().lower().replace(" ", "")
    match = _DURATION.fullmatch(typed)
    if not typed or match is None:
        raise DurationError(text, longest)
    hours, minutes, seconds = (float(part or 0) for part in match.groups())
    total = hours * 3600 + minutes * 60 + seconds
    if not 0 < total <= longest:
        raise DurationError(text, longest, seconds=total if math.isfinite(total) else None)
    return total


def parse_bytes(text: str, least: int) -> int:
    """`10485760`, `10MiB`, `512k` (k is 1024) in bytes, `least` or more. Raises ByteSizeError."""
    match = _BYTES.fullmatch(text.strip().replace(" ", ""))
    if match is None:
        raise ByteSizeError(text, least)
    count = float(match["count"]) * _UNITS[match["unit"].lower()]
    if not count < math.inf:
        raise ByteSizeError(text, least)
    if count < least:
        raise ByteSizeError(text, least, int(count))
    return int(count)
