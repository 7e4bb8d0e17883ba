"""Telegram from the first command to the end of the stream: the real python-telegram-bot in the
real service, a stand-in of the Bot API, the real LiveKit server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.demo.site.coins import DemoCoin
from tests.clip_harness import BUSY
from tests.clip_judge import judge
from tests.conftest import require_livekit_server
from tests.e2e.seed import until
from tests.e2e.telegram.harness import TelegramHarness, telegram_harness
from tests.fakes.telegram import Chat, Message, Topic, User

SMALL: dict[str, Any] = {"width": 640, "height": 360, "fps": 15}
HOSTILE = "<b>Free</b> & @everyone <a href='https://evil.example'>x"


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[TelegramHarness]:
    require_livekit_server()
    async with telegram_harness(tmp_path) as opened:
        yield opened


async def test_the_whole_story_in_a_chat_a_group_a_topic_and_a_channel(
    harness: TelegramHarness, tmp_path: Path
) -> None:
    telegram, olga, al = harness.telegram, harness.olga, harness.al
    coin = harness.world.add_coin("EVIL", HOSTILE)
    group = telegram.add_supergroup("Friends")
    forum = telegram.add_supergroup("Forum", forum=True)
    topic = forum.add_topic("Coins")
    news = telegram.add_channel("News")
    for chat in (group, forum, news):
        chat.add_member(olga, "creator")
    group.add_member(al)
    places: list[Chat | Topic] = [al.chat, group, topic, news]
    await al.say(al.chat, f"/subscribe {coin.mint}")
    await olga.say(group, f"/subscribe {coin.mint}")
    await olga.say(topic, f"/subscribe {coin.mint}")
    await olga.say(news, f"/subscribe {coin.mint}", as_channel=news)
    await until(lambda: all(map(shown, places)), "four answers")

    caster = await harness.world.broadcast(coin, title=HOSTILE, **SMALL)
    alerts = [await until(partial(photos, place), "an alert") for place in places]
    assert all(len(found) == 1 for found in alerts)
    assert telegram.uploads["photo"] == 1, "one upload, then its file_id"
    assert all("is live" in found[0].caption for found in alerts)

    asked = await al.say(group, "/clip 2s")
    (clip,) = await until(lambda: [m for m in group.shown if m.video], "the clip")
    video = clip.video
    assert video is not None
    assert (video.width, video.height) == (640, 360)
    assert video.supports_streaming
    assert video.thumbnail
    (tmp_path / "clip.mp4").write_bytes(video.data)
    assert judge(tmp_path / "clip.mp4").duration == pytest.approx(2.0, abs=BUSY.length)

    await its_card_was_edited_seldom_and_is_gone(asked)
    await deleting_it_is_undone(al, clip)

    await caster.stop()  # what follows is for the site to tell

    await harness.restarted()
    coin.end()
    await until(lambda: all("was live" in found[0].caption for found in alerts), "the end")
    assert all(len(photos(place)) == 1 for place in places)
    await who_may_not_manage_changes_nothing(harness, group, coin)
    assert telegram.rejected == []


async def its_card_was_edited_seldom_and_is_gone(asked: Message) -> None:
    """Once when recording began, and at most once more."""
    answers = [m for m in asked.chat.messages if m.reply_to is asked and not m.video]
    (card,) = answers
    await until(lambda: card.deleted, "the card goes")
    began, *more = card.edits
    assert "ready in about 12 s" in began.before.body.text
    assert "Recording" in (more[0].before if more else card.content).body.text
    assert len(more) <= 1


async def deleting_it_is_undone(al: User, clip: Message) -> None:
    """In the place of the clip, without a message for a press and without another upload."""
    before = len(clip.chat.messages)
    assert (await al.press(clip, label="Delete")).text == "Clip deleted."
    await until(lambda: clip.photo and clip.caption == "Clip deleted.", "it says so")
    assert (await al.press(clip, label="Undo")).text == "Clip restored."
    await until(lambda: clip.video, "it is back")
    assert len(clip.chat.messages) == before
    assert clip.chat.world.uploads["video"] == 1


async def who_may_not_manage_changes_nothing(
    harness: TelegramHarness, group: Chat, coin: DemoCoin
) -> None:
    """By a button, or by a command."""
    await harness.olga.say(group, "/settings")
    (menu,) = await until(lambda: [m for m in group.messages if "ettings" in m.text], "the menu")
    before = menu.text
    for button in menu.buttons:
        if button.data:
            pressed = await harness.al.press(menu, data=button.data)
            assert pressed.text, "a refusal that only the presser sees"
    assert menu.text == before
    told = len(group.messages)
    await harness.al.say(group, f"/unsubscribe {coin.mint}")
    await until(lambda: len(group.messages) > told, "a refusal")
    await harness.olga.say(group, "/subscriptions")
    await until(lambda: len(group.messages) > told + 1, "the list")
    assert coin.symbol in group.messages[-1].text


def shown(place: Chat | Topic) -> list[Message]:
    return [one for one in place.messages if not one.deleted]


def photos(place: Chat | Topic) -> list[Message]:
    return [one for one in shown(place) if one.photo]
