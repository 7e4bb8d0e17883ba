"""The same as `main_process`, with every chat platform loaded."""

from __future__ import annotations

import asyncio

import bot.platforms.discord
import bot.platforms.telegram
import cogs
from tests.repo.main_process import main

LOADED = (bot.platforms.discord, bot.platforms.telegram, cogs)


if __name__ == "__main__":
    asyncio.run(main())
