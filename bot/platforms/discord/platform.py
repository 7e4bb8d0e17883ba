"""The Discord platform: one token, its connection, its sender and its request dispatcher."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Protocol

import discord
from discord.ext import commands as ext

from bot import texts
from bot.commands import Commands
from bot.kit.backoff import Backoff
from bot.kit.files import Files
from bot.kit.health import Health
from bot.kit.tasks import Tasks
from bot.kit.timing.clock import Clock
from bot.model.network import DIRECT, Network
from bot.platforms.discord.addresses import NAME, Interaction, address_of
from bot.platforms.discord.connection.client import Client, Turns
from bot.platforms.discord.connection.client_port import point_at
from bot.platforms.discord.connection.connection import Connection, Status
from bot.platforms.discord.connection.invitation import invite_url
from bot.platforms.discord.connection.registration import CommandIds, offer
from bot.platforms.discord.connection.shard_count import ShardCount, shard_leases
from bot.platforms.discord.membership.guilds import Guilds
from bot.platforms.discord.messages.interaction_registry import InteractionRegistry
from bot.platforms.discord.messages.sender import DiscordSender
from bot.platforms.discord.messages.upload_limits import UploadLimits
from bot.platforms.discord.requests.buttons import add_buttons
from bot.platforms.discord.requests.direct_messages import DirectMessages
from bot.platforms.discord.requests.dispatcher import Answer, RequestDispatcher, RequestOptions
from bot.platforms.discord.requests.replies import DiscordReply
from bot.platforms.shared.registration import CommandRegistration
from bot.store import Store


class DiscordSettings(Protocol):
    """The operator's settings."""

    @property
    def api_url(self) -> str: ...
    @property
    def gateway_url(self) -> str: ...
    @property
    def guild_id(self) -> int: ...
    @property
    def shards(self) -> int: ...
    @property
    def shards_per_node(self) -> int: ...


class DiscordPlatform:
    """`login`, `run` until cancelled, `close_dispatcher` as the first step of a stop, `close`.

    `sender` is there from the start; before the login it says that nothing was sent. `cogs` are
    the slash commands; they reach the dispatcher through the client of their interaction.
    """

    name = NAME

    def __init__(
        self,
        *,
        token: str,
        settings: DiscordSettings,
        store: Store,
        files: Files,
        clock: Clock,
        commands: Commands,
        health: Health,
        cogs: Sequence[ext.Cog],
        network: Network = DIRECT,
        ready_seconds: float = 2.0,
        turns: Turns | None = None,
    ) -> None:
        point_at(settings.api_url, settings.gateway_url)
        self._shards = settings.shards
        self.most_connections = settings.shards_per_node
        self._turns = turns
        self._clock = clock
        self._network = network
        self._cogs = tuple(cogs)
        self._ready_seconds = ready_seconds
        self._status = Status(health.part(NAME), clock)
        self.connection = Connection(
            token=token,
            build=self.build_client,
            status=self._status,
            clock=clock,
            is_pinned=bool(settings.gateway_url),
        )
        self._shard_count = ShardCount(store, clock, settings.shards, self._other_shards)
        upload_limits = UploadLimits(store, clock)
        self._registry = InteractionRegistry(
            self.connection, clock, files, on_rival=self._status.shared
        )
        self.sender = DiscordSender(
            client_port=self.connection,
            registry=self._registry,
            files=files,
            clock=clock,
            upload_limits=upload_limits,
        )
        self.dispatcher = RequestDispatcher(
            answers=self._answer,
            upload_limit=upload_limits.of,
            invite=lambda: self.invite_url,
            press=commands.press,
        )
        self._direct_messages = DirectMessages(commands, self.sender, self.dispatcher.serve)
        self.guilds = Guilds(commands, store, clock)
        self._only_guild = discord.Object(settings.guild_id) if settings.guild_id else None
        self._registration = CommandRegistration("Discord", store, Backoff(clock))
        self._command_ids = CommandIds()
        self._tasks = Tasks()

    @property
    def invite_url(self) -> str:
        """Where the bot can be invited; empty before Discord has told who we are."""
        return invite_url(self.connection.application_id)

    async def login(self) -> None:
        """Ask Discord once who we are. Raises TokenRefused; other trouble is left to `run`."""
        await self.connection.login()

    async def prepare(self) -> None:
        """Logged in, however long that takes. Raises TokenRefused."""
        await self.connection.prepare()

    @property
    def connections(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """The gateway is one node's at a time, each of its shards for itself."""
        leases = shard_leases(self._shards)
        if self._shards == 1:
            return {leases[0]: self.run}
        return {lease: partial(self.run, n) for n, lease in enumerate(leases)}

    async def run(self, shard: int | None = None) -> None:
        """Stay connected until cancelled, once all nodes agree how many shards there are. Raises
        TokenRefused where trying again is of no use."""
        await self._shard_count.agreed()
        await self.connection.run(shard)

    async def close_dispatcher(self) -> None:
        """Take no more commands; whoever waits is told. Harmless when done twice."""
        await self.dispatcher.close()

    async def close(self) -> None:
        """End what is under way, and hang up. Harmless when done twice."""
        await self.dispatcher.close()
        await self.guilds.stop()
        await self._tasks.stop()
        await self.connection.close()

    def build_client(self) -> Client:
        """A client that is not logged in yet."""
        return Client(
            dispatcher=self.dispatcher,
            guilds=self.guilds,
            direct_messages=self._direct_messages,
            status=self._status,
            setup=self._set_up,
            begin=self._offer_commands,
            cogs=self._cogs,
            clock=self._clock,
            far_clock=self.guilds.far_clock,
            network=self._network,
            ready_seconds=self._ready_seconds,
            shards=self._shards,
            turns=self._turns,
        )

    def _other_shards(self, count: int) -> None:
        self._status.ended(texts.discord.other_shards(self._shards, count))

    def _set_up(self, client: Client) -> None:
        add_buttons(client)
        self.connection.logged_in(client)

    def _offer_commands(self, client: Client) -> None:
        """Tell Discord of them: it is for whoever is connected."""
        application_id = client.application_id
        assert application_id is not None  # the login has told it
        offering = self._registration.keep_trying(
            lambda: offer(client.tree, application_id, self._only_guild, self._command_ids)
        )
        self._tasks.start(offering, "discord-commands")

    def _answer(self, interaction: Interaction, options: RequestOptions) -> Answer:
        return DiscordReply(
            interaction,
            self._registry.of(interaction, seen=options.seen),
            public=options.public,
            in_place=options.in_place,
            seen=options.seen,
            clock=self._clock,
            posts=self.sender,
            address=address_of(interaction),
            mention=self._command_ids.mention,
        )
