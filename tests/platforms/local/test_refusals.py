"""What the page's chat API refuses, and the sentence that it gives."""

from __future__ import annotations

import asyncio
import json

import pytest

from bot import texts
from bot.commands import Request
from bot.errors import DatabaseBusy
from bot.kit.metrics import Metrics
from bot.model import (
    Button,
    Message,
    Span,
)
from bot.ops import HttpServer
from tests.ops.raw_client import ask
from tests.platforms.local.conftest import Service
from tests.platforms.local.test_chat import ALERT, CLIP
from tests.platforms.local.visitor import Visitor


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "javascript://pump.fun/%0aalert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "https:///nowhere",
        "https://[",
        "//pump.fun",
        "",
    ],
)
async def test_a_link_that_is_no_web_address_is_dropped(
    service: Service, visitor: Visitor, url: str
) -> None:
    bad = Message(lines=((Span("x", url=url),),), buttons=((Button("y", url=url),),))
    await service.local.sender.send(await service.target(), bad, nonce="1")
    (message,) = await visitor.history()
    assert message["lines"] == [[{"text": "x"}]]
    assert message["buttons"] == []


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ({}, 400, texts.page.not_a_text()),
        ({"text": ""}, 400, texts.page.not_a_text()),
        ({"text": " \n\u200b\u202e\x00 "}, 400, texts.page.not_a_text()),
        ({"text": 7}, 400, texts.page.not_a_text()),
        ([], 400, texts.page.not_a_text()),
        ({"text": "x" * 8001}, 413, texts.page.text_too_long(8000)),
        ({"text": "/clip", "reply_to": "99"}, 404, texts.page.no_such_message()),
        ({"text": "/clip", "reply_to": ["1"]}, 404, texts.page.no_such_message()),
        ({"text": "x" * (1 << 20)}, 413, texts.page.http_failed(413)),
    ],
)
async def test_a_message_that_cannot_be_taken_gets_a_sentence(
    service: Service, visitor: Visitor, body: object, status: int, sentence: str
) -> None:
    assert await visitor.post("/api/messages", body, status) == {"error": sentence}
    assert await visitor.history() == []
    assert service.commands.asked == []


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 60_000, b"text=/help"])
async def test_a_body_that_is_no_json_gets_a_sentence(visitor: Visitor, body: bytes) -> None:
    answer = await ask(visitor.origin, "/api/messages", method="POST", body=body or b" ")
    assert (answer.status, answer.json) == (400, {"error": texts.page.http_failed(400)})


async def test_half_a_character_and_control_marks_do_no_harm(
    service: Service, visitor: Visitor
) -> None:
    body = json.dumps({"text": "/help\u00a0a\ud800b\u202ec\x00d\ne"}).encode()
    answer = await ask(visitor.origin, "/api/messages", method="POST", body=body)
    assert answer.status == 200
    assert (await visitor.history())[0]["text"] == "/help abcd\ne"
    assert service.commands.asked[0][0] == "/help abcd\ne"


@pytest.mark.parametrize(
    ("press", "status", "sentence"),
    [
        ({"message": "A", "button": "open:0"}, 400, texts.page.button_opens()),
        ({"message": "A", "button": "clip:another"}, 404, texts.page.no_such_button()),
        ({"message": "99", "button": CLIP}, 404, texts.page.no_such_message()),
        ({"message": "'; drop table", "button": CLIP}, 404, texts.page.no_such_message()),
        ({"message": "9" * 40, "button": CLIP}, 404, texts.page.no_such_message()),
        ({"message": 1, "button": CLIP}, 400, texts.page.not_a_press()),
        ({"message": "A"}, 400, texts.page.not_a_press()),
        ([], 400, texts.page.not_a_press()),
    ],
)
async def test_a_press_that_cannot_be_meant_gets_a_sentence(
    service: Service, visitor: Visitor, press: object, status: int, sentence: str
) -> None:
    alert = await service.local.sender.send(await service.target(), ALERT, nonce="1")
    if isinstance(press, dict) and press["message"] == "A":
        press = {**press, "message": alert}
    assert await visitor.post("/api/buttons", press, status) == {"error": sentence}
    assert service.commands.asked == []


async def test_in_the_first_moments_it_is_starting_and_all_can_be_read(service: Service) -> None:
    routes = service.local.routes
    server = HttpServer(
        "127.0.0.1",
        0,
        password=None,
        health=service.health,
        metrics=Metrics(),
        routes=routes,
    )
    async with server, Visitor(server.origin) as visitor:
        error = await visitor.post("/api/messages", {"text": "/help"}, 503)
        assert error == {"error": texts.page.starting()}
        assert await visitor.history() == []
        async with service.local:
            await visitor.say("/help")


async def test_after_the_end_nothing_is_taken_and_all_can_be_read(service: Service) -> None:
    async def endless(request: Request) -> None:
        await asyncio.Event().wait()

    service.commands.acts["/endless"] = endless
    async with service.serving() as origin, Visitor(origin) as visitor:
        typed = await visitor.say("/endless")
        await service.local.close_dispatcher()
        error = await visitor.post("/api/messages", {"text": "/help"}, 503)
        assert error == {"error": texts.page.stopping()}
        assert [message["id"] for message in await visitor.history()] == [typed]


async def test_a_database_that_is_busy_is_said_in_a_sentence(
    service: Service, visitor: Visitor
) -> None:
    async def busy(request: Request) -> None:
        raise DatabaseBusy("mintcast.db")

    service.commands.acts["/busy"] = busy
    async with visitor.events() as events:
        await visitor.say("/busy")
        await events.next()
        assert (await events.next()).data["text"] == texts.service.store_failed(
            DatabaseBusy("mintcast.db")
        )
