from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from aiohttp import web
from PIL import Image

from bot.errors import PumpfunError
from bot.model import Reason, StreamSnapshot
from tests.pumpfun.samples import MINT, NO_NAMES, THUMBNAIL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bot.pumpfun import PumpfunClient

    ClientFor = Callable[..., PumpfunClient]


def png(width: int = 64, height: int = 48) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 30)).save(out, "PNG")
    return out.getvalue()


class Site:
    """A real web server with pictures on one port, and what it was asked for."""

    def __init__(self) -> None:
        self.origin = ""
        self.asked: list[str] = []

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/thumb.png", self.thumb)
        app.router.add_get("/hop/{left}", self.hop)
        app.router.add_get("/away", self.away)
        app.router.add_get("/big", self.big)
        app.router.add_get("/text", self.text)
        return app

    async def thumb(self, request: web.Request) -> web.Response:
        self.asked.append(request.path_qs)
        return web.Response(body=png(), content_type="image/png")

    async def hop(self, request: web.Request) -> web.Response:
        left = int(request.match_info["left"])
        self.asked.append(request.path_qs)
        target = f"/hop/{left - 1}" if left > 1 else "/thumb.png"
        return web.Response(status=302, headers={"Location": target})

    async def away(self, request: web.Request) -> web.Response:
        self.asked.append(request.path_qs)
        return web.Response(status=302, headers={"Location": request.query["to"]})

    async def big(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(200):
            await response.write(b"\xff" * 65536)
        return response

    async def text(self, request: web.Request) -> web.Response:
        return web.Response(text="<html>", content_type="image/png")


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    runner = web.AppRunner(site.app(), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    site.origin = f"http://{host}:{port}"
    yield site
    await runner.cleanup()


async def refusal(client: PumpfunClient, url: str) -> Reason:
    with pytest.raises(PumpfunError) as caught:
        await client.picture(url)
    assert caught.value.__context__ is None
    return caught.value.reason


async def test_a_picture_is_made_anew(client_for: ClientFor, site: Site) -> None:
    async with client_for(media_hosts=[site.origin]) as client:
        picture = await client.picture(f"{site.origin}/thumb.png")
    assert (picture.width, picture.height) == (64, 48)
    assert Image.open(io.BytesIO(picture.data)).format == "JPEG"


async def test_a_thumbnail_is_asked_for_with_its_time(client_for: ClientFor, site: Site) -> None:
    updated = datetime(2025, 11, 20, 2, 39, 28, 815000, UTC)
    stream = StreamSnapshot(MINT, 1, thumbnail=f"{site.origin}/thumb.png?a=1")
    async with client_for(media_hosts=[site.origin]) as client:
        assert await client.thumbnail(stream) is not None
        assert await client.thumbnail(replace(stream, thumbnail_updated_at=updated)) is not None
        assert await client.thumbnail(replace(stream, thumbnail=None)) is None
    assert site.asked == ["/thumb.png?a=1", "/thumb.png?a=1&t=1763606368815"]


async def test_three_redirects_are_followed_and_a_fourth_is_not(
    client_for: ClientFor, site: Site
) -> None:
    async with client_for(media_hosts=[site.origin]) as client:
        assert (await client.picture(f"{site.origin}/hop/3")).width == 64
        assert await refusal(client, f"{site.origin}/hop/4") is Reason.NOT_ALLOWED
    assert site.asked.count("/thumb.png") == 1


@pytest.mark.parametrize(
    "target",
    [
        "{other}/thumb.png",
        "http://localhost:{port}/thumb.png",
        "https://127.0.0.1:{port}/thumb.png",
        "http://someone@127.0.0.1:{port}/thumb.png",
        "//evil.example/thumb.png",
        "file:///etc/passwd",
        "",
    ],
)
async def test_a_redirect_to_elsewhere_is_not_followed(
    client_for: ClientFor, site: Site, target: str
) -> None:
    port = int(site.origin.rpartition(":")[2])
    to = target.format(other=f"http://127.0.0.1:{port + 1}", port=port)
    async with client_for(media_hosts=[site.origin]) as client:
        url = httpx.URL(f"{site.origin}/away", params={"to": to})
        assert await refusal(client, str(url)) is Reason.NOT_ALLOWED
    assert not any(path.startswith("/thumb.png") for path in site.asked)


@pytest.mark.parametrize("target", ["http://%5B::1", "data:image/png;base64,AAAA", "a:b"])
async def test_a_redirect_that_cannot_be_read_is_a_broken_answer(
    client_for: ClientFor, site: Site, target: str
) -> None:
    async with client_for(media_hosts=[site.origin]) as client:
        url = f"{site.origin}/away?to={target}"
        assert await refusal(client, url) is Reason.UNREACHABLE


@pytest.mark.parametrize(
    "url",
    [
        "http://clips.pump.fun/a.jpg",
        "https://clips.pump.fun:8443/a.jpg",
        "https://evil.example/a.jpg",
        "https://x.clips.pump.fun/a.jpg",
        "https://clips.pump.fun.evil.example/a.jpg",
        "https://clips.pump.fun./a.jpg",
        "https://clips.pump.fun@evil.example/a.jpg",
        "https://someone:secret@clips.pump.fun/a.jpg",
        "https://evil.example\\@clips.pump.fun/a.jpg",
        "https://127.0.0.1/a.jpg",
        "https://2130706433/a.jpg",
        "https://[::ffff:127.0.0.1]/a.jpg",
        "https://169.254.169.254/latest/meta-data",
        "ftp://clips.pump.fun/a.jpg",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "clips.pump.fun/a.jpg",
        "https://[::1",
        "https://clips.pump.fun\n.evil.example/",
        "",
        *(f"https://{name}/a.jpg" for name in NO_NAMES),
    ],
)
async def test_a_foreign_url_is_not_asked_for(client_for: ClientFor, url: str) -> None:
    def handler(request: Any) -> Any:
        raise AssertionError(f"asked for {request.url}")

    async with client_for(handler) as client:
        assert await refusal(client, url) is Reason.NOT_ALLOWED


async def test_a_bare_host_name_means_https(client_for: ClientFor) -> None:
    async with client_for(lambda _: httpx.Response(200, content=png())) as client:
        assert (await client.picture(THUMBNAIL)).height == 48
        assert (await client.picture(THUMBNAIL.replace("fun/", "fun:443/"))).height == 48


async def test_a_media_host_is_named_as_it_is_asked_for(client_for: ClientFor) -> None:
    host = "xn--bcher-kva.example"
    answer = httpx.Response(200, content=png())
    async with client_for(lambda _: answer, media_hosts=[host]) as client:
        assert (await client.picture(f"https://{host}/a.png")).height == 48


@pytest.mark.parametrize(
    "host", ["", "https://", "ftp://a", "a/b", "u@a", "http://[", "a b", "*.a", "a:b"]
)
def test_a_media_host_that_is_none_is_refused(client_for: ClientFor, host: str) -> None:
    with pytest.raises(ValueError, match="not a host name or an origin"):
        client_for(media_hosts=[host])


async def test_a_picture_over_8_megabytes_is_cut_off(client_for: ClientFor, site: Site) -> None:
    async with client_for(media_hosts=[site.origin]) as client:
        assert await refusal(client, f"{site.origin}/big") is Reason.TOO_LARGE


async def test_what_is_no_picture_is_not_one(client_for: ClientFor, site: Site) -> None:
    async with client_for(media_hosts=[site.origin]) as client:
        assert await refusal(client, f"{site.origin}/text") is Reason.NOT_A_PICTURE
        assert await refusal(client, f"{site.origin}/missing") is Reason.NOT_FOUND


async def test_a_bomb_of_pixels_is_too_large(client_for: ClientFor) -> None:
    bomb = png(5000, 5000)
    async with client_for(lambda _: httpx.Response(200, content=bomb)) as client:
        assert await refusal(client, THUMBNAIL) is Reason.TOO_LARGE
