"""Connections without end, in silence, in drops and without reading: on real sockets."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import errno
import json
import logging
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
from aiohttp import web

from bot import texts
from bot.kit.health import Health
from bot.kit.metrics import Metrics
from bot.ops import HttpServer
from bot.ops.connections import ConnectionLimits
from bot.ops.listener import Bounds, bounds_within
from bot.ops.responses import Handler
from tests.fakes.clock import FakeClock
from tests.ops.raw_client import ask
from tests.patience import PATIENCE

FEW = ConnectionLimits(all=16, silent_of_one=8)
NEVER = 3600.0
ENDLESS = b"x" * (1 << 20)

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextlib.asynccontextmanager
async def served(
    *routes: web.RouteDef, room: ConnectionLimits = FEW, header: float = NEVER, body: float = NEVER,
    idle: float = NEVER, stall: float = NEVER, password: str | None = None,
) -> AsyncIterator[HttpServer]:  # fmt: skip
    bounds = Bounds(room, header, body, idle, stall)
    health = Health(FakeClock())
    async with HttpServer(
        "127.0.0.1", 0, password=password, health=health, metrics=Metrics(),
        routes=routes, bounds=bounds,
    ) as server:  # fmt: skip
        yield server


@contextlib.asynccontextmanager
async def connected(
    server: HttpServer, count: int, sent: bytes = b""
) -> AsyncIterator[list[Stream]]:
    """As many connections, which send that much and no more."""
    host, _, port = server.origin.removeprefix("http://").rpartition(":")
    streams = [await asyncio.open_connection(host, int(port)) for _ in range(count)]
    try:
        for _, writer in streams:
            writer.write(sent.replace(b"HOST", f"{host}:{port}".encode()))
        yield streams
    finally:
        for _, writer in streams:
            writer.transport.abort()


async def rest(stream: Stream) -> bytes:
    """What comes until the other side hangs up."""
    async with asyncio.timeout(PATIENCE):
        with contextlib.suppress(ConnectionError):
            return await stream[0].read()
    return b""


async def ended(streams: list[Stream], count: int) -> None:
    """Wait until so many were hung up on."""

    async def end_of(reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(ConnectionError):
            while await reader.read(1 << 16):
                pass

    waiting = {asyncio.create_task(end_of(reader)) for reader, _ in streams}
    try:
        for done in asyncio.as_completed(waiting, timeout=PATIENCE):
            await done
            count -= 1
            if count == 0:
                return
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def streaming(request: web.Request) -> web.StreamResponse:
    """Sends without end."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(ENDLESS)


async def echo(request: web.Request) -> web.Response:
    return web.Response(text=await request.text())


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: HOST\r\nX-Slow: ",
        b"GET /healthz HTTP/1.1\r\nHost: HOST\r\n\r\n",
        b"GET /nothing HTTP/1.1\r\nHost: evil\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1\r\n\r\n",
    ],
    ids=["silent", "half a header", "idle", "refused", "body to come"],
)
async def test_a_crowd_that_asks_nothing_more_keeps_nobody_out(sent: bytes) -> None:
    async with served() as server, connected(server, 60, sent) as crowd:
        assert (await ask(server.origin, "/healthz")).status == 200
        await ended(crowd, 60 - FEW.all)
        assert (await ask(server.origin, "/healthz")).status == 200


async def test_who_is_being_answered_outlives_a_crowd_that_is_silent() -> None:
    free = asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        await free.wait()
        return web.Response(text="at last")

    request = b"GET /slow HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n"
    async with (
        served(web.get("/slow", slow)) as server,
        connected(server, 1, request) as (one,),
        connected(server, 60) as crowd,
    ):
        await ended(crowd, 60 - FEW.all)
        free.set()
        assert b"at last" in await rest(one)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_who_is_not_let_in_outlives_nobody_who_is_being_answered(method: str) -> None:
    free = asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        await free.wait()
        return web.Response(text="at last")

    inside = base64.b64encode(b"me:sesame")
    request = b"GET /slow HTTP/1.1\r\nHost: HOST\r\nAuthorization: Basic " + inside
    outside = f"{method} /healthz HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1\r\n\r\n".encode()
    async with (
        served(web.get("/slow", slow), password="sesame") as server,
        connected(server, 1, request + b"\r\nConnection: close\r\n\r\n") as (one,),
        contextlib.AsyncExitStack() as crowd,
    ):
        for _ in range(2 * FEW.all):
            ((reader, _),) = await crowd.enter_async_context(connected(server, 1, outside))
            assert await reader.read(1), "it is answered, though its body is still to come"
        free.set()
        assert b"at last" in await rest(one)


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HTTP/1.1\r\nHost: x\r\n", b"POST / HTT", b"\r\n\r\n"]
)
async def test_a_header_that_does_not_come_ends_the_connection(sent: bytes) -> None:
    async with served(header=0.05) as server, connected(server, 1, sent) as (one,):
        assert await rest(one) == b""


