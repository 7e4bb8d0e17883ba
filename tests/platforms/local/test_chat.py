"""The page's chat API: what is typed, what is answered, what is pressed."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot import texts
from bot.commands import Request
from bot.model import (
    Action,
    Button,
    Message,
    MessageKind,
    Person,
    Span,
    Spoiler,
    StoredPicture,
    StoredVideo,
    TimeStyle,
    Tone,
    Verb,
    plain,
)
from tests.fakes.clock import settle
from tests.fakes.commands import suggestion
from tests.patience import PATIENCE
from tests.platforms.local.conftest import Service
from tests.platforms.local.visitor import Visitor

MINT = "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU"
CLIP = Action(Verb.CLIP, MINT).encode()
ALERT = Message(
    kind=MessageKind.ALERT,
    title="$MINT is live",
    link="https://pump.fun/coin/x",
    spoiler=Spoiler.NSFW,
    lines=(
        (Span("since "), Span("12:00", at=datetime(2026, 11, 23, 12, tzinfo=UTC))),
        (Span("Watch", bold=True, url="https://pump.fun/coin/x"), Span(MINT, code=True)),
        (Span("/clip", command="clip"),),
    ),
    tone=Tone.LIVE,
    picture=StoredPicture("p-0.jpg", 640, 360),
    buttons=(
        (Button("Watch", url="https://pump.fun/coin/x"), Button("Clip", action=CLIP)),
        (Button("Copy address", copy=MINT),),
    ),
)


async def test_what_is_typed_is_shown_and_answered(visitor: Visitor) -> None:
    async with visitor.events() as events:
        typed = await visitor.say("/help")
        mine, answer = await events.next(), await events.next()
    assert mine.data["id"] == typed
    assert (mine.data["kind"], mine.data["text"], mine.data["reply_to"]) == (
        "message",
        "/help",
        None,
    )
    assert (answer.data["kind"], answer.data["reply_to"]) == ("reply", typed)
    assert answer.data["text"] == "heard you"
    assert answer.id == mine.id + 1
    assert await visitor.history() == [mine.data, answer.data]


async def test_a_message_has_every_field_that_was_promised(
    service: Service, visitor: Visitor
) -> None:
    sent = await service.local.sender.send(await service.target(), ALERT, nonce="1")
    (message,) = await visitor.history()
    assert message == {
        "id": sent,
        "kind": "alert",
        "reply_to": None,
        "text": f"$MINT is live\nsince 12:00\nWatch{MINT}\n/clip",
        "title": "$MINT is live",
        "link": "https://pump.fun/coin/x",
        "spoiler": "nsfw",
        "lines": [
            [{"text": "since "}, {"text": "12:00", "at": "2026-11-23T12:00:00.000Z"}],
            [
                {"text": "Watch", "bold": True, "url": "https://pump.fun/coin/x"},
                {"text": MINT, "code": True},
            ],
            [{"text": "/clip", "command": "clip"}],
        ],
        "image": "/files/p-0.jpg",
        "image_size": [640, 360],
        "moving": None,
        "moving_size": None,
        "video": None,
        "video_size": None,
        "buttons": [
            {"id": "open:0", "label": "Watch", "url": "https://pump.fun/coin/x", "row": 0},
            {"id": f"clip:{MINT}", "label": "Clip", "url": None, "row": 0},
            {
                "id": f"copy:{MINT}",
                "label": "Copy address",
                "url": None,
                "row": 1,
                "copy": MINT,
            },
        ],
        "selects": [],
        "progress": None,
        "tone": "live",
        "at": "2026-11-23T12:00:00.000Z",
    }


async def test_a_clip_has_its_video(service: Service, visitor: Visitor) -> None:
    clip = Message(kind=MessageKind.CLIP, video=StoredVideo("c-1.mp4", 30.0, 9000, 640, 360))
    await service.local.sender.send(await service.target(), clip, nonce="1", reply_to="17")
    (message,) = await visitor.history()
    assert (message["kind"], message["video"]) == ("clip", "/files/c-1.mp4")
    assert (message["video_size"], message["reply_to"]) == ([640, 360], "17")


async def test_an_instant_is_told_to_the_second_where_that_matters(
    service: Service, visitor: Visitor
) -> None:
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    line = (
        Span("in about 4 s", at=at, style=TimeStyle.AWAY),
        Span("12:00:00 UTC", at=at, style=TimeStyle.SECOND),
    )
    await service.local.sender.send(await service.target(), Message(lines=(line,)), nonce="1")
    (message,) = await visitor.history()
    assert message["lines"] == [
        [
            {"text": "in about 4 s"},
            {"text": "12:00:00 UTC", "at": "2026-11-23T12:00:00.000Z", "to_second": True},
        ]
    ]


async def test_a_reply_is_removed(service: Service, visitor: Visitor) -> None:
    async def clip(request: Request) -> None:
        await request.reply.show(plain("Recording"))
        await request.reply.remove()
        await request.reply.remove()

    service.commands.acts["/clip"] = clip
    async with visitor.events() as events:
        typed = await visitor.say("/clip")
        _, shown, gone = [await events.next() for _ in range(3)]
    assert (gone.data["id"], gone.data["deleted"]) == (shown.data["id"], True)
    assert [message["id"] for message in await visitor.history()] == [typed]


async def test_a_reply_is_changed_in_place(service: Service, visitor: Visitor) -> None:
    progress = Message(kind=MessageKind.PROGRESS, title="Recording", progress=0.5)

    async def clip(request: Request) -> None:
        await request.reply.show(progress)
        await request.reply.show(replace(progress, progress=1.0))
        await request.reply.show(plain("Here it is"))

    service.commands.acts["/clip"] = clip
    async with visitor.events() as events:
        typed = await visitor.say("/clip")
        mine, first, second, third = [await events.next() for _ in range(4)]
    assert mine.data["id"] == typed
    assert (first.data["kind"], first.data["progress"]) == ("progress", 0.5)
    assert (second.data["id"], second.data["kind"]) == (first.data["id"], "edit")
    assert (second.data["message_kind"], second.data["progress"]) == ("progress", 1.0)
    assert (second.data["reply_to"], second.data["deleted"]) == (typed, False)
    assert (third.data["kind"], third.data["message_kind"]) == ("edit", "reply")
    _, now = await visitor.history()
    assert (now["id"], now["kind"], now["text"]) == (first.data["id"], "reply", "Here it is")


async def test_who_asks_is_the_operator_and_the_request_is_unique(
    service: Service, visitor: Visitor
) -> None:
    first, second = await visitor.say("/help"), await visitor.say("/help")
    (_, request), (_, other) = service.commands.asked
    assert (request.address.platform, request.sender) == ("local", "local")
    assert request.caller.person == Person("local", "you")
    assert await request.caller.may_manage()
    assert (request.reply.reply_to, other.reply.reply_to) == (first, second)
    assert request.reply.request_id != other.reply.request_id


async def test_a_slow_command_blocks_nobody(service: Service, visitor: Visitor) -> None:
    go = asyncio.Event()

    async def slow(request: Request) -> None:
        await go.wait()
        await request.reply.show(plain("at last"))

    service.commands.acts["/slow"] = slow
    async with visitor.events() as events:
        slow_one = await visitor.say("/slow")
        quick_one = await visitor.say("/quick")
        answers = {}
        while quick_one not in answers:
            event = await events.next()
            answers[event.data["reply_to"]] = event.data["text"]
        assert slow_one not in answers
        go.set()
        assert (await events.next()).data["text"] == "at last"


async def test_a_command_that_breaks_says_so(
    service: Service, visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(request: Request) -> None:
        raise RuntimeError("a defect")

    service.commands.acts["/broken"] = broken
    with caplog.at_level(logging.ERROR):
        async with visitor.events() as events:
            typed = await visitor.say("/broken")
            await events.next()
            answer = await events.next()
    assert (answer.data["reply_to"], answer.data["text"]) == (typed, texts.page.command_failed())
    assert answer.data["tone"] == "bad"
    assert "a defect" in caplog.text


async def test_a_message_can_be_answered(service: Service, visitor: Visitor) -> None:
    alert = await service.local.sender.send(await service.target(), ALERT, nonce="1")
    await visitor.post("/api/messages", {"text": "/clip", "reply_to": alert})
    ((_, request),) = service.commands.asked
    assert request.message_id == alert


async def test_a_client_that_hangs_up_has_asked_all_the_same(
    service: Service, visitor: Visitor
) -> None:
    body = json.dumps({"text": "/help"}).encode()
    host, _, port = visitor.origin.removeprefix("http://").rpartition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    async with service.store.write():  # what is typed has to wait until we are done
        head = f"POST /api/messages HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        await settle()
        writer.transport.abort()
        await settle()
        assert service.commands.asked == []
    async with asyncio.timeout(PATIENCE):
        await service.commands.came.wait()


async def test_the_history_survives_a_restart(service: Service) -> None:
    async with service.serving() as origin, Visitor(origin) as visitor:
        async with visitor.events() as events:
            await visitor.say("/help")
            await events.next()
            await events.next()
        before = await visitor.history()
    again = Service(service.folder, service.store, service.clock)
    async with again.serving() as origin, Visitor(origin) as visitor:
        assert await visitor.history() == before
        assert len(before) == 2


async def test_the_history_can_be_had_in_part(visitor: Visitor) -> None:
    ids = [await visitor.say(f"/{number}") for number in range(3)]
    mine = [m["id"] for m in await visitor.history() if m["kind"] == "message"]
    assert mine == ids
    assert len(await visitor.get("/api/messages?limit=1")) == 1
    for odd in ("0", "-1", "x", "9" * 30, "²"):
        assert len(await visitor.get(f"/api/messages?limit={odd}")) >= 1


async def test_commands_and_suggestions_are_told(service: Service, visitor: Visitor) -> None:
    service.commands.suggestions = [suggestion("/help", "/help – what I can do")]
    assert await visitor.get("/api/commands") == [
        {"name": c.name, "summary": c.summary, "usage": c.usage} for c in service.commands.catalogue
    ]
    found = await visitor.get("/api/suggest?text=/he")
    assert found == [{"text": "/help", "label": "/help – what I can do"}]
    assert await visitor.get("/api/suggest?text=/x") == []
    assert await visitor.get("/api/suggest") == found
