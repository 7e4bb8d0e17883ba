"""Instants as people type them. Pure, but for the time zone of this machine."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bot.errors import InstantError

_CLOCK = re.compile(
    r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)"
    r"(?::(?P<second>[0-5]\d)(?:\.(?P<fraction>\d{1,6}))?)?",
    re.ASCII,
)
_DAYS = 3
"""Today, yesterday, and one more for the day on which a time of day is left out."""


def parse_instant(text: str, now: datetime, zone: tzinfo | None = None) -> datetime:
    """`14:02:10` or `14:02`, the newest that is not after `now`, by the clocks of `zone` (else of
    this machine); or an instant of ISO 8601 with its own zone. In UTC.

    Raises InstantError.
    """
    typed = text.strip()
    if (clock := _CLOCK.fullmatch(typed)) is not None:
        return _newest(_time_of(clock), now, zone)
    try:
        instant = datetime.fromisoformat(typed)
        if instant.tzinfo is None:
            raise InstantError(text, lacks_zone=True)
        return instant.astimezone(UTC)
    except (OverflowError, ValueError):
        raise InstantError(text) from None


def _time_of(clock: re.Match[str]) -> time:
    fraction = (clock["fraction"] or "").ljust(6, "0")
    return time(int(clock["hour"]), int(clock["minute"]), int(clock["second"] or 0), int(fraction))


def _newest(at: time, now: datetime, zone: tzinfo | None) -> datetime:
    """Where clocks are put back, a time of day is there twice; where they are put forward, never:
    then that of the day before is meant."""
    today = now.astimezone(zone).date()
    days = [today - timedelta(days=back) for back in range(_DAYS)]
    every = [each for day in days for each in _on(day, at, zone)]
    return max(each for each in every if each <= now)


def _on(day: date, at: time, zone: tzinfo | None) -> list[datetime]:
    """When clocks show that time on that day."""
    wall = datetime.combine(day, at)
    found = [_in_utc(wall.replace(fold=fold), zone) for fold in (0, 1)]
    return [one for one in found if one.astimezone(zone).replace(tzinfo=None, fold=0) == wall]


def _in_utc(wall: datetime, zone: tzinfo | None) -> datetime:
    return (wall.replace(tzinfo=zone) if zone is not None else wall).astimezone(UTC)
