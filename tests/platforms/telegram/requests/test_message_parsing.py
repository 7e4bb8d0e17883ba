"""Which messages are commands for this bot, as people type them."""

from __future__ import annotations

from typing import Any

import pytest
import telegram

from bot.platforms.telegram.requests.message_parsing import parse_message
from tests.commands.harness import CommandHarness
from tests.platforms.telegram.harness import FastClock, PlatformHarness, open_harness
from tests.pumpfun.samples import MINT


class CountedText(str):
    """It counts how often all of it is encoded, which is how Telegram's units are found."""

    __slots__ = ("encoded",)

    def __init__(self, _: str) -> None:
        self.encoded = 0

    def encode(self, *how: Any, **more: Any) -> bytes:
        self.encoded += 1
        return super().encode(*how, **more)


def full_of_links(text: CountedText, chat: str) -> telegram.Message:
    """As many as Telegram lets a message have."""
    link = {"type": "text_link", "length": 4, "url": f"https://pump.fun/coin/{MINT}"}
    entities = [link | {"offset": 40 * number} for number in range(100)]
    if text.startswith("/"):
        entities[0] = {"type": "bot_command", "offset": 0, "length": text.index(" ")}
    about = {"message_id": 7, "date": 1_790_000_000, "chat": {"id": -7, "type": chat}}
    return telegram.Message.de_json(about | {"text": text, "entities": entities}, None)


@pytest.mark.parametrize("begin", ["", "/live "])
def test_a_text_is_encoded_once_however_many_links_it_has(begin: str) -> None:
    """Many such messages at once would stop all else for seconds."""
    text = CountedText((begin + "word " * 820)[:4096])
    parsed = parse_message(full_of_links(text, "private"), "mintcast_bot")
    assert parsed is not None
    assert parsed.text.count(MINT) == (99 if begin else 100)
    assert text.encoded <= 2, "once for the command, once for the links"


@pytest.mark.parametrize("begin", ["", "/live@other_bot ", "/ban "])
def test_what_is_for_nobody_is_not_searched_for_links(begin: str) -> None:
    text = CountedText((begin + "word " * 820)[:4096])
    assert parse_message(full_of_links(text, "supergroup"), "mintcast_bot") is None
    assert text.encoded <= bool(begin)


async def test_a_command_in_a_private_chat_is_answered_and_quoted(harness: PlatformHarness) -> None:
    asked = await harness.al.say(harness.al.chat, f"/subscribe {MINT}")
    await harness.telegram.until(lambda: harness.al.chat.messages)
    answer = harness.al.chat.messages[0]
    assert answer.reply_to is asked
    assert "Following " in answer.text
    assert await harness.mints(harness.al.chat) == [(str(harness.al.chat.id), MINT)]


async def test_arguments_come_in_any_order(harness: PlatformHarness) -> None:
    await harness.commands.follow(MINT)
    answer = await harness.say(f"/settings {MINT} at-end delete")
    other = await harness.say(f"/settings at-end delete {MINT}")
    assert answer.text == other.text


@pytest.mark.parametrize("name", ["mintcast_bot", "MINTCAST_Bot"])
async def test_a_command_for_this_bot_by_name_is_ours(harness: PlatformHarness, name: str) -> None:
    group = harness.telegram.add_group("Coins")
    assert group.owner is not None
    answer = await harness.say(f"/subscribe@{name} {MINT}", group.owner, group)
    assert "Following " in answer.text


async def test_a_command_that_is_bold_is_one_all_the_same(harness: PlatformHarness) -> None:
    """Telegram names the longer entity first."""
    said = await harness.al.say(harness.al.chat, f"/subscribe {MINT}")
    await harness.telegram.until(lambda: harness.al.chat.messages)
    told = said.as_json()
    bold = {"type": "bold", "offset": 0, "length": len(said.text)}
    told["entities"] = [bold, *told["entities"]]
    parsed = parse_message(telegram.Message.de_json(told, None), "mintcast_bot")
    assert parsed is not None
    assert parsed.name == "subscribe"


