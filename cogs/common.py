"""What all cogs share: how a command is declared, called and helped along while it is typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from discord import app_commands

from bot.commands import CATALOGUE, Commands
from bot.platforms.discord import (
    Interaction,
    RequestOptions,
    SlashCommand,
    address_of,
    dispatcher_of,
    sees_of,
)

_MOST_CHOICES = 25
_LONGEST = 100
"""Characters of a choice's value, and of its name."""

COMMANDS = {command.name: command for command in CATALOGUE}

Choices = list[app_commands.Choice[str]]


def slash(name: str, **options: str) -> Callable[[Any], SlashCommand]:
    """Declare a command of the catalogue: its words, who may use it by default, and where it is
    to be had. `options` describes those that only Discord has."""
    command = COMMANDS[name]

    def declare(method: Any) -> SlashCommand:
        shown = {p.name: p.description for p in command.parameters if p.name in _named(method)}
        made = app_commands.describe(**shown, **options)(method)
        made = app_commands.allowed_installs(guilds=True, users=True)(made)
        made = app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)(made)
        if command.manages:
            made = app_commands.default_permissions(manage_guild=True)(made)
        return SlashCommand(name=command.name, description=command.summary, callback=made)

    return declare


def _named(method: Any) -> Iterable[str]:
    return method.__code__.co_varnames[: method.__code__.co_argcount]  # type: ignore[no-any-return]


def call(
    commands: Commands,
    interaction: Interaction,
    name: str,
    words: Iterable[str | None],
    options: RequestOptions | None = None,
) -> None:
    """Run the command with what was filled in; whatever comes of it is answered by the
    dispatcher."""
    filled_in = tuple(word for word in words if word)
    dispatcher_of(interaction).take(
        interaction, lambda request: commands.call(request, name, filled_in), options
    )


async def coins(commands: Commands, interaction: Interaction, text: str) -> Choices:
    """Coins of this place, as far as one is typed and may be known; from the database alone."""
    address = address_of(interaction)
    if address is None:
        return []
    found = await commands.suggest(address, text, _MOST_CHOICES, sees_of(interaction))
    return [choice(one.label, one.value) for one in found if len(one.value) <= _LONGEST]


async def several(
    commands: Commands, interaction: Interaction, text: str, before: str = ""
) -> Choices:
    """The same for the last of several words; what was typed of them stays. `before` stands before
    it as if it were a line: what would be suggested there is no coin."""
    *typed, last = text.replace(",", " ").split(" ") if text else [""]
    kept = " ".join(word for word in typed if word)
    found = await coins(commands, interaction, f"{before}{last}")
    begun = [choice(one.name, f"{kept} {one.value}".strip()) for one in found]
    return [one for one in begun if len(one.value) <= _LONGEST]


def choice(label: str, value: str) -> app_commands.Choice[str]:
    """A choice, its label cut to what Discord shows."""
    return app_commands.Choice(name=label[:_LONGEST], value=value)
