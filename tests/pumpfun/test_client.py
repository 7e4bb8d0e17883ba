from __future__ import annotations

import asyncio
import gc
import json
import logging
import ssl
import traceback
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import stamina
from aiohttp import web

from bot import __version__
from bot.errors import PumpfunError
from bot.model import Coin, JoinToken, Live, Offline, Reason, Region, Unknown
from tests.pumpfun.samples import (
    MINT,
    OTHER_MINT,
    WALLET,
    live_answer,
    not_found,
    roster_row,
    token_text,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bot.pumpfun import PumpfunClient

    ClientFor = Callable[..., PumpfunClient]

BARE = Region("default", "wss://pump-prod-tg2x8veh.livekit.cloud")


def answers(*replies: httpx.Response | Exception) -> Any:
    """A network that gives these replies in turn, the last for ever; it keeps the requests."""

    def handler(request: httpx.Request) -> httpx.Response:
        reply = replies[min(len(handler.requests), len(replies) - 1)]  # type: ignore[attr-defined]
        handler.requests.append(request)  # type: ignore[attr-defined]
        if isinstance(reply, Exception):
            raise reply
        return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)

    handler.requests = []  # type: ignore[attr-defined]
    return handler


def reply(status: int = 200, json: Any = ..., text: str = "", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if json is ...:
        return httpx.Response(status, text=text, headers=named)
    return httpx.Response(status, json=json, headers=named)


async def test_a_live_coin_is_live_and_the_question_is_polite(client_for: ClientFor) -> None:
    network = answers(reply(json=live_answer()))
    async with client_for(network) as client:
        assert isinstance(await client.livestream(MINT), Live)
    (request,) = network.requests
    assert request.url == f"https://livestream-api.pump.fun/livestream?mintId={MINT}"
    assert request.headers["user-agent"] == f"Mintcast/{__version__}"
    assert "authorization" not in request.headers
    assert "origin" not in request.headers


@pytest.mark.parametrize(
    "offline",
    [
        reply(text=""),
        reply(text=" \n"),
        reply(json=live_answer(isLive=False)),
        reply(404, not_found("no stream")),
    ],
)
async def test_every_way_to_say_offline_is_offline(
    client_for: ClientFor, offline: httpx.Response
) -> None:
    network = answers(offline)
    async with client_for(network) as client:
        assert await client.livestream(MINT) == Offline()
    assert len(network.requests) == 1


@pytest.mark.parametrize(
    ("failure", "expected", "tries"),
    [
        (reply(401), Unknown(Reason.FORBIDDEN, 401), 1),
        (reply(403, text="<html>"), Unknown(Reason.FORBIDDEN, 403), 1),
        (reply(404, not_found("Cannot GET /livestream")), Unknown(Reason.ROUTE_GONE, 404), 1),
        (reply(429, text="error code: 1015"), Unknown(Reason.RATE_LIMITED, 429), 3),
        (reply(429, retry_after="60"), Unknown(Reason.RATE_LIMITED, 429, 60.0), 1),
        (reply(429, retry_after="1"), Unknown(Reason.RATE_LIMITED, 429, 1.0), 3),
        (reply(500), Unknown(Reason.SERVER_ERROR, 500), 3),
        (reply(200, text="error code: 504"), Unknown(Reason.SERVER_ERROR, 200), 3),
        (reply(530, text="error code: 1016"), Unknown(Reason.SERVER_ERROR, 530), 1),
        (reply(302, location="https://evil.example/"), Unknown(Reason.UNEXPECTED_STATUS, 302), 1),
        (reply(302, location="http://xn--/"), Unknown(Reason.UNREACHABLE), 3),
        (reply(302, location=":http://["), Unknown(Reason.UNREACHABLE), 3),
        (reply(200, text="<html>"), Unknown(Reason.NOT_JSON), 1),
        (reply(200, {"id": 1}), Unknown(Reason.WRONG_SHAPE), 1),
        (reply(200, text="x" * 70_000), Unknown(Reason.TOO_LARGE, 200), 1),
        (httpx.ConnectError("no"), Unknown(Reason.UNREACHABLE), 3),
        (httpx.RemoteProtocolError("no"), Unknown(Reason.UNREACHABLE), 3),
        (ssl.SSLError("bad record mac"), Unknown(Reason.UNREACHABLE), 3),
        (httpx.ReadTimeout("no"), Unknown(Reason.TIMEOUT), 3),
    ],
)
async def test_every_failure_is_unknown_after_as_many_tries_as_make_sense(
    client_for: ClientFor, failure: httpx.Response | Exception, expected: Unknown, tries: int
) -> None:
    network = answers(failure)
    async with client_for(network) as client:
        assert await client.livestream(MINT) == expected
    assert len(network.requests) == tries


async def test_a_failure_that_passes_is_not_seen(client_for: ClientFor) -> None:
    network = answers(reply(503), httpx.ReadTimeout("no"), reply(json=live_answer()))
    async with client_for(network) as client:
        assert isinstance(await client.livestream(MINT), Live)


async def test_the_stated_wait_reaches_the_retry(client_for: ClientFor) -> None:
    waits: list[float] = []
    previous = stamina.instrumentation.get_on_retry_hooks()
    stamina.instrumentation.set_on_retry_hooks([lambda details: waits.append(details.wait_for)])
    try:
        with stamina.set_testing(False):
            network = answers(reply(429, retry_after="0.01"), reply(json=live_answer()))
            async with client_for(network) as client:
                assert isinstance(await client.livestream(MINT), Live)
    finally:
        stamina.instrumentation.set_on_retry_hooks(previous)
    assert waits == [pytest.approx(0.01)]


@pytest.mark.parametrize(("status", "reason"), [(200, Reason.WRONG_SHAPE), (403, Reason.FORBIDDEN)])
async def test_a_compressed_answer_is_not_unpacked(
    client_for: ClientFor, status: int, reason: Reason
) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        assert request.headers["accept-encoding"] == "identity"
        stream = httpx.ByteStream(b"not even gzip")
        return httpx.Response(status, headers={"content-encoding": "gzip"}, stream=stream)

    async with client_for(handler) as client:
        assert await client.livestream(MINT) == Unknown(reason, status)


async def test_of_an_error_only_the_beginning_is_read(client_for: ClientFor) -> None:
    sent: list[int] = []

    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                sent.append(4096)
                yield b"x" * 4096

    async with client_for(lambda _: httpx.Response(403, stream=Endless())) as client:
        assert await client.livestream(MINT) == Unknown(Reason.FORBIDDEN, 403)
    assert sum(sent) <= 20_000


@pytest.mark.parametrize("status", [200, 201])
async def test_joining_gives_a_token(client_for: ClientFor, status: int) -> None:
    network = answers(reply(status, {"token": token_text(), "role": "viewer"}))
    async with client_for(network) as client:
        token = await client.join(MINT)
        await client.join(MINT)
    assert token.room == f"livestream:{MINT}:2070397"
    first, second = network.requests
    assert first.method == "POST"
    assert first.url == "https://livestream-api.pump.fun/livestream/join"
    assert json.loads(first.content) == {"mintId": MINT, "viewer": True}
    assert second.content == first.content  # asked again, not remembered


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (reply(401), Reason.FORBIDDEN),
        (reply(403), Reason.FORBIDDEN),
        (reply(404, not_found("Cannot POST /livestream/join")), Reason.ROUTE_GONE),
        (reply(404, not_found("no stream")), Reason.NOT_FOUND),
        (reply(502), Reason.SERVER_ERROR),
        (reply(201, text=""), Reason.EMPTY),
        (reply(201, text="ok"), Reason.NOT_JSON),
        (reply(201, {"role": "viewer"}), Reason.WRONG_SHAPE),
        (reply(204), Reason.UNEXPECTED_STATUS),
    ],
)
async def test_joining_fails_with_a_reason(
    client_for: ClientFor, failure: httpx.Response, reason: Reason
) -> None:
    async with client_for(answers(failure)) as client:
        with pytest.raises(PumpfunError) as caught:
            await client.join(MINT)
    assert caught.value.reason is reason


