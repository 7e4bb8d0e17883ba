"""Looking for a message of our own whose sending is in doubt, by the nonce that it carries.

Without the right to read a channel's history, Discord answers with an empty list, not with an
error: that nothing was found means something only where something can be seen.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import discord

from bot.alerts import Found, Settled
from bot.platforms.discord.connection.api_requests import ask
from bot.platforms.discord.messages.render import nonces

_BEFORE = timedelta(minutes=20)
"""A message that was an interaction's answer first is a quarter of an hour older at most; and our
clock may be ahead of Discord's by the rest."""

_AFTER = timedelta(minutes=20)
"""A message whose sending began then arrives so much later at most: uploads and repeats end."""

_PAGE, _MOST_PAGES = 100, 15


async def search(
    client: discord.Client,
    channel_id: int,
    user_id: int,
    nonce: str,
    since: datetime,
    until: datetime,
) -> Found | Settled:
    """What became of the send that began then: at one moment, or in between where our clock was set
    meanwhile. `user_id` is the bot's. Raises SendError.

    Reads forward from then, since a message that arrived stands near that time, however much was
    written after it.
    """
    after = discord.utils.time_snowflake(since - _BEFORE)
    end = discord.utils.time_snowflake(until + _AFTER)
    seen = False
    for _ in range(_MOST_PAGES):
        page = await ask(client.http.logs_from(channel_id, _PAGE, after=after))
        seen = seen or bool(page)
        for message in page:
            if _is_ours(message, user_id) and nonce in nonces(message):
                return Found(str(message["id"]))
        after = max((int(message["id"]) for message in page), default=end)
        if len(page) < _PAGE or after >= end:
            is_sure = seen or await _is_readable(client, channel_id, user_id)
            return Settled.NOT_THERE if is_sure else Settled.UNCERTAIN
    return Settled.UNCERTAIN


async def _is_readable(client: discord.Client, channel_id: int, user_id: int) -> bool:
    """Whether an empty answer means that there is nothing."""
    channel = client.get_channel(channel_id)
    if isinstance(channel, discord.Thread):
        channel = channel.parent  # whose permissions it has
    if isinstance(channel, discord.abc.GuildChannel):
        me = channel.guild.get_member(user_id)
        if me is not None:
            return channel.permissions_for(me).read_message_history
    return bool(await ask(client.http.logs_from(channel_id, 1)))


def _is_ours(message: Any, user_id: int) -> bool:
    return str((message.get("author") or {}).get("id")) == str(user_id)
