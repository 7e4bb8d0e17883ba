"""Links that name a coin, to the bot and to pump.fun."""

from __future__ import annotations

import pytest

from bot.platforms.telegram.links import pasted, payload
from tests.platforms.telegram.scene import Scene
from tests.pumpfun.samples import MINT


@pytest.mark.parametrize(
    "text",
    [
        f"https://pump.fun/coin/{MINT}",
        f"look: https://www.pump.fun/{MINT}?x=1 now",
        f"pump.fun/coin/{MINT}/live",
        f"{MINT}",
        f"this one {MINT} please",
        f"\u200b{MINT}\u2060",  # copied along, and seen by nobody
        f"https://pump.fun/coin/\u200b{MINT}",
    ],
)
def test_a_pasted_link_names_its_coin(text: str) -> None:
    assert pasted(text) == MINT


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        f"https://example.org/{MINT}",
        f"https://notpump.fun/{MINT}",
        f"x{MINT}y",
        "pump.fun/a",
    ],
)
def test_other_texts_name_none(text: str) -> None:
    assert pasted(text) is None


@pytest.mark.parametrize("text", ["", "1", "ref-7", MINT + "x" * 20, f"{MINT} more"])
def test_a_payload_that_is_no_coin_is_none(text: str) -> None:
    assert payload(text) is None


async def test_a_link_to_the_bot_offers_the_coin(scene: Scene) -> None:
    offer = await scene.say(f"/start {MINT}")
    assert MINT in offer.text
    await scene.al.press(offer, label="Subscribe")
    await scene.telegram.until(lambda: len(scene.al.chat.messages) == 2)
    assert await scene.mints(scene.al.chat) == [(str(scene.al.chat.id), MINT)]


async def test_a_start_without_a_coin_is_help(scene: Scene) -> None:
    assert "/subscribe" in (await scene.say("/start")).text
    assert "/subscribe" in (await scene.say("/start 1")).text


async def test_a_pasted_link_is_answered_in_private(scene: Scene) -> None:
    offer = await scene.say(f"https://pump.fun/coin/{MINT}")
    assert [button.label for button in offer.buttons] == ["Subscribe", "Is it live?"]
    assert await scene.mints(scene.al.chat) == []


async def test_any_other_text_is_told_what_to_send(scene: Scene) -> None:
    assert "/help" in (await scene.say("hello there")).text


async def test_a_group_that_the_bot_was_added_to_for_a_coin_follows_it(scene: Scene) -> None:
    group = scene.telegram.add_group("Coins")
    assert group.owner is not None
    answer = await scene.say(f"/start@mintcast_bot {MINT}", group.owner, group)
    assert "1 coin is followed now" in answer.text
    assert await scene.mints(group) == [(str(group.id), MINT)]


async def test_a_forum_is_asked_which_topic(scene: Scene) -> None:
    forum = scene.telegram.add_supergroup("Big", forum=True)
    topic = forum.add_topic("Coins")
    assert forum.owner is not None
    asked = await scene.say(f"/start@mintcast_bot {MINT}", forum.owner, forum)
    assert await scene.mints(forum) == []
    command = next(button.copies for button in asked.buttons if button.copies)
    answer = await scene.say(command, forum.owner, topic)
    assert "1 coin is followed now" in answer.text
    assert await scene.mints(forum) == [(f"{forum.id}/{topic.id}", MINT)]


async def test_a_forum_may_choose_general(scene: Scene) -> None:
    forum = scene.telegram.add_supergroup("Big", forum=True)
    assert forum.owner is not None
    asked = await scene.say(f"/start@mintcast_bot {MINT}", forum.owner, forum)
    await forum.owner.press(asked, label="Here, in General")
    await scene.telegram.until(lambda: len(forum.messages) == 2)
    assert await scene.mints(forum) == [(str(forum.id), MINT)]