def some_token() -> JoinToken:
    return JoinToken(token_text(), f"livestream:{MINT}:1", None, "viewer")


async def test_regions_are_asked_for_with_the_token(client_for: ClientFor) -> None:
    near = "https://pump-prod-tg2x8veh.osanjose1a.production.livekit.cloud"
    listed = {"regions": [{"region": "osanjose1a", "url": near, "distance": "911231"}]}
    network = answers(reply(json=listed))
    token = some_token()
    async with client_for(network) as client:
        regions = await client.regions(token)
    assert regions == (Region("osanjose1a", near.replace("https", "wss"), 911231.0), BARE)
    (request,) = network.requests
    assert request.url == "https://pump-prod-tg2x8veh.livekit.cloud/settings/regions"
    assert request.headers["authorization"] == f"Bearer {token.secret}"


@pytest.mark.parametrize(
    "failure",
    [
        reply(401),
        reply(404),
        reply(302, location="https://evil.example/"),
        reply(500),
        reply(text=""),
        reply(json={}),
        httpx.ConnectError("no"),
    ],
)
async def test_without_a_list_of_regions_the_bare_host_will_do(
    client_for: ClientFor, failure: httpx.Response | Exception
) -> None:
    network = answers(failure)
    async with client_for(network) as client:
        assert await client.regions(some_token()) == (BARE,)
    assert {request.url.host for request in network.requests} == {httpx.URL(BARE.url).host}


