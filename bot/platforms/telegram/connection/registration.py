"""Tells Telegram which commands there are, by whom they can be used, and only when that changed."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence

from telegram import (
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
)

from bot.alerts import SendError
from bot.commands import CATALOGUE, Command
from bot.errors import StoreError
from bot.kit.timing.clock import Clock
from bot.platforms.telegram.addresses import NAME, chat_address
from bot.platforms.telegram.connection.calls import ask
from bot.platforms.telegram.connection.client_port import ClientPort
from bot.store import Store

_log = logging.getLogger(__name__)

_FIRST_PAUSE = 2.0
_LONGEST_PAUSE = 300.0

Menu = tuple[BotCommandScope, tuple[tuple[str, str], ...]]


def menus(catalogue: Sequence[Command] = CATALOGUE) -> tuple[Menu, ...]:
    """For each scope what its people can use: in groups only administrators manage. Pure."""
    everything = tuple((command.name, command.summary) for command in catalogue)
    for_all = tuple((c.name, c.summary) for c in catalogue if not c.manages)
    return (
        (BotCommandScopeAllPrivateChats(), everything),
        (BotCommandScopeAllGroupChats(), for_all),
        (BotCommandScopeAllChatAdministrators(), everything),
    )


class CommandsMenu:
    """Of one bot. What was told is kept in the database."""

    def __init__(self, client_port: ClientPort, store: Store, clock: Clock) -> None:
        self._client_port = client_port
        self._store = store
        self._clock = clock

    async def keep_trying(self) -> None:
        """Until Telegram knows the commands as they are."""
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._once()
            except (SendError, StoreError) as error:
                _log.warning("Telegram was not told of the commands, and will be: %s", error)
            else:
                return
            await self._clock.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _once(self) -> None:
        bot = self._client_port.sending()
        told = menus()
        name, print_now = f"{NAME}:commands:{bot.id}", fingerprint(told)
        async with self._store.read() as unit:
            if await unit.key_values.get(name) == print_now:
                return
        for scope, commands in told:
            await ask(bot.set_my_commands(commands, scope=scope), chat_address(bot.id))
        async with self._store.write() as unit:
            await unit.key_values.put(name, print_now)
        _log.info("told Telegram of %d commands", len(told[0][1]))


def fingerprint(told: Sequence[Menu]) -> str:
    """The same for the same menus."""
    text = json.dumps([(scope.type, commands) for scope, commands in told])
    return hashlib.sha256(text.encode()).hexdigest()
