"""`mintcast check` asks the service that runs for its health."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot import __version__
from bot.app.checking import Finding, _port, service_findings
from bot.config import Secrets, Settings
from bot.config.settings import Http
from bot.demo.ports import free_port
from bot.kit.health import Health
from bot.kit.metrics import Metrics
from bot.ops import HttpServer, ask_health
from tests.fakes.clock import FakeClock
from tests.ops.test_server import PASSWORD

HOST = "127.0.0.1"


def silent(seconds: float) -> str:
    return f"it has not looked for {seconds:g} s"


@pytest.fixture
async def health() -> Health:
    clock = FakeClock()
    health = Health(clock)
    for name in ("watcher", "database"):
        health.part(name, vital=True).expect(40, silent)
        health.part(name).good()
    await clock.advance(4)
    health.part("telegram").bad("it does not answer")
    return health


@pytest.fixture
async def port(health: Health) -> AsyncIterator[int]:
    server = HttpServer(HOST, 0, password=PASSWORD, health=health, metrics=Metrics())
    async with server:
        yield int(server.origin.rpartition(":")[2])


async def found(port: int, password: str | None) -> list[Finding]:
    settings = Settings(http=Http(host=HOST, port=port))
    secrets = Secrets(http_password=password)
    return [finding async for finding in service_findings(settings, secrets)]


async def test_with_the_password_every_part_is_told(port: int) -> None:
    origin = f"http://{HOST}:{port}"
    assert await found(port, PASSWORD) == [
        Finding("page", True, f"Mintcast {__version__} is running at {origin}"),
        Finding("service, watcher", True, "checked 4 s ago"),
        Finding("service, database", True, "answered 4 s ago"),
        Finding("service, telegram", False, "it does not answer"),
        Finding("service, http", True, f"at {origin}"),
    ]


async def test_without_it_only_how_the_service_is(port: int, health: Health) -> None:
    page, service = await found(port, None)
    assert page.ok
    assert service.ok
    health.part("database").bad("the disk is full")
    for password in (None, "wrong"):
        page, service = await found(port, password)
        assert (page.ok, service.ok) == (True, False)
        assert "failing" in service.sentence


async def test_that_none_runs_is_no_fault(port: int) -> None:
    page, service = await found(0, None)
    assert page.ok
    assert (service.ok, service.sentence.partition(";")[0]) == (True, "not running")


@pytest.mark.parametrize(
    "body",
    [
        b"220 mail.example.org ESMTP\r\n",
        b"[" * 100_000,
        b'{"status": "UP"}',
        b"[]",
        b"\xff",
    ],
    ids=["no HTTP", "deep", "another status", "a list", "no text"],
)
async def test_another_program_there_is_one(body: bytes) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if not body.startswith(b"220"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body))
        writer.write(body)
        writer.close()

    async with await asyncio.start_server(greet, HOST, 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert await ask_health(HOST, port, None) is None
        page, service = await found(port, None)
    assert not page.ok
    assert service.sentence.startswith("not running")


async def test_a_host_is_looked_up_as_the_server_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its name may have an address of IPv6 alone."""
    look_up = socket.getaddrinfo

    def found(host: str, *arguments: Any, **more: Any) -> Any:
        return look_up("::1" if host == "mint.localhost" else host, *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", found)
    settings = Settings(http=Http(host="mint.localhost", port=free_port()))
    told = await _port(settings, Secrets(http_password=PASSWORD))
    assert told.ok, told.sentence
    with socket.create_server(("::1", settings.http.port), family=socket.AF_INET6):
        told = await _port(settings, Secrets(http_password=PASSWORD))
    assert "Another program is already using" in told.sentence
