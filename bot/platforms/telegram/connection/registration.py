"""The commands as Telegram is told of them, and by whom they can be used."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import (
    Bot,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
)

from bot.commands import CATALOGUE, Command
from bot.platforms.shared.registration import Offer
from bot.platforms.telegram.addresses import NAME, chat_address
from bot.platforms.telegram.connection.api_requests import ask

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


def offer(bot: Bot) -> Offer:
    """What that bot is to have."""
    registered = menus()

    async def tell() -> None:
        for scope, commands in registered:
            await ask(bot.set_my_commands(commands, scope=scope), chat_address(bot.id))

    async def stands() -> bool:
        for scope, commands in registered:
            told = await ask(bot.get_my_commands(scope=scope), chat_address(bot.id))
            if {one.command for one in told} != {name for name, _ in commands}:
                return False
        return True

    return Offer(
        key=f"{NAME}:commands:{bot.id}",
        content=[(scope.type, commands) for scope, commands in registered],
        count=len(registered[0][1]),
        tell=tell,
        stands=stands,
    )
