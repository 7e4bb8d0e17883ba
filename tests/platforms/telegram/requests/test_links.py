"""Links that name a coin, to the bot and to pump.fun."""

from __future__ import annotations

import io
import time
from typing import Any

import pytest
from PIL import Image

from bot.commands import pasted_mint, payload_mint
from tests.platforms.telegram.harness import PlatformHarness
from tests.pumpfun.samples import MINT, OTHER_MINT

LINK = f"https://pump.fun/coin/{MINT}?x=1"


@pytest.mark.parametrize(
    "text",
    [
        f"https://pump.fun/coin/{MINT}",
        f"look: https://www.pump.fun/{MINT}?x=1 now",
        f"pump.fun/coin/{MINT}/live",
        f"pump.fun/a/longer/way?to=it/{MINT}",
        f"{MINT}",
        f"this one {MINT} please",
        f"\u200b{MINT}\u2060",  # copied along, and seen by nobody
        f"https://pump.fun/coin/\u200b{MINT}",
    ],
)
def test_a_pasted_link_names_its_coin(text: str) -> None:
    assert pasted_mint(text) == MINT


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        f"https://example.org/{MINT}",
        f"https://notpump.fun/{MINT}",
        f"x{MINT}y",
        "pump.fun/a",
        f"https://pump.fun/profile/{MINT}",
    ],
)
def test_other_texts_name_none(text: str) -> None:
    assert pasted_mint(text) is None


def test_a_text_full_of_links_takes_no_longer_for_each_of_them() -> None:
    """As it did while each was looked at to the end of the text: 64 times as long."""

    def seconds(links: int) -> float:
        text, took = "pump.fun/" * links, []
        for _ in range(5):
            begun = time.thread_time()
            assert pasted_mint(text) is None
            took.append(time.thread_time() - begun)
        return min(took)

    assert seconds(2000) < 24 * seconds(250)


@pytest.mark.parametrize("text", ["", "1", "ref-7", MINT + "x" * 20, f"{MINT} more"])
def test_a_payload_that_is_no_coin_is_none(text: str) -> None:
    assert payload_mint(text) is None


async def test_a_link_to_the_bot_offers_the_coin(harness: PlatformHarness) -> None:
    offer = await harness.say(f"/start {MINT}")
    assert MINT in offer.text
    await harness.al.press(offer, label="Subscribe")
    await harness.telegram.until(lambda: len(harness.al.chat.messages) == 2)
    assert await harness.mints(harness.al.chat) == [(str(harness.al.chat.id), MINT)]


async def test_a_start_without_a_coin_is_help(harness: PlatformHarness) -> None:
    assert "/subscribe" in (await harness.say("/start")).text
    assert "/subscribe" in (await harness.say("/start 1")).text
    assert len((await harness.say("/start")).text.splitlines()) == 5


async def test_a_pasted_link_is_answered_in_private(harness: PlatformHarness) -> None:
    offer = await harness.say(f"https://pump.fun/coin/{MINT}")
    assert [button.label for button in offer.buttons] == ["Subscribe", "Is it live?"]
    assert await harness.mints(harness.al.chat) == []


async def test_a_coin_that_is_followed_is_not_offered_again(harness: PlatformHarness) -> None:
    await harness.say(f"/subscribe {MINT}")
    for named in (f"https://pump.fun/coin/{MINT}", f"/start {MINT}"):
        menu = await harness.say(named)
        assert menu.text == f"Minty coin ($MINTY)\n{MINT}\nFollowed here."
        labels = [button.label for button in menu.buttons]
        assert labels == ["Is it live?", "Unsubscribe", "Settings", "Preview alert", "« Back"]
    pressed = await harness.al.press(menu, label="Is it live?")
    await harness.telegram.until(lambda: pressed.posts)
    assert "is offline" in pressed.posts[0].text
    await harness.al.press(menu, label="« Back")
    await harness.telegram.until(lambda: "Following 1 coin" in menu.text)


async def test_help_speaks_of_admins_in_groups_alone(harness: PlatformHarness) -> None:
    assert "admins" not in (await harness.say("/help")).text
    group = harness.telegram.add_group("Coins")
    assert group.owner is not None
    told = (await harness.say("/help@mintcast_bot", group.owner, group)).text
    assert "Only admins of this group can use /subscribe, " in told


async def test_any_other_text_is_told_what_to_send(harness: PlatformHarness) -> None:
    assert "/help" in (await harness.say("hello there")).text


async def test_a_group_that_the_bot_was_added_to_for_a_coin_follows_it(
    harness: PlatformHarness,
) -> None:
    group = harness.telegram.add_group("Coins")
    assert group.owner is not None
    answer = await harness.say(f"/start@mintcast_bot {MINT}", group.owner, group)
    assert "Following " in answer.text
    assert await harness.mints(group) == [(str(group.id), MINT)]


