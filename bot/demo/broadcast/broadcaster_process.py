"""A broadcaster in a process of its own: `python -m bot.demo.broadcast.broadcaster_process --events-fd N`.

Commands come as JSON lines on stdin, events go to the descriptor (see `kit.processes.json_pipe`);
the parent's end is `broadcaster`. Commands: start, mute, unmute, unpublish, republish (each with a
`kind`: video, audio or share), resize, share, freeze, leave, back, stats. Each is answered
by `done` or, with its reason, `failed`; both name the command.
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

from bot.demo.broadcast.publisher import Show
from bot.demo.broadcast.options import Options
from bot.kit.processes.json_pipe import JsonPipe, Message, open_json_pipe
from bot.kit.secrets import scrub

_EXPECTED = (
    rtc.ConnectError, PublishTrackError, UnpublishTrackError,
    TimeoutError, ValueError, TypeError, KeyError, OSError,
)  # fmt: skip


class Broadcaster:
    """Turns commands into a show, and says how each went."""

    def __init__(self, pipe: JsonPipe) -> None:
        self._pipe = pipe
        self._show: Show | None = None
        self._commands: dict[str, Callable[[Message], Awaitable[None]]] = {
            "start": self._start,
            "mute": lambda message: self._mute(message, True),
            "unmute": lambda message: self._mute(message, False),
            "unpublish": lambda message: self._on_air().unpublish(message["kind"]),
            "republish": lambda message: self._on_air().publish(message["kind"]),
            "resize": lambda m: self._on_air().resize(int(m["width"]), int(m["height"])),
            "share": lambda message: self._on_air().share(bool(message["on"])),
            "freeze": self._freeze,
            "leave": lambda message: self._on_air().leave(),
            "back": lambda message: self._on_air().back(message.get("tokens")),
            "stats": self._stats,
        }

    async def run(self) -> None:
        """Obey until the parent closes the pipe; then leave the rooms."""
        async for message in self._pipe.commands():
            await self._obey(message)
        if self._show is not None:
            await self._show.stop()

    async def _obey(self, message: Message) -> None:
        command = str(message.get("command"))
        try:
            await self._commands[command](message)
        except _EXPECTED as error:
            why = scrub(f"{type(error).__name__}: {error}")
            self._pipe.emit("failed", command=command, why=why)
        else:
            self._pipe.emit("done", command=command)

    async def _start(self, message: Message) -> None:
        if self._show is not None:
            raise ValueError("a show is on already")
        tokens = message.get("tokens") or [message["token"]]
        show = Show(message["url"], tokens, Options.read(message), self._pipe.emit)
        try:
            await show.start()
        except BaseException:
            await show.stop()
            raise
        self._show = show

    async def _mute(self, message: Message, on: bool) -> None:
        self._on_air().mute(message["kind"], on)

    async def _freeze(self, message: Message) -> None:
        self._on_air().frozen = bool(message["on"])

    async def _stats(self, message: Message) -> None:
        del message
        self._pipe.emit("stats", cpu_seconds=time.process_time(), **self._on_air().counts())

    def _on_air(self) -> Show:
        if self._show is None:
            raise ValueError("no show is on: start first")
        return self._show


def main(*_: Any) -> None:
    """Run until stdin ends. The SDK's threads are not waited for: they may take seconds."""
    asyncio.run(Broadcaster(open_json_pipe()).run())
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
