"""What no browser sends: each is answered 4xx with a sentence, and none of it fills the log."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import logging

import pytest

from bot import texts
from bot.platforms.local.events import MOST_READERS
from tests.ops.raw_client import Answer, ask, send
from tests.patience import PATIENCE
from tests.platforms.local.conftest import Service
from tests.platforms.local.visitor import Visitor

GOOD = b'{"text": "/help"}'


def post(*lines: str, body: bytes = GOOD, path: str = "/api/messages") -> bytes:
    """As it stands, with its true length unless a line says another."""
    if not any(line.startswith(("Content-Length", "Transfer-Encoding")) for line in lines):
        lines = (*lines, f"Content-Length: {len(body)}")
    return request(f"POST {path} HTTP/1.1", *lines) + body


def request(first: str, *lines: str) -> bytes:
    head = [first, "Host: HOST", "Connection: close", *lines]
    return "\r\n".join([*head, "", ""]).encode("latin-1")


GARBAGE = {
    "deflate": post("Content-Encoding: deflate", body=b"junk"),
    "gzip": post("Content-Encoding: gzip", body=b"junk"),
    "gzip that is none at its end": post("Content-Encoding: gzip", body=gzip.compress(GOOD)[:-6]),
    "a bomb": post("Content-Encoding: gzip", body=gzip.compress(b"x" * (8 << 20))),
    "br": post("Content-Encoding: br", body=b"junk"),
    "zstd": post("Content-Encoding: zstd", body=b"junk"),
    "several": post("Content-Encoding: gzip, br", body=b"junk"),
    "an unknown one": post("Content-Encoding: \xff"),
    "half a character": post(body=b'{"text": "\xff\xfe"}'),
    "deep": post(body=b"[" * 30_000),
    "deep objects": post(body=b'{"a":' * 10_000),
    "a number without end": post(body=b'{"text": ' + b"9" * 6000 + b"}"),
    "no number": post(body=b'{"text": NaN}'),
    "nothing": post(body=b""),
    "null": post(body=b"null"),
    "a form": post("Content-Type: multipart/form-data; boundary=x", body=b"--x\r\n\r\n--x--"),
    "half a character as an id": post(body=b'{"text": "a", "reply_to": "\\ud800"}'),
    "infinity as an id": post(body=b'{"text": "a", "reply_to": Infinity}'),
    "a zero byte as an id": post(body=b'{"text": "a", "reply_to": "\\u0000"}'),
    "halves pressed": post(
        body=b'{"message": "\\ud800", "button": "\\udfff"}', path="/api/buttons"
    ),
    "things pressed": post(body=b'{"message": {}, "button": []}', path="/api/buttons"),
    "a length below zero": post("Content-Length: -1"),
    "a length of letters": post("Content-Length: many"),
    "a length beyond all": post("Content-Length: " + "9" * 30),
    "two lengths": post("Content-Length: 17", "Content-Length: 4"),
    "length and chunks": post("Content-Length: 17", "Transfer-Encoding: chunked"),
    "chunks that are none": post("Transfer-Encoding: chunked", body=b"zzz\r\njunk"),
    "another coding": post("Transfer-Encoding: gzip"),
    "a range of letters": request("GET /files/CLIP HTTP/1.1", "Range: bytes=a-b"),
    "a range backwards": request("GET /files/CLIP HTTP/1.1", "Range: bytes=5-1"),
    "a range beyond": request("GET /files/CLIP HTTP/1.1", "Range: bytes=99999-"),
    "a range without end": request("GET /files/CLIP HTTP/1.1", "Range: bytes=" + "9" * 5000 + "-"),
    "a range of the page": request("GET /page/app.js HTTP/1.1", "Range: lines=1"),
    "a file with half a name": request("GET /files/%ed%a0%80.mp4 HTTP/1.1"),
    "a path of bytes": request("GET /\xff\xfe HTTP/1.1"),
    "no address": request("GET http://[::1/ HTTP/1.1"),
    "a star": request("OPTIONS * HTTP/1.1"),
    "a star to get": request("GET * HTTP/1.1"),
    "connect": request("CONNECT evil.example:443 HTTP/1.1"),
    "trace": request("TRACE / HTTP/1.1"),
    "an unknown method": request("BREW / HTTP/1.1"),
    "a method in small letters": request("get / HTTP/1.1"),
    "put": request("PUT /api/messages HTTP/1.1"),
    "delete": request("DELETE /files/CLIP HTTP/1.1"),
    "HTTP of tomorrow": request("GET / HTTP/3.0"),
    "HTTP/2 at once": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no HTTP": b"EHLO mint.example\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "two hosts": request("GET / HTTP/1.1", "Host: evil.example"),
    "many headers": request("GET / HTTP/1.1", *(f"X-{n}: y" for n in range(500))),
    "a header without end": request("GET / HTTP/1.1", "X: " + "y" * 100_000),
    "a line without end": request("GET /" + "a" * 20_000 + " HTTP/1.1"),
    "a folded header": request("GET / HTTP/1.1", "X: a\r\n b"),
    "a space before a colon": request("GET / HTTP/1.1", "X : a"),
    "an expectation": post("Expect: 200-ok"),
    "an expectation of bytes": post("Expect: \xff"),
    "an expectation of nothing": request("GET /nothing HTTP/1.1", "Expect: \xff"),
    "origin": request("GET /api/status HTTP/1.1", "Origin: http://[::"),
}


@pytest.mark.parametrize("name", GARBAGE)
async def test_garbage_gets_a_sentence(
    service: Service, visitor: Visitor, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    answer = await sent(service, visitor, GARBAGE[name], caplog)
    assert 400 <= answer.status < 500
    assert answer.json["error"].endswith(".")
    assert b"aiohttp" not in b"".join(value.encode() for value in answer.headers.values())
    assert service.commands.asked == []


FAR = f"Mon, 01 Jan {'9' * 20} 00:00:00 GMT"
FINE = {
    "a page that asks for another protocol": request("GET / HTTP/1.1", "Upgrade: websocket"),
    "events by websocket": request("GET /healthz HTTP/1.1", "Upgrade: h2c"),
    "absolute": request("GET http://HOST/healthz HTTP/1.1"),
    "UTF-16": post(body='{"text": "/help"}'.encode("utf-16")),
    "no charset": post("Content-Type: text/x; charset=nonsense"),
    "identity": post("Content-Encoding: Identity"),
    "chunks": post("Transfer-Encoding: chunked", body=b"11;a=b\r\n" + GOOD + b"\r\n0\r\n\r\n"),
    "a limit of letters": request("GET /api/messages?limit=%ff HTTP/1.1"),
    "a limit below zero": request("GET /api/messages?limit=-1 HTTP/1.1"),
    "a limit without end": request("GET /api/messages?limit=" + "9" * 5000 + " HTTP/1.1"),
    "half a guess": request("GET /api/suggest?text=%ed%a0%80%00 HTTP/1.1"),
    "a cookie that is none": request("GET / HTTP/1.1", "Cookie: \xff=\xfe; ;;=; {}"),
    "a date that is none": request("GET /files/CLIP HTTP/1.1", "If-Modified-Since: 31 Feb 99999"),
    **{
        f"a year without end in {name}": request("GET /files/CLIP HTTP/1.1", f"{name}: {FAR}")
        for name in ("If-Modified-Since", "If-Unmodified-Since", "If-Range")
    },
    "a part since a year without end": request(
        "GET /files/CLIP HTTP/1.1", f"If-Range: {FAR}", "Range: bytes=0-9"
    ),
    "a file and a body": request(
        "GET /files/CLIP HTTP/1.1", f"If-Modified-Since: {FAR}", "Content-Length: 1"
    )
    + b"x",
    "a file and bytes": request("GET /files/CLIP HTTP/1.1", f"If-Range: {FAR}", "X: \xff"),
    "the head of a file": request("HEAD /files/CLIP HTTP/1.1", f"If-Modified-Since: {FAR}"),
    "a whole file": request("GET /files/CLIP HTTP/1.1", "If-Range: junk", "Range: bytes=0-"),
}


@pytest.mark.parametrize("name", FINE)
async def test_what_is_odd_and_means_something_is_answered(
    service: Service, visitor: Visitor, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    answer = await sent(service, visitor, FINE[name], caplog)
    assert answer.status in (200, 206)


@pytest.mark.parametrize("last", ["\xff\xfe", "-1", "9" * 5000, "²", "", "1e3"])
async def test_events_begin_now_after_an_id_that_is_none(visitor: Visitor, last: str) -> None:
    async with visitor.http.get("/api/events", params={"after": last}) as response:
        assert response.status == 200
        assert await response.content.readline() == b"retry: 1000\n"


async def sent(
    service: Service, visitor: Visitor, raw: bytes, caplog: pytest.LogCaptureFixture
) -> Answer:
    """The answer; afterwards the log is empty, and others are answered as ever."""
    key = service.files.new_key("Mint", "mp4")
    service.files.path(key).write_bytes(b"0123456789" * 100)
    host = visitor.origin.removeprefix("http://")
    with caplog.at_level(logging.INFO):
        whole = raw.replace(b"HOST", host.encode()).replace(b"CLIP", key.encode())
        answer = await send(visitor.origin, whole)
    assert [record.getMessage() for record in caplog.records] == []
    assert (await ask(visitor.origin, "/healthz")).status in (200, 503)
    return answer


async def test_more_pages_than_anybody_has_are_told_so(visitor: Visitor) -> None:
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(MOST_READERS):
            await stack.enter_async_context(visitor.events())
        answer = await ask(visitor.origin, "/api/events")
        assert (answer.status, answer.json) == (503, {"error": texts.page.too_many_readers()})
    async with asyncio.timeout(PATIENCE):
        while not await follows(visitor):  # until it is seen that they are gone
            pass


async def follows(visitor: Visitor) -> bool:
    async with visitor.http.get("/api/events") as response:
        return response.status == 200
