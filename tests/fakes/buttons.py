"""The buttons of a message, as one sees them: in a row."""

from __future__ import annotations

from bot.model import Button, Message


def buttons(message: Message) -> list[Button]:
    return [button for row in message.buttons for button in row]


def labels(message: Message) -> list[str]:
    return [button.label for button in buttons(message)]


def actions(message: Message) -> list[str]:
    return [button.action for button in buttons(message)]
