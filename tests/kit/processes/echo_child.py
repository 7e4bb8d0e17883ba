"""A child that does as it is told: what `child` and `json_pipe` are tested with."""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import time
from typing import Any

from bot.kit.processes.json_pipe import JsonPipe, open_json_pipe


async def main() -> None:
    pipe = open_json_pipe()
    pipe.emit(
        "ready",
        pid=os.getpid(),
        arguments=sys.argv[3:],
        environment=dict(os.environ),
        core=resource.getrlimit(resource.RLIMIT_CORE),
    )
    async for message in pipe.commands():
        await obey(pipe, message.pop("command"), message)
    pipe.emit("bye")


async def obey(pipe: JsonPipe, command: str, data: dict[str, Any]) -> None:
    match command:
        case "say":
            pipe.emit("said", **data)
        case "print":
            print(data["text"], flush=True)
            print("and on the other", file=sys.stderr, flush=True)
            pipe.emit("printed")
        case "write":
            os.write(1, data["text"].encode())
            pipe.emit("written")
        case "exit":
            os._exit(data["code"])
        case "hoard":
            pipe.emit("hoarded", bytes=len(bytes(data["bytes"])))
        case "burn":
            while True:
                pass
        case "be-deaf":
            pipe.emit("deaf")
            time.sleep(60)  # noqa: ASYNC251 - that is what it is to be deaf


if __name__ == "__main__":
    asyncio.run(main())
