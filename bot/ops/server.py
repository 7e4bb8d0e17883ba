"""The HTTP port: health and metrics always, and whatever routes it is handed."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import socket
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self

from aiohttp import HttpVersion11, web

from bot.errors import HttpError, PasswordMissing, PortInUse
from bot.kit.health import Health
from bot.kit.metrics import Metrics
from bot.kit.processes.own_process import descriptor_limit
from bot.ops.access import COOKIE, AccessControl, RequestFacts
from bot.ops.client_identity import TrustedProxies
from bot.ops.connections import Stage
from bot.ops.healthz import health_report
from bot.ops.listener import Bounds, Connection, Site, bounds_within
from bot.ops.responses import HEADERS, Handler, answer, refused
from bot.ops.rules import Rules, is_loopback

_log = logging.getLogger(__name__)

_parser_log = logging.getLogger(f"{__name__}.parser")
"""aiohttp's own words."""

MOST_BODY_BYTES = 64 << 10
"""No command is longer. What is larger is answered 413, and not kept."""

_CLOSE_SECONDS = 0.3
"""What a request may still take at the end; one that does not end by itself gets twice that."""

_DEVICE_SECONDS = 400 * 24 * 3600

_INSIDE = web.RequestKey("inside", bool)
"""Whether who asks may see everything."""

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_EVENTS_TYPE = "text/event-stream"


class HttpServer:
    """`async with HttpServer(…) as server:` serves until it leaves, which takes less than a second.

    Port 0 takes any; `origin` tells which. Raises PasswordMissing at once for an address that
    others reach when there is no password; on entering PortInUse, or HttpError for any other
    reason why nothing can be served there.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        password: str | None,
        health: Health,
        metrics: Metrics,
        routes: Iterable[web.RouteDef] = (),
        base_path: str = "",
        trusted_proxies: Iterable[str] = (),
        bounds: Bounds | None = None,
    ) -> None:
        local = is_loopback(host)
        if not local and not password:
            raise PasswordMissing(host, port)
        self._host, self._port = host, port
        self._access = AccessControl(
            Rules(local, password or None), TrustedProxies(trusted_proxies)
        )
        self._base = base_path
        self._bounds = bounds or bounds_within(descriptor_limit())
        self._health, self._metrics = health, metrics
        self._routes = tuple(routes)
        self._runner: web.AppRunner | None = None

    @property
    def origin(self) -> str:
        """`http://host:port` for a browser on this machine, known once served."""
        if self._runner is None:
            raise RuntimeError("nothing is served yet")
        host, port = self._runner.addresses[0][:2]
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(
            self._application(),
            handler_cancellation=True,  # a client that vanishes leaves no handler behind
            shutdown_timeout=_CLOSE_SECONDS,
        )
        try:
            await self._runner.setup()
            await Site(self._runner, self._host, self._port, self._bounds, _parser_log).start()
        except OSError as error:
            await self._close()
            raise _said(self._host, self._port, error) from error
        except BaseException:
            await self._close()
            raise
        self._health.part("http", vital=True).good(f"at {self.origin}")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._close()

    async def _close(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=MOST_BODY_BYTES, middlewares=[self._guard])
        application.on_response_prepare.append(_prepare)
        own = (web.get("/healthz", self._healthz), web.get("/metrics", self._render_metrics))
        application.add_routes(_also_below(self._base, (*own, *self._routes)))
        return application

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        _reach(request, Stage.ASKING)
        verdict = self._access.judge(self._facts_of(request))
        if verdict.refusal is not None:
            return refused(verdict)
        request[_INSIDE] = verdict.inside
        # Who need not be let in is not waited for, as one who is being answered would be.
        seconds = self._bounds.body_seconds if verdict.inside else 0.0
        response = await answer(request, handler, seconds)
        if verdict.device is not None:
            _give(response, verdict.device)
        return response

    def _facts_of(self, request: web.Request) -> RequestFacts:
        return RequestFacts(
            request.method,
            _path_within(self._base, request.path),
            request.headers,
            peer=request.remote or "",
            forwarded=request.headers.getall("X-Forwarded-For", ()),
            old=request.version < HttpVersion11,
        )

    async def _healthz(self, request: web.Request) -> web.Response:
        status, body = health_report(self._health, in_detail=request[_INSIDE])
        return web.json_response(body, status=status)

    async def _render_metrics(self, request: web.Request) -> web.Response:
        return web.Response(body=self._metrics.render(), headers={"Content-Type": _METRICS_TYPE})


def _give(response: web.StreamResponse, device: str) -> None:
    """For the folder of the page, whatever that is for the browser."""
    response.set_cookie(
        COOKIE, device, max_age=_DEVICE_SECONDS, path="", httponly=True, samesite="Strict"
    )


async def _prepare(request: web.Request, response: web.StreamResponse) -> None:
    """Every answer, refusals included. Nothing is kept by a browser unless it asks again."""
    with contextlib.suppress(KeyError):
        del response.headers["Server"]
    response.headers.update(HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")
    if response.content_type == _EVENTS_TYPE:
        _reach(request, Stage.FOLLOWING)


def _reach(request: web.Request, stage: Stage) -> None:
    if isinstance(request.protocol, Connection):
        request.protocol.reach(stage)


async def try_to_listen(host: str, port: int) -> None:
    """As a server will, for a moment, at each address of that name. Raises HttpError."""
    loop = asyncio.get_running_loop()
    try:
        server = await loop.create_server(asyncio.Protocol, host, port, start_serving=False)
    except OSError as error:
        raise _said(host, port, error) from error
    server.close()
    await server.wait_closed()


def _said(host: str, port: int, error: OSError) -> HttpError:
    error = error if error.errno else _why_not(host, port) or error
    kind = PortInUse if error.errno == errno.EADDRINUSE else HttpError
    number = error.errno or 0  # below 0 are those of a name's look-up
    detail = os.strerror(number) if number > 0 else error.strerror
    return kind(host, port, detail or type(error).__name__)


def _why_not(host: str, port: int) -> OSError | None:
    """The system's own reason: where there is but one, asyncio keeps it to itself since Python
    3.13 ("could not bind on any address")."""
    for family, kind, protocol, _, address in socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    ):
        try:
            with socket.socket(family, kind, protocol) as probe:
                probe.bind(address)
        except OSError as error:
            return error
    return None


def _path_within(base: str, path: str) -> str:
    """The path within Mintcast: a proxy may have taken `base` off already, or not."""
    return path.removeprefix(base) if base and path.startswith(f"{base}/") else path


def _also_below(base: str, routes: Iterable[web.RouteDef]) -> Iterator[web.RouteDef]:
    """Each route as it is and below `base`, and the way from `/mintcast` to `/mintcast/`."""
    for route in routes:
        yield route
        if base:
            yield web.RouteDef(route.method, base + route.path, route.handler, route.kwargs)
    if base:
        yield web.get(base, _add_slash)


async def _add_slash(request: web.Request) -> web.StreamResponse:
    raise web.HTTPPermanentRedirect(f"{request.path}/")
