"""Counts, sizes, durations and times as people read them: one helper for each."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def plural(count: int, one: str, several: str = "") -> str:
    """`1 clip`, `2 clips`, `1,200 clips`; `several` where it isn't `one` with an s."""
    return f"{count:,} {one if count == 1 else several or f'{one}s'}"


def span(seconds: float) -> str:
    """A duration: 30 s, 1 min 30 s, 10 h."""
    hours, rest = divmod(round(seconds, 1), 3600)
    minutes, rest = divmod(rest, 60)
    parts = [
        f"{amount:g} {unit}"
        for amount, unit in ((hours, "h"), (minutes, "min"), (rest, "s"))
        if amount
    ]
    return " ".join(parts) or "0 s"


def last(seconds: float) -> str:
    """How far back: last 60 s, last 5 min; in whole seconds, never too many."""
    whole = max(1, int(seconds))
    return f"last {whole} s" if whole < 120 else f"last {span(whole)}"


def wait(seconds: float) -> str:
    """How long to wait: in whole seconds, never too short."""
    return span(max(1, math.ceil(seconds)))


def ago(seconds: float) -> str:
    """How long ago it was, in the largest unit that fits."""
    for unit, length in (("day", 86_400), ("h", 3600), ("min", 60)):
        if (count := int(seconds // length)) > 0:
            return f"{plural(count, unit) if unit == 'day' else f'{count} {unit}'} ago"
    return "just now"


def lasting(seconds: float) -> str:
    """How long a stream was; nobody asks for its seconds."""
    minutes = round(max(0.0, seconds) / 60)
    return span(60 * minutes) if minutes else "less than a minute"


def size(count: int) -> str:
    """Bytes. 1 MB is 1024 × 1024 of them, as Discord, Telegram and `--max-bytes` count."""
    if count < 1 << 20:
        return f"{count / 1024:.0f} KB"
    amount, unit = (count / (1 << 20), "MB") if count < 1 << 30 else (count / (1 << 30), "GB")
    return f"{amount:.1f}".removesuffix(".0") + f" {unit}"


def moment(at: datetime, now: datetime) -> str:
    """An instant, for readers whose time zone nobody knows. Its day is left out if that's today,
    its year if that's this one."""
    return f"{day(at, now)}{at.astimezone(UTC):%H:%M} UTC"


def day(at: datetime, now: datetime) -> str:
    """What stands before a time: its day, and its year if that isn't this one; empty for today."""
    at, now = at.astimezone(UTC), now.astimezone(UTC)
    if at.date() == now.date():
        return ""
    year = "" if at.year == now.year else f" {at.year}"
    return f"{at.day} {_MONTHS[at.month - 1]}{year}, "


def time_of_day(at: datetime, *, with_zone: bool = True) -> str:
    """An instant to the second, whose day is plain; without its zone where another one follows."""
    return f"{at.astimezone(UTC):%H:%M:%S}" + (" UTC" if with_zone else "")


def local_time(at: datetime, now: datetime) -> str:
    """An instant by the clocks of this machine, for its own terminal, to the nearest second. Its
    day is left out if that's today."""
    at, today = (at + timedelta(seconds=0.5)).astimezone(), now.astimezone().date()
    day = "" if at.date() == today else f"{at.day} {_MONTHS[at.month - 1]}, "
    return f"{day}{at:%H:%M:%S}"
