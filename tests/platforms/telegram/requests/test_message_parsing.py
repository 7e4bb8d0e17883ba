"""Commands as people type them on Telegram."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import telegram

from bot.commands import CATALOGUE
from bot.platforms.telegram.requests.message_parsing import asked
from tests.commands.harness import Room
from tests.platforms.telegram.harness import FastClock, Scene, open_scene
from tests.pumpfun.samples import MINT, OTHER_MINT


async def test_a_command_in_a_private_chat_is_answered_and_quoted(scene: Scene) -> None:
    asked = await scene.al.say(scene.al.chat, f"/subscribe {MINT}")
    await scene.telegram.until(lambda: scene.al.chat.messages)
    answer = scene.al.chat.messages[0]
    assert answer.reply_to is asked
    assert "1 coin is followed now" in answer.text
    assert await scene.mints(scene.al.chat) == [(str(scene.al.chat.id), MINT)]


async def test_arguments_come_in_any_order(scene: Scene) -> None:
    await scene.room.follow(MINT)
    answer = await scene.say(f"/settings {MINT} at-end delete")
    other = await scene.say(f"/settings at-end delete {MINT}")
    assert answer.text == other.text


@pytest.mark.parametrize("name", ["mintcast_bot", "MINTCAST_Bot"])
async def test_a_command_for_this_bot_by_name_is_ours(scene: Scene, name: str) -> None:
    group = scene.telegram.add_group("Coins")
    assert group.owner is not None
    answer = await scene.say(f"/subscribe@{name} {MINT}", group.owner, group)
    assert "1 coin is followed now" in answer.text


async def test_a_command_that_is_bold_is_one_all_the_same(scene: Scene) -> None:
    """Telegram names the longer entity first."""
    said = await scene.al.say(scene.al.chat, f"/subscribe {MINT}")
    await scene.telegram.until(lambda: scene.al.chat.messages)
    told = said.as_json()
    bold = {"type": "bold", "offset": 0, "length": len(said.text)}
    told["entities"] = [bold, *told["entities"]]
    wish = asked(telegram.Message.de_json(told, None), "mintcast_bot")
    assert wish is not None
    assert wish.name == "subscribe"


async def test_a_command_for_another_bot_is_left_to_it(scene: Scene) -> None:
    scene.telegram.privacy = False
    group = scene.telegram.add_group("Coins")
    assert group.owner is not None
    await scene.unanswered(group, group.owner, f"/subscribe@other_bot {MINT}")
    await scene.unanswered(scene.al.chat, scene.al, f"/subscribe@other_bot {MINT}")
    assert await scene.mints(group) == []


async def test_in_groups_an_unknown_command_is_taken_for_another_bots(scene: Scene) -> None:
    group = scene.telegram.add_group("Coins")
    assert group.owner is not None
    for text in ("/ban 30s", "/start", "/start hello"):
        await scene.unanswered(group, group.owner, text)
    answer = await scene.say("/ban@mintcast_bot 30s", group.owner, group)
    assert "I know no command" in answer.text


async def test_what_people_talk_about_in_a_group_is_none_of_ours(scene: Scene) -> None:
    scene.telegram.privacy = False
    group = scene.telegram.add_group("Coins")
    assert group.owner is not None
    await scene.unanswered(group, group.owner, f"look at https://pump.fun/coin/{MINT}")
    await scene.unanswered(group, group.owner, "say /help to the bot")


async def test_what_a_channel_passes_on_to_its_discussion_group_is_no_command(
    scene: Scene,
) -> None:
    """Telegram copies each post there by itself; the command was done in the channel."""
    news, talk = scene.telegram.add_channel("News"), scene.telegram.add_supergroup("Talk")
    assert news.owner is not None
    post = await news.owner.say(news, f"/subscribe {MINT}")
    await scene.telegram.until(lambda: news.messages)
    copy = talk.put(scene.telegram.channel_bot, post.content)
    copied = {"sender_chat": news.as_json(), "is_automatic_forward": True}
    scene.telegram.tell("message", copy.as_json() | copied)
    assert talk.owner is not None
    await scene.unanswered(talk, talk.owner, "look at that")
    assert await scene.mints(talk) == []
    assert await scene.mints(news) == [(str(news.id), MINT)]


async def test_an_answered_alert_says_which_coin_is_meant(scene: Scene) -> None:
    """A message of the bot's that is answered goes to the commands by its id."""
    seen: list[Any] = []

    async def run(request: Any, text: str) -> None:
        seen.append((request.message_id, text))

    scene.room.commands.run = run  # type: ignore[method-assign]
    first = await scene.say("/subscriptions")
    await scene.al.say(scene.al.chat, "/clip 30s", reply_to=first)
    await scene.telegram.until(lambda: seen)
    assert seen == [(str(first.id), "/clip 30s")]


async def test_each_scope_is_told_what_its_people_can_use(scene: Scene) -> None:
    told = scene.telegram.commands
    await scene.telegram.until(lambda: len(told) == 3)
    every = [command.name for command in CATALOGUE]
    for_all = [command.name for command in CATALOGUE if not command.manages]
    assert list(told["all_private_chats", ""]) == every
    assert list(told["all_chat_administrators", ""]) == every
    assert list(told["all_group_chats", ""]) == for_all
    assert "subscribe" not in for_all
    assert "clip" in for_all


async def test_the_commands_are_told_again_only_when_they_changed(scene: Scene) -> None:
    await scene.telegram.until(lambda: len(scene.telegram.made("setMyCommands")) == 3)
    await scene.say("/help")  # the fact is written by now
    await scene.stop()
    scene.restart()
    await scene.platform.login()
    scene.start()
    await scene.say("/help")
    assert len(scene.telegram.made("setMyCommands")) == 3


class Late(FastClock):
    """An hour later than Telegram."""

    def wall(self) -> datetime:
        return super().wall() + timedelta(hours=1)


async def test_a_clip_that_was_asked_for_long_ago_is_not_made_now(room: Room) -> None:
    async with open_scene(room, clock=Late()) as scene:
        answer = await scene.say(f"/clip 30s {MINT}")
        assert "60 minutes ago" in answer.text
        answer = await scene.say(f"/subscribe {OTHER_MINT}")
        assert "1 coin is followed now" in answer.text


async def test_a_defect_is_told_to_who_asked_and_freezes_nobody(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    async def run(request: Any, text: str) -> None:
        raise ZeroDivisionError

    kept, scene.room.commands.run = scene.room.commands.run, run  # type: ignore[method-assign]
    answer = await scene.say("/live")
    assert "Something went wrong on my side" in answer.text
    scene.room.commands.run = kept  # type: ignore[method-assign]
    assert "What I can do" not in answer.text
    assert (await scene.say("/help")).text
