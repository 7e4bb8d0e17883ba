"""What the look-alike knows: its coins, and settings for what the facts leave open."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from bot.demo.livekit.tokens import Keys
from bot.demo.site import payloads
from bot.demo.site.coins import WALLET, DemoCoin
from bot.demo.site.rate_limits import FRONTEND_LIMITS, RateLimits

FIRST_ID = 2_100_000
"""Ids grow: 1624631 on 2025-11-20, 2070397 on 2026-02-17."""

DEAD_REGION = payloads.region("demo-far", "http://127.0.0.1:1", "99999999")
"""An entrance that nobody listens at, farther than the real one."""


class Offline(StrEnum):
    """How `GET /livestream` says that nothing is streamed; clients met, or code for, each."""

    EMPTY = "empty"
    WHITESPACE = "whitespace"
    NOT_FOUND = "not-found"
    IS_LIVE_FALSE = "is-live-false"


def utc_now() -> datetime:
    return datetime.now(UTC)


class SiteState:
    """The state behind the endpoints. Written by the script, read by the answers; one loop."""

    def __init__(
        self, livekit_url: str, api_key: str, api_secret: str, clock: Callable[[], datetime]
    ) -> None:
        self.livekit_url = livekit_url
        self.keys = Keys(api_key, api_secret)
        self.clock = clock
        self.coins: dict[str, DemoCoin] = {}
        self.offline_as = Offline.EMPTY
        """Measured 2026-08-27: 200 with an empty body."""
        self.join_status = 201
        """200 or 201, both seen since 2025-09-17."""
        self.honours_hidden = False
        """Whether `hidden: true` of a join reaches the claim: shown by nobody."""
        self.roster_lag = 0.0
        """Seconds until a stream that just started is in the roster."""
        self.page_clamp = 70
        """Rows a page at most, whatever `limit` says (measured 2026-09-12 on `/coins`)."""
        self.rate_limits = RateLimits(dict(FRONTEND_LIMITS), clock)
        self.media_origin = ""
        """Where thumbnails and images are said to be; filled with the site's own origin."""
        self._regions: list[dict[str, Any]] | None = None
        self._regions_known = True
        self._ids = itertools.count(FIRST_ID)

    def add_coin(
        self,
        mint: str,
        symbol: str = "DEMO",
        name: str = "Demo coin",
        image: bytes | str | None = None,
        creator: str = WALLET,
        *,
        nsfw: bool = False,
    ) -> DemoCoin:
        """Make a coin, off air. `image`: JPEG bytes to serve, or a URI to show as it stands."""
        if mint in self.coins:
            raise ValueError(f"there already is a coin {mint}")
        coin = DemoCoin(
            mint, symbol, name, self.clock, self._ids.__next__, image, creator, nsfw=nsfw
        )
        self.coins[mint] = coin
        return coin

    def forget_optional_fields(self, *fields: str) -> None:
        """Rows of the coins added so far lack these fields; none named: every optional one."""
        for coin in self.coins.values():
            coin.forget(*fields)

    def near_region(self) -> dict[str, Any]:
        """The LiveKit server itself, as `http(s)` and with a distance in text (seen 2025-11)."""
        url = self.livekit_url.replace("ws", "http", 1)
        return payloads.region("demo-near", url, "911231")

    def set_regions(self, regions: Sequence[Mapping[str, Any]] | None) -> None:
        """Rows to answer with, nearest or not; None: the 404 of an open-source LiveKit server."""
        self._regions_known = regions is not None
        self._regions = [dict(row) for row in regions or ()]

    def regions(self) -> list[dict[str, Any]] | None:
        """The rows of `/settings/regions`; None where the server has no such path."""
        if not self._regions_known:
            return None
        return [self.near_region()] if self._regions is None else self._regions

    def ranked(self, *, include_nsfw: bool) -> list[DemoCoin]:
        """Live coins as the roster orders them: by viewers, the newest broadcast first."""
        rows = [c for c in self.coins.values() if self._is_listed(c)]
        rows = [c for c in rows if include_nsfw or not c.nsfw]
        return sorted(rows, key=_rank)

    def _is_listed(self, coin: DemoCoin) -> bool:
        if coin.broadcast is None or coin.hidden_from_roster:
            return False
        return (self.clock() - coin.broadcast.started_at).total_seconds() >= self.roster_lag


def _rank(coin: DemoCoin) -> tuple[int, int]:
    if coin.broadcast is None:
        return (0, 0)
    return (-coin.broadcast.viewers, -coin.broadcast.stream_id)
