"""Clips, ours and the site's own, what is live, and what was posted."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands as ext

from bot.commands import Commands, ago_option, coin_option, duration_option
from bot.platforms.discord import Interaction, RequestOptions
from cogs.common import Choices, call, coins, slash

_PUBLIC = RequestOptions(public=True)


class Streams(ext.Cog):
    """`/clip`, `/clips`, `/live` and `/history`."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands

    @slash("clip")
    async def clip(
        self,
        interaction: Interaction,
        duration: app_commands.Range[str, 1, 40] | None = None,
        ago: app_commands.Range[str, 1, 40] | None = None,
        mint: str | None = None,
    ) -> None:
        words = (duration_option(duration), ago_option(ago), coin_option(mint))
        call(self._commands, interaction, "clip", words, _PUBLIC)

    @slash("clips")
    async def clips(self, interaction: Interaction, mint: str | None = None) -> None:
        call(self._commands, interaction, "clips", (mint,))

    @slash("live")
    async def live(self, interaction: Interaction, mint: str | None = None) -> None:
        call(self._commands, interaction, "live", (mint,), _PUBLIC)

    @slash("history")
    async def history(self, interaction: Interaction, mint: str | None = None) -> None:
        call(self._commands, interaction, "history", (mint,))

    @clip.autocomplete("mint")
    @clips.autocomplete("mint")
    @live.autocomplete("mint")
    @history.autocomplete("mint")
    async def suggest(self, interaction: Interaction, text: str) -> Choices:
        return await coins(self._commands, interaction, text)
