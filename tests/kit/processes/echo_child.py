"""A child that does as it is told: what `bot.kit.processes.child` and `bot.kit.processes.json_pipe` are tested with."""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import time
from typing import Any

from bot.kit.processes.json_pipe import Wire, open_wire


async def main() -> None:
    wire = open_wire()
    wire.emit(
        "ready",
        pid=os.getpid(),
        arguments=sys.argv[3:],
        environment=dict(os.environ),
        core=resource.getrlimit(resource.RLIMIT_CORE),
    )
    async for message in wire.commands():
        await obey(wire, message.pop("command"), message)
    wire.emit("bye")


async def obey(wire: Wire, command: str, data: dict[str, Any]) -> None:
    match command:
        case "say":
            wire.emit("said", **data)
        case "print":
            print(data["text"], flush=True)
            print("and on the other", file=sys.stderr, flush=True)
            wire.emit("printed")
        case "write":
            os.write(1, data["text"].encode())
            wire.emit("written")
        case "exit":
            os._exit(data["code"])
        case "hoard":
            wire.emit("hoarded", bytes=len(bytes(data["bytes"])))
        case "burn":
            while True:
                pass
        case "be-deaf":
            wire.emit("deaf")
            time.sleep(60)  # noqa: ASYNC251 - that is what it is to be deaf


if __name__ == "__main__":
    asyncio.run(main())
