"""The questions that Mintcast asks pump.fun.

Endpoints as observed 2026-08-22 to 2026-10-08: `livestream-api` for streams and joining,
`frontend-api-v3` for coins and the roster. Everything is asked for anonymously.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from bot.errors import PumpfunError
from bot.model import SERVICE, Asker, Offline, SiteClip, SiteClipKind, Unknown
from bot.model.network import DIRECT, Network
from bot.pumpfun import payloads
from bot.pumpfun import regions as livekit_regions
from bot.pumpfun.failures import Action, AskError, Endpoint
from bot.pumpfun.http import ContextOwner, Http
from bot.pumpfun.media_hosts import MediaHosts
from bot.pumpfun.pictures import Pictures
from bot.pumpfun.site_clips import site_clips

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    import httpx

    from bot.kit.pictures.decoder import Decoder
    from bot.kit.timing.clock import Clock
    from bot.model import (
        Coin,
        JoinToken,
        Observation,
        Picture,
        Region,
        RosterRow,
        StreamSnapshot,
    )

_log = logging.getLogger(__name__)

_KILOBYTES = 1024
_PAGE_ROWS = 60
_BOARD = {"sort": "currently_live", "order": "DESC", "includeNsfw": "true"}


@dataclass(frozen=True, slots=True)
class Roster:
    """The coins that are live, each once, as far as they were read. `failure`: why no further."""

    rows: tuple[RosterRow, ...]
    failure: PumpfunError | None = None


class PumpfunClient(ContextOwner):
    """What asks pump.fun, and LiveKit's list of regions.

    Its methods take mints as `parse_mint` gives them. `timeout` is seconds for each try,
    `attempts` counts the first try, `patience` is the longest stated wait (seconds) that is
    waited for; `media_hosts` are those that pictures may come from (see `Pictures`), and `decoder`,
    which opens and closes with the client, makes them anew.

    `asker` is for whom something is asked: each is sure of a share of the budget (see `Budget`),
    whatever the others ask.
    """

    def __init__(
        self,
        *,
        livestream_url: str,
        frontend_url: str,
        livekit_url: str,
        regions_url: str = "",
        media_hosts: Iterable[str],
        decoder: Decoder,
        requests_per_second: float,
        timeout: float = 10.0,
        attempts: int = 3,
        patience: float = 5.0,
        roster_pages: int = 20,
        group_per_minute: float = 50.0,
        transport: httpx.AsyncBaseTransport | None = None,
        network: Network = DIRECT,
        clock: Clock | None = None,
    ) -> None:
        self._livestream_url = livestream_url.rstrip("/")
        self._frontend_url = frontend_url.rstrip("/")
        self._livekit_url = livekit_url
        self._regions_url = regions_url or livekit_regions.list_url(livekit_url)
        self._roster_pages = roster_pages
        self._http = Http(
            requests_per_second=requests_per_second,
            timeout=timeout,
            attempts=attempts,
            patience=patience,
            group_per_minute=group_per_minute,
            transport=transport,
            network=network,
            clock=clock,
        )
        self._decoder = decoder
        media_hosts = tuple(media_hosts)
        self._pictures = Pictures(self._http, media_hosts, decoder)
        self._hosts = MediaHosts(media_hosts)
        super().__init__(self._http, decoder)

    def prepare(self) -> None:
        """Start what decodes pictures, so that the first one need not wait for it."""
        self._decoder.warm()

    def tries(self, endpoint: Endpoint) -> int:
        """How many requests were sent to it so far, failed ones included."""
        return self._http.tries[endpoint]

    @property
    def site_time(self) -> datetime | None:
        """What time it is by pump.fun, to hold this machine's clock against; None while it has not
        answered."""
        return self._http.site_time

    async def livestream(self, mint: str, *, asker: Asker = SERVICE) -> Observation:
        """Whether `mint` is on air. Whatever goes wrong with asking is an `Unknown`."""
        url = f"{self._livestream_url}/livestream?{urlencode({'mintId': mint})}"
        try:
            answer = await self._http.ask(
                Endpoint.LIVESTREAM, url, most_bytes=64 * _KILOBYTES, asker=asker
            )
        except AskError as failure:
            if failure.verdict.action is Action.TAKE_AS_NONE:
                return Offline()
            return Unknown(failure.reason, failure.status, failure.retry_after)
        return payloads.observation(mint, answer.body)

    async def join(self, mint: str) -> JoinToken:
        """A new right to enter the room of `mint` as a viewer; nothing of it is kept here.

        Ask for one before each entering. Raises `PumpfunError`.
        """
        answer = await self._http.ask(
            Endpoint.JOIN,
            f"{self._livestream_url}/livestream/join",
            post={"mintId": mint, "viewer": True},
            accept=(200, 201),
            most_bytes=64 * _KILOBYTES,
        )
        return payloads.join_token(payloads.decode(answer.body))

    async def regions(self, token: JoinToken) -> tuple[Region, ...]:
        """Where to enter LiveKit, nearest first; the bare host comes last, and always.

        Which hosts may be named is said in `bot.pumpfun.regions`. Failing to ask is no
        failure: the bare host will do.
        """
        try:
            return await self._listed_regions(token)
        except PumpfunError as error:
            return self._without_regions(error)

    async def entrance(self, mint: str) -> tuple[JoinToken, tuple[Region, ...]]:
        """A token and where to use it. A token that LiveKit refuses is asked for once more.

        Raises `PumpfunError` if joining fails.
        """
        token = await self.join(mint)
        try:
            return token, await self._listed_regions(token)
        except AskError as failure:
            if failure.verdict.action is not Action.REFRESH_TOKEN:
                return token, self._without_regions(failure)
        except PumpfunError as error:
            return token, self._without_regions(error)
        token = await self.join(mint)
        return token, await self.regions(token)

    async def _listed_regions(self, token: JoinToken) -> tuple[Region, ...]:
        answer = await self._http.ask(
            Endpoint.REGIONS,
            self._regions_url,
            bearer=token.secret,
            most_bytes=64 * _KILOBYTES,
        )
        return livekit_regions.nearest_first(payloads.decode(answer.body), self._livekit_url)

    def _without_regions(self, error: PumpfunError) -> tuple[Region, ...]:
        _log.info("no list of LiveKit's regions, so the bare host: %s", error)
        return (livekit_regions.bare_host(self._livekit_url),)

    async def coin(self, mint: str, *, asker: Asker = SERVICE) -> Coin | None:
        """What `mint` names; None if it names no coin (it may be a wallet). Raises `PumpfunError`.

        Asks `coins-v3`, and where that route does not do its part, `coins-v2`.
        """
        try:
            return await self._coin("coins-v3", mint, asker=asker)
        except PumpfunError as error:
            if error.is_of_host:  # the next route fares no better
                raise
            _log.info("coins-v3 does not answer, so coins-v2: %s", error)
        return await self._coin("coins-v2", mint, asker=asker)

    async def _coin(self, route: str, mint: str, *, asker: Asker) -> Coin | None:
        url = f"{self._frontend_url}/{route}/{quote(mint, safe='')}"
        try:
            answer = await self._http.ask(
                Endpoint.COIN, url, most_bytes=256 * _KILOBYTES, asker=asker
            )
        except AskError as failure:
            if failure.verdict.action is Action.TAKE_AS_NONE:
                return None
            raise
        return payloads.coin(mint, payloads.decode(answer.body))

    async def roster(
        self,
        *,
        pages: int | None = None,
        asker: Asker = SERVICE,
        on_page: Callable[[], None] | None = None,
    ) -> Roster:
        """The roster of live coins. A coin that is not on it may be live all the same.

        The next page starts after the rows received, since the site sends fewer than asked
        for; it ends at an empty page, one with nothing new, or after `pages` (`roster_pages`
        at most). Raises `PumpfunError` if the first page fails; a later one ends the list early.
        `on_page` is called after each that was read.
        """
        rows: dict[str, RosterRow] = {}
        failure: PumpfunError | None = None
        seen: set[str] = set()
        offset = 0
        for _ in range(min(pages or self._roster_pages, self._roster_pages)):
            try:
                page = await self._roster_page(offset, asker=asker)
            except PumpfunError as error:
                if offset == 0:
                    raise
                _log.debug("the roster ends early, at row %d: %s", offset, error)
                failure = error
                break
            if on_page is not None:
                on_page()
            if page.keys <= seen:
                break
            seen |= page.keys
            for row in page.rows:
                rows.setdefault(row.coin.mint, row)
            offset += page.received
        return Roster(tuple(rows.values()), failure)

    async def _roster_page(self, offset: int, *, asker: Asker) -> payloads.RosterPage:
        query = urlencode({"offset": offset, "limit": _PAGE_ROWS, **_BOARD})
        url = f"{self._frontend_url}/coins/currently-live?{query}"
        answer = await self._http.ask(
            Endpoint.ROSTER, url, most_bytes=1024 * _KILOBYTES, asker=asker
        )
        return payloads.roster_page(payloads.decode(answer.body))

    async def clips(
        self, mint: str, kind: SiteClipKind, limit: int, *, asker: Asker = SERVICE
    ) -> tuple[SiteClip, ...]:
        """The site's own clips of `mint`, the newest first, `limit` at most; hidden ones, and those
        on hosts that are not ours to ask, are left out. Raises `PumpfunError`.

        Of its paging only `limit` is known (2025-10-18).
        """
        query = urlencode({"limit": limit, "clipType": kind.value})
        url = f"{self._livestream_url}/clips/{quote(mint, safe='')}?{query}"
        try:
            answer = await self._http.ask(
                Endpoint.CLIPS, url, most_bytes=1024 * _KILOBYTES, asker=asker
            )
        except AskError as failure:
            if failure.verdict.action is Action.TAKE_AS_NONE:
                return ()
            raise
        found = site_clips(mint, kind, payloads.decode(answer.body), self._hosts)
        return found[:limit]

    async def thumbnail(self, stream: StreamSnapshot) -> Picture | None:
        """The picture that the site shows of `stream` now; None if it shows none.

        The site keeps the URL while the picture changes, so that the URL gets its time.
        Raises `PumpfunError` as `picture` does.
        """
        if stream.thumbnail is None:
            return None
        updated = stream.thumbnail_updated_at
        stamp = {"t": str(round(updated.timestamp() * 1000))} if updated else None
        return await self._pictures.fetch(stream.thumbnail, stamp)

    async def picture(self, url: str) -> Picture:
        """The picture at `url`, as a JPEG that we made. Raises `PumpfunError`.

        Its reason is NOT_ALLOWED for a host, scheme or redirect that is not ours to follow,
        TOO_LARGE, NOT_A_PICTURE, or one of asking.
        """
        return await self._pictures.fetch(url)

    async def safe_jpeg(self, data: bytes) -> Picture:
        """A picture that came on another way, made anew as those are. Raises `PictureError`."""
        return await self._decoder.safe_jpeg(data)
