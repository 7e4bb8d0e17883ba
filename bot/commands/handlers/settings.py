"""`/settings`: what is in force, from which level it comes, and how to change it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot import texts
from bot.commands import formatting
from bot.commands.channels import check_readiness
from bot.commands.command import Command, Kind, Parameter
from bot.commands.context import CommandContext
from bot.commands.parsing.coin_lookup import named
from bot.commands.parsing.parser import parse_mints
from bot.commands.parsing.preferences import HERE, Change, ParseContext, parse_change
from bot.commands.parsing.time_zones import every_zone
from bot.commands.ports import Request
from bot.errors import Refused
from bot.model import (
    Line,
    Message,
    MintFault,
    Preference,
    Preferences,
    Scope,
    Span,
    Target,
    Tone,
)
from bot.store import Unit

COMMAND = Command(
    "settings",
    texts.commands.SUMMARIES["settings"],
    (
        Parameter("change", texts.commands.PARAMETERS["change"], Kind.WORDS),
        Parameter("mint", texts.commands.PARAMETERS["mint"], Kind.MINT),
    ),
    manages=True,
    details=texts.settings.DETAILS,
    option_details=texts.settings.OPTION_DETAILS,
)

_COIN = ("$", "mint=", "coin=")

_Value = tuple[str | Span, ...]


async def run(context: CommandContext, request: Request, target: Target) -> Message:
    """Without words about a change, only show."""
    words = [word for word in request.words if not _is_about_a_coin(word)]
    about = [word for word in request.words if _is_about_a_coin(word)]
    command = COMMAND.shown(by_options=request.by_options)
    mint = await named(context, target, command, parse_mints(about))
    name = formatting.called(await context.coin(request, mint), mint) if mint else ""
    if not words:
        return await _show(context, request, target, mint, name)
    zones = await asyncio.to_thread(every_zone)
    everyone = target.address.place if request.has_roles else None
    change = parse_change(words, ParseContext(zones, everyone, request.by_options))
    notes = await _check(request, change)
    async with context.store.write() as unit:
        target = await context.kept(unit, request)
        scope, owner_id = await _owner(unit, request, target, mint, name, change)
        await _keep(unit, scope, owner_id, change, target)
        lines = await _lines(unit, request, target, mint, tuple(change.values))
    title = f"{texts.settings.CHANGED}: {name}" if name else texts.settings.CHANGED
    return Message(title=title, lines=(*lines, *notes), tone=Tone.GOOD)


async def _check(request: Request, change: Change) -> tuple[Line, ...]:
    """What the platform says of whom alerts are to mention, and of where notices are to go: now,
    and not when the first of them fails. Raises Refused where nothing can be posted."""
    is_notices = bool(change.values.get(Preference.NOTICES))
    is_role = bool(change.values.get(Preference.ROLE)) and request.role is not None
    if not (is_notices or is_role):
        return ()
    posts_there = is_notices or change.scope is not Scope.PLACE
    return await check_readiness(request, COMMAND.name, posts_there=posts_there)


def _is_about_a_coin(word: str) -> bool:
    """A symbol needs its `$`, or `mint=`: any coin may be called by a word that says what to
    change. A time zone looks like a link to somewhere else."""
    parsed = parse_mints([word])
    return (
        word.lower().startswith(_COIN)
        or bool(parsed.mints)
        or any(error.fault is not MintFault.FOREIGN_HOST for error in parsed.refused)
    )


async def _show(
    context: CommandContext, request: Request, target: Target, mint: str | None, name: str
) -> Message:
    async with context.store.read() as unit:
        lines = await _lines(unit, request, target, mint, _known_to(request))
    title = texts.settings.settings_of(name) if name else texts.settings.TITLE
    hint = formatting.line(texts.settings.how_to_change(by_options=request.by_options))
    return Message(title=title, lines=(*lines, hint))


def _known_to(request: Request) -> Sequence[Preference]:
    return [one for one in Preference if request.has_roles or not one.spec.needs_roles]


async def _owner(
    unit: Unit, request: Request, target: Target, mint: str | None, name: str, change: Change
) -> tuple[Scope, int]:
    """Whose choice it is to be; the place's where no nearer one can be."""
    if mint is not None:
        for preference in change.values:
            if Scope.SUBSCRIPTION not in preference.spec.scopes:
                raise Refused(texts.settings.not_for_a_coin(preference))
        if change.scope is not None:
            raise Refused(texts.settings.one_scope(by_options=request.by_options))
        subscription = await unit.subscriptions.get(target.id, mint)
        if subscription is None:
            raise Refused(texts.settings.not_followed(name))
        return Scope.SUBSCRIPTION, subscription.id
    is_near = all(Scope.TARGET in preference.spec.scopes for preference in change.values)
    if change.scope is Scope.PLACE or not is_near:
        return Scope.PLACE, target.place_id
    return Scope.TARGET, target.id


async def _keep(unit: Unit, scope: Scope, owner_id: int, change: Change, target: Target) -> None:
    for preference, chosen in change.values.items():
        is_here = preference is Preference.NOTICES and chosen == HERE
        value = str(target.id) if is_here else chosen
        if value is None:
            await unit.preferences.unset(scope, owner_id, preference)
        else:
            await unit.preferences.set(scope, owner_id, preference, value)


async def _lines(
    unit: Unit, request: Request, target: Target, mint: str | None, which: Sequence[Preference]
) -> tuple[Line, ...]:
    """Each with its value, and the level that it comes from."""
    chosen: Preferences = await unit.preferences.at(target, mint)
    lines = []
    for preference in which:
        by = chosen.get(preference)
        words: _Value = (texts.settings.value(preference, by.value if by is not None else None),)
        if preference is Preference.ROLE and by is not None and by.value:
            words = (
                Span(texts.settings.role(by.value), role=by.value),
                texts.settings.IS_MENTIONED,
            )
        elif preference is Preference.NOTICES and by is not None and by.value.isdecimal():
            words = await _notices_in(unit, request, target, int(by.value))
        platform = request.address.platform
        level = texts.settings.scope(by.scope if by is not None else None, platform)
        label = formatting.bold(texts.settings.label(preference))
        lines.append(formatting.line(label, ": ", *words, f" ({level})" if level else ""))
    return tuple(lines)


async def _notices_in(unit: Unit, request: Request, target: Target, target_id: int) -> _Value:
    there = await unit.places.by_id(target_id)
    if there is None or there.place_id != target.place_id:
        return (texts.settings.value(Preference.NOTICES, None),)
    is_here = there.id == target.id and not request.is_elsewhere
    if not is_here and request.sees is not None and not request.sees(there.address):
        return (texts.settings.NOTICES_TO, texts.settings.UNSEEN_CHANNEL)
    return (texts.settings.NOTICES_TO, *formatting.channel_named(there, is_here=is_here))
