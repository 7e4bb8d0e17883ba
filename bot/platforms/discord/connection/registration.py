"""The slash commands as Discord is told of them; and their ids, by which messages name them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands

from bot.kit.leadership import without_lease
from bot.model import Line, Message, Span
from bot.platforms.discord.connection.api_requests import ask
from bot.platforms.shared.registration import Offer

_SLASH = 1
"""The type of a command that is typed."""


def offer(
    tree: app_commands.CommandTree[Any],
    application_id: int,
    guild: discord.Object | None,
    ids: CommandIds,
) -> Offer:
    """What one application is to have, whatever order it is declared in; `ids` are learned on the
    way. `guild`: the server that gets the commands instead of everybody, at once, for
    development."""
    if guild is not None:
        tree.copy_global_to(guild=guild)
    content = [command.to_dict(tree) for command in tree.get_commands(guild=guild)]
    content.sort(key=lambda command: str(command["name"]))
    http = tree.client.http

    async def tell() -> None:
        ids.learn(
            await ask(
                http.bulk_upsert_guild_commands(application_id, guild.id, content)
                if guild is not None
                else http.bulk_upsert_global_commands(application_id, content)
            )
        )

    async def stands() -> bool:
        with without_lease():  # whoever answers names the commands
            told = await ask(
                http.get_guild_commands(application_id, guild.id)
                if guild is not None
                else http.get_global_commands(application_id)
            )
        ids.learn(told)
        return {one["name"] for one in told} == {one["name"] for one in content}

    return Offer(
        key=f"discord:commands:{application_id}:{guild.id if guild else 'all'}",
        content=content,
        count=len(content),
        tell=tell,
        stands=stands,
    )


class CommandIds:
    """Of one application. Until Discord has told them, commands stay words."""

    def __init__(self) -> None:
        self._ids: Mapping[str, str] = {}

    def learn(self, commands: Iterable[Any]) -> None:
        """From all commands, as Discord's API tells them."""
        self._ids = ids_of(commands)

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