async def test_a_token_that_livekit_refuses_is_asked_for_anew(client_for: ClientFor) -> None:
    tokens = [token_text(sub="first"), token_text(sub="second")]
    network = answers(
        reply(201, {"token": tokens[0]}),
        reply(401),
        reply(201, {"token": tokens[1]}),
        reply(json={"regions": []}),
    )
    async with client_for(network) as client:
        token, regions = await client.entrance(MINT)
    assert token.secret == tokens[1]
    assert regions == (BARE,)
    assert network.requests[-1].headers["authorization"] == f"Bearer {tokens[1]}"


@pytest.mark.parametrize("failure", [reply(404), reply(json={})])
async def test_another_failure_of_the_regions_keeps_the_token(
    client_for: ClientFor, failure: httpx.Response
) -> None:
    first = token_text(sub="first")
    network = answers(reply(201, {"token": first}), failure)
    async with client_for(network) as client:
        token, regions = await client.entrance(MINT)
    assert (token.secret, regions) == (first, (BARE,))
    assert len(network.requests) == 2


async def test_a_coin_is_asked_for_at_v3(client_for: ClientFor) -> None:
    network = answers(reply(json=roster_row()))
    async with client_for(network) as client:
        coin = await client.coin(MINT)
    assert coin == Coin(MINT, "IAMPILL", "I AM PILL", "https://ipfs.io/ipfs/Qm", WALLET)
    assert [request.url.path for request in network.requests] == [f"/coins-v3/{MINT}"]


@pytest.mark.parametrize(
    "none", [reply(text="null"), reply(404, not_found(f"Coin not found for mint: {MINT}"))]
)
async def test_a_wallet_is_no_coin(client_for: ClientFor, none: httpx.Response) -> None:
    async with client_for(answers(none)) as client:
        assert await client.coin(MINT) is None


@pytest.mark.parametrize(
    "failure",
    [
        reply(404, not_found(f"Cannot GET /coins-v3/{MINT}")),
        reply(403, text="<html>"),
        reply(200, text="<html>"),
        reply(200, text=""),
        reply(200, roster_row(mint=OTHER_MINT)),
    ],
)
async def test_where_v3_fails_v2_is_asked(client_for: ClientFor, failure: httpx.Response) -> None:
    network = answers(failure, reply(json=roster_row()))
    async with client_for(network) as client:
        coin = await client.coin(MINT)
    assert coin is not None
    assert network.requests[-1].url.path == f"/coins-v2/{MINT}"


async def test_v2_says_no_coin_in_its_own_way(client_for: ClientFor) -> None:
    network = answers(
        reply(404, not_found("Cannot GET /coins-v3/x")), reply(404, not_found("Coin not found"))
    )
    async with client_for(network) as client:
        assert await client.coin(MINT) is None


async def test_a_limit_is_not_dodged_by_the_other_route(client_for: ClientFor) -> None:
    network = answers(reply(429, retry_after="60"))
    async with client_for(network) as client:
        with pytest.raises(PumpfunError) as caught:
            await client.coin(MINT)
    assert (caught.value.reason, caught.value.retry_after) == (Reason.RATE_LIMITED, 60.0)
    assert len(network.requests) == 1


def board(*mints: str, clamp: int = 2) -> Any:
    """A board that sends at most `clamp` rows, whatever is asked for."""

    def handler(request: httpx.Request) -> httpx.Response:
        offset = int(request.url.params["offset"])
        handler.offsets.append(offset)  # type: ignore[attr-defined]
        return reply(json=[roster_row(mint=mint) for mint in mints[offset : offset + clamp]])

    handler.offsets = []  # type: ignore[attr-defined]
    return handler


async def test_the_board_is_read_by_the_rows_received_to_its_empty_page(
    client_for: ClientFor,
) -> None:
    network = board(MINT, OTHER_MINT, OTHER_MINT, WALLET, "0xabc")
    async with client_for(network) as client:
        roster = await client.roster()
    assert [row.coin.mint for row in roster.rows] == [MINT, OTHER_MINT, WALLET]
    assert network.offsets == [0, 2, 4, 5]


async def test_the_board_ends_where_nothing_is_new(client_for: ClientFor) -> None:
    network = answers(reply(json=[roster_row(), roster_row(mint=OTHER_MINT)]))
    async with client_for(network) as client:
        assert len((await client.roster()).rows) == 2
    assert len(network.requests) == 2
    query = dict(network.requests[0].url.params)
    assert query.pop("limit").isdigit()
    assert query == {
        "offset": "0",
        "sort": "currently_live",
        "order": "DESC",
        "includeNsfw": "true",
    }


