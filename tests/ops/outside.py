"""Serves where the tests themselves may not: a child of `test_server`. Its arguments: host, port.

Says one line, the origin or why there is none, and serves until its stdin ends.
"""

from __future__ import annotations

import asyncio
import sys

from bot import texts
from bot.errors import HttpError
from bot.kit.health import Health
from bot.kit.metrics import Metrics
from bot.kit.timing.clock import SystemClock
from bot.ops import HttpServer


async def main(host: str, port: int) -> None:
    health, metrics = Health(SystemClock()), Metrics()
    try:
        async with HttpServer(
            host, port, password="a password", health=health, metrics=metrics
        ) as server:
            print(server.origin, flush=True)
            await asyncio.to_thread(sys.stdin.read)
    except HttpError as error:
        print(texts.page.http_not_served(error), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
