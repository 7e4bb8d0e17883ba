"""The chat platforms that have a token: built, logged in, run and closed, each for itself."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, Protocol

from bot.alerts import Sender
from bot.app.ground import Ground
from bot.commands import Commands
from bot.config import Secrets
from bot.errors import ChatFault, TokenRefused
from bot.kit.tasks import supervise
from bot.texts import checking as texts

_log = logging.getLogger(__name__)

_LOGIN_SECONDS = 10.0
"""A platform that does not answer for so long is left to log in later; the rest starts now."""


class Chat(Protocol):
    """What the service needs of Discord, and of Telegram.

    `login` raises TokenRefused where the token is wrong, and leaves any other trouble to `run`.
    `run` lasts until cancelled, and raises TokenRefused where it is of no use to try again; it has
    said so by then. `close_desk` takes no more commands; `close` ends what `run` left open.
    """

    @property
    def name(self) -> str: ...
    @property
    def sender(self) -> Sender: ...
    async def login(self) -> None: ...
    async def run(self) -> None: ...
    async def close_desk(self) -> None: ...
    async def close(self) -> None: ...


def build_chats(ground: Ground, commands: Commands, secrets: Secrets) -> tuple[Chat, ...]:
    """Those that have a token. The others say that they are off, and are not even imported."""
    chats: list[Chat] = []
    if secrets.discord_token is not None:
        chats.append(_build_discord(ground, commands, secrets.discord_token))
    if secrets.telegram_token is not None:
        chats.append(_build_telegram(ground, commands, secrets.telegram_token))
    for name in ("discord", "telegram"):
        if any(chat.name == name for chat in chats):
            continue
        line = texts.platform_off(name)
        _log.info(line)
        ground.health.part(name).good(line.partition(": ")[2])
    return tuple(chats)


@contextlib.asynccontextmanager
async def running_chats(
    ground: Ground, chats: Sequence[Chat], stop: asyncio.Event
) -> AsyncIterator[None]:
    """All of them, until the end of the block. Raises TokenRefused where a token is wrong."""
    tasks: list[asyncio.Task[None]] = []
    try:
        await _log_in(chats, stop)
        tasks += [asyncio.create_task(_run(ground, chat), name=chat.name) for chat in chats]
        yield
    finally:
        await _ended(tasks)
        await asyncio.gather(*(chat.close() for chat in chats))


async def _log_in(chats: Sequence[Chat], stop: asyncio.Event) -> None:
    """All at once; whoever has not answered in time goes on by itself in `run`."""
    logins = [asyncio.create_task(chat.login(), name=f"{chat.name}-login") for chat in chats]
    both = asyncio.gather(*logins)
    stopped = asyncio.create_task(stop.wait(), name="stop-login")
    try:
        await asyncio.wait(
            (both, stopped), timeout=_LOGIN_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        if both.done():
            both.result()
    finally:
        await _ended((*logins, stopped))
        await asyncio.gather(both, return_exceptions=True)


async def _ended(tasks: Iterable[asyncio.Task[Any]]) -> None:
    tasks = tuple(tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _run(ground: Ground, chat: Chat) -> None:
    """A token that dies ends this platform, and nothing else: what it is owed stays owed."""
    part = ground.health.part(chat.name)
    try:
        await supervise(lambda: _run_once(chat), part, ground.clock)
    except _TokenDied as died:
        _log.error(texts.platform_ended(died.refused))


async def _run_once(chat: Chat) -> None:
    """A defect, ours or the library's, costs the connection, and no other platform's."""
    running = asyncio.create_task(chat.run(), name=f"{chat.name}-connection")
    try:
        await asyncio.wait({running})
    finally:
        await _ended([running])
    error = None if running.cancelled() else running.exception()
    if isinstance(error, TokenRefused):
        raise _TokenDied(error)
    if error is not None:
        _log.error("%s met a fault of Mintcast", chat.name, exc_info=error)
        raise ChatFault(chat.name) from error


class _TokenDied(Exception):
    """Not to be tried again, unlike what `supervise` takes for a failure."""

    def __init__(self, refused: TokenRefused) -> None:
        super().__init__(refused.platform)
        self.refused = refused


def _build_discord(ground: Ground, commands: Commands, token: str) -> Chat:
    import cogs
    from bot.platforms.discord import DiscordPlatform

    return DiscordPlatform(
        token=token,
        settings=ground.settings.discord,
        store=ground.store,
        files=ground.files,
        clock=ground.clock,
        commands=commands,
        health=ground.health,
        cogs=cogs.build(commands),
    )


def _build_telegram(ground: Ground, commands: Commands, token: str) -> Chat:
    from bot.platforms.telegram import TelegramPlatform

    return TelegramPlatform(
        token=token,
        settings=ground.settings.telegram,
        store=ground.store,
        files=ground.files,
        clock=ground.clock,
        commands=commands,
        health=ground.health,
    )
