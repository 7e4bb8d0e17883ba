"""Tells Discord which commands there are, and only when they have changed: it counts that."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import Any

import discord
from discord import app_commands

from bot.alerts import SendError
from bot.errors import StoreError
from bot.kit.timing.clock import Clock
from bot.platforms.discord.connection.gateway import Pauses
from bot.platforms.discord.connection.requests import ask
from bot.store import Store

_log = logging.getLogger(__name__)


class Sync:
    """Of one application. `guild_id`: a server that gets the commands instead of everybody, at
    once, for development; 0 for none. What was told is kept in the database."""

    def __init__(self, store: Store, clock: Clock, guild_id: int) -> None:
        self._store = store
        self._clock = clock
        self._guild = discord.Object(guild_id) if guild_id else None

    async def keep_trying(self, tree: app_commands.CommandTree[Any], application_id: int) -> None:
        """Until Discord knows the commands as they are."""
        pauses = Pauses(self._clock)
        while True:
            try:
                await self._once(tree, application_id)
            except (SendError, StoreError) as error:
                _log.warning("Discord was not told of the commands, and will be: %s", error)
            else:
                return
            await pauses.wait()

    async def _once(self, tree: app_commands.CommandTree[Any], application_id: int) -> None:
        if self._guild is not None:
            tree.copy_global_to(guild=self._guild)
        name = f"discord:commands:{application_id}:{self._guild.id if self._guild else 'all'}"
        print_now = fingerprint(tree, self._guild)
        async with self._store.read() as unit:
            if await unit.key_values.get(name) == print_now:
                return
        told = await ask(tree.sync(guild=self._guild))
        async with self._store.write() as unit:
            await unit.key_values.put(name, print_now)
        _log.info("told Discord of %d commands", len(told))


def fingerprint(tree: app_commands.CommandTree[Any], guild: discord.Object | None) -> str:
    """The same for the same commands, in whatever order they are."""
    told = [command.to_dict(tree) for command in tree.get_commands(guild=guild)]
    told.sort(key=lambda command: str(command["name"]))
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
