"""`/subscriptions` as a menu, pressed by people."""

from __future__ import annotations

import pytest
from base58 import b58encode

from bot.model import Address
from tests.fakes.telegram import Chat, Message, Pressed, User
from tests.platforms.telegram.harness import PlatformHarness
from tests.pumpfun.samples import MINT, OTHER_MINT


async def press(harness: PlatformHarness, who: User, menu: Message, label: str) -> Pressed:
    """Press, and wait until the menu has changed."""
    before = len(menu.edits)
    pressed = await who.press(menu, label=label)
    await harness.telegram.until(lambda: len(menu.edits) > before)
    assert pressed.text == ""
    return pressed


def labels(menu: Message) -> list[str]:
    return [button.label for button in menu.buttons]


async def test_one_message_goes_from_the_list_to_a_coin_and_back(harness: PlatformHarness) -> None:
    await harness.say(f"/subscribe {MINT} {OTHER_MINT}")
    menu = await harness.say("/subscriptions")
    assert "Following 2 coins" in menu.text
    coin, _ = labels(menu)
    assert coin == "Minty coin ($MINTY)", "one way to each coin"
    await press(harness, harness.al, menu, coin)
    assert MINT in menu.text
    await press(harness, harness.al, menu, "Unsubscribe")
    assert "Unfollowed Minty coin ($MINTY)" in menu.text
    await press(harness, harness.al, menu, "« Back")
    assert "Following 1 coin" in menu.text
    assert [mint for _, mint in await harness.mints(harness.al.chat)] == [OTHER_MINT]
    assert len(harness.al.chat.messages) == 2


async def test_many_live_coins_are_a_button_each(harness: PlatformHarness) -> None:
    mints = [b58encode(bytes([7, *[number] * 31])).decode() for number in range(5)]
    for number, mint in enumerate(mints):
        harness.commands.pumpfun.know(mint, f"C{number}")
    await harness.say(f"/subscribe {' '.join(mints)}")
    for mint in mints:
        await harness.commands.go_live(mint)
    live = await harness.say("/live")
    assert "5 coins live" in live.text
    assert sorted(str(button.data) for button in live.buttons) == sorted(f"live:{m}" for m in mints)
    assert [len(row) for row in live.keyboard] == [2, 2, 1]
    pressed = await harness.al.press(live, label=live.buttons[3].label)
    await harness.telegram.until(lambda: pressed.posts)
    assert "is live" in pressed.posts[0].text
    listed = await harness.say("/subscriptions")
    assert len(listed.buttons) == 5, "the menu's own"


async def test_a_press_that_a_crash_interrupted_is_shown_by_the_menu(
    harness: PlatformHarness,
) -> None:
    """It is done, the press was answered, and only the menu does not know: it comes once more."""
    await harness.say(f"/subscribe {MINT}")
    menu = await harness.say("/subscriptions")
    await press(harness, harness.al, menu, labels(menu)[0])
    await harness.say(f"/unsubscribe {MINT}")
    harness.telegram.callback_lives = -1.0
    with pytest.raises(TimeoutError):
        await harness.al.press(menu, label="Unsubscribe", within=0.1)
    await harness.idle()
    assert "is not followed here" in menu.text
    assert labels(menu) == ["« Back"]


async def test_who_may_not_manage_can_change_nothing_by_a_menu(harness: PlatformHarness) -> None:
    group = harness.telegram.add_supergroup("Coins")
    assert group.owner is not None
    await harness.say(f"/subscribe {MINT}", group.owner, group)
    menu = await harness.say("/subscriptions", group.owner, group)
    await press(harness, group.owner, menu, labels(menu)[0])
    somebody = harness.telegram.add_user("Somebody")
    group.add_member(somebody)
    for label in ("Unsubscribe", "Settings"):
        pressed = await somebody.press(menu, label=label)
        assert pressed.alert
        assert "Only admins of this group" in pressed.text
        assert (label != "Unsubscribe") or "/unsubscribe" in pressed.text
        assert not pressed.changed
    assert await harness.mints(group) == [(str(group.id), MINT)]


