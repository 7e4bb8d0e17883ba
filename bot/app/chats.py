"""The chat platforms that have a token: built, logged in, run and closed, each for itself."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial

from bot import texts
from bot.alerts import Sender
from bot.app.context import ServiceContext
from bot.app.isolated_chat import Chat, IsolatedChat
from bot.commands import Commands
from bot.config import Role, Secrets
from bot.kit.tasks import background, cancel_and_wait, first_to_end, spawn

_log = logging.getLogger(__name__)

_LOGIN_SECONDS = 10.0
"""A platform that does not answer for so long is left to log in later; the rest starts now."""


def build_chats(
    context: ServiceContext, commands: Commands, secrets: Secrets
) -> tuple[IsolatedChat, ...]:
    """Those that have a token, and of which this node does something. The others say that they are
    off, and are not even imported."""
    tokens = {
        "discord": (secrets.discord_token, _build_discord, Role.DISCORD),
        "telegram": (secrets.telegram_token, _build_telegram, Role.TELEGRAM),
    }
    chats: list[IsolatedChat] = []
    for name, (token, build, role) in tokens.items():
        part = context.health.part(name)
        if token is None:
            line = texts.checks.platform_off(name)
            _log.info(line)
            part.off(line.partition(": ")[2])
        elif not context.may(role) and not context.may(Role.ALERTS):
            part.off(texts.health.NO_ROLE)
        else:
            chats.append(
                IsolatedChat(
                    name,
                    partial(build, context, commands, token),
                    part,
                    context.clock,
                    context.leadership,
                    connects=context.may(role),
                    is_shared=context.is_node,
                )
            )
    return tuple(chats)


@contextlib.asynccontextmanager
async def running_chats(
    chats: Sequence[IsolatedChat], stop: asyncio.Event, join: Callable[[Sender], None]
) -> AsyncIterator[None]:
    """All of them, until the end of the block. Raises TokenRefused where a token is wrong."""
    tasks: list[asyncio.Task[None]] = []
    try:
        await _log_in(chats, stop)
        tasks += [spawn(chat.run(join), chat.name) for chat in chats]
        yield
    finally:
        await cancel_and_wait(*tasks)
        await asyncio.gather(*(chat.close() for chat in chats))


async def _log_in(chats: Sequence[IsolatedChat], stop: asyncio.Event) -> None:
    """All at once; whoever has not answered in time goes on by itself in `run`."""
    async with (
        background(_log_in_all(chats), "logins") as logins,
        background(stop.wait(), "stop-login") as stopped,
    ):
        await first_to_end(logins, stopped, seconds=_LOGIN_SECONDS)
        if logins.done():
            logins.result()


async def _log_in_all(chats: Sequence[IsolatedChat]) -> None:
    """Raises TokenRefused as soon as one of them does."""
    logins = [spawn(chat.login(), f"{chat.name}-login") for chat in chats]
    try:
        await asyncio.gather(*logins)
    finally:
        await cancel_and_wait(*logins)


def _build_discord(context: ServiceContext, commands: Commands, token: str) -> Chat:
    import cogs
    from bot.platforms.discord import DiscordPlatform

    settings = context.settings.discord

    return DiscordPlatform(
        token=token,
        settings=settings,
        store=context.store,
        files=context.files,
        clock=context.clock,
        commands=commands,
        health=context.health,
        network=context.network,
        cogs=cogs.build(commands),
        turns=context.leadership if context.is_node or settings.shards > 1 else None,
    )


def _build_telegram(context: ServiceContext, commands: Commands, token: str) -> Chat:
    from bot.platforms.telegram import TelegramPlatform

    return TelegramPlatform(
        token=token,
        settings=context.settings.telegram,
        store=context.store,
        files=context.files,
        clock=context.clock,
        commands=commands,
        health=context.health,
        network=context.network,
    )
