"""Where something was asked on Discord, as our addresses. Pure."""

from __future__ import annotations

from typing import Any

import discord

from bot.model import Address

NAME = "discord"
"""The platform, its sender, and its part of the health."""

Interaction = discord.Interaction[Any]


def guild_of(interaction: Interaction) -> discord.Guild | None:
    """The server where it was asked, if the bot itself is in it."""
    guild_id = interaction.guild_id
    found: discord.Guild | None = interaction.client.get_guild(guild_id) if guild_id else None
    return found


def is_outside(address: Address) -> bool:
    """Whether the bot is no member there: nothing can be posted but answers."""
    return address.place.startswith("user:")


def address_of(interaction: Interaction) -> Address | None:
    """Where it was asked; None where Discord does not say."""
    channel = interaction.channel
    if channel is None:
        return None
    guild = guild_of(interaction)
    if guild is not None:
        return address_in(guild, channel)
    person = interaction.user
    if interaction.guild_id is None and _is_with_bot(interaction):
        return Address(NAME, f"dm:{channel.id}", str(channel.id), person.display_name)
    return Address(NAME, f"user:{person.id}", str(channel.id))


def address_in(guild: discord.Guild, channel: Any) -> Address:
    """A channel or thread of a server that the bot is in, by its `id` and `name`."""
    return Address(NAME, str(guild.id), str(channel.id), guild.name, channel.name or "")


def address_at(interaction: Interaction, channel: Any) -> Address | None:
    """Another channel of the server where it was asked; None outside of servers of ours."""
    guild = guild_of(interaction)
    return address_in(guild, channel) if guild is not None else None


def _is_with_bot(interaction: Interaction) -> bool:
    """Whether a conversation without a server is the person's own with the bot."""
    context = interaction.context
    if context.dm_channel or context.private_channel:
        return bool(context.dm_channel)
    return isinstance(interaction.channel, discord.DMChannel)
