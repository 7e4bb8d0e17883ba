"""From a message to what Telegram is sent: text and an inline keyboard. Pure.

Files are added by `posting`. A role is nobody on Telegram, and is mentioned nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup

from bot.kit.text import width
from bot.model import Button, Line, Message, MessageKind, Span
from bot.platforms.telegram.messages import markup
from bot.platforms.telegram.messages.markup import Text
from bot.platforms.telegram.messages.panels import rows_of, told

MOST_TEXT = 4096
MOST_CAPTION = 1024
"""Characters that a message, or what stands under a file, may have: those that remain after the
tags are read, in UTF-16 units."""

_NOTHING = "…"
_TITLE = 256
_UNFOLDED = 8
"""Lines of an alert. A digest that has more shows the first ones, and all at a tap."""

_LABEL = 64
_COPIED = 256
_DATA = 64
_COLUMNS = 8
_MOST_BUTTONS = 100


@dataclass(frozen=True, slots=True)
class Rendered:
    """A keyboard of None takes away the one that a changed message has."""

    text: Text
    keyboard: InlineKeyboardMarkup | None


def rendered(message: Message, most: int) -> Rendered:
    """All that is to be read, in at most `most` characters, and the buttons under it."""
    return Rendered(_text(message, most), _keyboard(rows_of(message)))


def _text(message: Message, most: int) -> Text:
    title = markup.cut(" ".join(message.title.split()), _TITLE)
    head: tuple[Line, ...] = ((Span(title, bold=True, url=message.link),),) if title else ()
    if message.kind is MessageKind.ALERT and len(message.lines) > _UNFOLDED:
        above = markup.lines(head, most)
        rest = markup.lines(message.lines, most - width(above.plain) - 1)
        return markup.join([*([above] if above else []), markup.folded(rest)])
    return markup.lines((*head, *told(message)), most) or Text(_NOTHING, _NOTHING)


def _keyboard(rows: Iterable[Iterable[Button]]) -> InlineKeyboardMarkup | None:
    shown: list[list[InlineKeyboardButton]] = []
    left = _MOST_BUTTONS
    for row in rows:
        buttons = list(_buttons(row))[:left]
        left -= len(buttons)
        shown += [buttons[at : at + _COLUMNS] for at in range(0, len(buttons), _COLUMNS)]
    return InlineKeyboardMarkup(shown) if shown else None


def _buttons(row: Iterable[Button]) -> Iterator[InlineKeyboardButton]:
    """Those that Telegram takes."""
    for button in row:
        label = markup.cut(button.label.strip(), _LABEL) or _NOTHING
        url = markup.web(button.url)
        if url is not None:
            yield InlineKeyboardButton(label, url=url)
        elif button.copy and width(button.copy) <= _COPIED:
            yield InlineKeyboardButton(label, copy_text=CopyTextButton(button.copy))
        elif button.action and len(button.action.encode()) <= _DATA:
            yield InlineKeyboardButton(label, callback_data=button.action)
