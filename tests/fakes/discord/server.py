"""The server: every request passes through here."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from aiohttp import web

from tests.fakes.discord.api import limits
from tests.fakes.discord.api.description import Route, description
from tests.fakes.discord.api.faults import (
    Answer,
    Faults,
    Hang,
    Hold,
    RateLimit,
    Refuse,
    Reset,
    ServerError,
    Slow,
    When,
)
from tests.fakes.discord.api.refusals import Invalid, Refused
from tests.fakes.discord.api.requests import Call, Query, read_body
from tests.fakes.discord.api.routing import HANDLERS, WITHOUT_TOKEN
from tests.fakes.discord.gateway import NO_SUCH_TOKEN
from tests.fakes.discord.state.world import World, _utc
from tests.fakes.outage import cut, restored
from tests.patience import PATIENCE

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.FaKe0.stand-in-of-discord-not-a-secret"

API, GATEWAY = "/api/v10", "/gw"
_UPLOAD_READ = 1024


class FakeDiscord(World):
    """Use it as an async context manager; it listens on a free port of 127.0.0.1 meanwhile.

    `calls` are all requests; `rejected` is what Discord's description, or the sums beyond it,
    had against them: keep it empty. `faults`, `limits` and `gateway` make trouble.
    """

    def __init__(self, *, token: str = TOKEN, now: Callable[[], datetime] = _utc) -> None:
        super().__init__(token=token, now=now)
        self.calls: list[Call] = []
        self.rejected: list[str] = []
        self.faults = Faults()
        self.limits = limits.Limits()
        self.api_url = ""
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self._closing = asyncio.Event()
        self._port = 0

    @property
    def gateway_url(self) -> str:
        """Where a client connects to."""
        return self.gateway.url

    async def __aenter__(self) -> FakeDiscord:
        app = web.Application(client_max_size=1 << 30)
        app.on_response_prepare.append(self._date)
        app.router.add_get(f"{GATEWAY}", self.gateway.serve)
        app.router.add_get("/attachments/{channel}/{id}/{name}", self._file)
        app.router.add_route("*", API + "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        self._site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await self._site.start()
        host, port = self._runner.addresses[0][:2]
        self.cdn = f"http://{host}:{port}"
        self.api_url = self.cdn + API
        self.gateway.url = f"ws://{host}:{port}{GATEWAY}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        await self.gateway.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    async def down(self) -> None:
        """Connections break, the gateway's too, and new ones are refused."""
        assert self._runner is not None
        self._port = self._runner.addresses[0][1]
        await cut(self._runner, self._site)
        self._site = None

    async def up(self) -> None:
        """It answers again, on the same port."""
        self._site = await restored(self._runner, self._port)

    async def connected(self, within: float = PATIENCE) -> None:
        """Wait, in real time, until a client is identified. Fails the test otherwise."""
        deadline = time.monotonic() + within
        while not self.gateway.connected:
            assert time.monotonic() < deadline, f"nobody connected within {within} s"
            await asyncio.sleep(0.005)

    async def revoke_token(self) -> None:
        """The token is worth nothing from now on, here and at the gateway, and all who are
        connected have been told."""
        self.token = self.gateway.token = f"{self.token}-new"
        self.gateway.close(NO_SUCH_TOKEN)
        await self.gateway.settled()

    def calls_to(self, method: str, route: str) -> list[Call]:
        """Of one route, such as `/channels/{channel_id}/messages`."""
        return [one for one in self.calls if (one.method, one.route) == (method, route)]

    async def _file(self, request: web.Request) -> web.Response:
        found = self.files.get(int(request.match_info["id"]))
        if found is None:
            raise web.HTTPNotFound
        return web.Response(body=found.data, content_type=found.content_type)

    async def _date(self, _: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = format_datetime(self.now(), usegmt=True)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        call = Call(request.method, "/" + request.match_info["path"])
        self.calls.append(call)
        if self.limits.banned:
            call.status = 429
            return web.Response(status=429, text="You are being blocked", content_type="text/html")
        fault = self.faults.strike(call.method, call.path)
        if fault is not None and not await self._is_carried_out(request, fault):
            response = _trouble(call, fault)
            self.limits.count(call.status)
            return response
        response = await self._carried_out(request, call)
        if _is_after(fault):
            assert fault is not None
            return await _lost(request, call, fault, self._closing)
        return response

    async def _is_carried_out(self, request: web.Request, fault: Answer) -> bool:
        """Suffer what comes before the deed; whether the deed is done."""
        if isinstance(fault, Slow):
            await asyncio.sleep(fault.seconds)
            return True
        if isinstance(fault, Hold):
            fault.held.set()
            await fault.go_on.wait()
            return True
        if isinstance(fault, Reset) and fault.when is not When.AFTER:
            if fault.when is When.UPLOAD:
                await request.content.read(_UPLOAD_READ)
            _abort(request)
        if isinstance(fault, Hang) and fault.when is not When.AFTER:
            await self._closing.wait()
        if isinstance(fault, Refuse | RateLimit | ServerError) and not _is_after(fault):
            await request.read()
        return _is_after(fault)

    async def _carried_out(self, request: web.Request, call: Call) -> web.Response:
        """Discord's own answer."""
        headers: dict[str, str] = {}
        try:
            status, told = await self._do(request, call, headers)
        except Refused as refused:
            status, told, call.code = refused.status, refused.body, refused.code
            self._note(call, refused)
            if status == 429:
                headers |= {"Via": limits.VIA, "Retry-After": "1"}
        call.status = status
        self.limits.count(status)
        return _json(status, told, headers)

    async def _do(
        self, request: web.Request, call: Call, headers: dict[str, str]
    ) -> tuple[int, Any]:
        body, uploads = await read_body(request)
        call.json, call.files = body, tuple((one.name, len(one.data)) for one in uploads)
        own_token = call.path.startswith(WITHOUT_TOKEN)
        if not own_token and request.headers.get("Authorization") != f"Bot {self.token}":
            raise Refused(401, 0)
        route = description().find(call.method, call.path)
        if route is None or (call.method, route.template) not in HANDLERS:
            self.rejected.append(f"{call.method} {call.path}: not known to the stand-in")
            raise Refused(404, 0, "404: Not Found")
        call.route = route.template
        self._limit(route, headers, exempt=own_token)
        params = dict(request.query)
        faults = description().faults(route, params, body, bool(uploads))
        if faults:
            raise Invalid({path or "_": reason for path, reason in faults})
        query = Query(route, params, body, uploads)
        return HANDLERS[call.method, route.template](self, query)

    def _limit(self, route: Route, headers: dict[str, str], *, exempt: bool) -> None:
        major = route.ids.get("channel_id") or route.ids.get("webhook_token") or ""
        verdict = self.limits.take(route.method, route.template, major, exempt=exempt)
        headers |= verdict.headers
        if verdict.wait is not None:
            body, more = limits.limited(verdict.wait, everywhere=verdict.everywhere)
            headers |= more
            refused = Refused(429, 0)
            refused.body = body
            raise refused

    def _note(self, call: Call, refused: Refused) -> None:
        """Keep what no bot should ever have sent."""
        if isinstance(refused, Invalid):
            reasons = "; ".join(f"{path}: {why}" for path, why in refused.reasons.items())
            self.rejected.append(f"{call.method} {call.route}: {reasons}")
        elif refused.code in (50006, 50109):
            self.rejected.append(f"{call.method} {call.route}: {refused.body['message']}")


def _is_after(fault: Answer | None) -> bool:
    if isinstance(fault, Hold):
        return fault.is_lost
    return isinstance(fault, ServerError | Reset | Hang) and fault.when is When.AFTER


async def _lost(
    request: web.Request, call: Call, fault: Answer, closing: asyncio.Event
) -> web.Response:
    """The deed is done, and nobody learns of it."""
    call.status = fault.status if isinstance(fault, ServerError) else 0
    if isinstance(fault, Hang):
        await closing.wait()
    if isinstance(fault, Reset | Hold):
        _abort(request)
    return _json(call.status or 500, {"message": "lost", "code": 0}, {})


def _trouble(call: Call, fault: Answer) -> web.Response:
    """The answer in place of the deed."""
    if isinstance(fault, RateLimit):
        call.status = 429
        body, headers = limits.limited(fault.retry_after, everywhere=fault.everywhere)
        return _json(429, body, headers)
    if isinstance(fault, Refuse):
        call.status, call.code = fault.status, fault.code
        return _json(fault.status, Refused(fault.status, fault.code).body, {})
    call.status = fault.status if isinstance(fault, ServerError) else 0
    return _json(call.status or 500, {"message": "trouble", "code": 0}, {})


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def _json(status: int, told: Any, headers: dict[str, str]) -> web.Response:
    # Exactly `application/json`: with a charset discord.py takes the body for text.
    if status == 204:
        return web.Response(status=204, headers=headers)
    response = web.json_response(told, status=status, headers=headers)
    response.headers["Content-Type"] = "application/json"
    return response
