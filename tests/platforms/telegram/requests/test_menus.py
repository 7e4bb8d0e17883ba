"""`/subscriptions` and `/settings` as menus, pressed by people."""

from __future__ import annotations

import pytest
from base58 import b58encode

from bot.model import Address, Preference, Tone
from tests.commands.harness import CommandHarness
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


async def chosen(
    harness: PlatformHarness, chat: Chat, mint: str | None = None
) -> dict[Preference, str]:
    (target,) = await harness.targets(chat)
    async with harness.commands.store.read() as unit:
        found = await unit.preferences.of(target.id, mint)
    return {preference: choice.value for preference, choice in found.items()}


async def test_one_message_goes_from_the_list_to_a_coin_and_back(harness: PlatformHarness) -> None:
    await harness.say(f"/subscribe {MINT} {OTHER_MINT}")
    menu = await harness.say("/subscriptions")
    assert "Following 2 coins" in menu.text
    coin = next(label for label in labels(menu) if "MINTY" in label.upper())
    await press(harness, harness.al, menu, coin)
    assert MINT in menu.text
    await press(harness, harness.al, menu, "Unsubscribe")
    assert "Unfollowed Minty coin ($MINTY)" in menu.text
    await press(harness, harness.al, menu, "« Back")
    assert "Following 1 coin" in menu.text
    assert [mint for _, mint in await harness.mints(harness.al.chat)] == [OTHER_MINT]
    assert len(harness.al.chat.messages) == 2


async def test_a_setting_is_chosen_by_buttons(harness: PlatformHarness) -> None:
    menu = await harness.say("/settings")
    await press(harness, harness.al, menu, "When it ends")
    await press(harness, harness.al, menu, "Delete it")
    assert "Changed" in menu.text
    assert (await chosen(harness, harness.al.chat))[Preference.AT_END] == "delete"
    await press(harness, harness.al, menu, "« Back")
    assert "delete – the alert is removed" in menu.text
    await press(harness, harness.al, menu, "Night")
    await press(harness, harness.al, menu, "22:00–08:00")
    assert (await chosen(harness, harness.al.chat))[Preference.NIGHT] == "22:00-08:00"


async def test_a_setting_may_be_for_a_coin_alone(harness: PlatformHarness) -> None:
    await harness.say(f"/subscribe {MINT}")
    menu = await harness.say("/subscriptions")
    await press(harness, harness.al, menu, labels(menu)[0])
    await press(harness, harness.al, menu, "Settings")
    await press(harness, harness.al, menu, "Keep up to date")
    await press(harness, harness.al, menu, "Yes")
    assert Preference.UPDATES not in await chosen(harness, harness.al.chat)
    assert (await chosen(harness, harness.al.chat, MINT))[Preference.UPDATES] == "yes"


async def test_every_choice_of_every_preference_is_a_setting(commands: CommandHarness) -> None:
    for spec in [name.spec for name in Preference if name.spec.menu is not None]:
        for word in spec.offered:
            assert (await commands.say(f"/settings {spec.word} {word}")).last.tone is Tone.GOOD


async def test_a_menu_works_after_a_restart(harness: PlatformHarness) -> None:
    menu = await harness.say("/settings")
    await harness.stop()
    harness.restart()
    await harness.platform.login()
    harness.start()
    await press(harness, harness.al, menu, "When it ends")
    assert "Delete it" in labels(menu)


async def test_a_menu_that_somebody_deleted_is_shown_anew(harness: PlatformHarness) -> None:
    menu = await harness.say("/settings")
    await press(harness, harness.al, menu, "When it ends")
    menu.deleted = True
    pressed = await harness.al.press(menu, label="Delete it")
    await harness.telegram.until(lambda: pressed.posts)
    (anew,) = pressed.posts
    assert "Changed" in anew.text
    assert labels(anew) == ["« Back"]


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


async def test_settings_with_words_have_no_menu(harness: PlatformHarness) -> None:
    answer = await harness.say("/settings at-end delete")
    assert "Changed" in answer.text
    assert answer.buttons == []


async def test_a_refusal_has_no_menu(harness: PlatformHarness) -> None:
    group = harness.telegram.add_supergroup("Coins")
    somebody = harness.telegram.add_user("Somebody")
    group.add_member(somebody)
    answer = await harness.say("/settings", somebody, group)
    assert "Only admins of this group" in answer.text
    assert answer.buttons == []


async def follow(harness: PlatformHarness, chat: Chat, count: int) -> None:
    """So many coins, without asking anybody."""
    address = Address("telegram", str(chat.id), str(chat.id))
    for number in range(count):
        mint = b58encode(bytes([9, *[number] * 31])).decode()
        harness.commands.pumpfun.know(mint, f"C{number}")
        await harness.commands.follow(mint, address)


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
            await press(harness, harness.al, menu, "»")
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
    await press(harness, somebody, menu, "»")
    assert "Page 2 of 2" in menu.text
    pressed = await somebody.press(menu, label=labels(menu)[0])
    assert "Only admins of this group" in pressed.text
    assert not pressed.changed


async def test_a_page_may_be_typed(harness: PlatformHarness) -> None:
    await follow(harness, harness.al.chat, 25)
    menu = await harness.say("/subscriptions 2")
    assert "Page 2 of 2" in menu.text
    assert labels(menu)[-1] == "«"
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