async def test_a_command_for_another_bot_is_left_to_it(harness: PlatformHarness) -> None:
    harness.telegram.privacy = False
    group = harness.telegram.add_group("Coins")
    assert group.owner is not None
    await harness.unanswered(group, group.owner, f"/subscribe@other_bot {MINT}")
    await harness.unanswered(harness.al.chat, harness.al, f"/subscribe@other_bot {MINT}")
    assert await harness.mints(group) == []


async def test_a_bot_that_was_renamed_is_found_by_its_new_name(harness: PlatformHarness) -> None:
    """By @BotFather, who tells nobody."""
    group = harness.telegram.add_group("Coins")
    assert group.owner is not None
    harness.telegram.bot.username = "minty_bot"
    answer = await harness.say(f"/subscribe@Minty_bot {MINT}", group.owner, group)
    assert "Following " in answer.text
    await harness.unanswered(group, group.owner, "/live@mintcast_bot")


async def test_commands_for_other_bots_cost_one_question_a_minute(
    commands: CommandHarness,
) -> None:
    async with open_harness(commands, clock=FastClock(2)) as harness:
        harness.telegram.privacy = False
        group = harness.telegram.add_group("Coins")
        assert group.owner is not None
        before = len(harness.telegram.made("getMe"))
        for _ in range(3):
            await harness.unanswered(group, group.owner, f"/subscribe@other_bot {MINT}")
        assert len(harness.telegram.made("getMe")) == before + 1


async def test_in_groups_an_unknown_command_is_taken_for_another_bots(
    harness: PlatformHarness,
) -> None:
    group = harness.telegram.add_group("Coins")
    assert group.owner is not None
    for text in ("/ban 30s", "/start", "/start hello"):
        await harness.unanswered(group, group.owner, text)
    answer = await harness.say("/ban@mintcast_bot 30s", group.owner, group)
    assert "Unknown command." in answer.text


async def test_what_people_talk_about_in_a_group_is_none_of_ours(harness: PlatformHarness) -> None:
    harness.telegram.privacy = False
    group = harness.telegram.add_group("Coins")
    assert group.owner is not None
    await harness.unanswered(group, group.owner, f"look at https://pump.fun/coin/{MINT}")
    await harness.unanswered(group, group.owner, "say /help to the bot")


async def test_what_people_write_to_a_channel_in_private_is_no_command(
    harness: PlatformHarness,
) -> None:
    talk = harness.telegram.add_supergroup("News")
    asked = await harness.al.say(harness.al.chat, f"/subscribe {MINT}")
    await harness.telegram.until(lambda: harness.al.chat.messages)
    written = talk.put(harness.al, asked.content).as_json()
    there = {"chat": talk.as_json() | {"is_direct_messages": True}}
    harness.telegram.tell("message", written | there | {"direct_messages_topic": {"topic_id": 7}})
    assert talk.owner is not None
    await harness.unanswered(talk, talk.owner, "look at that")
    assert await harness.mints(talk) == []


async def test_what_a_channel_passes_on_to_its_discussion_group_is_no_command(
    harness: PlatformHarness,
) -> None:
    """Telegram copies each post there by itself; the command was done in the channel."""
    news, talk = harness.telegram.add_channel("News"), harness.telegram.add_supergroup("Talk")
    assert news.owner is not None
    post = await news.owner.say(news, f"/subscribe {MINT}")
    await harness.telegram.until(lambda: news.messages)
    copy = talk.put(harness.telegram.channel_bot, post.content)
    copied = {"sender_chat": news.as_json(), "is_automatic_forward": True}
    harness.telegram.tell("message", copy.as_json() | copied)
    assert talk.owner is not None
    await harness.unanswered(talk, talk.owner, "look at that")
    assert await harness.mints(talk) == []
    assert await harness.mints(news) == [(str(news.id), MINT)]