async def follow(harness: PlatformHarness, chat: Chat, count: int) -> list[str]:
    """So many coins, without asking anybody."""
    address = Address("telegram", str(chat.id), str(chat.id))
    mints = [b58encode(bytes([9, *[number] * 31])).decode() for number in range(count)]
    for number, mint in enumerate(mints):
        harness.commands.pumpfun.know(mint, f"C{number}")
        await harness.commands.follow(mint, address)
    return mints


async def test_the_text_of_a_long_list_changes_with_its_buttons(harness: PlatformHarness) -> None:
    await follow(harness, harness.al.chat, 45)
    menu = await harness.say("/subscriptions")
    seen = []
    for page in ("Page 1 of 3", "Page 2 of 3", "Page 3 of 3"):
        assert page in menu.text
        coins = [b.label for b in menu.buttons if (b.data or "").startswith("m:c")]
        assert all(f"• {label}:" in menu.text for label in coins)
        seen += coins
        if page != "Page 3 of 3":
            await press(harness, harness.al, menu, "Next ▶")
    assert len(set(seen)) == 45
    await press(harness, harness.al, menu, seen[-1])
    await press(harness, harness.al, menu, "« Back")
    assert "Page 3 of 3" in menu.text


async def test_anybody_may_turn_the_pages_of_the_list(harness: PlatformHarness) -> None:
    group = harness.telegram.add_supergroup("Coins")
    await follow(harness, group, 25)
    somebody = harness.telegram.add_user("Somebody")
    group.add_member(somebody)
    menu = await harness.say("/subscriptions", somebody, group)
    await press(harness, somebody, menu, "Next ▶")
    assert "Page 2 of 2" in menu.text
    pressed = await somebody.press(menu, label=labels(menu)[0])
    assert "Only admins of this group" in pressed.text
    assert not pressed.changed


async def test_the_pages_of_what_is_live_turn_in_the_same_message(
    harness: PlatformHarness,
) -> None:
    group = harness.telegram.add_supergroup("Coins")
    for mint in await follow(harness, group, 12):
        await harness.commands.go_live(mint)
    somebody = harness.telegram.add_user("Somebody")
    group.add_member(somebody)
    shown = await harness.say("/live", somebody, group)
    assert len(labels(shown)) == 11
    await press(harness, somebody, shown, "Next ▶")
    assert "Page 2 of 2." in shown.text
    assert labels(shown)[-1] == "◀ Previous"
    assert len(labels(shown)) == 3


async def test_a_page_may_be_typed(harness: PlatformHarness) -> None:
    await follow(harness, harness.al.chat, 25)
    menu = await harness.say("/subscriptions 2")
    assert "Page 2 of 2" in menu.text
    assert labels(menu)[-1] == "◀ Previous"
    assert len(labels(menu)) == 6


async def test_only_what_is_followed_in_a_topic_is_changed_there(harness: PlatformHarness) -> None:
    forum = harness.telegram.add_supergroup("Forum", forum=True)
    assert forum.owner is not None
    news = forum.add_topic("News")
    await harness.say(f"/subscribe {MINT}", forum.owner, news)
    await harness.say(f"/subscribe {OTHER_MINT}", forum.owner, forum)
    menu = await harness.say("/subscriptions", forum.owner, forum)
    assert "MINTY" in menu.text
    assert ["OTHER" in label for label in labels(menu)] == [True]


async def test_coins_of_one_long_name_are_told_apart_on_their_buttons(
    harness: PlatformHarness,
) -> None:
    for mint in (MINT, OTHER_MINT):
        harness.commands.pumpfun.know(mint, "LOUD", "😀" * 300)
    await harness.say(f"/subscribe {MINT} {OTHER_MINT}")
    menu = await harness.say("/subscriptions")
    assert len(set(labels(menu))) == 2
    assert all(label.startswith("$LOUD ") for label in labels(menu))
