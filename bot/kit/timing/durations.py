"""Durations and sizes as people type them. Pure."""

from __future__ import annotations

import math
import re

from bot.errors import ByteSizeError, DurationError

HOURS = ("h", "hr", "hrs", "hour", "hours")
MINUTES = ("m", "min", "mins", "minute", "minutes")
SECONDS = ("s", "sec", "secs", "second", "seconds")

_HOUR, _MINUTE, _SECOND = ("|".join(units) for units in (HOURS, MINUTES, SECONDS))
_NUMBER = r"\d+(?:\.\d+)?"
_IN_UNITS = re.compile(
    rf"(?:(?P<hours>{_NUMBER})(?:{_HOUR}))?(?:(?P<minutes>{_NUMBER})(?:{_MINUTE}))?"
    rf"(?:(?P<seconds>{_NUMBER})(?:{_SECOND})?)?",
    re.ASCII,
)
_HOURS_AND_MORE = re.compile(rf"(?P<hours>\d+)(?:{_HOUR})(?P<minutes>[0-5]?\d)", re.ASCII)
"""`1h30`: minutes follow."""
_CLOCK = re.compile(
    rf"(?:(?P<hours>\d+):(?P<minutes>[0-5]\d)|(?P<more_minutes>\d+)):(?P<seconds>[0-5]\d(?:\.\d+)?)"
    rf"(?:{_MINUTE}|{_SECOND})?",
    re.ASCII,
)
_CLOCK_OF_HOURS = re.compile(rf"(?P<hours>\d+):(?P<minutes>[0-5]\d)(?:{_HOUR})", re.ASCII)

_LENGTH = {"hours": 3600, "minutes": 60, "more_minutes": 60, "seconds": 1}
_LONGEST_TEXT = 40

_LOOSE = re.compile(r"(?<!\d)\s+|\s+(?!\d)")
"""White space, but not what parts two numbers."""

_FRACTION = re.compile(r"(\d*)([½¼¾])", re.ASCII)
_FRACTIONS = {"½": ".5", "¼": ".25", "¾": ".75"}

_BYTES = re.compile(r"(?P<count>\d+(?:\.\d+)?)(?P<unit>[kmg]?)i?b?", re.ASCII | re.IGNORECASE)
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def parse_duration(text: str, longest: float, least: float = 0.0) -> float:
    """`30s`, `90`, `1 min`, `1m30s`, `1:30` or `1½ min` in seconds, above 0, from `least` to
    `longest`.

    Raises DurationError.
    """
    total = _seconds_of(_LOOSE.sub("", text.strip().lower()))
    if total is None:
        raise DurationError(text, longest)
    if not (0 < total <= longest and total >= least):
        raise DurationError(text, longest, seconds=total if math.isfinite(total) else None)
    return total


def _seconds_of(typed: str) -> float | None:
    if len(typed) > _LONGEST_TEXT:
        return None
    plain = _FRACTION.sub(lambda found: (found[1] or "0") + _FRACTIONS[found[2]], typed)
    for form in (_HOURS_AND_MORE, _IN_UNITS, _CLOCK, _CLOCK_OF_HOURS):
        if plain and (match := form.fullmatch(plain)) is not None:
            parts = match.groupdict()
            return sum(float(text) * _LENGTH[name] for name, text in parts.items() if text)
    return None


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
