"""A channel as an option: whatever Discord says of it, known to us or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import AppCommandOptionType, ChannelType, app_commands

_TEXT = [
    ChannelType.text,
    ChannelType.news,
    ChannelType.public_thread,
    ChannelType.private_thread,
    ChannelType.news_thread,
]


class _Channels(app_commands.Transformer[Any]):
    """Takes the channel as Discord resolved it: an archived thread is in nobody's cache."""

    @property
    def type(self) -> AppCommandOptionType:
        return AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[ChannelType]:
        return _TEXT

    async def transform(self, interaction: discord.Interaction[Any], value: Any, /) -> Any:
        return value


class _ChannelsAndForums(_Channels):
    """A forum can be chosen, so that we can say to choose one of its posts."""

    @property
    def channel_types(self) -> list[ChannelType]:
        return [*_TEXT, ChannelType.forum]


if TYPE_CHECKING:
    ChannelOption = app_commands.AppCommandChannel | app_commands.AppCommandThread
    TextChannelOption = ChannelOption
else:
    ChannelOption = app_commands.Transform[Any, _ChannelsAndForums]
    TextChannelOption = app_commands.Transform[Any, _Channels]
