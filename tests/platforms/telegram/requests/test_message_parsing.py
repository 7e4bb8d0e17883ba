"""Which messages are commands for this bot, as people type them."""

from __future__ import annotations

import pytest
import telegram

from bot.platforms.telegram.requests.message_parsing import parse_message
from tests.platforms.telegram.harness import PlatformHarness
from tests.pumpfun.samples import MINT


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
