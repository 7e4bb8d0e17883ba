"""What a button of a menu means, as `callback_data`; and the rows of buttons. Pure.

The prefix tells them from a button's `Action`. Whatever they need is in them, so that a menu works
after a restart, and whoever makes one up reaches nothing that a command would not allow.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot import texts
from bot.commands import Suggestion
from bot.model import Action, Button, Message, Span, Verb

PREFIX = "m:"
LONGEST = 64
"""Bytes of `callback_data`."""

_MINT = re.compile(r"[1-9A-HJ-NP-Za-km-z]{32,44}")
_TOPICS = {"a": "at-end", "c": "clip-by", "n": "night", "u": "updates", "o": "notices"}
_LETTERS = {topic: letter for letter, topic in _TOPICS.items()}
_NOT_OF_A_COIN = frozenset({"notices"})

Rows = tuple[tuple[Button, ...], ...]


class View(StrEnum):
    """What the menu is to show next."""

    LIST = "l"
    COIN = "c"
    UNSUBSCRIBE = "u"
    SETTINGS = "s"
    TOPIC = "t"
    VALUE = "v"


@dataclass(frozen=True, slots=True)
class MenuCallback:
    """One press. `mint` is empty where it is about the chat or topic itself."""

    view: View
    mint: str = ""
    topic: str = ""
    word: str = ""
    page: int = 0

    def encode(self) -> str:
        """At most 64 bytes."""
        match self.view:
            case View.LIST:
                rest = str(self.page)
            case View.TOPIC:
                rest = f"{_LETTERS[self.topic]}:{self.mint}"
            case View.VALUE:
                rest = f"{_LETTERS[self.topic]}:{self.word}:{self.mint}"
            case _:
                rest = self.mint
        return f"{PREFIX}{self.view}:{rest}"

    @staticmethod
    def decode(text: str) -> MenuCallback | None:
        """What `encode` wrote; None for anything else, which an attacker may send."""
        if len(text.encode()) > LONGEST or not text.startswith(PREFIX):
            return None
        view, *parts = text.removeprefix(PREFIX).split(":")
        if view not in frozenset(View) or len(parts) != _PARTS.get(View(view), 1):
            return None
        return _read(View(view), parts)


_PARTS = {View.TOPIC: 2, View.VALUE: 3}


def _read(view: View, parts: Sequence[str]) -> MenuCallback | None:
    *before, last = parts
    if view is View.LIST:
        is_page = last.isascii() and last.isdecimal() and len(last) < 4
        return MenuCallback(view, page=int(last)) if is_page else None
    needs_mint = view in (View.COIN, View.UNSUBSCRIBE)
    if (last or needs_mint) and not _MINT.fullmatch(last):
        return None
    topic = _TOPICS.get(before[0]) if before else ""
    word = before[1] if len(before) > 1 else ""
    if topic is None or (word and word not in texts.telegram.CHOICES[topic]):
        return None
    return MenuCallback(view, last, topic, word)


def button(label: str, callback: MenuCallback) -> Button:
    """A button of a menu."""
    return Button(label, action=callback.encode())


def of_list(pages: Sequence[Sequence[Suggestion]], page: int) -> Rows:
    """A button for each coin of the page, two in a row, then those to turn it."""
    if not pages:
        return ()
    page = min(page, len(pages) - 1)
    rows = _rows([button(coin.label, MenuCallback(View.COIN, coin.value)) for coin in pages[page]])
    turns = [(texts.telegram.PREVIOUS, page - 1)] if page > 0 else []
    turns += [(texts.telegram.NEXT, page + 1)] if page < len(pages) - 1 else []
    last = tuple(button(label, MenuCallback(View.LIST, page=to)) for label, to in turns)
    return (*rows, last) if last else rows


def of_coin(mint: str, label: str, page: int) -> Message:
    """What can be done with a coin that is followed, and stands on that page of the list."""
    return Message(
        title=label,
        lines=((Span(mint, code=True),),),
        buttons=(
            (
                button(texts.telegram.UNSUBSCRIBE, MenuCallback(View.UNSUBSCRIBE, mint)),
                button(texts.telegram.SETTINGS, MenuCallback(View.SETTINGS, mint)),
            ),
            (
                Button(texts.telegram.TEST, action=Action(Verb.TEST, mint).encode()),
                back(MenuCallback(View.LIST, page=page)),
            ),
        ),
    )


def of_settings(mint: str) -> Rows:
    """The topics; whatever is typed is not among them."""
    topics = [topic for topic in texts.telegram.TOPICS if not mint or topic not in _NOT_OF_A_COIN]
    rows = _rows(
        [button(texts.telegram.TOPICS[t], MenuCallback(View.TOPIC, mint, t)) for t in topics]
    )
    return (*rows, (back(MenuCallback(View.COIN, mint)),)) if mint else rows


def of_topic(mint: str, topic: str) -> Message:
    """What can be chosen."""
    choices = [
        button(label, MenuCallback(View.VALUE, mint, topic, word))
        for word, label in texts.telegram.CHOICES[topic].items()
    ]
    return Message(
        lines=((Span(texts.telegram.choose(topic)),),),
        buttons=(*_rows(choices), (back(MenuCallback(View.SETTINGS, mint)),)),
    )


def back(callback: MenuCallback) -> Button:
    """To where one came from."""
    return button(texts.telegram.BACK, callback)


def _rows(buttons: Sequence[Button], width: int = 2) -> Rows:
    return tuple(tuple(buttons[i : i + width]) for i in range(0, len(buttons), width))
