"""Pages of a proxy or a balancer in place of Telegram's answers: they say nothing of chats, tokens
or other programs."""

from __future__ import annotations

import pytest
from telegram.error import NetworkError

from bot.alerts import Fault, SendError
from bot.platforms.telegram.addresses import chat_address
from bot.platforms.telegram.connection import connection
from bot.platforms.telegram.connection.api_requests import ApiRequest, ask
from tests.fakes.telegram import FakeTelegram, ServerError
from tests.fakes.telegram.client import client
from tests.platforms.telegram.harness import PlatformHarness, until

F = Fault


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        *((status, F.NOT_SENT) for status in (302, 400, 401, 403, 404, 407, 408, 409, 421, 451)),
        (413, F.TOO_LARGE),
        *((status, F.SERVER_ERROR) for status in (500, 502, 503, 504)),
        (200, F.MAYBE_SENT),
    ],
)
async def test_a_page_says_only_whether_telegram_may_have_got_the_message(
    status: int, fault: Fault
) -> None:
    async with FakeTelegram() as telegram, client(telegram) as bot:
        chat = telegram.add_user("Al").id
        telegram.faults.add("sendMessage", ServerError(status))
        with pytest.raises(SendError) as caught:
            await ask(bot.send_message(chat, "hello"), chat_address(chat))
    assert (caught.value.fault, type(caught.value)) == (fault, SendError)
    assert "html" not in str(caught.value)


@pytest.mark.parametrize("status", [400, 401, 403, 409, 421, 502, 200])
async def test_a_page_in_place_of_updates_is_an_outage(
    harness: PlatformHarness, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """Nobody was reached, no token is wrong, and no other program uses it."""
    reached: list[bool] = []
    monkeypatch.setattr(connection, "note_reach", lambda *, answered: reached.append(answered))
    await until(lambda: harness.telegram.updates.is_polled)
    rule = harness.telegram.faults.add("getUpdates", ServerError(status))
    await harness.al.say(harness.al.chat, "/help")  # ends the poll that waits
    await until(lambda: rule.hits > 1)
    assert "can't be reached" in harness.part.detail
    assert reached[-1] is False
    harness.telegram.faults.remove(rule)
    await until(lambda: harness.part.ok)


@pytest.mark.parametrize(
    "page", [b"[" * 30_000, b"9" * 6_000, b"[]", b"null", b"<html>", b"\xff", b"{}"]
)
def test_what_is_no_answer_of_telegrams_is_a_page(page: bytes) -> None:
    """Whatever stands between us and Telegram may write it."""
    with pytest.raises(NetworkError, match="page"):
        ApiRequest.parse_json_payload(page)
