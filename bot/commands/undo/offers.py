"""Answers with an Undo button, while it can be pressed.

Kept in memory: after a restart the button stays where it is, and a press of it answers in a
sentence of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.commands.ports import Reply
from bot.commands.undo.sweeper import UndoSweeper
from bot.errors import MintcastError
from bot.kit.tasks import Tasks
from bot.kit.timing.clock import Clock
from bot.model import UNDO_FOR, Action, Message, Undo, UndoName, Verb

_log = logging.getLogger(__name__)

_MARGIN_SECONDS = 0.5
"""A little later it is too late by every clock."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """An answer, and how it reads now."""

    reply: Reply
    message: Message


class UndoOffers:
    """For one loop. `tasks` are those that end with the commands."""

    def __init__(self, *, sweeper: UndoSweeper, clock: Clock, tasks: Tasks) -> None:
        self._sweeper = sweeper
        self._clock = clock
        self._tasks = tasks
        self._shown: dict[UndoName, _Shown] = {}

    def shown(self, reply: Reply, message: Message) -> None:
        """An answer was shown: where it offers to undo something, it does for a while only."""
        for name in _offered(message):
            self._shown[name] = _Shown(reply, message)
            self.begin(name)

    def is_over(self, undo: Undo) -> bool:
        """Whether it is too late."""
        return self._sweeper.is_over(undo)

    def begin(self, name: UndoName) -> None:
        """Something was removed just now: when its time is over, so is the offer."""
        self._tasks.start(self._end(name), f"undo-{name.id}")

    async def replace(self, name: UndoName, message: Message) -> bool:
        """Show `message` in place of the answer that offered it. False: that is not to be."""
        shown = self._shown.pop(name, None)
        if shown is None or not await _changed(shown.reply, message):
            return False
        if name in _offered(message):
            self._shown[name] = replace(shown, message=message)
        return True

    async def _end(self, name: UndoName) -> None:
        await self._clock.sleep(UNDO_FOR.total_seconds() + _MARGIN_SECONDS)
        shown = self._shown.pop(name, None)
        if shown is not None:
            await _changed(shown.reply, without_undo(shown.message))
        try:
            await self._sweeper.sweep()
        except MintcastError as error:
            _log.info("what can no longer be undone is kept for a moment longer: %s", error)


async def _changed(reply: Reply, message: Message) -> bool:
    try:
        await reply.change(message)
    except MintcastError as error:
        _log.info("an answer that offers to undo something could not be changed: %s", error)
        return False
    return True


def without_undo(message: Message) -> Message:
    """The same without its Undo button. Pure."""
    rows = (tuple(one for one in row if _name(one.action) is None) for row in message.buttons)
    return replace(message, buttons=tuple(row for row in rows if row))


def _offered(message: Message) -> Iterator[UndoName]:
    for row in message.buttons:
        for button in row:
            if (name := _name(button.action)) is not None:
                yield name


def _name(text: str) -> UndoName | None:
    action = Action.decode(text)
    is_undo = action is not None and action.verb is Verb.UNDO
    return UndoName.read(action.argument) if action is not None and is_undo else None
