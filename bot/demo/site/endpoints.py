"""The endpoints of pump.fun's three hosts and of LiveKit's regions, answered from its state.

Where nobody observed an answer, a comment says that it is our assumption.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.demo.livekit.tokens import join_answer
from bot.demo.site import payloads
from bot.demo.site.coins import DemoCoin
from bot.demo.site.state import Offline, SiteState

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class LivestreamApi:
    """`livestream-api.pump.fun`: anonymous, no rate-limit header reported by anyone."""

    def __init__(self, state: SiteState) -> None:
        self._state = state

    async def livestream(self, request: web.Request) -> web.Response:
        coin = self._state.coins.get(request.query.get("mintId", ""))
        if coin is not None and coin.is_live:
            return web.json_response(payloads.livestream(coin, self._state.media_origin))
        return self._offline(request.query.get("mintId", ""))

    def _offline(self, mint: str) -> web.Response:
        """Off air or never heard of: the same empty 200 (measured 2026-08-27)."""
        match self._state.offline_as:
            case Offline.EMPTY:
                return web.Response(content_type="application/json")
            case Offline.WHITESPACE:
                return web.Response(text=" \n", content_type="application/json")
            case Offline.NOT_FOUND:
                return _nest(404, "Livestream not found", "Not Found")
            case Offline.IS_LIVE_FALSE:
                return web.json_response(payloads.off_air(mint))

    async def join(self, request: web.Request) -> web.Response:
        """A viewer's token: 201, no server URL (2025-09-17)."""
        body = await _json_object(request)
        if body is None or not isinstance(body.get("mintId"), str):
            return _nest(400, ["mintId must be a string"], "Bad Request")  # our assumption
        if not _is_viewer(body) and not request.headers.get("Cookie"):
            return _nest(401, "Unauthorized", "Unauthorized")  # our assumption
        coin = self._state.coins.get(body["mintId"])
        if coin is None or not coin.is_live:
            # Our assumption: what a join of an offline mint answers is documented nowhere.
            return _nest(404, "Livestream not found", "Not Found")
        hidden = self._state.honours_hidden and body.get("hidden") is True
        body = join_answer(
            self._state.keys, coin.room, coin.token_ttl, coin.token_fault, hidden=hidden
        )
        return web.json_response(body, status=self._state.join_status)

    async def approved(self, request: web.Request) -> web.Response:
        """A bare boolean (client code only); here every creator of a known coin is approved."""
        return web.json_response(request.query.get("mintId", "") in self._state.coins)

    async def clips(self, request: web.Request) -> web.Response:
        """Highlights, or whole streams that were recorded (`COMPLETE`); newest first."""
        coin = self._state.coins.get(request.match_info["mint"])
        kind = request.query.get("clipType", "HIGHLIGHT")
        rows = list(reversed(self._clips(coin, kind))) if coin else []
        limit = _whole(request, "limit", 20)
        return web.json_response({"clips": rows[:limit], "hasMore": len(rows) > limit})

    def _clips(self, coin: DemoCoin, kind: str) -> list[payloads.Row]:
        origin = self._state.media_origin
        if kind == "HIGHLIGHT":
            return [payloads.clip(coin, cut, origin) for cut in coin.highlights]
        if kind == "COMPLETE" and coin.recorder:
            return [payloads.complete(coin, one, origin) for one in coin.recorder.clipped()]
        return []


