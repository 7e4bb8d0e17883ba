"""What there is."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands as ext

from bot.commands import CATALOGUE, Commands
from bot.platforms.discord import Interaction
from cogs.common import call, choice, slash

_NAMES = [choice(f"/{command.name}", command.name) for command in CATALOGUE]


class Help(ext.Cog):
    """`/help`."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands

    @slash("help")
    @app_commands.choices(command=_NAMES)
    async def help(self, interaction: Interaction, command: str | None = None) -> None:
        call(self._commands, interaction, "help", (command,))
