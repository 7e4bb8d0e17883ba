"""Each preference in words: what it is, and which level that comes from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot import texts
from bot.commands import formatting
from bot.commands.ports import Request
from bot.commands.settings.level import Level
from bot.model import Chosen, Line, Preference, PreferenceKind, Preferences, Span, Target
from bot.store import Unit

_Value = tuple[str | Span, ...]


async def chosen_at(unit: Unit, target: Target, level: Level) -> Preferences:
    """What is in force there."""
    if level.is_place:
        target = replace(target, id=0)
    return await unit.preferences.at(target, level.mint or None)


async def chosen_beyond(unit: Unit, target: Target, level: Level) -> Preferences:
    """What would be in force there if that level had chosen nothing."""
    return {} if level.is_place else await chosen_at(unit, target, Level(is_place=not level.mint))


async def lines_of(
    unit: Unit, request: Request, target: Target, chosen: Preferences, which: Iterable[Preference]
) -> dict[Preference, Line]:
    """Each in a line."""
    return {name: await _line(unit, request, target, name, chosen.get(name)) for name in which}


async def _line(
    unit: Unit, request: Request, target: Target, name: Preference, by: Chosen | None
) -> Line:
    words: _Value = (texts.settings.value(name, by.value if by is not None else None),)
    if name.spec.kind is PreferenceKind.ROLE and by is not None and by.value:
        words = (Span(texts.settings.role(by.value), role=by.value), texts.settings.IS_MENTIONED)
    elif name.spec.kind is PreferenceKind.CHANNEL and by is not None:
        words = await _channel(unit, request, target, name, by.value)
    level = texts.settings.scope(by.scope if by is not None else None, request.address.platform)
    label = formatting.bold(texts.settings.label(name))
    return formatting.line(label, ": ", *words, f" ({level})" if level else "")


async def _channel(
    unit: Unit, request: Request, target: Target, name: Preference, value: str
) -> _Value:
    there = await channel_of(unit, target, value)
    if there is None:
        return (texts.settings.value(name, None),)
    is_here = there.id == target.id and not request.is_elsewhere
    if not is_here and not may_see(request, there):
        return (texts.settings.NOTICES_TO, texts.settings.UNSEEN_CHANNEL)
    return (texts.settings.NOTICES_TO, *formatting.channel_named(there, is_here=is_here))


async def channel_of(unit: Unit, target: Target, value: str) -> Target | None:
    """The target that the value of such a preference names, if it is of the same place."""
    there = await unit.places.by_id(int(value)) if value.isdecimal() else None
    return there if there is not None and there.place_id == target.place_id else None


def may_see(request: Request, there: Target) -> bool:
    """Whether whoever asks may be told of that channel."""
    return request.sees is None or request.sees(there.address)
