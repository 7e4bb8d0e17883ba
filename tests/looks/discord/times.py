"""Times, as Discord's client tells them in English."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.looks.discord.names import Names

_STEPS = (("second", 60), ("minute", 60), ("hour", 24), ("day", 30), ("month", 12), ("year", 1))


def stamped(seconds: int, style: str, names: Names) -> str:
    """`<t:…>` as text. Discord says nothing sensible of years beyond 9999."""
    try:
        at = datetime.fromtimestamp(seconds, UTC).astimezone(names.zone)
    except (ValueError, OverflowError, OSError):
        return "Invalid Date"
    if style == "R":
        return relative((at - names.now).total_seconds())
    return _said(at, style)


def relative(seconds: float) -> str:
    """`in 2 minutes`, `3 days ago`."""
    left, unit = abs(seconds), "second"
    for name, size in _STEPS:
        unit = name
        if left < size or name == "year":
            break
        left /= size
    count = round(left)
    said = f"{count} {unit}{'s' * (count != 1)}" if count != 1 or unit != "hour" else "an hour"
    return f"in {said}" if seconds > 0 else f"{said} ago"


def header(at: datetime, names: Names) -> str:
    """Beside the author's name."""
    here, today = at.astimezone(names.zone), names.now.astimezone(names.zone)
    if here.date() == today.date():
        return _said(here, "t")
    return f"{here.month}/{here.day}/{here:%y}, {_said(here, 't')}"


def _said(at: datetime, style: str) -> str:
    hour = at.hour % 12 or 12
    day = f"{at:%B} {at.day}, {at.year}"
    clock = f"{hour}:{at:%M %p}"
    return {
        "t": clock,
        "T": f"{hour}:{at:%M:%S %p}",
        "d": f"{at.month}/{at.day}/{at.year}",
        "D": day,
        "F": f"{at:%A}, {day} at {clock}",
        "s": f"{at.month}/{at.day}/{at:%y}, {clock}",
        "S": f"{at.month}/{at.day}/{at:%y}, {hour}:{at:%M:%S %p}",
    }.get(style, f"{day} at {clock}")
