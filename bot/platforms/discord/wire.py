"""What leaves for Discord needs of the connection, and where that connection leads.

discord.py, left to itself, sleeps on a 429 and repeats a 5xx inside of a request, for up to half
a minute. Here every answer comes back at once (see `calls`), and whoever asked decides.
"""

from __future__ import annotations

from typing import Any, Protocol

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.alerts import Fault, SendError
from bot.platforms.discord.calls import trace_config


class Wire(Protocol):
    """The connection of one token. `application_id` and `user_id` are the bot's own, None before
    Discord has told them. `client` is None while nobody is logged in. `refused`: the token died,
    and nothing more is to be asked with it."""

    application_id: int | None
    user_id: int | None

    @property
    def client(self) -> discord.Client | None: ...
    @property
    def refused(self) -> bool: ...


def connected(wire: Wire) -> discord.Client:
    """The client to ask with. Raises SendError where there is none, or it is of no use."""
    if wire.refused:
        raise SendError(Fault.UNAUTHORIZED, detail="the token was refused")
    client = wire.client
    if client is None or client.is_closed():
        raise SendError(Fault.NOT_SENT, detail="not connected")
    return client


def client_options() -> dict[str, Any]:
    """How each `discord.Client` of ours is built: it keeps nothing that we do not read, mentions
    nobody by default, and its requests can be heard by `calls`."""
    return {
        "intents": discord.Intents(guilds=True),
        "allowed_mentions": discord.AllowedMentions.none(),
        "member_cache_flags": discord.MemberCacheFlags.none(),
        "chunk_guilds_at_startup": False,
        "max_messages": None,
        "http_trace": trace_config(),
    }


def point_at(api_url: str, gateway_url: str) -> None:
    """Where Discord is, for this whole process. Empty texts change nothing."""
    if api_url:
        Route.BASE = api_url.rstrip("/")
    if gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