class Frontend:
    """`frontend-api-v3.pump.fun`: the roster and what a coin is."""

    def __init__(self, state: SiteState) -> None:
        self._state = state

    async def roster(self, request: web.Request) -> web.Response:
        """The ranked roster, clamped; says nothing about coins that are not in it."""
        nsfw = _flag(request, "includeNsfw")  # that leaving it out hides them is our assumption
        return self._page(request, self._state.ranked(include_nsfw=nsfw))

    async def search(self, request: web.Request) -> web.Response:
        """The same rows (measured 2026-09-12); without `currentlyLive`, of every coin."""
        nsfw = _flag(request, "includeNsfw")
        coins = self._state.ranked(include_nsfw=nsfw)
        if not _flag(request, "currentlyLive"):
            every = self._state.coins.values()
            coins += [c for c in every if c not in coins and (nsfw or not c.nsfw)]
        return self._page(request, coins)

    def _page(self, request: web.Request, coins: list[DemoCoin]) -> web.Response:
        start = _whole(request, "offset", 0)
        size = min(_whole(request, "limit", self._state.page_clamp), self._state.page_clamp)
        ranked = list(enumerate(coins, start=1))[start : start + size]
        origin = self._state.media_origin
        return web.json_response([payloads.roster_row(coin, origin, rank) for rank, coin in ranked])

    async def coin_v3(self, request: web.Request) -> web.Response:
        """Unknown coin: 200 with `null` (measured 2026-09-12)."""
        return web.json_response(self._record(request.match_info["mint"]))

    async def coin_v2(self, request: web.Request) -> web.Response:
        """The same record, but an unknown coin is a 404 (measured 2026-09-12)."""
        mint = request.match_info["mint"]
        record = self._record(mint)
        if record is None:
            return _nest(404, f"Coin not found for mint: {mint}", "Not Found")
        return web.json_response(record)

    async def coins_v2_mints(self, request: web.Request) -> web.Response:
        """Many at once, 201 (measured 2026-09-12); the unknown are left out (our assumption)."""
        body = await _json_object(request)
        mints = body.get("mints") if body else None
        if body is None or not isinstance(mints, list):
            return _nest(400, ["mints must be an array"], "Bad Request")  # our assumption
        nsfw = body.get("includeNsfw") is True or body.get("include_nsfw") is True
        coins = [self._state.coins[mint] for mint in mints if mint in self._state.coins]
        origin = self._state.media_origin
        rows = [payloads.coin_record(coin, origin) for coin in coins if nsfw or not coin.nsfw]
        return web.json_response(rows, status=201)

    def _record(self, mint: str) -> payloads.Row | None:
        coin = self._state.coins.get(mint)
        return payloads.coin_record(coin, self._state.media_origin) if coin else None


class Pictures:
    """`clips.pump.fun` and `images.pump.fun`. How they say that a file is gone: our assumption."""

    def __init__(self, state: SiteState) -> None:
        self._state = state

    async def thumbnail(self, request: web.Request) -> web.Response:
        """The current directory's picture; a retired directory is gone (rotation, 2026-08)."""
        coin = self._state.coins.get(request.match_info["mint"])
        media = coin.media if coin else None
        if media is None or media.folder != request.match_info["folder"]:
            return gone()
        return web.Response(body=media.thumbnail, content_type="image/jpeg")

    async def image(self, request: web.Request) -> web.Response:
        coin = self._state.coins.get(request.match_info["mint"])
        if coin is None or not isinstance(coin.image, bytes):
            return gone()
        return web.Response(body=coin.image, content_type="image/jpeg")


class Regions:
    """LiveKit Cloud's `/settings/regions`; the open-source server has no such path."""

    def __init__(self, state: SiteState) -> None:
        self._state = state

    async def regions(self, request: web.Request) -> web.Response:
        rows = self._state.regions()
        if rows is None:
            return web.Response(status=404, text="404 page not found\n")
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not self._state.keys.accepts(token):
            return web.Response(status=401, text="invalid authorization token")  # our wording
        return web.json_response({"regions": rows})


async def no_route(request: web.Request) -> web.Response:
    """Any other path, `/coins/{mint}` among them since 2026-09-26."""
    return web.json_response(payloads.cannot(request.method, request.path), status=404)


def gone(status: int = 404) -> web.Response:
    return web.Response(status=status, text="Forbidden" if status == 403 else "Not Found")


def _nest(status: int, message: object, error: str) -> web.Response:
    return web.json_response(payloads.nest(status, message, error), status=status)


def _is_viewer(body: dict[str, Any]) -> bool:
    """Bodies seen: `viewer: true`, or `role: viewer`; the bare mint needs the site's cookies."""
    return body.get("viewer") is True or body.get("role") == "viewer"


async def _json_object(request: web.Request) -> dict[str, Any] | None:
    try:
        body = json.loads(await request.text())
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _whole(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    return int(text) if text.isdecimal() else default


def _flag(request: web.Request, name: str) -> bool:
    return request.query.get(name, "").lower() == "true"
