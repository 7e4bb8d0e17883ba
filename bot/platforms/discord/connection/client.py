"""discord.py's client as Mintcast has it: no privileged intents, and nothing kept but guilds."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Protocol

import discord
from discord import app_commands
from discord.ext import commands

from bot import texts
from bot.kit.timing.clock import Clock
from bot.model.network import Network
from bot.platforms.discord.addresses import Interaction
from bot.platforms.discord.connection.client_port import client_options

_log = logging.getLogger(__name__)

IDENTIFY_SECONDS = 5.0
"""Discord takes no two new sessions within so many."""


class Dispatcher(Protocol):
    """Who takes commands and presses; the client itself only has a sentence to answer with."""

    def refuse(self, interaction: Interaction, sentence: str) -> None: ...


class GuildEvents(Protocol):
    """Who hears that the bot comes into a server, leaves it, or may do other things there."""

    def ready(self, client: discord.Client) -> None: ...
    def joined(self, guild: discord.Guild) -> None: ...
    def left(self, guild: discord.Guild) -> None: ...
    def changed(self, guild: discord.Guild) -> None: ...


class Status(Protocol):
    """Who is told how the connection is."""

    def connected(self, client: discord.Client) -> None: ...
    def lost(self) -> None: ...


class DirectMessages(Protocol):
    """Who hears what people write to the bot in private."""

    def heard(self, message: discord.Message) -> None: ...


class Setup(Protocol):
    """What is done once after logging in. It must not wait for the gateway."""

    def __call__(self, client: Client) -> None: ...


class Tree(app_commands.CommandTree["Client"]):
    """The commands, with the one place where all that goes wrong gets an answer."""

    async def on_error(
        self, interaction: discord.Interaction[Client], error: app_commands.AppCommandError, /
    ) -> None:
        if interaction.type is discord.InteractionType.autocomplete:
            return
        sentence = _sentence(error)
        if sentence is None:
            _log.error("a command failed before it began", exc_info=error)
            sentence = texts.discord.went_wrong()
        interaction.client.dispatcher.refuse(interaction, sentence)


class Client(commands.Bot):
    """The events that matter, handed on. Made anew for each login.

    `ready_seconds`: after so long without another server, we know all that we are in.
    """

    def __init__(
        self,
        *,
        dispatcher: Dispatcher,
        guilds: GuildEvents,
        direct_messages: DirectMessages,
        status: Status,
        setup: Setup,
        cogs: Sequence[commands.Cog],
        clock: Clock,
        network: Network,
        ready_seconds: float,
    ) -> None:
        discord.VoiceClient.warn_nacl = False  # nobody speaks
        discord.VoiceClient.warn_dave = False
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=Tree,
            guild_ready_timeout=ready_seconds,
            **client_options(network),
        )
        self.dispatcher = dispatcher
        self._guild_events = guilds
        self._direct_messages = direct_messages
        self._status = status
        self._setup = setup
        self._own_cogs = tuple(cogs)
        self._clock = clock

    async def setup_hook(self) -> None:
        for cog in self._own_cogs:
            await self.add_cog(cog)
        self._setup(self)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        if not initial:
            await self._clock.sleep(IDENTIFY_SECONDS)

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        if not self.is_closed():  # discord.py would trip over what it still had in hand
            super().dispatch(event, *args, **kwargs)

    # Events, by the names that discord.py gives them

    async def on_connect(self) -> None:
        self._status.connected(self)

    async def on_resumed(self) -> None:
        self._status.connected(self)

    async def on_disconnect(self) -> None:
        self._status.lost()

    async def on_ready(self) -> None:
        self._status.connected(self)
        self._guild_events.ready(self)

    async def on_message(self, message: discord.Message) -> None:
        self._direct_messages.heard(message)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        self._status.connected(self)
        self._guild_events.joined(guild)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self._status.connected(self)
        self._guild_events.left(guild)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        self._guild_events.changed(guild)

    async def on_guild_channel_create(self, channel: discord.abc.GuildChannel) -> None:
        self._guild_events.changed(channel.guild)

    async def on_guild_channel_update(self, _: Any, channel: discord.abc.GuildChannel) -> None:
        self._guild_events.changed(channel.guild)

    async def on_guild_role_update(self, _: Any, role: discord.Role) -> None:
        self._guild_events.changed(role.guild)

    async def on_guild_role_delete(self, role: discord.Role) -> None:
        self._guild_events.changed(role.guild)

    async def on_member_update(self, _: Any, member: discord.Member) -> None:
        if self.user is not None and member.id == self.user.id:
            self._guild_events.changed(member.guild)

    async def on_thread_create(self, thread: discord.Thread) -> None:
        self._guild_events.changed(thread.guild)

    async def on_thread_join(self, thread: discord.Thread) -> None:
        self._guild_events.changed(thread.guild)

    async def on_raw_thread_update(self, payload: discord.RawThreadUpdateEvent) -> None:
        guild = self.get_guild(payload.guild_id)
        if guild is not None:
            self._guild_events.changed(guild)


def _sentence(error: app_commands.AppCommandError) -> str | None:
    """For what comes of a Discord that shows yesterday's commands; None for a defect."""
    if isinstance(error, app_commands.CommandNotFound):
        return texts.discord.unknown_here()
    if isinstance(error, app_commands.CommandSignatureMismatch):
        return texts.discord.has_changed()
    if isinstance(error, app_commands.TransformerError):
        return texts.discord.odd_option()
    return None
