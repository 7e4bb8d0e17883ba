"""Time zones by the names that people know them by. Pure, but for reading the list once."""

from __future__ import annotations

import functools
import zoneinfo
from collections.abc import Collection

from bot.commands.parsing.parser import nearest

_CLOSENESS = 0.78
"""Among hundreds of names, something is always a little like it: a guess is a slip of a letter or
two (Tokio), and not another city (mars/base was taken for Asia/Baku)."""


@functools.cache
def every_zone() -> frozenset[str]:
    """The names of the IANA list. The first call reads many small files: make it in a thread."""
    return frozenset(zoneinfo.available_timezones())


def find_zone(text: str, zones: Collection[str]) -> tuple[str | None, str | None]:
    """The zone that `text` names (whatever its case, or by its city alone), or None; and then the
    nearest name, if any is near."""
    wanted = text.lower().replace(" ", "_")
    by_name, by_city = _tables(frozenset(zones))
    if wanted in by_name:
        return by_name[wanted], None
    of_city = by_city.get(wanted, [])
    if len(of_city) == 1:
        return of_city[0], None
    if of_city:
        return None, of_city[0]
    city = wanted.rpartition("/")[2]
    near = nearest(wanted, by_name, _CLOSENESS) or nearest(city, by_city, _CLOSENESS)
    if near is None:
        return None, None
    return None, by_name.get(near) or by_city[near][0]


@functools.lru_cache(maxsize=1)
def _tables(zones: frozenset[str]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """By name, and by city, in small letters. Several words of one message are looked up."""
    by_name = {zone.lower(): zone for zone in sorted(zones)}
    by_city: dict[str, list[str]] = {}
    for name, zone in by_name.items():
        by_city.setdefault(name.rpartition("/")[2], []).append(zone)
    return by_name, by_city
