"""The HTTP port, on real sockets."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import errno
import json
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator, Iterable

import pytest
from aiohttp import web

from bot import __version__, texts
from bot.errors import DatabaseBusy, HttpError, PasswordMissing, PortInUse
from bot.kit.health import Health
from bot.kit.metrics import Metrics
from bot.ops import HttpServer
from bot.ops.responses import HEADERS
from tests.fakes.clock import FakeClock
from tests.ops.raw_client import Answer, ask
from tests.patience import PATIENCE

PASSWORD = "a password"
RIGHT = {"Authorization": "Basic " + base64.b64encode(f"me:{PASSWORD}".encode()).decode()}


def served(
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    password: str | None = None,
    health: Health | None = None,
    routes: Iterable[web.RouteDef] = (),
    base_path: str = "",
) -> HttpServer:
    return HttpServer(
        host,
        port,
        password=password,
        health=health or Health(FakeClock()),
        metrics=Metrics(),
        routes=routes,
        base_path=base_path,
    )


@pytest.fixture
async def server() -> AsyncIterator[HttpServer]:
    async def echo(request: web.Request) -> web.Response:
        return web.json_response({"text": await request.text()})

    async def busy(request: web.Request) -> web.Response:
        raise DatabaseBusy("mintcast.db")

    async def defect(request: web.Request) -> web.Response:
        raise RuntimeError("a defect")

    routes = [
        web.post("/api/echo", echo),
        web.get("/api/busy", busy),
        web.get("/api/defect", defect),
    ]
    async with served(routes=routes) as running:
        yield running


async def test_health_is_told_part_by_part() -> None:
    clock = FakeClock()
    health = Health(clock)
    health.part("database", vital=True).good("quick")
    health.part("pump.fun").bad("no answer")
    async with served(health=health) as server:
        answer = await ask(server.origin, "/healthz")
        assert answer.status == 200
        since = "2026-11-23T12:00:00Z"
        assert answer.json == {
            "status": "ok",
            "version": __version__,
            "parts": {
                "database": {"ok": True, "detail": "quick", "since": since, "age": 0.0},
                "pump.fun": {"ok": False, "detail": "no answer", "since": since, "age": None},
                "http": {"ok": True, "detail": f"at {server.origin}", "since": since, "age": 0.0},
            },
        }


async def test_health_tells_its_bare_status_to_who_gives_no_password() -> None:
    health = Health(FakeClock())
    database = health.part("database", vital=True)
    proxied = {"X-Forwarded-For": "203.0.113.9"}
    async with served(health=health) as open_to_all, served(health=health, password=PASSWORD) as it:
        assert (await ask(open_to_all.origin, "/healthz", headers=proxied)).json == {"status": "ok"}
        for headers in ({}, {"Authorization": "Basic bWU6bm90IGl0"}):
            answer = await ask(it.origin, "/healthz", headers=headers)
            assert (answer.status, answer.json) == (200, {"status": "ok"})
        database.bad("the disk is full")
        answer = await ask(it.origin, "/healthz")
        assert (answer.status, answer.json) == (503, {"status": "failing"})
        assert "parts" in (await ask(it.origin, "/healthz", headers=RIGHT)).json


async def test_a_password_that_is_set_is_asked_on_loopback_too() -> None:
    async with served(password=PASSWORD) as server:
        for path in ("/metrics", "/", "/nothing"):
            answer = await ask(server.origin, path)
            assert (answer.status, answer.json) == (401, {"error": texts.page.refused("password")})
        assert (await ask(server.origin, "/metrics", headers=RIGHT)).status == 200


async def test_without_a_password_a_proxy_is_told_what_to_do(server: HttpServer) -> None:
    for answer in (
        await ask(server.origin, "/metrics", headers={"X-Forwarded-For": "203.0.113.9"}),
        await ask(server.origin, "/metrics", version="1.0"),
    ):
        assert (answer.status, answer.json) == (403, {"error": texts.page.refused("proxy")})
    assert "HTTP_PASSWORD" in texts.page.refused("proxy")


async def test_who_guesses_is_told_how_long_to_wait() -> None:
    async with served(password=PASSWORD) as server:
        answers = [await guess(server, f"wrong {number}") for number in range(7)]
        assert [answer.status for answer in answers] == [401] * 6 + [429]
        assert answers[-1].json == {"error": texts.page.refused("guesses", 1)}
        assert answers[-1].headers["Retry-After"] == "1"


async def guess(server: HttpServer, password: str) -> Answer:
    pair = base64.b64encode(f"me:{password}".encode()).decode()
    return await ask(server.origin, "/metrics", headers={"Authorization": f"Basic {pair}"})


async def test_below_a_base_path_all_is_there_whether_a_proxy_takes_it_off_or_not() -> None:
    async with served(password=PASSWORD, base_path="/mintcast") as server:
        for path in ("/metrics", "/mintcast/metrics"):
            assert (await ask(server.origin, path)).status == 401
            assert (await ask(server.origin, path, headers=RIGHT)).status == 200
        for path in ("/healthz", "/mintcast/healthz"):
            assert (await ask(server.origin, path)).json == {"status": "ok"}
        for path in ("/mintcast/mintcast/healthz", "/mintcasts/healthz", "/x/healthz"):
            assert (await ask(server.origin, path)).status == 401
        answer = await ask(server.origin, "/mintcast", headers=RIGHT)
        assert (answer.status, answer.headers["Location"]) == (308, "/mintcast/")


async def test_what_is_vital_and_broken_makes_health_503() -> None:
    health = Health(FakeClock())
    database = health.part("database", vital=True)
    async with served(health=health) as server:
        database.bad("the disk is full")
        answer = await ask(server.origin, "/healthz")
        assert (answer.status, answer.json["status"]) == (503, "failing")
        database.good()
        assert (await ask(server.origin, "/healthz")).status == 200


async def test_metrics_are_what_prometheus_reads(server: HttpServer) -> None:
    answer = await ask(server.origin, "/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert b"# TYPE mintcast_subscriptions gauge" in answer.body


@pytest.mark.parametrize("path", ["/healthz", "/nothing", "/api/busy"])
async def test_every_answer_carries_the_policy(server: HttpServer, path: str) -> None:
    answer = await ask(server.origin, path)
    assert {
        name.title(): value for name, value in HEADERS.items()
    }.items() <= answer.headers.items()
    assert "Server" not in answer.headers


def test_the_policy_allows_nothing_but_our_own_files() -> None:
    directives = {
        name: value
        for name, _, value in (
            part.strip().partition(" ") for part in HEADERS["Content-Security-Policy"].split(";")
        )
    }
    own = {"script-src", "style-src", "img-src", "media-src", "connect-src"}
    none = {"default-src", "base-uri", "form-action", "frame-ancestors"}
    assert directives == dict.fromkeys(own, "'self'") | dict.fromkeys(none, "'none'")


async def test_what_is_not_there_is_said_in_a_sentence(server: HttpServer) -> None:
    answer = await ask(server.origin, "/nothing")
    assert (answer.status, answer.json) == (404, {"error": texts.page.http_failed(404)})
    answer = await ask(server.origin, "/api/echo")
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert answer.json == {"error": texts.page.http_failed(405)}


async def test_a_megabyte_is_too_much_and_disturbs_nobody(server: HttpServer) -> None:
    body = json.dumps({"text": "x" * (1 << 20)}).encode()
    answer = await ask(server.origin, "/api/echo", method="POST", body=body)
    assert (answer.status, answer.json) == (413, {"error": texts.page.http_failed(413)})
    assert (await ask(server.origin, "/api/echo", method="POST", body=b"hi")).json == {"text": "hi"}


async def test_a_database_that_fails_is_said_in_a_sentence(
    server: HttpServer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        answer = await ask(server.origin, "/api/busy")
    assert (answer.status, answer.json) == (
        503,
        {"error": texts.service.store_failed(DatabaseBusy(""))},
    )
    assert "the database is busy" in caplog.text


@pytest.mark.parametrize(
    "headers", [{"Bad Name": "x"}, {"Content-Length": "-1"}, {"X": "y" * 9000}, {"X": "a\x00b"}]
)
async def test_garbage_is_answered_and_fills_no_log(
    server: HttpServer, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        assert (await ask(server.origin, "/healthz", headers=headers)).status == 400
    assert caplog.records == []
    assert (await ask(server.origin, "/healthz")).status == 200


async def test_a_defect_is_answered_and_logged(
    server: HttpServer, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await ask(server.origin, "/api/defect")
    assert (answer.status, answer.json) == (500, {"error": texts.page.http_failed(500)})
    assert HEADERS.items() <= answer.headers.items()
    assert "a defect" in caplog.text
    assert len(caplog.records) == 1


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/"])
async def test_a_name_that_was_pointed_at_us_is_refused(server: HttpServer, path: str) -> None:
    answer = await ask(server.origin, path, headers={"Host": "evil.example:80"})
    assert (answer.status, answer.json) == (403, {"error": texts.page.refused("host")})


async def test_another_site_cannot_act(server: HttpServer) -> None:
    answer = await ask(
        server.origin,
        "/api/echo",
        method="POST",
        body=b"hi",
        headers={"Origin": "http://evil.example"},
    )
    assert (answer.status, answer.json) == (403, {"error": texts.page.refused("origin")})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.1"])
@pytest.mark.parametrize("password", [None, ""])
def test_an_address_for_others_without_a_password_is_refused_at_once(
    host: str, password: str | None
) -> None:
    with pytest.raises(PasswordMissing) as caught:
        served(host, 8080, password=password)
    assert "HTTP_PASSWORD" in texts.page.http_not_served(caught.value)


@contextlib.asynccontextmanager
async def outside(host: str, port: int = 0) -> AsyncIterator[str]:
    """What a process of its own says, which may listen where others reach it."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.ops.outside", host, str(port)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE):
            yield (await child.stdout.readline()).decode().strip()
    finally:
        child.stdin.close()
        await child.wait()


