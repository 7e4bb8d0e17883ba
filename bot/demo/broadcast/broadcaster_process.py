"""A broadcaster in a process of its own, which `broadcaster` starts and speaks to.

Commands come as JSON lines on stdin, events go to the descriptor (see
`bot.kit.processes.json_pipe`); the parent's end is `broadcaster`. Commands: start, mute, unmute,
unpublish, republish (each with a `kind`: video, audio or share), resize, share, freeze, leave,
back, stats. Each is answered by `done` or, with its reason, `failed`; both name the command.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from livekit import rtc
from livekit.rtc.participant import PublishTrackError, UnpublishTrackError

from bot.demo.broadcast.options import Options
from bot.demo.broadcast.publisher import Publisher
from bot.kit.processes.json_pipe import JsonPipe, Message, open_json_pipe
from bot.kit.secrets import scrub

_EXPECTED = (
    rtc.ConnectError, PublishTrackError, UnpublishTrackError,
    TimeoutError, ValueError, TypeError, KeyError, OSError,
)  # fmt: skip


class BroadcasterProcess:
    """Publishes as it is told, and says how each command went."""

    def __init__(self, pipe: JsonPipe) -> None:
        self._pipe = pipe
        self._publisher: Publisher | None = None
        self._commands: dict[str, Callable[[Message], Awaitable[None]]] = {
            "start": self._start,
            "mute": lambda message: self._mute(message, True),
            "unmute": lambda message: self._mute(message, False),
            "unpublish": lambda message: self._running().unpublish(message["kind"]),
            "republish": lambda message: self._running().publish(message["kind"]),
            "resize": lambda m: self._running().resize(int(m["width"]), int(m["height"])),
            "share": lambda message: self._running().share(bool(message["on"])),
            "freeze": self._freeze,
            "leave": lambda message: self._running().leave(),
            "back": lambda message: self._running().back(message.get("tokens")),
            "stats": self._stats,
        }

    async def run(self) -> None:
        """Do what is asked until the parent closes the pipe; then leave the rooms."""
        async for message in self._pipe.commands():
            await self._on_command(message)
        if self._publisher is not None:
            await self._publisher.stop()

    async def _on_command(self, message: Message) -> None:
        command = str(message.get("command"))
        try:
            await self._commands[command](message)
        except _EXPECTED as error:
            why = scrub(f"{type(error).__name__}: {error}")
            self._pipe.emit("failed", command=command, why=why)
        else:
            self._pipe.emit("done", command=command)

    async def _start(self, message: Message) -> None:
        if self._publisher is not None:
            raise ValueError("it publishes already")
        tokens = message.get("tokens") or [message["token"]]
        publisher = Publisher(message["url"], tokens, Options.read(message), self._pipe.emit)
        try:
            await publisher.start()
        except BaseException:
            await publisher.stop()
            raise
        self._publisher = publisher

    async def _mute(self, message: Message, on: bool) -> None:
        self._running().mute(message["kind"], on)

    async def _freeze(self, message: Message) -> None:
        self._running().frozen = bool(message["on"])

    async def _stats(self, message: Message) -> None:
        del message
        self._pipe.emit("stats", cpu_seconds=time.process_time(), **self._running().counts())

    def _running(self) -> Publisher:
        if self._publisher is None:
            raise ValueError("nothing is published: start first")
        return self._publisher


def main(*_: Any) -> None:
    """Run until stdin ends. The SDK's threads are not waited for: they may take seconds."""
    asyncio.run(BroadcasterProcess(open_json_pipe()).run())
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
