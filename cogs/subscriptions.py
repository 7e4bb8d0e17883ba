"""What is followed, and where it is posted."""

from __future__ import annotations

import discord
from discord.ext import commands as ext

from bot import texts
from bot.commands import Commands
from bot.platforms.discord import Interaction, RequestOptions
from cogs.common import Choices, call, choice, coins, several, slash
from cogs.options import ChannelOption

_ALL = "all"


class Subscriptions(ext.Cog):
    """`/subscribe`, `/unsubscribe`, `/subscriptions`, `/resume` and `/test`."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands

    @slash(
        "subscribe",
        channel=texts.discord.OPTIONS["channel"],
        role=texts.discord.OPTIONS["subscribe role"],
    )
    async def subscribe(
        self,
        interaction: Interaction,
        mint: str,
        channel: ChannelOption | None = None,
        role: discord.Role | None = None,
    ) -> None:
        options = RequestOptions(posts=True, channel=channel, role=role)
        call(self._commands, interaction, "subscribe", (mint,), options)

    @slash("unsubscribe")
    async def unsubscribe(self, interaction: Interaction, mint: str) -> None:
        call(self._commands, interaction, "unsubscribe", (mint,))

    @slash("subscriptions")
    async def subscriptions(self, interaction: Interaction, which: str | None = None) -> None:
        call(self._commands, interaction, "subscriptions", (which,))

    @slash("resume")
    async def resume(self, interaction: Interaction) -> None:
        call(self._commands, interaction, "resume", (), RequestOptions(posts=True))

    @slash("test")
    async def test(self, interaction: Interaction, mint: str | None = None) -> None:
        call(self._commands, interaction, "test", (mint,))

    @subscribe.autocomplete("mint")
    async def suggest_new(self, interaction: Interaction, text: str) -> Choices:
        return await several(self._commands, interaction, text, "/subscribe ")

    @unsubscribe.autocomplete("mint")
    async def suggest_known(self, interaction: Interaction, text: str) -> Choices:
        found = await several(self._commands, interaction, text)
        is_all = _ALL.startswith(text.strip().lower())
        return [choice(texts.discord.ALL_COINS, _ALL), *found[:24]] if is_all else found

    @subscriptions.autocomplete("which")
    @test.autocomplete("mint")
    async def suggest(self, interaction: Interaction, text: str) -> Choices:
        return await coins(self._commands, interaction, text)
