"""A capture process that comes to an end of its limits as soon as a clip is wanted; or babbles,
and lives on."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from bot.kit.processes.json_pipe import open_json_pipe


async def main() -> None:
    pipe = open_json_pipe()
    pipe.emit("ready")
    async for message in pipe.commands():
        if message["command"] != "clip":
            continue
        if "memory" in sys.argv:
            hoard = [bytes(1 << 24) for _ in range(1 << 10)]
            pipe.emit("hoarded", count=len(hoard))
        elif "babble" in sys.argv:
            os.write(int(sys.argv[sys.argv.index("--events-fd") + 1]), b'{"event": "cl\n')
        else:
            os.kill(os.getpid(), signal.SIGXCPU)


if __name__ == "__main__":
    asyncio.run(main())
