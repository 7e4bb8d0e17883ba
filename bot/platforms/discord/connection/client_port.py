"""What makes requests of Discord needs of the connection, and where that connection leads.

discord.py, left to itself, sleeps on a 429 and repeats a 5xx inside of a request, for up to half
a minute. Here every answer comes back at once (see `requests`), and whoever asked decides.
"""

from __future__ import annotations

from typing import Any, Protocol

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.alerts import Fault, SendError
from bot.kit.timing.far_clock import FarClock
from bot.kit.tls import tls_context
from bot.model.network import DIRECT, Network
from bot.platforms.discord.connection.api_requests import trace_config


class ClientPort(Protocol):
    """The connection of one token. `application_id` and `user_id` are the bot's own, None before
    Discord has told them. `client` is None while nobody is logged in. `refused`: the token died,
    and nothing more is to be asked with it."""

    application_id: int | None
    user_id: int | None

    @property
    def client(self) -> discord.Client | None: ...
    @property
    def refused(self) -> bool: ...


def connected(port: ClientPort) -> discord.Client:
    """The client to ask with. Raises SendError where there is none, or it is of no use."""
    if port.refused:
        raise SendError(Fault.UNAUTHORIZED, detail="the token was refused")
    client = port.client
    if client is None or client.is_closed():
        raise SendError(Fault.NOT_SENT, detail="not connected")
    return client


def client_options(network: Network = DIRECT, far_clock: FarClock | None = None) -> dict[str, Any]:
    """How each `discord.Client` of ours is built: it keeps nothing that we do not read, mentions
    nobody by default, and `requests` hears of what it asks, `far_clock` the dates of the answers.
    To be called in a running loop."""
    return {
        **network_options(network),
        "intents": discord.Intents(guilds=True, dm_messages=True),
        "allowed_mentions": discord.AllowedMentions.none(),
        "member_cache_flags": discord.MemberCacheFlags.none(),
        "chunk_guilds_at_startup": False,
        "max_messages": None,
        "http_trace": trace_config(far_clock),
    }


def network_options(network: Network) -> dict[str, Any]:
    """How Discord is reached. discord.py has one proxy for its requests and its gateway, so that
    the way to `api_url` is that of both."""
    context = tls_context(network.ca_file, network.ca_folder)
    options: dict[str, Any] = {"connector": aiohttp.TCPConnector(limit=0, ssl=context)}
    proxy = network.proxy_for(Route.BASE)
    if proxy is not None:
        options["proxy"] = proxy.address
        if proxy.user or proxy.password:
            options["proxy_auth"] = aiohttp.BasicAuth(proxy.user, proxy.password, "utf-8")
    return options


def point_at(api_url: str, gateway_url: str) -> None:
    """Where Discord is, for this whole process. Empty texts change nothing."""
    if api_url:
        Route.BASE = api_url.rstrip("/")
    if gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