async def test_a_connection_without_a_next_request_ends() -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: HOST\r\n\r\nGET /half"
    async with served(idle=0.05) as server, connected(server, 1, request) as (one,):
        assert (await rest(one)).startswith(b"HTTP/1.1 200")


async def test_a_body_that_drips_is_answered_408() -> None:
    request = (
        b"POST /echo HTTP/1.1\r\nHost: HOST\r\nContent-Length: 9\r\nConnection: close\r\n\r\n{"
    )
    async with (
        served(web.post("/echo", echo), body=0.05) as server,
        connected(server, 1, request) as ((reader, _),),
    ):
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 408")
        body = json.dumps({"error": texts.page.http_failed(408)}).encode()
        assert await reader.readexactly(len(body)) == body


async def test_who_does_not_read_is_taken_for_gone() -> None:
    request = b"GET /much HTTP/1.1\r\nHost: HOST\r\n\r\n"
    gone = asyncio.Event()

    async def much(request: web.Request) -> web.StreamResponse:
        try:
            return await streaming(request)
        finally:
            gone.set()

    async with (
        served(web.get("/much", much), stall=0.3) as server,
        connected(server, 1, request),  # an unread StreamReader stops reading by itself
        asyncio.timeout(PATIENCE),
    ):
        await gone.wait()


def sparse(folder: Path) -> Handler:
    """Answers with a file that no socket's buffer holds."""
    path = folder / "much.mp4"
    with path.open("wb") as file:
        file.truncate(50 << 20)

    async def much(request: web.Request) -> web.FileResponse:
        return web.FileResponse(path)

    return much


async def test_files_that_nobody_reads_hold_up_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    request = b"GET /much HTTP/1.1\r\nHost: HOST\r\n\r\n"
    async with (
        served(web.get("/much", sparse(tmp_path)), stall=0.5) as server,
        contextlib.AsyncExitStack() as stack,
        asyncio.timeout(PATIENCE),
    ):
        for _ in range(40):  # the later ones end the earlier ones, in the middle of the file
            ((reader, _),) = await stack.enter_async_context(connected(server, 1, request))
            await reader.readuntil(b"\r\n\r\n")
            assert (await ask(server.origin, "/healthz")).status == 200
        while any(file.path.endswith("much.mp4") for file in psutil.Process().open_files()):
            assert (await ask(server.origin, "/healthz")).status == 200
    assert [record.getMessage() for record in caplog.records] == [
        texts.page.too_many_connections(16)
    ]


async def test_readers_of_events_stay_when_all_else_has_to_go() -> None:
    async def follow(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"data: {}\n\n")
        await asyncio.Event().wait()
        return response

    events, much = (f"GET /{path} HTTP/1.1\r\nHost: HOST\r\n\r\n".encode() for path in "em")
    async with (
        served(web.get("/e", follow), web.get("/m", streaming)) as server,
        connected(server, 4, events) as readers,
        connected(server, 40, much) as crowd,
    ):
        for reader, _ in readers:
            await reader.readuntil(b"data: {}\n\n")
        await ended(crowd, 40 - FEW.all)
        assert not any(reader.at_eof() for reader, _ in readers)


async def test_hundreds_of_requests_on_one_connection_are_answered() -> None:
    count = 500
    request = b"HEAD /healthz HTTP/1.1\r\nHost: HOST\r\n\r\n" * count
    async with served() as server, connected(server, 1, request) as ((reader, _),):
        async with asyncio.timeout(PATIENCE):
            for _ in range(count):
                assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("descriptors", "all_", "silent"),
    [(64, 16, 8), (256, 16, 8), (1024, 256, 128), (4096, 1024, 512), (1 << 20, 1024, 512)],
)
def test_most_descriptors_are_kept_back_for_what_we_ask_of_others(
    descriptors: int, all_: int, silent: int
) -> None:
    assert bounds_within(descriptors).room == ConnectionLimits(all_, silent)


async def test_a_want_of_descriptors_is_one_line_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with served():
        loop = asyncio.get_running_loop()
        error = OSError(errno.EMFILE, "Too many open files")
        for _ in range(1000):
            loop.call_exception_handler(
                {"message": "socket.accept() out of system resource", "exception": error}
            )
        loop.call_exception_handler({"message": "another matter"})
    said = [record for record in caplog.records if record.name == "asyncio"]
    assert [record.getMessage() for record in said] == [
        texts.page.no_descriptors(),
        "another matter",
    ]
    assert said[0].exc_info is None
    assert len(caplog.text) < 2000
    logging.getLogger("asyncio").warning("socket.accept() out of system resource")
    assert "out of system resource" in caplog.text, "only while we serve"


async def test_a_burst_waits_in_the_kernels_queue() -> None:
    async with served() as server:
        host, _, port = server.origin.removeprefix("http://").rpartition(":")
        burst = [socket.create_connection((host, int(port)), timeout=PATIENCE) for _ in range(300)]
        assert (await ask(server.origin, "/healthz")).status == 200
        for each in burst:
            each.close()
