"""What a menu's button means, as `callback_data`; and the menus' rows of buttons. Pure.

The prefix tells them from a button's `Action`. Whatever they need is in them, so that a menu works
after a restart, and whoever forges one reaches nothing that a command would not allow.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot import texts
from bot.commands import Level, PanelPress, Suggestion
from bot.model import Action, Button, Message, Preference, Span, Verb

PREFIX = "m:"
LONGEST = 64
"""Bytes of `callback_data`."""

_MINT = re.compile(r"[1-9A-HJ-NP-Za-km-z]{32,44}")
_BY_KEY = {name.spec.control.key: name for name in Preference}

Rows = tuple[tuple[Button, ...], ...]


class View(StrEnum):
    """What the menu is to show next."""

    LIST = "l"
    COIN = "c"
    UNSUBSCRIBE = "u"


@dataclass(frozen=True, slots=True)
class MenuCallback:
    """One press. `mint` is empty in the list, of which `page` is shown."""

    view: View
    mint: str = ""
    page: int = 0

    def encode(self) -> str:
        """At most 64 bytes."""
        rest = str(self.page) if self.view is View.LIST else self.mint
        return f"{PREFIX}{self.view}:{rest}"

    @staticmethod
    def decode(text: str) -> MenuCallback | None:
        """What `encode` wrote; None for anything else, which an attacker may send."""
        view, colon, rest = text.removeprefix(PREFIX).partition(":")
        if len(text.encode()) > LONGEST or not text.startswith(PREFIX) or not colon:
            return None
        if view == View.LIST:
            is_page = rest.isascii() and rest.isdecimal() and len(rest) < 4
            return MenuCallback(View.LIST, page=int(rest)) if is_page else None
        if view not in frozenset(View) or not _MINT.fullmatch(rest):
            return None
        return MenuCallback(View(view), rest)


def panel_action(text: str) -> str | None:
    """The action that a press in the settings means; None where it is none. The menus of old
    messages called it `m:s:<mint>`, `m:t:<key>:<mint>` and `m:v:<key>:<word>:<mint>`."""
    action = Action.decode(text)
    if action is not None:
        return text if action.verb in (Verb.PANEL, Verb.CHOOSE) else None
    match text.split(":"):
        case ["m", "s", mint]:
            return _of_old(mint)
        case ["m", "t", key, mint] if key in _BY_KEY:
            return _of_old(mint, _BY_KEY[key])
        case ["m", "v", key, word, mint] if key in _BY_KEY:
            return _of_old(mint, _BY_KEY[key], word)
    return None


def is_turning(text: str) -> bool:
    """Whether it turns the page of a list that is no menu."""
    action = Action.decode(text)
    return action is not None and action.verb is Verb.PAGE


def _of_old(mint: str, name: Preference | None = None, word: str | None = None) -> str | None:
    if mint and not _MINT.fullmatch(mint):
        return None
    try:
        return PanelPress(Level(mint), name, word).action
    except ValueError:
        return None


def button(label: str, callback: MenuCallback) -> Button:
    """A button of a menu."""
    return Button(label, action=callback.encode())


def list_rows(pages: Sequence[Sequence[Suggestion]], page: int) -> Rows:
    """A button for each coin of the page, two in a row, then those to the pages beside it."""
    if not pages:
        return ()
    page = min(page, len(pages) - 1)
    rows = _rows([button(coin.label, MenuCallback(View.COIN, coin.value)) for coin in pages[page]])
    beside = [(texts.common.PREVIOUS_PAGE, page - 1)] if page > 0 else []
    beside += [(texts.common.NEXT_PAGE, page + 1)] if page < len(pages) - 1 else []
    last = tuple(button(label, MenuCallback(View.LIST, page=to)) for label, to in beside)
    return (*rows, last) if last else rows


def coin_menu(mint: str, label: str, page: int) -> Message:
    """What can be done with a coin that is followed; `page` is the one of the list it is on."""
    return Message(
        title=label,
        lines=((Span(mint, code=True),),),
        buttons=(
            (Button(texts.commands.OFFER_LIVE, action=Action(Verb.LIVE, mint).encode()),),
            (
                button(texts.telegram.UNSUBSCRIBE, MenuCallback(View.UNSUBSCRIBE, mint)),
                Button(texts.telegram.SETTINGS, action=PanelPress(Level(mint)).action),
            ),
            (
                Button(texts.telegram.TEST, action=Action(Verb.TEST, mint).encode()),
                back_button(MenuCallback(View.LIST, page=page)),
            ),
        ),
    )


def coin_of_panel(message: Message) -> str:
    """The mint whose settings are listed there; empty where they are not a coin's, or one of them
    is being chosen."""
    if not message.selects or any(select.is_open for select in message.selects):
        return ""
    action = Action.decode(message.selects[0].closes)
    pressed = PanelPress.read(action.argument) if action is not None else None
    return pressed.level.mint if pressed is not None else ""


def without_choices(message: Message) -> Message:
    """The list without its own ways to a coin and to a page: the menu has a button for each."""
    rows = (tuple(one for one in row if not _is_own(one)) for row in message.buttons)
    return replace(message, buttons=tuple(row for row in rows if row), selects=())


def _is_own(pressed: Button) -> bool:
    action = Action.decode(pressed.action)
    return action is not None and action.verb in (Verb.LIVE, Verb.PAGE)


def back_button(callback: MenuCallback) -> Button:
    """To the menu before."""
    return button(texts.telegram.BACK, callback)


def _rows(buttons: Sequence[Button], width: int = 2) -> Rows:
    return tuple(tuple(buttons[i : i + width]) for i in range(0, len(buttons), width))
