"""The button Undo: for who removed something, and for whoever may manage, for half a minute."""

from __future__ import annotations

from bot import texts
from bot.commands import formatting
from bot.commands.context import CommandContext
from bot.commands.ports import Request
from bot.commands.undo.restoring import put_back, require_file
from bot.errors import Refused
from bot.kit.notifier import DELIVERIES
from bot.model import Message, MessageKind, Target, Undo, UndoName


async def press(
    context: CommandContext, request: Request, target: Target, argument: str
) -> Message:
    """Once; a second press says so. The answer that offered it changes where that is still known,
    and so does a clip's own message: then the press itself needs no more than a word."""
    name = UndoName.read(argument)
    if name is None:
        raise Refused(texts.commands.odd_button())
    found = await _find(context, target, name)
    await _check_right(context, request, found)
    if found.undone_at is None:
        await require_file(context, found)
    async with context.store.write() as unit:
        undo = await unit.undos.get(name.id)
        if undo is None:
            raise Refused(texts.undo.too_late(name.kind))
        if undo.undone_at is not None:
            return formatting.sentence(texts.undo.already_undone())
        message = await put_back(context, unit, undo, target)
    context.notifier.notify(DELIVERIES)
    if await context.undo.replace(name, message):
        return Message(kind=MessageKind.TOAST, lines=message.lines[:1])
    return message


async def _find(context: CommandContext, target: Target, name: UndoName) -> Undo:
    """A number that somebody made up, or that belongs elsewhere, is as good as over."""
    async with context.store.read() as unit:
        undo = await unit.undos.get(name.id)
    is_known = undo is not None and (undo.kind, undo.place_id) == (name.kind, target.place_id)
    if undo is None or not is_known or context.undo.is_over(undo):
        raise Refused(texts.undo.too_late(name.kind))
    return undo


async def _check_right(context: CommandContext, request: Request, undo: Undo) -> None:
    is_own = undo.person_id == request.caller.person.id
    if not is_own and not await request.caller.may_manage():
        raise Refused(texts.undo.may_not_undo(request.address.platform))
