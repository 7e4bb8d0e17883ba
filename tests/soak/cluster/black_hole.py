"""A way to a server that can be cut: what is sent then gets nowhere, and nobody is told."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Self

from bot.kit.tasks import Tasks

_CHUNK = 1 << 16


class BlackHole:
    """`async with BlackHole(port) as way:` leads from `way.port` to that port of this machine."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._is_open = asyncio.Event()
        self._is_open.set()
        self._server: asyncio.Server | None = None
        self._tasks = Tasks()

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._tasks.stop()

    def cut(self) -> None:
        self._is_open.clear()

    def heal(self) -> None:
        self._is_open.set()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._is_open.wait()
        there, back = await asyncio.open_connection("127.0.0.1", self._to_port)
        self._tasks.start(self._pass(reader, back), "there")
        self._tasks.start(self._pass(there, writer), "back")

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(_CHUNK):
                await self._is_open.wait()
                writer.write(data)
                await writer.drain()
        writer.close()
