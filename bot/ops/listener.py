"""Takes connections, and bounds them: in number, in silence, and in what they may send.

aiohttp bounds how long a header may be, and how long a connection may idle. Here it is how many
there are, that a first header comes soon, that whoever does not read what it is sent goes, and
that neither garbage nor the want of descriptors fills the log.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from dataclasses import dataclass
from time import monotonic
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bot import texts
from bot.ops.client_identity import home_of
from bot.ops.connections import ConnectionLimits, ConnectionTable, Stage
from bot.ops.responses import HEADERS, failed, said

_LINGER_SECONDS = 2.0
_KEPT_BACK = 256
_MOST_CONNECTIONS = 1024
_FEWEST_CONNECTIONS = 16
_TAKEN_AT_ONCE = 32
_QUEUED = 1024
_NO_DESCRIPTORS = "socket.accept() out of system resource"
_QUIET_SECONDS = 60.0

_THEIRS = (
    *(HttpProcessingError, web.RequestPayloadError, UnicodeEncodeError),
    *(ConnectionError, TimeoutError),
)
"""Anybody may send garbage, or not read, as often as they like: it fills no log. Half characters,
which cannot be encoded, are what aiohttp makes of a header's bytes that are no UTF-8."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many connections, and seconds: until a first whole header has come, and a body of 64 KiB;
    between two requests (longer than a proxy keeps its connections, or it would find them shut);
    until whoever takes nothing of an answer is taken for gone, as nginx has it."""

    room: ConnectionLimits
    header_seconds: float = 10.0
    body_seconds: float = 10.0
    idle_seconds: float = 75.0
    stall_seconds: float = 60.0


def bounds_within(descriptors: int) -> Bounds:
    """Beside what is kept back (the database, pump.fun, chats, the pipes of children) each
    connection has a descriptor, a second for the file that it may be sent, and a third is free."""
    most = max(_FEWEST_CONNECTIONS, min(_MOST_CONNECTIONS, (descriptors - _KEPT_BACK) // 3))
    return Bounds(ConnectionLimits(most, silent_of_one=most // 2))


class Connection(web.RequestHandler):
    """aiohttp's, and what the connections has to know of it: a `bot.ops.connections.Caller`."""

    __slots__ = ("_answering", "_bounds", "_connections", "_too_late", "address")

    def __init__(
        self,
        server: web.Server,
        connections: ConnectionTable[Connection],
        bounds: Bounds,
        log: logging.Logger,
    ) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type]  # aiohttp takes it, and says so elsewhere
            logger=log,
            keepalive_timeout=bounds.idle_seconds,
            lingering_time=_LINGER_SECONDS,
            auto_decompress=False,
        )
        self._connections, self._bounds = connections, bounds
        self._answering: asyncio.Task[Any] | None = None
        self._too_late: asyncio.TimerHandle | None = None
        self.address = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        self.address = home_of(peer[0]) if peer else ""
        _end_when_stalled(transport.get_extra_info("socket"), self._bounds.stall_seconds)
        loop = asyncio.get_running_loop()
        self._too_late = loop.call_later(self._bounds.header_seconds, self._end_silence)
        self._connections.enter(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._connections.leave(self)
        if self._too_late is not None:
            self._too_late.cancel()
        super().connection_lost(exc)

    def reach(self, stage: Stage) -> None:
        """Tell the connections how far we are: from the task that answers."""
        self._answering = asyncio.current_task()
        self._connections.reach(self, stage)

    def hang_up(self) -> None:
        """Soon, whatever was still to be sent. Its task first: asyncio, in the middle of sending a
        file, would go on watching a descriptor that is somebody else's by then."""
        transport, task = self.transport, self._answering
        if not isinstance(transport, asyncio.WriteTransport):
            return
        if task is None or task.done():
            transport.abort()
        else:
            task.add_done_callback(lambda _: transport.abort())
            task.cancel()

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        if isinstance(resp, web.HTTPException) and resp.status >= 400:  # before any handler of ours
            resp = said(resp)
        try:
            return await super().finish_response(request, resp, start_time)
        finally:
            self.reach(Stage.IDLE)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """For what is no HTTP or no text, and for a defect of ours: a sentence. aiohttp logs it, or
        raises where an answer has begun; its own page would tell versions, and what was sent."""
        status = 400 if isinstance(exc, UnicodeEncodeError) else status
        super().handle_error(request, status, exc, message)
        response = failed(status, texts.page.http_failed(status), {**HEADERS, "Server": ""})
        response.force_close()
        return response

    def log_exception(self, *args: Any, **kw: Any) -> None:
        if not isinstance(kw.get("exc_info"), _THEIRS):
            super().log_exception(*args, **kw)

    def _end_silence(self) -> None:
        if self._connections.stage(self) is Stage.SILENT:
            self.hang_up()


class Site(web.BaseSite):
    """Listens at `host` and `port` for `runner`. A burst waits in the kernel's queue, and is taken
    in small lots, so that those who have to go are gone before the next ones come."""

    def __init__(
        self, runner: web.AppRunner, host: str, port: int, bounds: Bounds, log: logging.Logger
    ) -> None:
        super().__init__(runner, backlog=_TAKEN_AT_ONCE)
        self._host, self._port, self._log = host, port, log
        self._bounds = bounds
        self._connections: ConnectionTable[Connection] = ConnectionTable(
            bounds.room, self._say_full
        )
        self._quiet = _Quiet()
        self._full = _Seldom()

    @property
    def name(self) -> str:
        return f"{self._host}:{self._port}"

    async def start(self) -> None:
        """Raises OSError."""
        await super().start()
        server = self._runner.server
        assert server is not None
        taken = await asyncio.get_running_loop().create_server(
            lambda: Connection(server, self._connections, self._bounds, self._log),
            self._host,
            self._port,
            backlog=self._backlog,
        )
        self._server = taken
        for listening in taken.sockets:
            with socket.socket(fileno=os.dup(listening.fileno())) as same:
                same.listen(_QUEUED)
        logging.getLogger("asyncio").addFilter(self._quiet)

    async def stop(self) -> None:
        logging.getLogger("asyncio").removeFilter(self._quiet)
        await super().stop()

    def _say_full(self) -> None:
        if self._full():
            self._log.warning(texts.page.too_many_connections(self._bounds.room.all))


class _Seldom:
    """True at most once a minute."""

    def __init__(self) -> None:
        self._next = 0.0

    def __call__(self) -> bool:
        if (now := monotonic()) < self._next:
            return False
        self._next = now + _QUIET_SECONDS
        return True


class _Quiet(logging.Filter):
    """asyncio's word of each connection that it had no descriptor for: seldom, and in a line."""

    def __init__(self) -> None:
        super().__init__()
        self._due = _Seldom()

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.getMessage().startswith(_NO_DESCRIPTORS):
            return True
        if not self._due():
            return False
        record.msg, record.args, record.exc_info = texts.page.no_descriptors(), (), None
        return True


def _end_when_stalled(connection: socket.socket | None, seconds: float) -> None:
    """The kernel ends it, where it knows how, for it alone sees what is read of a file."""
    if connection is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
        milliseconds = int(1000 * seconds)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
