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
from bot.commands.parsing.parser import nearest
from bot.commands.parsing.time_zones import find_zone
from bot.errors import Refused
from bot.model import NOBODY, OFF, Preference, PreferenceKind, Scope

HERE = "here"
"""The value for notices, until the target where it was said has a row."""

_PLACE = frozenset({"place", "server", "guild", "group", "chat", "everywhere"})
_HERE = frozenset({"here", "channel", "topic", "thread"})
_TAKE_BACK = frozenset({"default", "reset"})
_ALL = frozenset({"all", "everything"})
_NONE = frozenset({"none", "nobody", "off", "no"})

_ROLE = re.compile(r"(?:<@&(\d{1,20})>|(\d{1,20}))", re.ASCII)
_TIME = r"(\d{1,2})(?:[:.h]?(\d{2}))?"
_HOURS = re.compile(rf"{_TIME}-{_TIME}", re.ASCII)
_BETWEEN_HOURS = frozenset({"to", "till", "until"})
_DASHES = re.compile(r"\s*[-\u2010-\u2015]\s*|\s+(?:to|till|until)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Change:
    """What to store; None takes a choice back. `scope` is the one that was named, if any.
    `is_reset`: every choice of that scope is taken back. Nothing at all: it is only to be shown."""

    values: Mapping[Preference, str | None]
    scope: Scope | None = None
    is_reset: bool = False


@dataclass(frozen=True, slots=True)
class ParseContext:
    """What the words are read against. `everyone` is the id of the role that is everybody (on
    Discord it is the server's own); None: there are no roles. `by_options`: they were filled in,
    not typed."""

    zones: Collection[str]
    everyone: str | None
    by_options: bool = False


_Values = dict[Preference, str | None]


def parse_change(words: Sequence[str], context: ParseContext) -> Change:
    """What is to be changed. Raises Refused, naming what was nearest."""
    topic, arguments, scope = _split_scope(words)
    if not topic or (topic.lower() in _TAKE_BACK and _is_all(arguments)):
        return Change({}, scope, is_reset=bool(topic))
    word = _word_of(topic)
    name = _TOPICS.get(word)
    if name is None:
        known = TOPICS if context.everyone is not None else WITHOUT_ROLES
        raise Refused(texts.settings.unknown_preference(topic, nearest(word, known), known))
    if context.everyone is None and word not in WITHOUT_ROLES:
        raise Refused(texts.settings.no_roles())
    if not arguments:
        raise Refused(texts.settings.say_a_value(name, by_options=context.by_options))
    if all(argument.lower() in _TAKE_BACK for argument in arguments):
        return Change(dict.fromkeys((name, *name.spec.parts)), scope)
    return Change(_READERS[name.spec.kind](name, arguments, context), scope)


def _split_scope(words: Sequence[str]) -> tuple[str, list[str], Scope | None]:
    """The topic and what it is told, both as they were typed, and the scope."""
    topic = ""
    arguments: list[str] = []
    scope: Scope | None = None
    for word in (part for each in words for part in each.split("=", 1) if part):
        small = word.lower()
        if small in _PLACE:
            scope = Scope.PLACE
        elif small in _HERE and _TOPICS.get(_word_of(topic)) is not Preference.NOTICES:
            scope = Scope.TARGET
        elif not topic:
            topic = word
        else:
            arguments.append(word)
    return topic, arguments, scope


def _word_of(topic: str) -> str:
    """What the topic is called here."""
    small = topic.lower().replace("_", "-")
    return _SYNONYMS.get(small, small)


def _is_all(arguments: Sequence[str]) -> bool:
    return all(word.lower() in _ALL for word in arguments)


def topic_of(words: Sequence[str]) -> Preference | None:
    """What is to be changed, if one of the words says so."""
    topics = (_TOPICS.get(_word_of(word.partition("=")[0])) for word in words)
    return next((topic for topic in topics if topic is not None), None)


def may_be_symbols(words: Sequence[str], context: ParseContext) -> tuple[str, ...]:
    """Those of the words that no preference knows, so that a coin may be called so."""
    name = topic_of(words)
    return tuple(word for word in words if not _is_known(word, name, context))


def _is_known(word: str, name: Preference | None, context: ParseContext) -> bool:
    """`name` is what is to be changed, if that was said."""
    small = word.lower()
    if "=" in word or small in _PLACE | _HERE | _TAKE_BACK or _word_of(word) in _TOPICS:
        return True
    if name is None:
        return False
    try:
        _READERS[name.spec.kind](name, [word], context)
    except Refused:
        is_hours = small in _BETWEEN_HOURS or small[0].isdigit()
        return is_hours and name.spec.kind is PreferenceKind.HOURS
    return True


# How each kind is read


def _role(name: Preference, arguments: Sequence[str], context: ParseContext) -> _Values:
    text = _only(name, arguments, context)
    if text.lower() in _NONE:
        return {name: NOBODY}
    match = _ROLE.fullmatch(text)
    if match is None:
        raise Refused(texts.settings.not_a_role(text))
    role = match[1] or match[2]
    if role == context.everyone:
        raise Refused(texts.settings.everyone_is_no_role())
    return {name: role}


def _night(name: Preference, arguments: Sequence[str], context: ParseContext) -> _Values:
    if all(word.lower() in _NONE for word in arguments):
        return {name: OFF}
    values: _Values = {}
    for word in _DASHES.sub("-", " ".join(arguments)).split():
        values |= _night_word(name, word, context)
    return values


def _night_word(name: Preference, word: str, context: ParseContext) -> _Values:
    small = word.lower()
    if small in _MODES:
        return {Preference.NIGHT_MODE: small}
    if small in _MENTIONS:
        return {Preference.NIGHT_MENTION: _MENTIONS[small]}
    if word[0].isdigit():
        return {name: _hours(word, context)}
    zone, near = find_zone(word, context.zones)
    if zone is not None:
        return {Preference.TIME_ZONE: zone}
    if near is None or "/" not in word:
        near = nearest(word, (*_MODES, *_MENTIONS)) or near
    raise Refused(texts.settings.odd_night_word(word, near, by_options=context.by_options))


def _hours(word: str, context: ParseContext) -> str:
    """`22:00-08:00`, from `22-8` or `22.00-08.00`, too."""
    match = _HOURS.fullmatch(word.lower())
    if match is None:
        raise Refused(texts.settings.not_hours(word))
    begin, begin_minute, end, end_minute = match.groups()
    text = f"{int(begin):02}:{begin_minute or '00'}-{int(end):02}:{end_minute or '00'}"
    hours = parse_hours(text)
    if hours is None:
        raise Refused(texts.settings.not_hours(word))
    if hours.begin == hours.end:
        raise Refused(texts.settings.empty_night(by_options=context.by_options))
    return text


def _zone(name: Preference, arguments: Sequence[str], context: ParseContext) -> _Values:
    text = _only(name, arguments, context)
    zone, near = find_zone(text, context.zones)
    if zone is None:
        raise Refused(texts.settings.not_a_zone(text, near))
    return {name: zone}


def _channel(name: Preference, arguments: Sequence[str], context: ParseContext) -> _Values:
    text = _only(name, arguments, context)
    if text.lower() in _NONE:
        return {name: NOBODY}
    if text.lower() not in _HERE:
        raise Refused(texts.settings.notices_here_or_none(text))
    return {name: HERE}


def _choice(name: Preference, arguments: Sequence[str], context: ParseContext) -> _Values:
    """One of a few values; each may go by several words."""
    text = _only(name, arguments, context)
    allowed = name.spec.choices
    meant = {choice: choice for choice in allowed} | dict(name.spec.synonyms)
    if text.lower() not in meant:
        raise Refused(texts.settings.not_a_value(text, nearest(text, meant), allowed))
    return {name: meant[text.lower()]}


def _only(name: Preference, arguments: Sequence[str], context: ParseContext) -> str:
    if len(arguments) != 1:
        raise Refused(texts.settings.one_value(name, by_options=context.by_options))
    return arguments[0]


_MODES = Preference.NIGHT_MODE.spec.choices
_MENTIONS = {"mention": "yes", "no-mention": "no", "ping": "yes", "no-ping": "no"}

_Read = Callable[[Preference, Sequence[str], ParseContext], _Values]
_READERS: Mapping[PreferenceKind, _Read] = {
    PreferenceKind.CHOICE: _choice,
    PreferenceKind.ROLE: _role,
    PreferenceKind.HOURS: _night,
    PreferenceKind.ZONE: _zone,
    PreferenceKind.CHANNEL: _channel,
}
_TOPICS = {name.spec.word: name for name in Preference if not name.spec.is_part}
_SYNONYMS = {word: name.spec.word for name in Preference for word in name.spec.also}
TOPICS = tuple(_TOPICS)
WITHOUT_ROLES = tuple(word for word, name in _TOPICS.items() if not name.spec.needs_roles)
