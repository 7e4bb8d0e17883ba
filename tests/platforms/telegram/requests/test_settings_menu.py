"""`/settings` as a menu: one message that changes with each press, wherever settings are shown."""

from __future__ import annotations

from bot.model import Preference
from bot.platforms.telegram.addresses import chat_address
from tests.fakes.telegram import Chat, Message
from tests.platforms.telegram.harness import PlatformHarness, owner
from tests.platforms.telegram.requests.test_menus import labels, press
from tests.pumpfun.samples import MINT


async def chosen(
    harness: PlatformHarness, chat: Chat, mint: str | None = None
) -> dict[Preference, str]:
    targets = await harness.targets(chat)
    here = next(one for one in targets if one.address.channel == chat_address(chat.id).channel)
    async with harness.commands.store.read() as unit:
        found = await unit.preferences.of(here.id, mint)
    return {preference: choice.value for preference, choice in found.items()}


def rows(menu: Message) -> list[list[str]]:
    return [[button.label for button in row] for row in menu.content.keyboard]


async def test_a_setting_is_chosen_by_buttons(harness: PlatformHarness) -> None:
    menu = await harness.say("/settings")
    await press(harness, harness.al, menu, "When it ends")
    assert rows(menu) == [
        ["Edit the alert", "Delete it"],
        ["Leave it", "✓ Default: Edit the alert"],
        ["« Back"],
    ]
    await press(harness, harness.al, menu, "Delete it")
    assert "✓ Delete it" in labels(menu)
    assert menu.text.splitlines()[1] == "When it ends: delete – the alert is removed (here)"
    assert "night:" not in menu.text
    assert (await chosen(harness, harness.al.chat))[Preference.AT_END] == "delete"
    await press(harness, harness.al, menu, "« Back")
    assert "Quiet hours: off" in menu.text
    await press(harness, harness.al, menu, "Quiet hours")
    await press(harness, harness.al, menu, "22:00–08:00")
    assert (await chosen(harness, harness.al.chat))[Preference.NIGHT] == "22:00-08:00"
    assert len(harness.al.chat.messages) == 1


async def test_the_hours_stand_apart_from_what_happens_in_them(harness: PlatformHarness) -> None:
    menu = await harness.say("/settings")
    assert rows(menu) == [
        ["When it ends", "Keep up to date"],
        ["Picture"],
        ["Quiet hours", "Time zone"],
        ["At night"],
        ["Who can clip", "Notices"],
        ["Instant replay"],
    ]
    await press(harness, harness.al, menu, "At night")
    assert labels(menu) == [
        "Silent",
        "Skip at night",
        "Digest in the morning",
        "✓ Default: Silent",
        "« Back",
    ]


async def test_who_manages_is_called_as_telegram_does(harness: PlatformHarness) -> None:
    await harness.say("/settings clip-by managers")
    menu = await harness.say("/settings")
    await press(harness, harness.al, menu, "Who can clip")
    assert "✓ Admins" in labels(menu)


async def test_a_coin_has_its_menu_wherever_its_settings_are_shown(
    harness: PlatformHarness,
) -> None:
    answer = await harness.say(f"/subscribe {MINT}")
    pressed = await harness.al.press(answer, label="Settings")
    await harness.telegram.until(lambda: pressed.posts)
    typed = await harness.say("/settings minty")
    listed = await harness.say("/subscriptions")
    await press(harness, harness.al, listed, labels(listed)[0])
    await press(harness, harness.al, listed, "Settings")
    for menu in (pressed.posts[0], typed, listed):
        assert menu.text.startswith("Settings for Minty coin ($MINTY)")
        assert labels(menu)[:2] == ["When it ends", "Keep up to date"]
        assert labels(menu)[-1] == "« Back"
    await press(harness, harness.al, typed, "Keep up to date")
    await press(harness, harness.al, typed, "Yes")
    assert Preference.UPDATES not in await chosen(harness, harness.al.chat)
    assert (await chosen(harness, harness.al.chat, MINT))[Preference.UPDATES] == "yes"
    await press(harness, harness.al, typed, "« Back")
    await press(harness, harness.al, typed, "« Back")
    assert "Preview alert" in labels(typed)


async def test_a_forum_chooses_for_a_topic_or_for_all_of_it(harness: PlatformHarness) -> None:
    forum = harness.telegram.add_supergroup("Forum", forum=True)
    who = owner(forum)
    topic = forum.add_topic("News")
    menu = await harness.say("/settings", who, topic)
    await press(harness, who, menu, "Whole chat")
    assert menu.text.startswith("Settings: whole chat")
    await press(harness, who, menu, "When it ends")
    await press(harness, who, menu, "Leave it")
    await press(harness, who, menu, "« Back")
    await press(harness, who, menu, "Here")
    assert "When it ends: leave – the alert stays as it is (whole chat)" in menu.text
    await press(harness, who, menu, "When it ends")
    assert "✓ Whole chat: Leave it" in labels(menu)


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
    assert "✓ Delete it" in labels(anew)


async def test_all_choices_are_reset_and_restored(harness: PlatformHarness) -> None:
    await harness.say("/settings at-end delete")
    menu = await harness.say("/settings")
    await press(harness, harness.al, menu, "Reset all")
    assert "Settings reset." in menu.text
    assert await chosen(harness, harness.al.chat) == {}
    await press(harness, harness.al, menu, "Undo")
    assert "Settings restored." in menu.text
    assert await chosen(harness, harness.al.chat) == {Preference.AT_END: "delete"}


async def test_who_may_not_manage_can_change_nothing(harness: PlatformHarness) -> None:
    group = harness.telegram.add_supergroup("Coins")
    menu = await harness.say("/settings", owner(group), group)
    somebody = harness.telegram.add_user("Somebody")
    group.add_member(somebody)
    pressed = await somebody.press(menu, label="When it ends")
    assert pressed.alert
    assert "Only admins of this group can use /settings" in pressed.text
    assert not pressed.changed
    answer = await harness.say("/settings", somebody, group)
    assert "Only admins" in answer.text
    assert labels(answer) == []


async def test_what_was_typed_is_answered_without_a_menu(harness: PlatformHarness) -> None:
    answer = await harness.say("/settings at-end delete")
    assert "Changed" in answer.text
    assert labels(answer) == []
