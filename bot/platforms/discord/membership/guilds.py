"""What follows when the bot comes into a server, leaves it, or may do other things there."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from functools import partial

import discord

from bot.alerts import SendError
from bot.commands import Commands
from bot.errors import StoreError
from bot.kit.tasks import Tasks
from bot.kit.timing.clock import Clock
from bot.kit.timing.far_clock import FarClock
from bot.platforms.discord.addresses import NAME
from bot.platforms.discord.membership.permissions import can_post
from bot.platforms.discord.membership.welcome import greet
from bot.platforms.shared.restrictions import Restrictions
from bot.store import Store

_log = logging.getLogger(__name__)

SETTLE_SECONDS = 3.0
"""Somebody who sets up permissions changes several: they are looked at once."""


def shard_of(guild_id: int, count: int) -> int:
    """Which of so many shards hears of a server."""
    return (guild_id >> 22) % count


class Guilds:
    """Each event starts a task, owned here. An outage of Discord changes nothing."""

    def __init__(self, commands: Commands, store: Store, clock: Clock) -> None:
        self._commands = commands
        self._store = store
        self._clock = clock
        self._tasks = Tasks()
        self._settling: dict[int, discord.Guild] = {}
        self.far_clock = FarClock(clock.elapsed)
        """Discord's: by that a timeout ends."""
        self._timeouts = Restrictions(clock, self.far_clock)
        self._moved: list[set[int]] = []
        """For each catching up that is under way, who came or went meanwhile."""

    def ready(self, client: discord.Client, shard: int | None) -> None:
        """All servers of that shard are known, or all: what changed while we were away is caught up
        with. What is known later is no judge: it may be forgotten by then."""
        there = {guild.id: guild for guild in client.guilds}
        count = client.shard_count or 1
        moved: set[int] = set()
        self._moved.append(moved)
        self._tasks.start(self._catch_up(there, shard or 0, count, moved), "discord-servers")

    def joined(self, guild: discord.Guild) -> None:
        """Somebody has invited us."""
        self._note_moved(guild)
        self._tasks.start(self._join(guild), f"discord-join {guild.id}")

    def left(self, guild: discord.Guild) -> None:
        """Somebody has thrown us out, or the server is gone. The role that goes with us is no
        change to look at: what is known of that server would still say that we may post."""
        self._note_moved(guild)
        self._settling.pop(guild.id, None)
        self._timeouts.forget(guild.id)
        self._tasks.start(self._leave(str(guild.id)), f"discord-leave {guild.id}")

    def changed(self, guild: discord.Guild) -> None:
        """Permissions, channels or threads are others than before."""
        is_news = guild.id not in self._settling
        self._settling[guild.id] = guild
        if is_news:
            self._tasks.start(self._look_again(guild.id), f"discord-look {guild.id}")

    async def stop(self) -> None:
        """End what is under way; the next start catches up."""
        await self._tasks.stop()
        await self._timeouts.stop()

    def _note_moved(self, guild: discord.Guild) -> None:
        for moved in self._moved:
            moved.add(guild.id)

    async def _catch_up(
        self, there: Mapping[int, discord.Guild], shard: int, count: int, moved: set[int]
    ) -> None:
        try:
            await self._look_at_all(there, shard, count, moved)
        except StoreError as error:
            _log.warning("which servers are known is not known: %s", error)
        finally:
            self._moved.remove(moved)

    async def _look_at_all(
        self, there: Mapping[int, discord.Guild], shard: int, count: int, moved: Collection[int]
    ) -> None:
        """Servers of other shards are left to whoever has those, and what moved since, to what was
        told of that: the database may answer a minute later."""
        known = await self._commands.places(NAME)
        ours = {int(place) for place in known if place.isdecimal()}
        for guild_id in sorted(ours | there.keys()):
            if shard_of(guild_id, count) != shard or guild_id in moved:
                continue
            guild = there.get(guild_id)
            if guild is None:
                await self._leave(str(guild_id))
            elif guild_id in ours:
                await self._return(guild)
            else:
                self._is_restricted(guild)  # it may be followed there before that ends

    async def _join(self, guild: discord.Guild) -> None:
        await self._return(guild)
        try:
            await greet(guild, self._store, self._clock)
        except (SendError, StoreError) as error:
            _log.info("a new server could not be greeted: %s", error)

    async def _leave(self, place: str) -> None:
        try:
            await self._commands.left(NAME, place)
        except StoreError as error:  # the next start finds out
            _log.warning("it could not be noted that a server was left: %s", error)

    async def _look_again(self, guild_id: int) -> None:
        await self._clock.sleep(SETTLE_SECONDS)
        guild = self._settling.pop(guild_id, None)
        if guild is not None:
            await self._return(guild)

    async def _return(self, guild: discord.Guild) -> None:
        if self._is_restricted(guild):
            return
        try:
            count = await self._commands.returned(
                NAME, str(guild.id), lambda address: can_post(guild, address.channel)
            )
        except StoreError as error:
            _log.warning("it could not be noted that a server is back: %s", error)
        else:
            if count:
                _log.info("%d channels of server %d get alerts again", count, guild.id)

    def _is_restricted(self, guild: discord.Guild) -> bool:
        """Whether nothing can be posted there for now; the end of a timeout is waited for."""
        if guild.unavailable or guild.me is None:
            return True
        self._timeouts.note(guild.id, guild.me.timed_out_until, partial(self._return, guild))
        if guild.id in self._timeouts:
            # discord.py may think otherwise, which believes this machine's clock
            return not guild.me.guild_permissions.administrator
        guild.me.timed_out_until = None
        return False
