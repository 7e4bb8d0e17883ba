"""An HTTP proxy as companies have them: CONNECT, and plain requests with a whole URL. It alone
knows the names below `.test`: all of them are this machine."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from typing import Self
from urllib.parse import urlsplit

_REFUSED = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
_MADE = b"HTTP/1.1 200 Connection established\r\n\r\n"


class FakeProxy:
    """`asked` are the targets, `method host:port`, in their order. With `login` (`user:password`)
    it asks for that."""

    def __init__(self, login: str = "") -> None:
        self.asked: list[str] = []
        self.refused = 0
        self._login = base64.b64encode(login.encode()).decode()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._serve(reader, writer)
        finally:
            self._open.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *headers = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        url = urlsplit(f"//{target}" if method == "CONNECT" else target)
        port = url.port or 80
        self.asked.append(f"{method} {url.hostname}:{port}")
        if self._login and f"proxy-authorization: basic {self._login}".lower() not in (
            line.lower() for line in headers
        ):
            self.refused += 1
            writer.write(_REFUSED)
            return
        is_test = str(url.hostname).endswith(".test")
        host = "127.0.0.1" if is_test else str(url.hostname)
        there, onward = await asyncio.open_connection(host, port)
        if method == "CONNECT":
            writer.write(_MADE)
        else:
            path = url.path + (f"?{url.query}" if url.query else "")
            is_upgrade = "upgrade: websocket" in (line.lower() for line in headers)
            dropped = ("proxy-",) if is_upgrade else ("proxy-", "connection:")
            kept = [line for line in headers if not line.lower().startswith(dropped)]
            close = [] if is_upgrade else ["Connection: close"]
            lines = [f"{method} {path} HTTP/1.1", *close, *kept]
            onward.write("\r\n".join(lines).encode("latin-1"))
        try:
            await asyncio.gather(_pass(reader, onward), _pass(there, writer))
        finally:
            onward.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()
    with contextlib.suppress(OSError, RuntimeError):
        writer.write_eof()
