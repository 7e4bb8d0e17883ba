"""Undo in a chat: the answer changes where it stands, and whoever pressed sees a toast."""

from __future__ import annotations

from tests.fakes.telegram import Message
from tests.platforms.telegram.harness import PlatformHarness, until
from tests.platforms.telegram.requests.test_menus import press
from tests.pumpfun.samples import MINT, OTHER_MINT


def labels(message: Message) -> list[str]:
    return [button.label for button in message.buttons]


async def unsubscribed(harness: PlatformHarness) -> Message:
    await harness.say(f"/subscribe {MINT} {OTHER_MINT}")
    answer = await harness.say("/unsubscribe all")
    assert labels(answer) == ["Undo"]
    return answer


async def test_a_press_adds_no_message(harness: PlatformHarness) -> None:
    answer = await unsubscribed(harness)
    before = len(harness.al.chat.messages)
    pressed = await harness.al.press(answer, label="Undo")
    assert pressed.text == "Following 2 coins again."
    assert (answer.text, labels(answer)) == ("Following 2 coins again.", [])
    assert len(harness.al.chat.messages) == before
    assert len(await harness.mints(harness.al.chat)) == 2


async def test_after_half_a_minute_the_button_goes(harness: PlatformHarness) -> None:
    answer = await unsubscribed(harness)
    text = answer.text
    await harness.commands.clock.advance(31)
    await until(lambda: not labels(answer))
    assert answer.text == text
    assert await harness.mints(harness.al.chat) == []


async def test_an_answer_that_somebody_has_deleted_stays_deleted(harness: PlatformHarness) -> None:
    answer = await unsubscribed(harness)
    answer.deleted = True
    before = len(harness.al.chat.messages)
    edits = len(harness.telegram.made("editMessageText"))
    await harness.commands.clock.advance(31)
    await until(lambda: len(harness.telegram.made("editMessageText")) > edits)
    await harness.idle()
    assert len(harness.al.chat.messages) == before


async def test_after_a_restart_the_press_is_answered_in_a_sentence(
    harness: PlatformHarness,
) -> None:
    answer = await unsubscribed(harness)
    await harness.stop()
    await harness.commands.service.stop()
    harness.commands.service = harness.commands.fresh()
    harness.restart()
    await harness.platform.login()
    harness.start()
    pressed = await harness.al.press(answer, label="Undo")
    assert pressed.text == "Following 2 coins again."
    again = await harness.al.press(answer, label="Undo")
    assert again.text == "Already restored."
    assert len(await harness.mints(harness.al.chat)) == 2


async def test_a_menu_offers_it_too_and_has_moved_on_when_the_time_is_over(
    harness: PlatformHarness,
) -> None:
    await harness.say(f"/subscribe {MINT} {OTHER_MINT}")
    menu = await harness.say("/subscriptions")
    coin = next(label for label in labels(menu) if "MINTY" in label.upper())
    for label in (coin, "Unsubscribe"):
        await press(harness, harness.al, menu, label)
    assert labels(menu) == ["Undo", "« Back"]
    pressed = await harness.al.press(menu, label="Undo")
    assert pressed.text == menu.text == "Following Minty coin ($MINTY) again."
    assert labels(menu) == ["« Back"]
    for label in ("« Back", coin, "Unsubscribe", "« Back"):
        await press(harness, harness.al, menu, label)
    listed = menu.text
    await harness.commands.clock.advance(31)
    await harness.idle()
    assert menu.text == listed
