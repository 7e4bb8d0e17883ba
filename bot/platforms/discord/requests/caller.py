"""Who asks on Discord, where, and what they may."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.commands import Sees
from bot.model import Address, Person
from bot.platforms.discord.membership.permissions import ChannelContext, may_see

NAME = "discord"
"""The platform, its sender, and its part of the health."""

Interaction = discord.Interaction[Any]


class DiscordCaller:
    """A `bot.commands.Caller`. Discord says with each command and each press what the person may
    do there; where there is no server of ours, everybody decides for themselves."""

    def __init__(self, interaction: Interaction) -> None:
        granted = interaction.permissions
        self.person = Person(str(interaction.user.id), interaction.user.display_name)
        self._may_manage = (
            guild_of(interaction) is None
            or granted.manage_guild
            or granted.administrator
            or _was_let_in(interaction)
        )

    async def may_manage(self) -> bool:
        return self._may_manage


def _was_let_in(interaction: Interaction) -> bool:
    """Whether Discord itself has checked the person: a command that by default is for managers is
    for whomever the server's own settings name. A button has no such settings; nor has an app that
    somebody installed for themselves, which needs no permission of the server (Discord's
    documentation, "Installation Context"). Where both are installed Discord names both, and not
    which of them let the person in (the same, "Authorizing Integration Owners Object")."""
    command = interaction.command
    return (
        isinstance(command, app_commands.Command)
        and command.default_permissions is not None
        and not interaction.is_user_integration()
    )


def guild_of(interaction: Interaction) -> discord.Guild | None:
    """The server where it was asked, if the bot itself is in it."""
    guild_id = interaction.guild_id
    found: discord.Guild | None = interaction.client.get_guild(guild_id) if guild_id else None
    return found


def sees_of(interaction: Interaction) -> Sees | None:
    """What whoever asks may see of the server; None: all, since it is a manager, or no server."""
    guild, person = guild_of(interaction), interaction.user
    granted = interaction.permissions
    if guild is None or granted.manage_guild or granted.administrator:
        return None
    if not isinstance(person, discord.Member):
        return lambda _: False
    return lambda address: may_see(guild, address.channel, person)


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
        return address_in(ChannelContext.of(guild, channel))
    person = interaction.user
    if interaction.guild_id is None and _is_with_bot(interaction):
        return Address(NAME, f"dm:{channel.id}", str(channel.id), person.display_name)
    return Address(NAME, f"user:{person.id}", str(channel.id))


def address_in(channel: ChannelContext) -> Address:
    """A channel or thread of a server that the bot is in."""
    guild = channel.guild
    return Address(NAME, str(guild.id), str(channel.id), guild.name, channel.name)


def address_at(interaction: Interaction, channel: Any) -> Address | None:
    """Another channel of the server where it was asked; None outside of servers of ours."""
    guild = guild_of(interaction)
    return address_in(ChannelContext.of(guild, channel)) if guild is not None else None


def _is_with_bot(interaction: Interaction) -> bool:
    """Whether a conversation without a server is the person's own with the bot."""
    context = interaction.context
    if context.dm_channel or context.private_channel:
        return bool(context.dm_channel)
    return isinstance(interaction.channel, discord.DMChannel)
