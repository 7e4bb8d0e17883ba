"""Inline keyboards: what Telegram takes as one, and the buttons that a test presses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.telegram.api.refusals import bad

Json = dict[str, Any]

MOST_BUTTONS = 100
_LOOKS = {"text", "icon_custom_emoji_id", "style"}
_STYLES = {None, "danger", "success", "primary"}


@dataclass(frozen=True, slots=True)
class Button:
    """`does` holds the one thing that it does, under Telegram's name for it; `style` is its colour:
    danger, success or primary."""

    label: str
    does: Json
    style: str = ""

    @property
    def data(self) -> str | None:
        """What the bot is told when it is pressed."""
        return self.does.get("callback_data")

    @property
    def url(self) -> str | None:
        """What it opens."""
        return self.does.get("url")

    @property
    def copies(self) -> str | None:
        """What it puts into the clipboard."""
        copied = self.does.get("copy_text")
        return None if copied is None else str(copied["text"])

    def as_json(self) -> Json:
        """As Telegram gives it back."""
        return {"text": self.label} | ({"style": self.style} if self.style else {}) | self.does


Keyboard = tuple[tuple[Button, ...], ...]


def read_keyboard(markup: Json | None) -> Keyboard:
    """The rows of an inline keyboard; none where the markup is of another sort. Raises `Refused`
    with Telegram's sentence. Empty rows are left out, as Telegram does."""
    if markup is None or "inline_keyboard" not in markup:
        return ()
    rows = tuple(tuple(_button(one) for one in row) for row in markup["inline_keyboard"] if row)
    if sum(len(row) for row in rows) > MOST_BUTTONS:
        raise bad("reply markup is too long")
    return rows


def as_markup(keyboard: Keyboard) -> Json:
    """As Telegram gives it back."""
    return {"inline_keyboard": [[button.as_json() for button in row] for row in keyboard]}


def _button(raw: Json) -> Button:
    label = raw["text"].strip()
    does = {name: value for name, value in raw.items() if name not in _LOOKS}
    if not label:
        raise bad("can't parse inline keyboard button: button text must be non-empty")
    if not does:
        raise bad("Text buttons are unallowed in the inline keyboard")
    if len(does) > 1:
        raise bad(f"can't parse inline keyboard button: {' and '.join(sorted(does))} at once")
    if raw.get("style") not in _STYLES:
        raise bad("can't parse inline keyboard button: invalid button style specified")
    if "url" in does:
        _check_url(does["url"])
    if "callback_data" in does and not 1 <= len(does["callback_data"].encode()) <= 64:
        raise bad("BUTTON_DATA_INVALID")
    return Button(label, does, raw.get("style") or "")


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    known = parts.scheme == "tg" or (
        parts.scheme in ("http", "https") and "." in (parts.hostname or "")
    )
    if not known:
        raise bad(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
