"""The real python-telegram-bot polls the stand-in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from telegram import Bot, Update
from telegram.error import Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut
from telegram.ext import CommandHandler, ContextTypes

from tests.fakes.clock import until
from tests.fakes.telegram import (
    FakeTelegram,
    Refuse,
    Reset,
    ServerError,
    Slow,
    When,
)
from tests.fakes.telegram import (
    RetryAfter as Later,
)
from tests.fakes.telegram.client import App, application, ask, client, jpeg


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        running.updates.pause = 0.0
        yield running


@pytest.fixture
async def bot(telegram: FakeTelegram) -> AsyncIterator[Bot]:
    async with client(telegram) as running:
        yield running


async def poll(app: App) -> None:
    """Until the one update of the test was handled."""
    assert app.updater is not None
    await app.initialize()
    await app.start()
    await app.updater.start_polling(timeout=5)


async def stop(app: App) -> None:
    assert app.updater is not None
    await app.updater.stop()
    await app.stop()
    await app.shutdown()


async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.message is not None
    await update.message.reply_text(" ".join(context.args or ["nothing"]))


async def test_a_command_is_polled_answered_and_confirmed(telegram: FakeTelegram) -> None:
    al = telegram.add_user("al")
    app = application(telegram)
    app.add_handler(CommandHandler("echo", echo))
    await poll(app)
    await al.say(al.chat, "/echo@mintcast_bot one two")
    await al.say(al.chat, "/echo@other_bot three")
    await telegram.until(lambda: al.chat.messages)
    await stop(app)
    assert [message.text for message in al.chat.messages] == ["one two"]
    assert telegram.updates.queue == []
    assert telegram.rejected == []


async def test_the_bot_learns_who_it_is(bot: Bot) -> None:
    me = await bot.get_me()
    assert (me.username, me.is_bot) == ("mintcast_bot", True)
    assert bot.token.startswith(f"{me.id}:")


async def test_updates_wait_until_a_later_offset_confirms_them(
    telegram: FakeTelegram, bot: Bot
) -> None:
    al = telegram.add_user("al")
    for text in ("one", "two", "three"):
        await al.say(al.chat, text)
    first = await bot.get_updates(limit=2)
    again = await bot.get_updates(limit=2)
    assert [each.update_id for each in first] == [each.update_id for each in again]
    rest = await bot.get_updates(offset=first[-1].update_id + 1)
    assert [each.message.text for each in rest if each.message] == ["three"]


async def test_a_long_poll_ends_when_something_happens(telegram: FakeTelegram, bot: Bot) -> None:
    al = telegram.add_user("al")
    async with asyncio.TaskGroup() as group:
        polled = group.create_task(bot.get_updates(timeout=20))
        await telegram.until(lambda: telegram.calls)
        await al.say(al.chat, "here")
    assert [each.message.text for each in polled.result() if each.message] == ["here"]


async def test_only_the_allowed_updates_come(telegram: FakeTelegram, bot: Bot) -> None:
    group = telegram.add_group("Friends", bot="left")
    await bot.get_updates(allowed_updates=["message"])
    group.bot("member")
    assert [each.my_chat_member for each in await bot.get_updates()] == [None]
    await bot.get_updates(offset=-1, allowed_updates=["message", "my_chat_member"])
    group.bot("left")
    told = (await bot.get_updates())[-1].my_chat_member
    assert told is not None
    assert (told.old_chat_member.status, told.new_chat_member.status) == ("member", "left")


async def test_a_second_poller_ends_the_poll_of_the_first(telegram: FakeTelegram, bot: Bot) -> None:
    al = telegram.add_user("al")
    async with client(telegram) as other, asyncio.TaskGroup() as group:
        first = group.create_task(_conflict(bot))
        await telegram.until(lambda: telegram.calls)
        second = group.create_task(other.get_updates(timeout=20))
        await first
        await al.say(al.chat, "hello")
    assert "terminated by other getUpdates request" in first.result()
    assert len(second.result()) == 1


async def _conflict(bot: Bot) -> str:
    with pytest.raises(Conflict) as caught:
        await bot.get_updates(timeout=20)
    return caught.value.message


async def test_a_webhook_forbids_polling_until_it_is_deleted(
    telegram: FakeTelegram, bot: Bot
) -> None:
    telegram.updates.pause = 0.0
    async with asyncio.TaskGroup() as group:
        ended = group.create_task(_conflict(bot))
        await until(lambda: telegram.updates.is_polled)
        telegram.set_webhook("https://example.org/hook")
    assert "terminated by setWebhook request" in ended.result()
    assert "webhook is active" in await _conflict(bot)
    await bot.delete_webhook()
    assert await bot.get_updates() == ()


async def test_a_wrong_token_is_refused(telegram: FakeTelegram) -> None:
    wrong = telegram.token[:-1] + ("x" if telegram.token[-1] != "x" else "y")
    for token, said in ((wrong, "Unauthorized"), ("123:short", "Not Found")):
        async with client(telegram, token) as bot:
            with pytest.raises(InvalidToken, match=said):
                await bot.get_me()
    assert telegram.calls == []


async def test_while_it_is_down_connections_are_refused(telegram: FakeTelegram, bot: Bot) -> None:
    await telegram.down()
    for _ in range(2):
        with pytest.raises(NetworkError, match="ConnectError"):
            await bot.get_me()
    await telegram.up()
    assert (await bot.get_me()).id == telegram.bot.id


async def test_a_deed_is_done_though_nobody_hears_the_answer() -> None:
    async with FakeTelegram() as telegram, client(telegram) as bot, asyncio.TaskGroup() as group:
        al = telegram.add_user("al")
        telegram.faults.add("sendMessage", Slow(600, When.AFTER))
        group.create_task(_network_error(bot, al.id))
        await telegram.until(lambda: al.chat.messages)
        await telegram.down()
    (call,) = telegram.calls
    assert (call.done, call.ok, call.code) == (True, False, 0)


async def test_who_dies_in_the_middle_of_a_request_did_not_ask(
    telegram: FakeTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    al = telegram.add_user("al")
    types = ("multipart/form-data; boundary=b", "application/x-www-form-urlencoded")
    for number, kind in enumerate(types, 1):
        reader, writer = await asyncio.open_connection("127.0.0.1", telegram.port)
        head = f"POST /bot{telegram.token}/sendPhoto HTTP/1.1\r\nHost: x\r\nContent-Length: 5000"
        part = '--b\r\nContent-Disposition: form-data; name="photo"; filename="a"\r\n\r\nxx'
        writer.write(f"{head}\r\nContent-Type: {kind}\r\n\r\n{part}".encode())
        await telegram.until(lambda number=number: len(telegram.calls) == number)  # type: ignore[misc]
        writer.transport.abort()
        assert await reader.read() == b""
    await telegram.__aexit__()
    assert (al.chat.messages, [call.code for call in telegram.calls]) == ([], [0, 0])
    assert "Traceback" not in caplog.text


async def _network_error(bot: Bot, chat_id: int) -> None:
    with pytest.raises(NetworkError):
        await bot.send_message(chat_id, "x", read_timeout=600)


async def test_it_ends_at_once_while_a_poll_and_a_slow_answer_are_under_way() -> None:
    telegram = await FakeTelegram().__aenter__()
    async with client(telegram) as bot, asyncio.TaskGroup() as group:
        al = telegram.add_user("al")
        telegram.faults.add("sendMessage", Slow(600))
        polling = group.create_task(bot.get_updates(timeout=50))
        sending = group.create_task(bot.send_message(al.id, "x", read_timeout=600))
        await telegram.until(lambda: len(telegram.calls) == 2)
        await telegram.__aexit__()
    assert (polling.result(), sending.result().text) == ((), "x")


async def test_a_limit_says_how_long_to_wait(
    telegram: FakeTelegram, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    al, bo = telegram.add_user("al"), telegram.add_user("bo")
    telegram.faults.add(("sendMessage", al.chat), Later(7), times=1)
    with pytest.raises(RetryAfter) as caught:
        await bot.send_message(al.id, "hi")
    assert caught.value.retry_after == timedelta(seconds=7)
    await bot.send_message(bo.id, "hi")
    await bot.send_message(al.id, "hi")
    assert [call.code for call in telegram.made("sendMessage")] == [429, 200, 200]


async def test_faults_strike_before_or_after_the_deed(telegram: FakeTelegram, bot: Bot) -> None:
    al = telegram.add_user("al")
    faults = (
        (Reset(), NetworkError, 0),
        (Reset(When.AFTER), NetworkError, 1),
        (ServerError(), NetworkError, 0),
        (ServerError(when=When.AFTER), NetworkError, 1),
        (Slow(30, When.AFTER), TimedOut, 1),
        (Slow(30), TimedOut, 0),
        (Refuse(403, "Forbidden: user is deactivated"), Forbidden, 0),
    )
    for fault, error, sent in faults:
        before = len(al.chat.messages)
        telegram.faults.add("sendMessage", fault, times=1)
        with pytest.raises(error):
            await bot.send_message(al.id, "hi", read_timeout=0.2)
        assert len(al.chat.messages) - before == sent, fault
        assert telegram.calls[-1].done == bool(sent)


async def test_an_upload_breaks_in_the_middle(telegram: FakeTelegram, bot: Bot) -> None:
    al = telegram.add_user("al")
    telegram.faults.add(("sendPhoto", al.chat), Reset(When.UPLOAD), times=1)
    with pytest.raises(NetworkError):
        await bot.send_photo(al.id, jpeg(2000, 2000))
    assert (al.chat.messages, telegram.calls[-1].code) == ([], 0)
    await bot.send_photo(al.id, jpeg(2000, 2000))
    assert len(al.chat.messages) == 1


async def test_strict_limits_hold_for_a_chat_a_group_and_all(telegram: FakeTelegram) -> None:
    telegram.limits.strict, telegram.limits.burst = True, 2
    telegram.limits.overall = (4, 60.0)
    al, bo, cy = (telegram.add_user(name) for name in ("al", "bo", "cy"))
    codes = []
    for user in (al, al, al, bo, bo, cy):
        told = await ask(telegram, "sendMessage", json={"chat_id": user.id, "text": "x"})
        codes.append(told.get("parameters", {}).get("retry_after", 0))
    assert codes[:2] == [0, 0]
    assert 1 <= codes[2] <= 2
    assert codes[3:5] == [0, 0]
    assert 50 <= codes[5] <= 60
    assert telegram.limits.measured().overall == 6
