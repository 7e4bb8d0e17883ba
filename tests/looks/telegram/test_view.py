"""What a person sees and does in Telegram's client, with the real python-telegram-bot behind it."""

from __future__ import annotations

import asyncio

from telegram import BotCommand, BotCommandScopeAllChatAdministrators, BotCommandScopeAllGroupChats
from telegram import InlineKeyboardButton as Button
from telegram import InlineKeyboardMarkup as Markup

from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram.client import client, jpeg
from tests.looks.reading import Reading
from tests.looks.telegram.view import TelegramView
from tests.looks.view import Eyes


async def test_everyone_has_their_own_chats_and_sees_who_said_what() -> None:
    async with FakeTelegram() as telegram, client(telegram) as bot:
        olga, al = telegram.add_user("Olga"), telegram.add_user("Al")
        forum = telegram.add_supergroup("Forum", forum=True)
        topic = forum.add_topic("Coins")
        forum.add_member(olga)
        view = TelegramView(telegram, [olga, al])
        assert [one.name for one in view.places("Olga")] == ["Mintcast", "General", "Coins"]
        assert [one.name for one in view.places("Al")] == ["Mintcast"]
        eyes = Eyes("Olga", f"{forum.id}:{topic.id}")
        await view.act(eyes, {"line": "/live", "answers": None})
        *_, update = await bot.get_updates()  # after that of the topic
        assert update.message is not None
        assert (update.message.text, update.message.is_topic_message) == ("/live", True)
        await bot.send_photo(forum.id, jpeg(), message_thread_id=topic.id)
        *_, said, shown = [Reading(html) for _, html in view.messages(eyes)]
        assert "mine" in said.one("article").classes
        path = str(shown.one("img").attributes["src"])
        found = view.file(path)
        assert found is not None
        assert (found.data, found.kind) == (jpeg(), "image/jpeg")
        assert view.messages(Eyes("Olga", f"{forum.id}:1")) == []


async def test_a_press_is_told_and_its_answer_shown() -> None:
    async with FakeTelegram() as telegram, client(telegram) as bot:
        al = telegram.add_user("Al")
        view, eyes = TelegramView(telegram, [al]), Eyes("Al", str(al.chat.id))
        sent = await bot.send_message(
            al.id, "x", reply_markup=Markup([[Button("Go", callback_data="go")]])
        )
        told = {"press": "go", "message": str(sent.message_id)}
        async with asyncio.TaskGroup() as group:
            pressing = group.create_task(view.act(eyes, told))
            (update,) = await bot.get_updates(timeout=5)
            assert update.callback_query is not None
            await update.callback_query.answer("Not yours", show_alert=True)
        assert pressing.result() == {"toast": "Not yours", "alert": True}


async def test_commands_are_offered_to_whom_they_are_for() -> None:
    async with FakeTelegram() as telegram, client(telegram) as bot:
        olga, al = telegram.add_user("Olga"), telegram.add_user("Al")
        group = telegram.add_supergroup("Group")
        group.add_member(olga, "creator")
        group.add_member(al)
        view = TelegramView(telegram, [olga, al])
        live, settings = BotCommand("live", "Who is live"), BotCommand("settings", "Change them")
        await bot.set_my_commands([live], scope=BotCommandScopeAllGroupChats())
        everything = BotCommandScopeAllChatAdministrators()
        await bot.set_my_commands([live, settings], scope=everything)
        offered = {
            name: [one["label"] for one in await view.suggest(Eyes(name, str(group.id)), "/")]
            for name in ("Olga", "Al")
        }
        assert offered == {"Olga": ["/live", "/settings"], "Al": ["/live"]}
