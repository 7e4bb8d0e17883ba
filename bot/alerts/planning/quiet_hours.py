"""What the night does to an alert, by what a place chose. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.model import Preference, Preferences, in_force

_HOURS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Send:
    """Now. `mention`: the role may be mentioned."""

    silent: bool = False
    mention: bool = True


@dataclass(frozen=True, slots=True)
class Skip:
    """Never."""


@dataclass(frozen=True, slots=True)
class Digest:
    """In the list that is due `until` the night ends; `day` is the local date of that morning."""

    until: datetime
    day: str


Choice = Send | Skip | Digest


@dataclass(frozen=True, slots=True)
class Hours:
    """A night by the clock on the wall, such as `22:00-08:00`; the same twice is no night."""

    begin: time
    end: time

    def has(self, at: time) -> bool:
        """Whether it is night at that time of day."""
        if self.begin <= self.end:
            return self.begin <= at < self.end
        return at >= self.begin or at < self.end


def decide(chosen: Preferences, now: datetime) -> Choice:
    """What to do with an alert that would be sent now.

    What cannot be read (a command refuses it) is as good as not chosen: alerts are not lost to it.
    """
    hours = parse_hours(in_force(chosen, Preference.NIGHT))
    zone = parse_zone(in_force(chosen, Preference.TIME_ZONE))
    if hours is None or zone is None:
        return Send()
    local = now.astimezone(zone)
    if not hours.has(local.time()):
        return Send()
    match in_force(chosen, Preference.NIGHT_MODE):
        case "skip":
            return Skip()
        case "digest":
            day, until = _morning(hours, local)
            return Digest(until, day.isoformat())
        case _:
            return Send(silent=True, mention=in_force(chosen, Preference.NIGHT_MENTION) == "yes")


def held_back_by(chosen: Preferences, now: datetime) -> str | None:
    """The night's mode, `skip` or `digest`, where it keeps back an alert that would be sent now."""
    is_kept_back = not isinstance(decide(chosen, now), Send)
    return in_force(chosen, Preference.NIGHT_MODE) if is_kept_back else None


def parse_hours(text: str) -> Hours | None:
    """`22:00-08:00`; None for what is no such thing."""
    match = _HOURS.fullmatch(text.strip())
    if match is None:
        return None
    begin_hour, begin_minute, end_hour, end_minute = (int(part) for part in match.groups())
    return Hours(time(begin_hour, begin_minute), time(end_hour, end_minute))


def parse_zone(name: str) -> tzinfo | None:
    """A zone of the IANA list; None if there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a name may also be a bad path
        return None


def _morning(hours: Hours, local: datetime) -> tuple[date, datetime]:
    """When the night that `local` lies in ends. Of a time that the clock shows twice, or skips,
    the later reading: no night goes on after its morning."""
    day = local.date()
    if local.time() >= hours.end:
        day += timedelta(days=1)
    wall = datetime.combine(day, hours.end, local.tzinfo)
    return day, max(wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