async def test_an_endless_board_ends(client_for: ClientFor) -> None:
    network = answers(*[reply(json=[roster_row(mint=f"0x{page}")]) for page in range(9)])
    async with client_for(network, roster_pages=4) as client:
        assert (await client.roster()).rows == ()
    assert len(network.requests) == 4


async def test_a_board_that_breaks_keeps_what_was_received(client_for: ClientFor) -> None:
    limited = reply(429, retry_after="60")
    async with client_for(answers(reply(json=[roster_row()]), limited)) as client:
        roster = await client.roster()
    assert (len(roster.rows), roster.failure and roster.failure.retry_after) == (1, 60)
    async with client_for(answers(reply(403))) as client:
        with pytest.raises(PumpfunError):
            await client.roster()


def tripping(secret: str) -> list[httpx.Response | Exception]:
    """Failures that carry the token, as far as a network can make them."""
    request = httpx.Request("GET", "https://x", headers={"Authorization": f"Bearer {secret}"})
    return [
        reply(401, text=f"bad token {secret}"),
        reply(500, text=secret),
        reply(200, {"token": f"{secret}!", "regions": secret}),
        reply(200, text=secret),
        httpx.ConnectError(f"with {secret}", request=request),
        httpx.LocalProtocolError(f"Illegal header value {secret}", request=request),
    ]


@pytest.mark.parametrize("case", range(6))
async def test_no_token_is_in_any_error_or_log(
    client_for: ClientFor,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    case: int,
) -> None:
    caplog.set_level(logging.DEBUG)
    token = some_token()
    network = answers(tripping(token.secret)[case])
    async with client_for(network) as client:
        assert await client.regions(token) == (BARE,)
        with pytest.raises(PumpfunError) as caught:
            await client.join(MINT)
        observation = await client.livestream(MINT)
    error = caught.value
    assert error.__context__ is None
    assert error.__cause__ is None
    traces = "".join(traceback.format_exception(error))
    printed = "".join(capsys.readouterr())
    records = "".join(str(vars(record)) for record in caplog.records)
    for told in (traces, repr(error), str(vars(error)), records, printed, repr(observation)):
        assert token.secret not in told
        assert "eyJ" not in told
    assert token.secret not in repr(token)


async def test_a_joined_token_is_kept_nowhere(
    client_for: ClientFor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = token_text(sub="kept nowhere")
    async with client_for(lambda _: reply(201, {"token": secret})) as client:
        await client.join(MINT)
        gc.collect()
        owned = [client, client._http, client._pictures, client._http._client]
        assert secret not in "".join(str(vars(thing)) for thing in owned)
    assert secret not in caplog.text


async def test_the_budget_is_one_for_all_questions(client_for: ClientFor) -> None:
    async with client_for(answers(reply(text="")), requests_per_second=2.0) as client:
        asking: list[asyncio.Future[object]] = []
        for _ in range(2):
            questions = (client.livestream(MINT), client.join(MINT), client.coin(MINT))
            asking.extend(map(asyncio.ensure_future, questions))
        done, waiting = await asyncio.wait(asking, timeout=0.2)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
    assert len(done) == 2


async def test_being_cancelled_is_not_a_failure_of_pumpfun(client_for: ClientFor) -> None:
    reached = asyncio.Event()

    async def handler(request: httpx.Request) -> httpx.Response:
        reached.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with client_for(handler) as client:
        task = asyncio.create_task(client.livestream(MINT))
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@pytest.fixture
async def trickling_site() -> AsyncIterator[str]:
    """A real server whose answer never ends: a byte at a time, or as fast as it can."""

    async def livestream(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        flood = request.query["mintId"] == OTHER_MINT
        while True:
            await response.write(b" " * (65536 if flood else 1))
            await asyncio.sleep(0 if flood else 0.02)

    app = web.Application()
    app.router.add_get("/livestream", livestream)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}"
    await runner.cleanup()


async def test_an_answer_that_trickles_ends_in_time(
    client_for: ClientFor, trickling_site: str
) -> None:
    async with client_for(livestream_url=trickling_site, timeout=0.15, attempts=1) as client:
        with stamina.set_testing(True, attempts=1):
            assert await client.livestream(MINT) == Unknown(Reason.TIMEOUT)


async def test_an_answer_that_floods_is_cut_off(client_for: ClientFor, trickling_site: str) -> None:
    async with client_for(livestream_url=trickling_site) as client:
        assert await client.livestream(OTHER_MINT) == Unknown(Reason.TOO_LARGE, 200)


async def test_a_port_where_nobody_listens_is_unreachable(client_for: ClientFor) -> None:
    async with client_for(livestream_url="http://127.0.0.1:1") as client:
        assert await client.livestream(MINT) == Unknown(Reason.UNREACHABLE)
