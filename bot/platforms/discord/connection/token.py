"""For `mintcast check`: who a token is, and whether Discord takes it."""

from __future__ import annotations

import asyncio

import discord

from bot.model import TokenAnswer
from bot.model.network import DIRECT, Network
from bot.platforms.discord.connection.client_port import point_at, way_out
from bot.platforms.discord.connection.connection import hang_up
from bot.platforms.discord.connection.gateway import TROUBLE
from bot.platforms.discord.membership.permissions import invite_url
from bot.texts import servers as texts

_SECONDS = 15.0


async def ask_token(token: str, api_url: str, network: Network = DIRECT) -> TokenAnswer:
    """Ask Discord once."""
    point_at(api_url, "")
    client = discord.Client(intents=discord.Intents.none(), **way_out(network))
    try:
        async with asyncio.timeout(_SECONDS):
            await client.login(token)
        name = client.user.name if client.user is not None else "?"
        return TokenAnswer(True, texts.token_good(name, invite_url(client.application_id)))
    except discord.LoginFailure:
        return TokenAnswer(False, texts.token_refused())
    except TROUBLE as error:
        return TokenAnswer(False, texts.unreachable(type(error).__name__))
    finally:
        await hang_up(client)
