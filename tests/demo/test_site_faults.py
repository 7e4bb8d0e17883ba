"""Each endpoint of the look-alike fails in each way that it is told to."""

from __future__ import annotations

import asyncio
import re
import time

import aiohttp
import httpx
import pytest

from bot.demo.site.server import ROUTES, Fault, Site
from tests.demo.conftest import plain_client
from tests.patience import PATIENCE

MINT = "HnnTjrFBAK2uEsasABGUJY3zxHTUx793uCNSxQKvK9q1"
FAST = 20.0
"""Seconds, on a busy machine. What the faults hold lasts a minute."""
REFUSED_AT_ONCE = {
    Fault.RATE_LIMITED: (429, "error code: 1015"),
    Fault.SERVER_ERROR: (500, "Internal server error"),
    Fault.BAD_GATEWAY_TEXT: (504, "error code: 504"),
    Fault.GARBAGE: (200, "<html>"),
    Fault.EMPTY: (200, ""),
    Fault.FORBIDDEN: (403, "<!DOCTYPE html>"),
    Fault.UNAUTHORIZED: (401, "Unauthorized"),
    Fault.ROUTE_GONE: (404, "Cannot "),
    Fault.NOT_FOUND: (404, "Not found"),
    Fault.ORIGIN_DOWN: (530, "error code: 1016"),
    Fault.REDIRECT: (302, ""),
    Fault.WRONG_SHAPE: (200, ""),
}


NAMES = {
    "masters": "master_playlist_20260912_054000.m3u8",
    "playlists": "playlist_20260912_054000_2_live.m3u8",
    "segments": "playlist_20260912_054000_2_00001.ts",
}
"""Files of a recording."""


def request_of(endpoint: str) -> tuple[str, str]:
    method, path = ROUTES[endpoint]
    path = re.sub(r"\{name:.*?\.\w+\}", NAMES.get(endpoint, ""), path)
    for name in ("{mint}", "{folder}", "{clip}", "{name}", "{path:.*}"):
        path = path.replace(name, MINT)
    return ("GET" if method == "*" else method), path


async def ask(web: httpx.AsyncClient, endpoint: str) -> httpx.Response:
    return await web.request(*request_of(endpoint))


@pytest.mark.parametrize("endpoint", ROUTES)
async def test_an_endpoint_answers_wrongly_in_each_way_until_healed(
    site: Site, web: httpx.AsyncClient, endpoint: str
) -> None:
    usual = await ask(web, endpoint)
    for fault, (status, text) in REFUSED_AT_ONCE.items():
        site.fail(endpoint, fault)
        answer = await ask(web, endpoint)
        assert answer.status_code == status, fault
        assert text in answer.text, fault
        site.heal(endpoint)
    again = await ask(web, endpoint)
    assert (again.status_code, again.text) == (usual.status_code, usual.text)


@pytest.mark.parametrize("endpoint", ROUTES)
async def test_an_endpoint_hangs_cuts_and_never_stops_talking(
    site: Site, web: httpx.AsyncClient, endpoint: str
) -> None:
    site.fail(endpoint, Fault.HANG)
    under_way = asyncio.create_task(ask(web, endpoint))
    await site.reached(endpoint)
    assert not under_way.done()
    under_way.cancel()
    await asyncio.gather(under_way, return_exceptions=True)
    site.fail(endpoint, Fault.RESET)
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await ask(web, endpoint)
    site.fail(endpoint, Fault.HUGE)
    method, path = request_of(endpoint)
    async with aiohttp.request(method, f"{site.origin}{path}") as answer:
        assert answer.content_length is None
        assert len(await answer.content.readexactly(3_000_000)) == 3_000_000


async def test_a_slow_endpoint_answers_in_the_end(site: Site, web: httpx.AsyncClient) -> None:
    site.fail("coins-v3", Fault.SLOW, seconds=0.05)
    began = time.monotonic()
    assert (await ask(web, "coins-v3")).text == "null"
    assert time.monotonic() - began >= 0.05


async def test_a_fault_can_be_told_how_often_and_when_to_come_back(
    site: Site, web: httpx.AsyncClient
) -> None:
    site.fail("livestream", Fault.RATE_LIMITED, times=2, retry_after=7)
    answers = [await ask(web, "livestream") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert [answer.headers.get("retry-after") for answer in answers] == ["7", "7", None]


async def test_a_share_of_the_requests_fails_the_same_ones_for_the_same_seed() -> None:
    runs = []
    for _ in range(2):
        async with (
            Site(seed=3) as site,
            plain_client(base_url=site.origin) as web,
        ):
            site.fail("livestream", Fault.SERVER_ERROR, share=0.3)
            runs.append([(await ask(web, "livestream")).status_code for _ in range(60)])
    assert runs[0] == runs[1]
    assert 8 <= runs[0].count(500) <= 30


async def test_media_stands_for_both_kinds_of_pictures_and_heal_lifts_all(
    site: Site, web: httpx.AsyncClient
) -> None:
    site.add_coin(MINT, image=b"\xff\xd8")
    site.fail("media", Fault.SERVER_ERROR)
    assert (await ask(web, "images")).status_code == 500
    assert (await ask(web, "thumbnails")).status_code == 500
    site.heal()
    assert (await ask(web, "images")).status_code == 200


async def test_a_redirect_leads_where_told(site: Site, web: httpx.AsyncClient) -> None:
    site.fail("images", Fault.REDIRECT, body="http://192.0.2.7/x.jpg")
    assert (await ask(web, "images")).headers["location"] == "http://192.0.2.7/x.jpg"


async def test_a_body_can_be_given(site: Site, web: httpx.AsyncClient) -> None:
    site.fail("livestream", Fault.WRONG_SHAPE, body='{"isLive": true}')
    assert (await ask(web, "livestream")).json() == {"isLive": True}


async def test_an_endpoint_that_does_not_exist_cannot_fail(site: Site) -> None:
    with pytest.raises(ValueError, match="coins-v3"):
        site.fail("coins", Fault.HANG)


@pytest.mark.parametrize("fault", [Fault.HANG, Fault.SLOW, Fault.HUGE])
async def test_the_site_closes_fast_whoever_still_waits(fault: Fault) -> None:
    site = Site()
    async with plain_client(timeout=30) as web:
        async with site:
            site.fail("livestream", fault, seconds=60)
            url = f"{site.origin}/livestream"
            waiting = [asyncio.create_task(web.get(url)) for _ in range(5)]
            await site.reached("livestream", 5)
            began = time.monotonic()
        assert time.monotonic() - began < FAST
        await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), PATIENCE)


async def test_the_site_closes_fast_though_a_client_stopped_reading() -> None:
    async with Site() as site:
        site.fail("livestream", Fault.HUGE)
        host, port = site.origin.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
        writer.write(b"GET /livestream HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        began = time.monotonic()
    assert time.monotonic() - began < FAST
    writer.close()
