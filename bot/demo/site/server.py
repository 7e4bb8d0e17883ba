"""A pump.fun look-alike on one origin of this machine, with a script and faults to order.

It stands in for `livestream-api`, `frontend-api-v3`, the media hosts and LiveKit's regions,
with their shapes and oddities as observed up to 2026-10, and shares no code with the bot.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from types import TracebackType
from typing import Self

from aiohttp import web

from bot.demo.livekit.tokens import TokenFault
from bot.demo.site.coins import DemoCoin
from bot.demo.site.endpoints import Frontend, LivestreamApi, Pictures, Regions, no_route
from bot.demo.site.faults import FORBIDDEN_PAGE, Fault, FaultPlan, Rule, perform
from bot.demo.site.recordings import Recordings
from bot.demo.site.state import DEAD_REGION, Offline, SiteState, utc_now

__all__ = ["DEAD_REGION", "DemoCoin", "Fault", "Offline", "Seen", "Site", "TokenFault"]

FRONTEND = frozenset({"roster", "search", "coins-v3", "coins-v2", "coins-v2-mints", "other"})
HOME = "https://pump.fun"
KEPT_REQUESTS = 100_000
CLOSE_SECONDS = 0.2

GROUPS = {
    "media": ("thumbnails", "images"),
    "recording": ("masters", "playlists", "segments", "clip-files"),
}
"""Names that stand for several endpoints, wherever an endpoint is named."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that arrived, whatever became of it."""

    endpoint: str
    method: str
    path: str
    query: dict[str, str]
    at: datetime


