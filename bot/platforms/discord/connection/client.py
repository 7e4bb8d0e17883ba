"""discord.py's client as Mintcast has it: no privileged intents, and nothing kept but guilds."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any, Protocol

import discord
from discord import app_commands
from discord.ext import commands
from discord.state import AutoShardedConnectionState

from bot import texts
from bot.kit.timing.clock import Clock
from bot.kit.timing.far_clock import FarClock
from bot.model.network import Network
from bot.platforms.discord.addresses import Interaction
from bot.platforms.discord.connection.client_port import client_options

_log = logging.getLogger(__name__)

IDENTIFY_SECONDS = 5.0
"""Discord takes no two new sessions within so many; of several shards, no two whose numbers leave
the same rest when they are divided by `max_concurrency`."""
_IDENTIFY_MARGIN = 0.5
"""From a turn to the request that it allows."""


class Dispatcher(Protocol):
    """Who takes commands and presses; the client itself only has a sentence to answer with."""

    def refuse(self, interaction: Interaction, sentence: str) -> None: ...


class GuildEvents(Protocol):
    """Who hears that the bot comes into a server, leaves it, or may do other things there."""

    def ready(self, client: discord.Client, shard: int | None) -> None: ...
    def joined(self, guild: discord.Guild) -> None: ...
    def left(self, guild: discord.Guild) -> None: ...
    def changed(self, guild: discord.Guild) -> None: ...


class Status(Protocol):
    """Who is told how the connection is."""

    def connected(self, client: Client) -> None: ...
    def lost(self, client: Client) -> None: ...


class DirectMessages(Protocol):
    """Who hears what people write to the bot in private."""

    def heard(self, message: discord.Message) -> None: ...


class Turns(Protocol):
    """Who says when something may be done that others do too."""

    async def turn(self, name: str, seconds: float) -> None: ...


class Begin(Protocol):
    """What is done once after connecting."""

    def __call__(self, client: Client) -> None: ...


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

    `ready_seconds`: after so long without another server, we know all that we are in. `shards` is
    how many there are, here and elsewhere. `turns` says when one may identify, where others may do
    so too; None: nobody else does.
    """

    def __init__(
        self,
        *,
        dispatcher: Dispatcher,
        guilds: GuildEvents,
        direct_messages: DirectMessages,
        status: Status,
        setup: Setup,
        begin: Begin,
        cogs: Sequence[commands.Cog],
        clock: Clock,
        far_clock: FarClock,
        network: Network,
        ready_seconds: float,
        shards: int = 1,
        turns: Turns | None = None,
    ) -> None:
        discord.VoiceClient.warn_nacl = False  # nobody speaks
        discord.VoiceClient.warn_dave = False
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=Tree,
            guild_ready_timeout=ready_seconds,
            shard_count=shards if shards > 1 else None,
            **client_options(network, far_clock),
        )
        self.dispatcher = dispatcher
        self._guild_events = guilds
        self._direct_messages = direct_messages
        self._status = status
        self._setup = setup
        self._begin = begin
        self._has_begun = False
        self._own_cogs = tuple(cogs)
        self._clock = clock
        self._turns = turns
        self._identifying = asyncio.Lock()
        self._buckets = 0
        self.up: set[int | None] = set()
        """The shards that are connected."""
        self.down: set[int | None] = set()
        """Those that are not, and will be."""

    def _get_state(self, **options: Any) -> Any:
        """What is known of several shards is kept as discord.py's own sharded client does."""
        if options.get("shard_count") is None:
            return super()._get_state(**options)
        return AutoShardedConnectionState(
            dispatch=self.dispatch,
            handlers=self._handlers,
            hooks=self._hooks,
            http=self.http,
            **options,
        )

    async def setup_hook(self) -> None:
        for cog in self._own_cogs:
            await self.add_cog(cog)
        self._setup(self)

    @contextlib.asynccontextmanager
    async def identifying(self, shard: int | None) -> AsyncIterator[None]:
        """One at a time: so nobody waits for a turn with an open connection for long."""
        async with self._identifying:
            if shard is not None and not self._buckets:
                _, _, limit = await self.http.get_bot_gateway()
                self._buckets = limit["max_concurrency"]
            yield

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        if shard_id is not None:
            self.forget(shard_id)  # of one that is alone discord.py does so
        if self._turns is not None:
            bucket = shard_id % self._buckets if shard_id is not None else 0
            await self._turns.turn(f"identify:{bucket}", IDENTIFY_SECONDS + _IDENTIFY_MARGIN)
        elif not initial:
            await self._clock.sleep(IDENTIFY_SECONDS)

    def left(self, shard: int | None) -> None:
        """It is not connected, and not to be."""
        self.up.discard(shard)
        self.down.discard(shard)
        self.forget(shard)
        if not self.up:
            self._has_begun = False  # another node may do so next, and otherwise

    def forget(self, shard: int | None) -> None:
        """What is known of its servers. It is not taken for ready before it is told anew."""
        state: Any = self._connection
        ready = state._ready_task if shard is None else state._ready_tasks.get(shard)
        if ready is not None:
            ready.cancel()
        for guild in self.guilds:
            if shard is None or guild.shard_id == shard:
                state._remove_guild(guild)

    def lost(self, shard: int | None) -> None:
        """It is gone, and coming back."""
        self.up.discard(shard)
        self.down.add(shard)
        if not self.is_closed():
            self._status.lost(self)

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        if self.is_closed():  # discord.py would trip over what it still had in hand
            return
        if event in ("ready", "shard_ready"):  # now, while all is known
            self._guild_events.ready(self, args[0] if args else None)
        if event == "guild_available" and self._is_beginning(args[0]):
            return  # of thousands of servers; they are looked at in turn when it is ready
        super().dispatch(event, *args, **kwargs)

    def _is_beginning(self, guild: discord.Guild) -> bool:
        """Whether discord.py still gathers the servers of a new session (2.7.1): they are told of
        one by one, before `ready` is."""
        state: Any = self._connection
        if self.shard_count is None:
            return hasattr(state, "_ready_state")
        return guild.shard_id in state._ready_states

    def _connected(self, shard: int | None) -> None:
        self.up.add(shard)
        self.down.discard(shard)
        self._status.connected(self)
        if not self._has_begun:
            self._has_begun = True
            self._begin(self)

    # Events, by the names that discord.py gives them

    async def on_connect(self) -> None:
        if self.shard_count is None:
            self._connected(None)

    async def on_resumed(self) -> None:
        if self.shard_count is None:
            self._connected(None)

    async def on_shard_connect(self, shard: int) -> None:
        self._connected(shard)

    async def on_shard_resumed(self, shard: int) -> None:
        self._connected(shard)

    async def on_ready(self) -> None:
        self._status.connected(self)

    async def on_shard_ready(self, _: int) -> None:
        self._status.connected(self)

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
