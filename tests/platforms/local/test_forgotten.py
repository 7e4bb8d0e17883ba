"""What the page is told of messages, clips and alerts that are no longer kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.model import Action, Button, Message, Verb
from tests.commands.harness import CommandHarness, open_commands
from tests.fakes.retention import forget
from tests.platforms.local.conftest import Service
from tests.platforms.local.visitor import Visitor

VERBS = (Verb.CANCEL_CLIP, Verb.DELETE_CLIP, Verb.CLIP_AGAIN)
BUTTONS = {verb: Button(verb, action=Action(verb, "7").encode()) for verb in VERBS}
OLD = Message(title="A clip", buttons=(tuple(BUTTONS.values()),))


@pytest.fixture
async def commands(tmp_path: Path) -> AsyncIterator[CommandHarness]:
    async with open_commands(tmp_path) as opened:
        yield opened


@pytest.fixture
async def service(commands: CommandHarness, tmp_path: Path) -> Service:
    """The page with real commands behind it."""
    real: Any = commands.service
    return Service(tmp_path, commands.store, commands.clock, commands=real)


async def test_a_button_of_a_clip_that_is_forgotten_gets_a_sentence(
    service: Service, visitor: Visitor
) -> None:
    message = await service.local.sender.send(await service.target(), OLD, nonce="1")
    for button in BUTTONS.values():
        press = {"message": message, "button": button.action}
        answer = await visitor.post("/api/buttons", press, 409)
        assert "no longer kept here" in answer["error"]


async def test_a_message_that_is_forgotten_is_neither_pressed_nor_answered(
    service: Service, visitor: Visitor, commands: CommandHarness
) -> None:
    message = await service.local.sender.send(await service.target(), OLD, nonce="1")
    await commands.clock.advance(86_400)
    removed = await forget(commands.store, commands.clock.now() - timedelta(hours=1))
    assert removed["page_messages"] == removed["page_events"] == 1
    press = {"message": message, "button": BUTTONS[Verb.DELETE_CLIP].action}
    for path, body in (
        ("/api/buttons", press),
        ("/api/messages", {"text": "/clip", "reply_to": message}),
    ):
        answer = await visitor.post(path, body, status=404)
        assert answer["error"].endswith(".")
    async with visitor.events(last=0) as events:
        assert (await events.next()).name == "reset"