class Site(SiteState):
    """The look-alike. `async with site:` serves it; the script's methods work at any time.

    Endpoints are named `livestream`, `join`, `approved`, `clips`, `roster`, `search`,
    `coins-v3`, `coins-v2`, `coins-v2-mints`, `regions`, `thumbnails`, `images` (both:
    `media`), `masters`, `playlists`, `segments`, `clip-files` (all: `recording`) and `other`, any
    path without a route.
    """

    def __init__(
        self,
        livekit_url: str = "ws://127.0.0.1:7880",
        api_key: str = "devkey",
        api_secret: str = "a secret of this machine's demo only",
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Callable[[], datetime] = utc_now,
        seed: int = 0,
    ) -> None:
        super().__init__(livekit_url, api_key, api_secret, clock)
        self.requests: deque[Seen] = deque(maxlen=KEPT_REQUESTS)
        self._counts: Counter[str] = Counter()
        self._arrival = asyncio.Event()
        self._closing = asyncio.Event()
        self._faults = FaultPlan(seed)
        self._host, self._port = host, port
        self._runner: web.AppRunner | None = None
        self._own_media = False

    @property
    def origin(self) -> str:
        """`http://host:port`, known once served."""
        if self._runner is None:
            raise RuntimeError("the site is not served")
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    def fail(
        self,
        endpoint: str,
        fault: Fault,
        *,
        times: int | None = None,
        retry_after: float | None = None,
        share: float = 1.0,
        seconds: float = 5.0,
        body: str | None = None,
    ) -> None:
        """Let an endpoint fail until healed, or `times` times; `share` of its requests only.

        `seconds` is how long a slow answer takes; `body` replaces a fault's text, and is the
        address of a redirect. A new order replaces the one before.
        """
        rule = Rule(fault, times, share, retry_after, seconds, body)
        self._faults.order(self._named(endpoint), rule)

    def heal(self, endpoint: str | None = None) -> None:
        """Lift the order for an endpoint, or all. Requests that hang already stay hanging."""
        self._faults.lift(self._named(endpoint) if endpoint else ENDPOINTS)

    def count(self, endpoint: str | None = None) -> int:
        """How many requests arrived so far, failed ones included."""
        names = self._named(endpoint) if endpoint else ENDPOINTS
        return sum(self._counts[name] for name in names)

    async def reached(self, endpoint: str, times: int = 1) -> None:
        """Return as soon as so many requests have arrived."""
        while self.count(endpoint) < times:
            await self._arrival.wait()

    async def __aenter__(self) -> Self:
        self._closing.clear()
        self._runner = web.AppRunner(
            self._application(),
            access_log=None,
            handler_cancellation=True,
            shutdown_timeout=CLOSE_SECONDS,
        )
        try:
            await self._runner.setup()
            await web.TCPSite(self._runner, self._host, self._port).start()
        except BaseException:
            await self._close()
            raise
        self._own_media = not self.media_origin
        self.media_origin = self.media_origin or self.origin
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._close()

    async def _close(self) -> None:
        """Within a moment, whoever still hangs; their connections are cut."""
        self._closing.set()
        if self._runner is None:
            return
        if self._own_media:
            self.media_origin = ""
        runner, self._runner = self._runner, None
        await runner.cleanup()

    def _named(self, endpoint: str) -> tuple[str, ...]:
        names = GROUPS.get(endpoint, (endpoint,))
        if not ENDPOINTS.issuperset(names):
            raise ValueError(f"no endpoint {endpoint!r}; there are {', '.join(sorted(ENDPOINTS))}")
        return names

    def _application(self) -> web.Application:
        app = web.Application(middlewares=[self._gate])
        live, front, pictures = LivestreamApi(self), Frontend(self), Pictures(self)
        recordings = Recordings(self)
        handlers = {
            "livestream": live.livestream,
            "join": live.join,
            "approved": live.approved,
            "clips": live.clips,
            "roster": front.roster,
            "search": front.search,
            "coins-v3": front.coin_v3,
            "coins-v2-mints": front.coins_v2_mints,
            "coins-v2": front.coin_v2,
            "regions": Regions(self).regions,
            "images": pictures.image,
            "thumbnails": pictures.thumbnail,
            "masters": recordings.master,
            "playlists": recordings.media_list,
            "segments": recordings.segment,
            "clip-files": recordings.clip_file,
            "other": no_route,
        }
        for name, (method, path) in ROUTES.items():
            app.router.add_route(method, path, handlers[name], name=name)
        app.on_response_prepare.append(self._date)
        return app

    async def _date(self, _request: web.Request, response: web.StreamResponse) -> None:
        """By its own clock."""
        response.headers["Date"] = format_datetime(self.clock(), usegmt=True)

    @web.middleware
    async def _gate(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Note the request; fail if ordered; else the rules that hold before any handler."""
        endpoint = request.match_info.route.name or "other"
        self._note(endpoint, request)
        rule = self._faults.drawn(endpoint)
        if rule and (failed := await perform(rule, request, endpoint, self._closing)):
            return failed
        if endpoint in FRONTEND and request.headers.get("Origin", HOME) != HOME:
            # A foreign Origin gets 403 (measured 2026-09-20 and 21).
            return web.Response(status=403, text=FORBIDDEN_PAGE, content_type="text/html")
        return await self._within_limit(endpoint, request, handler)

    async def _within_limit(
        self,
        endpoint: str,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        allowance = self.rate_limits.take(endpoint, request.remote or "")
        if allowance is None:
            return await handler(request)
        if allowance.refused:
            late = {"Retry-After": str(allowance.reset)}
            return web.Response(
                status=429, text="error code: 1015", headers=allowance.headers | late
            )
        answer = await handler(request)
        answer.headers.update(allowance.headers)
        return answer

    def _note(self, endpoint: str, request: web.Request) -> None:
        seen = Seen(endpoint, request.method, request.path, dict(request.query), self.clock())
        self.requests.append(seen)
        self._counts[endpoint] += 1
        self._arrival.set()
        self._arrival = asyncio.Event()


ROUTES = {
    "livestream": ("GET", "/livestream"),
    "join": ("POST", "/livestream/join"),
    "approved": ("GET", "/livestream/is-approved-creator"),
    "clips": ("GET", "/clips/{mint}"),
    "roster": ("GET", "/coins/currently-live"),
    "search": ("GET", "/coins/search-unrestricted"),
    "coins-v3": ("GET", "/coins-v3/{mint}"),
    "coins-v2-mints": ("POST", "/coins-v2/mints"),
    "coins-v2": ("GET", "/coins-v2/{mint}"),
    "regions": ("GET", "/settings/regions"),
    "images": ("GET", "/images/{mint}.jpg"),
    "thumbnails": ("GET", "/{mint}/{folder}/thumb.jpg"),
    "masters": ("GET", r"/{mint}/{folder}/{name:master_playlist_\w+\.m3u8}"),
    "playlists": ("GET", r"/{mint}/{folder}/{name:playlist_\w+\.m3u8}"),
    "segments": ("GET", r"/{mint}/{folder}/{name:\w+\.ts}"),
    "clip-files": ("GET", "/{mint}/clips/{clip}/{name}"),
    "other": ("*", "/{path:.*}"),
}
ENDPOINTS = frozenset(ROUTES)
