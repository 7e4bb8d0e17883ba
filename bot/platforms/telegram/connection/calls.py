"""One request to Telegram: ended in time, and its failure a SendError."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from telegram.error import TelegramError

from bot.model import Address
from bot.platforms.telegram.connection.limits import patience
from bot.platforms.telegram.messages.error_mapping import failure

T = TypeVar("T")


async def ask(request: Awaitable[T], address: Address, *, size: int = 0) -> T:
    """What Telegram answers to `request`, a method of a `telegram.Bot` with the `timeouts` of
    `limits`. `address` is what it is about; `size` is what it uploads, in bytes. Raises SendError.
    """
    try:
        async with asyncio.timeout(patience(size) + 1.0):
            return await request
    except (TelegramError, TimeoutError) as error:
        raise failure(error, address) from None