async def test_on_another_address_everything_but_health_asks_for_the_password() -> None:
    async with outside("0.0.0.0") as origin:
        for path in ("/metrics", "/", "/api/messages"):
            answer = await ask(origin, path)
            assert (answer.status, answer.json) == (401, {"error": texts.page.refused("password")})
            assert answer.headers["Www-Authenticate"].startswith("Basic ")
        assert (await ask(origin, "/healthz")).status == 200
        assert (await ask(origin, "/metrics", headers=RIGHT)).status == 200
        named = {"Host": "mint.example", **RIGHT}
        assert (await ask(origin, "/metrics", headers=named)).status == 200


async def test_an_address_that_this_machine_does_not_have_is_said_in_a_sentence() -> None:
    async with outside("192.0.2.1", 8080) as said:
        why = os.strerror(errno.EADDRNOTAVAIL)
        assert said.startswith(f"The page can't be served at 192.0.2.1:8080 ({why}).")


async def test_a_port_in_use_is_said_in_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse) as caught:
            async with served(port=port):
                pass
    assert f"already using 127.0.0.1:{port}" in texts.page.http_not_served(caught.value)


async def test_the_port_is_free_again_after_the_end() -> None:
    async with served() as server:
        port = int(server.origin.rpartition(":")[2])
    async with served(port=port) as again:
        assert again.origin == f"http://127.0.0.1:{port}"


async def test_requests_under_way_do_not_hold_up_the_end() -> None:
    started = asyncio.Event()
    ended = asyncio.Event()

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return response

    async with asyncio.timeout(PATIENCE):
        async with served(routes=[web.get("/api/endless", endless)]) as server:
            reading = asyncio.create_task(ask(server.origin, "/api/endless"))
            await started.wait()
        assert ended.is_set()
        await asyncio.gather(reading, return_exceptions=True)


async def test_a_client_that_vanishes_leaves_no_handler() -> None:
    started, ended = asyncio.Event(), asyncio.Event()

    async def endless(request: web.Request) -> web.Response:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return web.Response()

    async with served(routes=[web.get("/api/endless", endless)]) as server:
        host, _, port = server.origin.removeprefix("http://").rpartition(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"GET /api/endless HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        await started.wait()
        writer.transport.abort()
        async with asyncio.timeout(PATIENCE):
            await ended.wait()


def test_every_reason_why_nothing_is_served_names_the_place() -> None:
    for kind in (HttpError, PortInUse, PasswordMissing):
        error = kind("::1", 8080, "no such address")
        assert "[::1]:8080" in texts.page.http_not_served(error)
