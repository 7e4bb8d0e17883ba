"""The slash commands as Discord is told of them."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.platforms.discord.connection.requests import ask
from bot.platforms.shared.registration import Offer


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
