"""The settings of a level as a message: each in words, and its control."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from bot import texts
from bot.commands import formatting
from bot.commands.context import CommandContext
from bot.commands.parsing.time_zones import every_zone
from bot.commands.ports import Request
from bot.commands.settings.level import DEFAULT, Level, PanelPress, undo_word
from bot.commands.settings.preference_lines import (
    channel_of,
    chosen_at,
    chosen_beyond,
    lines_of,
    may_see,
)
from bot.commands.settings.selects import Channel, PanelState, selects_of
from bot.model import (
    Button,
    Line,
    Message,
    Preference,
    PreferenceKind,
    Preferences,
    Scope,
    Target,
    UndoName,
)
from bot.store import Unit


@dataclass(frozen=True, slots=True)
class Shown:
    """What is to be shown. `coin` is what the level's coin is called. `opened` is the control that
    is shown where there is no room for all; `news` are lines about what was just done, and `undo`
    takes that back."""

    level: Level
    coin: str = ""
    opened: Preference | None = None
    news: tuple[Line, ...] = ()
    undo: UndoName | None = None


async def panel(context: CommandContext, request: Request, target: Target, shown: Shown) -> Message:
    """Without controls for a coin that is not followed there."""
    zones = await asyncio.to_thread(every_zone)
    async with context.store.read() as unit:
        state = await _state(unit, request, target, shown, zones)
        mint = shown.level.mint
        is_free = not mint or await unit.subscriptions.get(target.id, mint) is not None
    hint = formatting.line(texts.settings.how_to_change(by_options=request.by_options))
    title = _title(shown, request.address.platform)
    if not is_free:
        lines = (*state.told.values(), formatting.line(texts.settings.not_followed(shown.coin)))
        return Message(title=title, lines=(*shown.news, *lines))
    return Message(
        title=title,
        lines=(*shown.news, hint),
        selects=selects_of(state),
        buttons=_buttons(request, state, shown.undo),
    )


def known_to(request: Request) -> Iterable[Preference]:
    """Those that mean something on that platform."""
    return [one for one in Preference if request.has_roles or not one.spec.needs_roles]


async def _state(
    unit: Unit, request: Request, target: Target, shown: Shown, zones: Collection[str]
) -> PanelState:
    level = shown.level
    chosen = await chosen_at(unit, target, level)
    wider = await chosen_beyond(unit, target, level)
    return PanelState(
        level=level,
        platform=request.address.platform,
        told=await lines_of(unit, request, target, chosen, known_to(request)),
        chosen=chosen,
        wider=wider,
        zones=zones,
        channels=await _channels(unit, request, target, (chosen, wider)),
        opened=shown.opened,
    )


async def _channels(
    unit: Unit, request: Request, target: Target, several: Iterable[Preferences]
) -> dict[str, Channel]:
    """Those that a value names, by that value."""
    values = {
        by.value
        for chosen in several
        for name, by in chosen.items()
        if name.spec.kind is PreferenceKind.CHANNEL and by.value
    }
    return {value: await _channel(unit, request, target, value) for value in values}


async def _channel(unit: Unit, request: Request, target: Target, value: str) -> Channel:
    there = await channel_of(unit, target, value)
    if there is None:
        return Channel(texts.settings.short(Preference.NOTICES, ""), "")
    is_here = there.id == target.id
    if not is_here and not may_see(request, there):
        return Channel(texts.settings.UNSEEN_CHANNEL, "")
    return Channel(formatting.channel(there, is_here=is_here), there.address.channel, is_here)


def _title(shown: Shown, platform: str) -> str:
    if shown.level.mint:
        return texts.settings.settings_of(shown.coin)
    if shown.level.is_place:
        return texts.settings.settings_at(Scope.PLACE, platform)
    return texts.settings.TITLE


def _buttons(
    request: Request, state: PanelState, undo: UndoName | None
) -> tuple[tuple[Button, ...], ...]:
    """To the other level, and back to the beginning. To undo that is a press in the panel, too: so
    the panel is what comes of it."""
    level, row = state.level, []
    if request.has_channels and not level.mint:
        other = replace(level, is_place=not level.is_place)
        label = texts.settings.switch(other.scope, state.platform)
        row.append(Button(label, action=PanelPress(other, state.opened).action))
    scopes = level.scopes(has_channels=request.has_channels)
    if any(by.scope in scopes for by in state.chosen.values()):
        row.append(Button(texts.settings.RESET_ALL, action=PanelPress(level, None, DEFAULT).action))
    if undo is not None:
        row.append(Button(texts.undo.UNDO, action=PanelPress(level, None, undo_word(undo)).action))
    return (tuple(row),) if row else ()
