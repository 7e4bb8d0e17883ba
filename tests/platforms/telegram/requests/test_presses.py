"""What a press of a button is answered with, and clips by buttons."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Any

import pytest

from bot.kit.notifier import job_topic
from bot.model import (
    Action,
    Button,
    JobState,
    Message,
    MessageKind,
    Phase,
    Span,
    Tone,
    Verb,
    is_toast,
    plain,
)
from tests.commands.harness import CommandHarness
from tests.commands.progress.clip_work import ClipWork
from tests.fakes.telegram import Reset, RetryAfter, ServerError, When
from tests.platforms.telegram.harness import FastClock, PlatformHarness, open_harness
from tests.pumpfun.samples import MINT


async def pass_until(harness: PlatformHarness, holds: Callable[[], object]) -> None:
    """Let the time of the commands go on, beside that of the platform."""
    for _ in range(500):
        if holds():
            return
        await harness.commands.clock.advance(1)
        await asyncio.sleep(0.004)
    raise AssertionError("it did not come to be")


def test_only_a_few_plain_words_are_a_toast() -> None:
    assert is_toast(plain("Deleted."))
    assert is_toast(plain("No. " * 100, tone=Tone.BAD))
    for kept in (
        plain("x" * 201),
        Message(title="A card", lines=((Span("more"),),)),
        Message(lines=((Span("copy me", code=True),),)),
        Message(lines=((Span("go on"),),), buttons=((Button("Go", action="live:x"),),)),
        Message(kind=MessageKind.PROGRESS, lines=((Span("failed"),),), tone=Tone.BAD),
    ):
        assert not is_toast(kept)


async def test_a_press_is_answered_even_where_the_command_takes_long(
    commands: CommandHarness,
) -> None:
    async with open_harness(commands, clock=FastClock(patience=math.inf)) as harness:
        await check_slow_press(harness)


async def check_slow_press(harness: PlatformHarness) -> None:
    card = await harness.say(f"/live {MINT}")
    go_on = asyncio.Event()

    async def press(request: Any, action: str) -> None:
        await go_on.wait()
        await request.reply.show(plain("Too late for an alert.", tone=Tone.BAD))

    harness.commands.service.press = press  # type: ignore[method-assign]
    pressed = await harness.al.press(card, label="Subscribe here")
    assert (pressed.text, pressed.changed) == ("", False)
    go_on.set()
    await harness.telegram.until(lambda: pressed.posts)
    assert pressed.posts[0].text == "Too late for an alert."


@pytest.mark.parametrize(
    "failure",
    [RetryAfter(1), ServerError(400), ServerError(502), Reset(When.BEFORE), Reset(When.AFTER)],
)
async def test_an_answer_to_a_press_that_was_lost_is_sent_again(
    harness: PlatformHarness, failure: RetryAfter | ServerError | Reset
) -> None:
    group = harness.telegram.add_supergroup("Coins")
    card = await harness.say(f"/live {MINT}", harness.al, group)
    harness.telegram.faults.add("answerCallbackQuery", failure, times=1)
    pressed = await harness.al.press(card, label="Subscribe here")
    await harness.idle()
    assert "Only admins of this group" in pressed.text
    assert not pressed.posts, "it was said to who pressed, and to nobody else"


async def test_refusals_of_presses_from_an_outage_are_posted_nowhere(
    harness: PlatformHarness,
) -> None:
    """Telegram no longer takes an answer; the chat would get all of them at once."""
    group = harness.telegram.add_supergroup("Coins")
    card = await harness.say(f"/live {MINT}", harness.al, group)
    harness.telegram.callback_lives = -1.0
    with pytest.raises(TimeoutError):
        await harness.al.press(card, label="Subscribe here", within=0.1)
    await harness.idle()
    assert group.messages == [card]


async def test_a_defect_in_a_press_is_told_to_who_pressed(harness: PlatformHarness) -> None:
    card = await harness.say(f"/live {MINT}")

    async def press(request: Any, action: str) -> None:
        raise ZeroDivisionError

    harness.commands.service.press = press  # type: ignore[method-assign]
    pressed = await harness.al.press(card, label="Subscribe here")
    assert pressed.alert
    assert "Something went wrong" in pressed.text
    assert not pressed.changed


async def test_a_long_refusal_fits_into_the_alert(harness: PlatformHarness) -> None:
    card = await harness.say(f"/live {MINT}")

    async def press(request: Any, action: str) -> None:
        await request.reply.show(plain("\N{OCTOPUS} word " * 100, tone=Tone.BAD))

    harness.commands.service.press = press  # type: ignore[method-assign]
    pressed = await harness.al.press(card, label="Subscribe here")
    assert pressed.alert
    assert pressed.text.endswith("…")
    assert len(pressed.text.encode("utf-16-le")) // 2 <= 200


@pytest.mark.parametrize("verb", [Verb.CANCEL_CLIP, Verb.DELETE_CLIP, Verb.CLIP_AGAIN])
async def test_a_button_of_a_clip_that_is_forgotten_gets_a_sentence(
    harness: PlatformHarness, verb: Verb
) -> None:
    await harness.say(f"/subscribe {MINT}")
    (target,) = await harness.targets(harness.al.chat)
    button = Button("Old", action=Action(verb, "7").encode())
    await harness.platform.sender.send(
        target, Message(title="A clip", buttons=((button,),)), nonce="old"
    )
    pressed = await harness.al.press(harness.al.chat.messages[-1], label="Old")
    assert "no longer kept here" in pressed.text
    assert not pressed.changed


async def test_a_clip_of_six_seconds_takes_one_edit_of_its_card_and_then_that_goes(
    harness: PlatformHarness,
) -> None:
    commands, chat = harness.commands, harness.al.chat
    await harness.say(f"/subscribe {MINT}")
    await commands.go_live(MINT)
    asked = await harness.al.say(chat, "/clip 6s")
    await harness.telegram.until(lambda: len(chat.messages) == 2)
    progress = chat.messages[-1]
    assert progress.reply_to is asked
    assert progress.text == "$MINTY · Recording the next 6 s · ready in about 16 s"
    await harness.telegram.until(lambda: (chat.id, "upload_video") in harness.telegram.actions)
    work = ClipWork(commands)
    await work.claim()
    await work.reach(Phase.RECORDING)
    await harness.telegram.until(lambda: progress.edits)  # no time passes for the commands
    assert progress.text.startswith("$MINTY · Recording 0 of 6 s · ready about 12:00:")
    for second in range(1, 7):
        await commands.clock.advance(1)
        await work.reach(Phase.RECORDING, second)
    await work.end(JobState.DONE, is_owed=True)
    await commands.show_all("clip", "telegram")
    commands.notifier.notify(job_topic(1))
    await pass_until(harness, lambda: progress.deleted)
    assert len(progress.edits) == 1
    assert len(chat.messages) == 2


async def test_a_clip_is_cancelled_with_a_toast_and_only_by_whoever_may(
    harness: PlatformHarness,
) -> None:
    group = harness.telegram.add_supergroup("Coins")
    assert group.owner is not None
    somebody = harness.telegram.add_user("Somebody")
    group.add_member(somebody)
    await harness.say(f"/subscribe {MINT}", group.owner, group)
    await harness.commands.go_live(MINT)
    progress = await harness.say("/clip 30s", group.owner, group)
    pressed = await somebody.press(progress, label="Cancel")
    assert pressed.alert
    assert (await harness.commands.job()).cancel_requested is False
    pressed = await group.owner.press(progress, label="Cancel")
    assert pressed.text
    assert not pressed.alert
    assert pressed.posts == []
    harness.commands.notifier.notify(job_topic(1))
    await pass_until(harness, lambda: "Clip cancelled." in progress.text)
    assert [button.label for button in progress.buttons] == ["Try again"]
