"""What a menu's button means, as `callback_data`; and the menus' rows of buttons. Pure.

The prefix tells them from a button's `Action`. Whatever they need is in them, so that a menu works
after a restart, and whoever forges one reaches nothing that a command would not allow.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot import texts
from bot.commands import Suggestion
from bot.model import Action, Button, Message, Preference, Scope, Span, Verb

PREFIX = "m:"
LONGEST = 64
"""Bytes of `callback_data`."""

_MINT = re.compile(r"[1-9A-HJ-NP-Za-km-z]{32,44}")
_ENTRIES = {name: name.spec.menu for name in Preference if name.spec.menu is not None}
_BY_KEY = {entry.key: name for name, entry in _ENTRIES.items()}

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
    """One press. `mint` is empty where it is about the chat or topic itself; `preference` is what
    is chosen, and `word` its value."""

    view: View
    mint: str = ""
    preference: Preference | None = None
    word: str = ""
    page: int = 0

    def encode(self) -> str:
        """At most 64 bytes."""
        key = _ENTRIES[self.preference].key if self.preference is not None else ""
        match self.view:
            case View.LIST:
                rest = str(self.page)
            case View.TOPIC:
                rest = f"{key}:{self.mint}"
            case View.VALUE:
                rest = f"{key}:{self.word}:{self.mint}"
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
        return _parse(View(view), parts)


_PARTS = {View.TOPIC: 2, View.VALUE: 3}


def _parse(view: View, parts: Sequence[str]) -> MenuCallback | None:
    *before, last = parts
    if view is View.LIST:
        is_page = last.isascii() and last.isdecimal() and len(last) < 4
        return MenuCallback(view, page=int(last)) if is_page else None
    needs_mint = view in (View.COIN, View.UNSUBSCRIBE)
    if (last or needs_mint) and not _MINT.fullmatch(last):
        return None
    if not before:
        return MenuCallback(view, last)
    preference = _BY_KEY.get(before[0])
    word = before[1] if len(before) > 1 else ""
    if preference is None or (word and word not in preference.spec.offered):
        return None
    return MenuCallback(view, last, preference, word)


def button(label: str, callback: MenuCallback) -> Button:
    """A button of a menu."""
    return Button(label, action=callback.encode())


def list_rows(pages: Sequence[Sequence[Suggestion]], page: int) -> Rows:
    """A button for each coin of the page, two in a row, then those to the pages beside it."""
    if not pages:
        return ()
    page = min(page, len(pages) - 1)
    rows = _rows([button(coin.label, MenuCallback(View.COIN, coin.value)) for coin in pages[page]])
    beside = [(texts.telegram.PREVIOUS, page - 1)] if page > 0 else []
    beside += [(texts.telegram.NEXT, page + 1)] if page < len(pages) - 1 else []
    last = tuple(button(label, MenuCallback(View.LIST, page=to)) for label, to in beside)
    return (*rows, last) if last else rows


def coin_menu(mint: str, label: str, page: int) -> Message:
    """What can be done with a coin that is followed; `page` is the one of the list it is on."""
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
                back_button(MenuCallback(View.LIST, page=page)),
            ),
        ),
    )


def settings_rows(mint: str) -> Rows:
    """The preferences that have choices; those that are typed are not among them."""
    names = [
        name
        for name in sorted(_ENTRIES, key=lambda name: _ENTRIES[name].place)
        if not mint or Scope.SUBSCRIPTION in name.spec.scopes
    ]
    words = texts.preferences.WORDS
    rows = _rows([button(words[n].menu, MenuCallback(View.TOPIC, mint, n)) for n in names])
    return (*rows, (back_button(MenuCallback(View.COIN, mint)),)) if mint else rows


def preference_menu(mint: str, name: Preference) -> Message:
    """The choices of a preference."""
    labels = texts.preferences.WORDS[name].menu_choices
    choices = [
        button(labels[word], MenuCallback(View.VALUE, mint, name, word))
        for word in name.spec.offered
    ]
    return Message(
        lines=((Span(texts.telegram.choose(name)),),),
        buttons=(*_rows(choices), (back_button(MenuCallback(View.SETTINGS, mint)),)),
    )


def back_button(callback: MenuCallback) -> Button:
    """To the menu before."""
    return button(texts.telegram.BACK, callback)


def _rows(buttons: Sequence[Button], width: int = 2) -> Rows:
    return tuple(tuple(buttons[i : i + width]) for i in range(0, len(buttons), width))
