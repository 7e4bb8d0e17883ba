"""`mintcast check` asks Telegram about a token."""

from __future__ import annotations

import pytest

from bot.platforms.telegram import ask_token
from tests.fakes.telegram import FakeTelegram
from tests.platforms.telegram.harness import WRONG_TOKENS


@pytest.mark.parametrize("token", WRONG_TOKENS)
async def test_check_says_what_is_wrong_with_a_token(token: str) -> None:
    async with FakeTelegram() as telegram:
        answer = await ask_token(token, telegram.api_url)
    assert not answer.ok
    assert "@BotFather" in answer.sentence
    assert token not in answer.sentence


async def test_check_says_whose_token_it_is() -> None:
    async with FakeTelegram() as telegram:
        answer = await ask_token(telegram.token, telegram.api_url)
    assert answer.ok
    assert "@mintcast_bot can log in" in answer.sentence


async def test_check_says_that_telegram_cannot_be_reached_and_promises_nothing() -> None:
    async with FakeTelegram() as telegram:
        await telegram.down()
        answer = await ask_token(telegram.token, telegram.api_url)
    assert not answer.ok
    assert f"{telegram.api_url} isn't responding (ConnectError)" in answer.sentence
    assert "again" not in answer.sentence
