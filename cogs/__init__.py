"""Discord's slash commands: thin, one cog for each feature, all of them out of the catalogue."""

from __future__ import annotations

from discord.ext import commands as ext

from bot.commands import Commands
from cogs.help import Help
from cogs.settings import Settings
from cogs.streams import Streams
from cogs.subscriptions import Subscriptions

__all__ = ["build"]


def build(commands: Commands) -> tuple[ext.Cog, ...]:
    """One of each, for the Discord platform to add."""
    return (Subscriptions(commands), Streams(commands), Settings(commands), Help(commands))