async def test_a_forum_is_asked_which_topic(harness: PlatformHarness) -> None:
    forum = harness.telegram.add_supergroup("Big", forum=True)
    topic = forum.add_topic("Coins")
    assert forum.owner is not None
    asked = await harness.say(f"/start@mintcast_bot {MINT}", forum.owner, forum)
    assert await harness.mints(forum) == []
    command = next(button.copies for button in asked.buttons if button.copies)
    answer = await harness.say(command, forum.owner, topic)
    assert "Following " in answer.text
    assert await harness.mints(forum) == [(f"{forum.id}/{topic.id}", MINT)]


async def test_a_forum_may_choose_general(harness: PlatformHarness) -> None:
    forum = harness.telegram.add_supergroup("Big", forum=True)
    assert forum.owner is not None
    asked = await harness.say(f"/start@mintcast_bot {MINT}", forum.owner, forum)
    await forum.owner.press(asked, label="Here, in General")
    await harness.telegram.until(lambda: len(forum.messages) == 2)
    assert await harness.mints(forum) == [(str(forum.id), MINT)]


# Captions, and links that lie below words


@pytest.fixture(scope="module")
def photo() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64)).save(file, "JPEG")
    return file.getvalue()


async def test_a_command_below_a_picture_is_a_command(
    harness: PlatformHarness, photo: bytes
) -> None:
    answer = await harness.say(f"/subscribe {MINT}", photo=photo)
    assert "Following " in answer.text
    group = harness.telegram.add_group("Coins")
    assert (
        "/subscribe"
        in (await harness.say("/help@mintcast_bot", harness.al, group, photo=photo)).text
    )
    await harness.unanswered(group, harness.al, f"look {MINT}", photo=photo)
    await harness.unanswered(group, harness.al, "/help@other_bot", photo=photo)


async def test_a_picture_names_a_coin_in_private(harness: PlatformHarness, photo: bytes) -> None:
    assert MINT in (await harness.say(f"what is {LINK}", photo=photo)).text
    assert MINT in (await harness.say("what is this", photo=photo, links={"this": LINK})).text
    await harness.unanswered(harness.al.chat, harness.al, "", photo=photo)


@pytest.mark.parametrize(
    "text", ["/subscribe this 🐸", "/subscribe 🐸this", "/subscribe\nthis", "/subscribe (this)"]
)
async def test_a_link_below_words_is_read(harness: PlatformHarness, text: str) -> None:
    await harness.say(text, links={"this": LINK})
    assert await harness.mints(harness.al.chat) == [(str(harness.al.chat.id), MINT)]


async def test_a_link_in_private_may_lie_below_words(harness: PlatformHarness) -> None:
    offer = await harness.say("🐸🐸 Minty is great", links={"Minty": LINK})
    assert MINT in offer.text


async def test_what_one_reads_goes_before_what_lies_below_it(harness: PlatformHarness) -> None:
    await harness.say(f"/subscribe {OTHER_MINT}", links={OTHER_MINT: LINK})
    assert await harness.mints(harness.al.chat) == [(str(harness.al.chat.id), OTHER_MINT)]


async def test_a_link_elsewhere_stays_words(harness: PlatformHarness) -> None:
    await harness.say("hello", links={"hello": f"https://evil.example/?pump.fun/coin/{MINT}"})
    assert await harness.mints(harness.al.chat) == []
    assert "/help" in harness.al.chat.messages[-1].text


@pytest.mark.parametrize(
    "how",
    [
        {"text": f"Minty is live: {LINK}"},
        {"text": "Minty is live", "links": {"Minty": LINK}},
        {"text": "Minty is live", "buttons": {"Watch": LINK, "Chart": "https://x.example"}},
    ],
)
async def test_an_answer_to_somebody_elses_alert_is_about_its_coin(
    harness: PlatformHarness, how: dict[str, Any]
) -> None:
    group = harness.telegram.add_group("Coins")
    assert group.owner is not None
    alert = await harness.telegram.add_user("another bot").say(group, **how)
    answer = await harness.say("/subscribe", group.owner, group, reply_to=alert)
    assert "Following " in answer.text
    assert await harness.mints(group) == [(str(group.id), MINT)]
    assert "Minty" in (await harness.say("/live", group.owner, group, reply_to=alert)).text


async def test_buttons_of_several_coins_name_none(harness: PlatformHarness) -> None:
    both = {"One": LINK, "Other": f"https://pump.fun/coin/{OTHER_MINT}"}
    group = harness.telegram.add_group("Coins")
    assert group.owner is not None
    alert = await harness.telegram.add_user("another bot").say(group, "two are live", buttons=both)
    await harness.say("/subscribe", group.owner, group, reply_to=alert)
    assert await harness.mints(group) == []
