"""From the words of `/settings` to preferences. Pure.

`night 22:00-08:00 Europe/Berlin silent`, `at-end delete`, `role none place`: the topic comes first
among what is left when words for the scope are taken out; what it is told may come in any order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from bot import texts
from bot.alerts import parse_hours
from bot.commands.command import Refused
from bot.commands.parsing.parser import nearest
from bot.commands.parsing.time_zones import find_zone
from bot.model import Preference, Scope

NOBODY = ""
"""The value for no role, and no target for notices, where a farther scope may have one."""

HERE = "here"
"""The value for notices, until the target where it was said has a row."""

OF_ROLES = frozenset({Preference.ROLE, Preference.NIGHT_MENTION})
"""What means nothing where there are no roles."""

OFF = "off"
"""The value for no night."""

_PLACE = frozenset({"place", "server", "guild", "group", "chat", "everywhere"})
_HERE = frozenset({"here", "channel", "topic", "thread"})
_TAKE_BACK = frozenset({"default", "reset"})
_NONE = frozenset({"none", "nobody", "off", "no"})
_YES_NO = {"yes": "yes", "on": "yes", "no": "no", "off": "no"}

_ROLE = re.compile(r"(?:<@&(\d{1,20})>|(\d{1,20}))", re.ASCII)
_TIME = r"(\d{1,2})(?:[:.h]?(\d{2}))?"
_HOURS = re.compile(rf"{_TIME}-{_TIME}", re.ASCII)
_DASHES = re.compile(r"\s*[-\u2010-\u2015]\s*|\s+(?:to|till|until)\s+")


@dataclass(frozen=True, slots=True)
class Change:
    """What to store; None takes a choice back. `scope` is the one that was named, if any."""

    values: Mapping[Preference, str | None]
    scope: Scope | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """What the words are read against. `everyone` is the id of the role that is everybody (on
    Discord it is the server's own); None: there are no roles. `by_options`: they were filled in,
    not typed."""

    zones: Collection[str]
    everyone: str | None
    by_options: bool = False


_Values = dict[Preference, str | None]
_Read = Callable[[Sequence[str], Around], _Values]


@dataclass(frozen=True, slots=True)
class _Topic:
    preferences: tuple[Preference, ...]
    read: _Read


def read_change(words: Sequence[str], around: Around) -> Change:
    """What is to be changed. Raises Refused, naming what was nearest."""
    name, arguments, scope = _parted(words)
    topic = _TOPICS.get(name)
    if topic is None:
        known = TOPICS if around.everyone is not None else WITHOUT_ROLES
        raise Refused(texts.settings.unknown_preference(name, nearest(name, known), known))
    if around.everyone is None and name not in WITHOUT_ROLES:
        raise Refused(texts.settings.no_roles())
    if not arguments:
        raise Refused(texts.settings.say_a_value(name, by_options=around.by_options))
    if all(word in _TAKE_BACK for word in arguments):
        return Change(dict.fromkeys(topic.preferences), scope)
    return Change(topic.read(arguments, around), scope)


def _parted(words: Sequence[str]) -> tuple[str, list[str], Scope | None]:
    """The topic, what it is told, and the scope."""
    name = ""
    arguments: list[str] = []
    scope: Scope | None = None
    for word in (part for each in words for part in each.split("=", 1) if part):
        small = word.lower()
        if small in _PLACE:
            scope = Scope.PLACE
        elif small in _HERE and name != "notices":
            scope = Scope.TARGET
        elif not name:
            name = small.replace("_", "-")
        else:
            arguments.append(small)
    return _SYNONYMS.get(name, name), arguments, scope


# What each topic is told


def _role(arguments: Sequence[str], around: Around) -> _Values:
    text = _only("role", arguments, around)
    if text in _NONE:
        return {Preference.ROLE: NOBODY}
    match = _ROLE.fullmatch(text)
    if match is None:
        raise Refused(texts.settings.not_a_role(text))
    role = match[1] or match[2]
    if role == around.everyone:
        raise Refused(texts.settings.everyone_is_no_role())
    return {Preference.ROLE: role}


def _night(arguments: Sequence[str], around: Around) -> _Values:
    if all(word in _NONE for word in arguments):
        return {Preference.NIGHT: OFF}
    values: _Values = {}
    for word in _DASHES.sub("-", " ".join(arguments)).split():
        values |= _night_word(word, around)
    return values


def _night_word(word: str, around: Around) -> _Values:
    if word in _MODES:
        return {Preference.NIGHT_MODE: word}
    if word in _MENTIONS:
        return {Preference.NIGHT_MENTION: _MENTIONS[word]}
    if word[0].isdigit():
        return {Preference.NIGHT: _hours(word, around)}
    zone, near = find_zone(word, around.zones)
    if zone is not None:
        return {Preference.TIME_ZONE: zone}
    if near is None or "/" not in word:
        near = nearest(word, (*_MODES, *_MENTIONS)) or near
    raise Refused(texts.settings.odd_night_word(word, near, by_options=around.by_options))


def _hours(word: str, around: Around) -> str:
    """`22:00-08:00`, from `22-8` or `22.00-08.00`, too."""
    match = _HOURS.fullmatch(word)
    if match is None:
        raise Refused(texts.settings.not_hours(word))
    begin, begin_minute, end, end_minute = match.groups()
    text = f"{int(begin):02}:{begin_minute or '00'}-{int(end):02}:{end_minute or '00'}"
    hours = parse_hours(text)
    if hours is None:
        raise Refused(texts.settings.not_hours(word))
    if hours.begin == hours.end:
        raise Refused(texts.settings.empty_night(by_options=around.by_options))
    return text


def _zone(arguments: Sequence[str], around: Around) -> _Values:
    text = _only("zone", arguments, around)
    zone, near = find_zone(text, around.zones)
    if zone is None:
        raise Refused(texts.settings.not_a_zone(text, near))
    return {Preference.TIME_ZONE: zone}


def _notices(arguments: Sequence[str], around: Around) -> _Values:
    text = _only("notices", arguments, around)
    if text in _NONE:
        return {Preference.NOTICES: NOBODY}
    if text not in _HERE:
        raise Refused(texts.settings.notices_here_or_none(text))
    return {Preference.NOTICES: HERE}


def _one_of(preference: Preference, name: str, choices: Mapping[str, str]) -> _Topic:
    """A topic with a few values; each may go by several words."""

    def read(arguments: Sequence[str], around: Around) -> _Values:
        text = _only(name, arguments, around)
        if text not in choices:
            allowed = tuple(dict.fromkeys(choices.values()))
            raise Refused(texts.settings.not_a_value(text, nearest(text, choices), allowed))
        return {preference: choices[text]}

    return _Topic((preference,), read)


def _only(name: str, arguments: Sequence[str], around: Around) -> str:
    if len(arguments) != 1:
        raise Refused(texts.settings.one_value(name, by_options=around.by_options))
    return arguments[0]


_MODES = ("silent", "skip", "digest")
_MENTIONS = {"mention": "yes", "no-mention": "no", "ping": "yes", "no-ping": "no"}
_CLIPPERS = {
    "everyone": "everyone",
    "everybody": "everyone",
    "all": "everyone",
    "managers": "managers",
    "manager": "managers",
    "moderators": "managers",
    "mods": "managers",
    "admins": "managers",
}
_ENDS = {"edit": "edit", "delete": "delete", "leave": "leave", "keep": "leave"}

_TOPICS: dict[str, _Topic] = {
    "role": _Topic((Preference.ROLE,), _role),
    "night": _Topic(
        (
            Preference.NIGHT,
            Preference.TIME_ZONE,
            Preference.NIGHT_MODE,
            Preference.NIGHT_MENTION,
        ),
        _night,
    ),
    "zone": _Topic((Preference.TIME_ZONE,), _zone),
    "night-mention": _one_of(Preference.NIGHT_MENTION, "night-mention", _YES_NO),
    "at-end": _one_of(Preference.AT_END, "at-end", _ENDS),
    "clip-by": _one_of(Preference.CLIP_BY, "clip-by", _CLIPPERS),
    "notices": _Topic((Preference.NOTICES,), _notices),
    "updates": _one_of(Preference.UPDATES, "updates", _YES_NO),
}
_SYNONYMS = {
    "time-zone": "zone",
    "timezone": "zone",
    "tz": "zone",
    "mention": "role",
    "ping": "role",
    "quiet": "night",
    "end": "at-end",
    "clip": "clip-by",
    "clips": "clip-by",
    "notice": "notices",
    "update": "updates",
}
TOPICS = tuple(_TOPICS)
WITHOUT_ROLES = tuple(
    n for n, topic in _TOPICS.items() if not OF_ROLES.issuperset(topic.preferences)
)
