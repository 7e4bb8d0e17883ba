"""The one message after an invitation: what to type first, and what is still missing."""

from __future__ import annotations

from collections.abc import Iterator

import discord

from bot import texts
from bot.kit.timing.clock import Clock
from bot.platforms.discord.connection.api_requests import ask
from bot.platforms.discord.connection.limits import SHOWING
from bot.platforms.discord.membership.permissions import missing_in
from bot.platforms.shared.retrying import retry
from bot.store import Store


async def greet(guild: discord.Guild, store: Store, clock: Clock) -> None:
    """Say hello where we may write, once for each time that we were let in: Discord may say that
    of a server that only came back. Raises SendError, StoreError."""
    name, joined = f"discord:greeted:{guild.id}", str(guild.me.joined_at)
    async with store.read() as unit:
        if await unit.key_values.get(name) == joined:
            return
    channel = next(_writable(guild), None)
    if channel is None:
        return
    await retry(lambda: _post(channel, texts.discord.welcome(missing_in(guild))), SHOWING, clock)
    async with store.write() as unit:
        await unit.key_values.put(name, joined)


async def _post(channel: discord.TextChannel, text: str) -> None:
    """discord.py asks Discord to know the nonce again, too."""
    await ask(
        channel.send(
            text,
            nonce=f"hi{channel.guild.id}",
            allowed_mentions=discord.AllowedMentions.none(),
            suppress_embeds=True,
        )
    )


def _writable(guild: discord.Guild) -> Iterator[discord.TextChannel]:
    """The channel for such messages, then the others from the top."""
    first = [guild.system_channel] if guild.system_channel is not None else []
    for channel in (*first, *guild.text_channels):
        granted = channel.permissions_for(guild.me)
        if granted.view_channel and granted.send_messages:
            yield channel
