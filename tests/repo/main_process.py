"""What the service's own process loads, without doing anything: a child of `test_main_process`."""

from __future__ import annotations

import asyncio
import sys

import bot.app.checking
import bot.app.service
import bot.cli
import bot.cli.screen
import bot.clips
import bot.config
import bot.kit.log
import bot.pumpfun
import bot.texts
from bot.kit.processes.json_pipe import open_json_pipe

LOADED = (bot.app, bot.cli, bot.clips, bot.config, bot.kit, bot.pumpfun, bot.texts)


async def main() -> None:
    pipe = open_json_pipe()
    pipe.emit("ready", modules=sorted(sys.modules))
    async for _ in pipe.commands():
        pass


if __name__ == "__main__":
    asyncio.run(main())
