"""What a page is told, and what it may ask for."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence

import aiohttp
import pytest

from tests.looks.html import Markup, tag
from tests.looks.reading import Reading
from tests.looks.samples import HOSTILE
from tests.looks.server import changes, serving
from tests.looks.view import Eyes, File, Json, Place


class Wall:
    """A view of one place, whose words are whatever was typed last."""

    name = "telegram"
    title = "Wall"
    people: Sequence[str] = ("al", *HOSTILE)

    def __init__(self) -> None:
        self.said = "nothing"

    def places(self, person: str) -> list[Place]:
        return [Place("1", name, "#", name) for name in (f"of {person}", *HOSTILE)][:1]

    def messages(self, eyes: Eyes) -> list[tuple[str, Markup]]:
        return [("5", tag("article", self.said, id="m5"))]

    def file(self, path: str) -> File | None:
        return File(b"0123456789", "video/mp4") if path == "file/a.mp4" else None

    async def suggest(self, eyes: Eyes, line: str) -> list[Json]:
        assert line != "/wrong"
        return [{"line": line, "label": eyes.person, "about": eyes.place}]

    async def act(self, eyes: Eyes, told: Json) -> Json:
        assert told["line"], "Telegram sends no empty messages"
        self.said = told["line"]
        return {"toast": "done"}


@pytest.fixture
async def visitor() -> AsyncIterator[aiohttp.ClientSession]:
    async with serving(Wall()) as origin, aiohttp.ClientSession(origin) as session:
        yield session


def test_only_what_is_new_or_changed_or_gone_is_told() -> None:
    known: dict[str, str] = {}
    first = changes(known, [("1", "a"), ("2", "b")])
    assert [(one["id"], one["after"]) for one in first] == [("1", None), ("2", "1")]
    assert changes(known, [("1", "a"), ("2", "b")]) == []
    then = changes(known, [("2", "c"), ("3", "d")])
    assert [(one["id"], one["html"]) for one in then] == [("1", None), ("2", "c"), ("3", "d")]


async def test_what_one_types_is_seen_at_once(visitor: aiohttp.ClientSession) -> None:
    async with visitor.get("/events") as events:
        told = json.loads((await events.content.readline())[6:])
        assert Reading(told["html"]).text == "nothing"
        await events.content.readline()
        async with visitor.post("/act", json={"line": "<b>hello"}) as answer:
            assert await answer.json() == {"toast": "done"}
        told = json.loads((await events.content.readline())[6:])
        assert Reading(told["html"]).text == "<b>hello"


async def test_what_a_client_refuses_is_said(visitor: aiohttp.ClientSession) -> None:
    async with visitor.post("/act", json={"line": ""}) as answer:
        assert await answer.json() == {"toast": "Telegram sends no empty messages"}
    async with visitor.get("/suggest?line=/wrong") as answer:
        assert await answer.json() == []


async def test_the_page_belongs_to_one_person_and_lets_nothing_foreign_in(
    visitor: aiohttp.ClientSession,
) -> None:
    async with visitor.get("/", params={"person": HOSTILE[0], "theme": "light"}) as answer:
        drawn = Reading(await answer.text())
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert drawn.one("html").attributes["data-theme"] == "light"
    assert drawn.one("body").attributes["data-person"] == HOSTILE[0]
    assert [one.attributes["src"] for one in drawn.all("script")] == ["page/app.js"]
    styles = [str(one.attributes["href"]) for one in drawn.all("link")][1:]
    for name in (*styles, "page/app.js", "page/acts.js", "page/composer.js", "page/modal.js"):
        async with visitor.get(f"/{name}") as answer:
            assert answer.status == 200


async def test_a_player_gets_the_part_that_it_asks_for(visitor: aiohttp.ClientSession) -> None:
    async with visitor.get("/file/a.mp4", headers={"Range": "bytes=2-4"}) as answer:
        assert (answer.status, await answer.read()) == (206, b"234")
        assert answer.headers["Content-Range"] == "bytes 2-4/10"
    async with visitor.get("/file/b.mp4") as answer:
        assert answer.status == 404
