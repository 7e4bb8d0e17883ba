"""The slash commands as Discord is told of them; and their ids, by which messages name them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands

from bot.alerts import SendError
from bot.kit.backoff import Backoff
from bot.model import Line, Message, Span
from bot.platforms.discord.connection.api_requests import ask
from bot.platforms.shared.registration import Offer

_log = logging.getLogger(__name__)

_SLASH = 1
"""The type of a command that is typed."""


def offer(
    tree: app_commands.CommandTree[Any], application_id: int, guild: discord.Object | None
) -> Offer:
    """What one application is to have, whatever order it is declared in. `guild`: the server that
    gets the commands instead of everybody, at once, for development."""
    if guild is not None:
        tree.copy_global_to(guild=guild)
    content = [command.to_dict(tree) for command in tree.get_commands(guild=guild)]
    content.sort(key=lambda command: str(command["name"]))
    return Offer(
        key=f"discord:commands:{application_id}:{guild.id if guild else 'all'}",
        content=content,
        count=len(content),
        tell=lambda: ask(tree.sync(guild=guild)),
    )


class CommandIds:
    """Of one application. Until Discord has told them, and where it does not, commands stay
    words."""

    def __init__(self, backoff: Backoff) -> None:
        self._backoff = backoff
        self._ids: Mapping[str, str] = {}

    async def learn(
        self, client: discord.Client, application_id: int, guild: discord.Object | None
    ) -> None:
        """Ask until Discord tells. `guild`: the server that has the commands, if not everybody
        has."""

        async def ask_once() -> None:
            http = client.http
            told = await ask(
                http.get_guild_commands(application_id, guild.id)
                if guild is not None
                else http.get_global_commands(application_id)
            )
            self._ids = ids_of(told)

        self._backoff.reset()
        await self._backoff.keep_trying(ask_once, (SendError,), _failed)

    def mention(self, message: Message) -> Message:
        """With the id of each command that the message names."""
        return replace(message, lines=mentioned(message.lines, self._ids))


def ids_of(commands: Iterable[Any]) -> dict[str, str]:
    """By name, of commands as Discord's API tells them. Pure."""
    return {
        str(one["name"]): str(one["id"]) for one in commands if one.get("type", _SLASH) == _SLASH
    }


def mentioned(lines: tuple[Line, ...], ids: Mapping[str, str]) -> tuple[Line, ...]:
    """The lines with the id of each command behind its name, as far as it is known. Pure."""
    return tuple(tuple(_mentioned(span, ids) for span in line) for line in lines)


def _mentioned(span: Span, ids: Mapping[str, str]) -> Span:
    if span.command is None or span.command not in ids:
        return span
    return replace(span, command=f"{span.command}:{ids[span.command]}")


def _failed(error: Exception) -> None:
    _log.info("Discord did not tell the ids of the commands, and will be asked again: %s", error)
