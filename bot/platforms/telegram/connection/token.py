"""For `mintcast check`: whose a token is, and whether Telegram accepts it."""

from __future__ import annotations

import asyncio

from telegram.error import InvalidToken

from bot import texts
from bot.model import TokenAnswer
from bot.model.network import DIRECT, Network
from bot.platforms.telegram.connection.connection import TROUBLE, is_refusal, new_bot
from bot.platforms.telegram.connection.requests import new_requests, reason

_SECONDS = 15.0


async def ask_token(token: str, api_url: str, network: Network = DIRECT) -> TokenAnswer:
    """Ask Telegram once."""
    asking, polling = new_requests(network, api_url)
    bot = new_bot(token, api_url, asking, polling)
    try:
        async with asyncio.timeout(_SECONDS):
            await bot.initialize()
        return TokenAnswer(True, texts.telegram.token_good(bot.username))
    except TROUBLE as error:
        if isinstance(error, InvalidToken) and is_refusal(error):
            return TokenAnswer(False, texts.telegram.token_refused())
        return TokenAnswer(False, texts.telegram.no_answer(api_url, reason(error)))
    finally:
        await asyncio.gather(asking.shutdown(), polling.shutdown())
