"""Who asks on Discord, and what they may."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.commands import Sees
from bot.model import Person
from bot.platforms.discord.addresses import Interaction, guild_of
from bot.platforms.discord.membership.permissions import may_see


class DiscordCaller:
    """A `bot.commands.Caller`. Discord says with each command and each press what the person may
    do there; where there is no server of ours, everybody decides for themselves. `can_press`: they
    manage by themselves, not only by what the server's settings let them use."""

    def __init__(self, interaction: Interaction) -> None:
        granted = interaction.permissions
        self.person = Person(str(interaction.user.id), interaction.user.display_name)
        self.can_press = (
            guild_of(interaction) is None or granted.manage_guild or granted.administrator
        )
        self._may_manage = self.can_press or _was_let_in(interaction)

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


def sees_of(interaction: Interaction) -> Sees | None:
    """What whoever asks may see of the server; None: all, since it is a manager, or no server."""
    guild, person = guild_of(interaction), interaction.user
    granted = interaction.permissions
    if guild is None or granted.manage_guild or granted.administrator:
        return None
    if not isinstance(person, discord.Member):
        return lambda _: False
    return lambda address: may_see(guild, address.channel, person)
