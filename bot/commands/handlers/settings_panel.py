"""Presses in the panel of `/settings`: it is shown anew, with what was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot import texts
from bot.commands.context import CommandContext
from bot.commands.handlers import settings, undo
from bot.commands.parsing.preferences import HERE, Change, parse_change
from bot.commands.ports import Request
from bot.commands.settings import changes
from bot.commands.settings.level import DEFAULT, KEEP, PanelPress, undo_of
from bot.commands.settings.panel import Shown, known_to, panel
from bot.commands.settings.preference_lines import chosen_beyond
from bot.errors import Refused
from bot.kit.notifier import DELIVERIES
from bot.model import (
    NOBODY,
    PICKED,
    Line,
    Message,
    Preference,
    PreferenceKind,
    Scope,
    Target,
)


async def press(
    context: CommandContext, request: Request, target: Target, argument: str
) -> Message:
    """Raises Refused for a button of another version, or one that somebody made up."""
    pressed = PanelPress.read(argument)
    if pressed is None or (pressed.name is not None and pressed.name not in known_to(request)):
        raise Refused(texts.commands.odd_button())
    level, name, word = pressed.level, pressed.name, pressed.word
    coin = await settings.called(context, request, level.mint)
    if name is None and word == DEFAULT:
        return await settings.reset(context, request, level, coin)
    news: tuple[Line, ...] = ()
    if name is None and word is not None:
        news = await _undo(context, request, target, word)
    elif word is not None and word != KEEP:
        news = await _choose(context, request, target, pressed, coin)
        target = await context.here(request)
    return await panel(context, request, target, Shown(level, coin, name, news))


async def _undo(
    context: CommandContext, request: Request, target: Target, word: str
) -> tuple[Line, ...]:
    """What came of it. Raises Refused where it is too late."""
    name = undo_of(word)
    if name is None:
        raise Refused(texts.commands.odd_button())
    return (await undo.press(context, request, target, name.argument)).lines


async def _choose(
    context: CommandContext, request: Request, target: Target, pressed: PanelPress, coin: str
) -> tuple[Line, ...]:
    """What the platform says of it. Raises Refused where it cannot be."""
    scope = Scope.PLACE if pressed.level.is_place else None
    change = Change(await _values(context, request, target, pressed), scope)
    at = _picked_in(request) if pressed.word == PICKED else request
    notes = await changes.check(at, settings.COMMAND.name, change)
    async with context.store.write() as unit:
        there = await context.kept(unit, at)
        await changes.keep(unit, there, pressed.level, coin, change, context.clock.now())
    context.notifier.notify(DELIVERIES)
    return notes


async def _values(
    context: CommandContext, request: Request, target: Target, pressed: PanelPress
) -> Mapping[Preference, str | None]:
    """What to store. Raises Refused for a word that it does not know."""
    name, word = pressed.name, pressed.word
    assert name is not None
    if word == DEFAULT:
        return {name: None}
    if not word:
        async with context.store.read() as unit:
            wider = await chosen_beyond(unit, target, pressed.level)
        return {name: NOBODY if name in wider and wider[name].value else None}
    if word == PICKED:
        word = _picked(request, name)
    topic = Preference.NIGHT if name.spec.is_part else name
    parsing = await settings.parse_context(request, target)
    values = parse_change((topic.spec.word, word), parsing).values
    if not set(values) <= {name, *name.spec.parts}:
        raise Refused(texts.commands.odd_button())
    return values


def _picked(request: Request, name: Preference) -> str:
    """What was picked, as it would be typed. Raises Refused where nothing was."""
    if name.spec.kind is PreferenceKind.CHANNEL and request.picked is not None:
        return HERE
    if name.spec.kind is PreferenceKind.ROLE and request.role is not None:
        return request.role
    raise Refused(texts.commands.odd_button())


def _picked_in(request: Request) -> Request:
    """As if it were asked in the channel that was picked, where one was."""
    if request.picked is None:
        return request
    address = request.picked.address
    return replace(
        request,
        address=address,
        readiness=request.picked.readiness,
        is_elsewhere=address.channel != request.address.channel,
    )
