"""What was chosen is kept, at the level that it is meant for."""

from __future__ import annotations

from datetime import datetime

from bot import texts
from bot.commands.channels import check_readiness
from bot.commands.parsing.preferences import HERE, Change
from bot.commands.ports import Request
from bot.commands.settings.level import Level
from bot.commands.undo.removal import forget_choices, show_other_pictures
from bot.errors import Refused
from bot.model import Line, PreferenceKind, Scope, Target, UndoName
from bot.store import Unit

Owner = tuple[Scope, int]


async def check(request: Request, command: str, change: Change) -> tuple[Line, ...]:
    """What the platform says of whom alerts are to mention, and of where notices are to go: now,
    and not when the first of them fails. Raises Refused where nothing can be posted."""
    named = {name.spec.kind for name, value in change.values.items() if value}
    is_channel = PreferenceKind.CHANNEL in named
    is_role = PreferenceKind.ROLE in named and request.role is not None
    if not (is_channel or is_role):
        return ()
    posts_there = is_channel or change.scope is not Scope.PLACE
    return await check_readiness(request, command, posts_there=posts_there)


def level_of(request: Request, mint: str | None, change: Change) -> Level:
    """Where the change is to count. Raises Refused for what cannot be."""
    if mint is None:
        return Level(is_place=change.scope is Scope.PLACE)
    for name in change.values:
        if Scope.SUBSCRIPTION not in name.spec.scopes:
            raise Refused(texts.settings.not_for_a_coin(name))
    if change.scope is not None:
        raise Refused(texts.settings.one_scope(by_options=request.by_options))
    return Level(mint)


async def keep(
    unit: Unit, target: Target, level: Level, coin: str, change: Change, now: datetime
) -> None:
    """Choose it, or take it back. `coin` is what the level's coin is called. Raises Refused where
    that is not followed."""
    await show_other_pictures(unit, target.place_id, change.values.keys(), now)
    for name, value in change.values.items():
        owner = await _owner(unit, target, level, coin, level.owner_of(name))
        if value is None:
            await unit.preferences.unset(*owner, name)
        else:
            is_here = name.spec.kind is PreferenceKind.CHANNEL and value == HERE
            await unit.preferences.set(*owner, name, str(target.id) if is_here else value)


async def reset(
    unit: Unit, target: Target, request: Request, level: Level, coin: str, now: datetime
) -> UndoName | None:
    """Take back all that the level chose; by that name it can be undone. None: nothing was chosen.
    Raises Refused where its coin is not followed."""
    scopes = level.scopes(has_channels=request.has_channels)
    owners = [await _owner(unit, target, level, coin, scope) for scope in scopes]
    return await forget_choices(unit, target, request, owners, now)


async def _owner(unit: Unit, target: Target, level: Level, coin: str, scope: Scope) -> Owner:
    if scope is Scope.PLACE:
        return scope, target.place_id
    if scope is Scope.TARGET:
        return scope, target.id
    subscription = await unit.subscriptions.get(target.id, level.mint)
    if subscription is None:
        raise Refused(texts.settings.not_followed(coin))
    return scope, subscription.id
