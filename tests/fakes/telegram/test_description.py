"""The stand-in takes what Telegram's published description has, and nothing else."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.fakes.telegram import FakeTelegram, User
from tests.fakes.telegram.api.description import description
from tests.fakes.telegram.api.methods import METHODS
from tests.fakes.telegram.client import ask, jpeg

PHOTO = {"type": "photo", "media": "x"}
BROKEN: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("sendMessage", {"txt": "x"}, "text is required; txt is not known to Telegram"),
    ("sendMessage", {"text": 5}, "text is no String: 5"),
    ("sendMessage", {"text": "x", "disable_notification": "maybe"}, "is no Boolean"),
    ("sendMessage", {"text": "x", "message_thread_id": "five"}, "is no Integer"),
    ("sendMessage", {"text": "x", "entities": {}}, "entities is no list"),
    ("sendMessage", {"text": "x", "entities": [{"type": "bold"}]}, "entities.0.offset is required"),
    ("sendMessage", {"text": "x", "link_preview_options": {"disabled": True}}, "disabled is not"),
    ("sendMessage", {"text": "x", "reply_parameters": {"id": 1}}, "message_id is required"),
    ("sendMessage", {"text": "x", "reply_markup": {"inline_keyboard": [{}]}}, "0 is no list"),
    ("sendMessage", {"text": "x", "reply_markup": "nonsense"}, "reply_markup is no"),
    ("sendMessage", {"text": "x", "parse_mode": "Markdown"}, "reads no Markdown"),
    ("sendPhoto", {}, "photo is required"),
    ("sendPhoto", {"photo": "attach://a"}, "attach://a names a file that did not come along"),
    ("sendVideo", {"video": "x", "width": 1.5}, "width is no Integer"),
    ("editMessageMedia", {"media": {"type": "gif", "media": "x"}}, "media.type is none of"),
    ("editMessageMedia", {"media": PHOTO | {"width": 5}}, "media.width is not known"),
    ("deleteMessages", {"message_ids": []}, "message_ids has 0 entries, not 1 to 100"),
    ("answerCallbackQuery", {"callback_query_id": "1", "text": "x" * 201}, "201 characters"),
    ("setMyCommands", {"commands": [{"command": "a"}]}, "commands.0.description is required"),
    ("setMyCommands", {"commands": [], "scope": {"type": "all"}}, "scope.type is none of"),
    ("getUpdates", {"limit": 500}, "limit is 500, not 1 to 100"),
)


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running


@pytest.fixture
def al(telegram: FakeTelegram) -> User:
    return telegram.add_user("al")


def test_the_table_describes_every_method_that_the_stand_in_has() -> None:
    assert {one.name for one in description().methods.values()} == set(METHODS)


async def test_what_is_not_as_described_is_refused_and_kept(
    telegram: FakeTelegram, al: User
) -> None:
    for method, parameters, said in BROKEN:
        chat = {"chat_id": al.id} if "chat_id" in _fields(method) else {}
        told = await ask(telegram, method, json=chat | parameters)
        assert (told["error_code"], said in told["description"]) == (400, True), told
    assert len(telegram.rejected) == len(BROKEN)
    assert al.chat.messages == []


def _fields(method: str) -> dict[str, Any]:
    return description().methods[method.lower()].fields


async def test_a_method_outside_of_the_table_is_kept_too(telegram: FakeTelegram) -> None:
    told = await ask(telegram, "sendDice", json={"chat_id": 1})
    assert told["description"] == "Not Found: method not found"
    assert telegram.rejected == ["sendDice: is no method of the table"]


async def test_the_same_request_may_come_in_four_ways(telegram: FakeTelegram, al: User) -> None:
    markup = {"inline_keyboard": [[{"text": "x", "callback_data": "y"}]]}
    told = {"chat_id": al.id, "text": "x", "disable_notification": True, "reply_markup": markup}
    flat = {"chat_id": str(al.id), "text": "x", "disable_notification": "true"}
    flat["reply_markup"] = json.dumps(markup)
    parts = aiohttp.FormData(flat)
    parts._is_multipart = True
    url = f"{telegram.api_url}/bot{telegram.token}/SENDMESSAGE"
    async with aiohttp.ClientSession() as session:
        for answer in (
            session.post(url, json=told),
            session.post(url, data=flat),
            session.post(url, data=parts),
            session.get(url, params=flat),
        ):
            assert (await answer).status == 200
    shown = [(one.text, one.silent, one.buttons[0].data) for one in al.chat.messages]
    assert shown == [("x", True, "y")] * 4
    assert all(call.parameters == told for call in telegram.calls)


async def test_files_come_as_their_part_or_attached(telegram: FakeTelegram, al: User) -> None:
    for field, named in (("photo", None), ("any", "attach://any")):
        form = aiohttp.FormData({"chat_id": str(al.id)} | ({"photo": named} if named else {}))
        form.add_field(field, jpeg(), filename="a.jpg")
        assert (await ask(telegram, "sendPhoto", data=form))["ok"]
    form = aiohttp.FormData({"chat_id": str(al.id), "text": "x"})
    form.add_field("photo", jpeg(), filename="a.jpg")
    told = await ask(telegram, "sendMessage", data=form)
    assert "the file photo is used by nothing" in told["description"]
    assert telegram.uploads == {"photo": 2}
