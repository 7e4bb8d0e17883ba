"""What can be chosen, as Discord's own selects. Pure.

A message has room for five rows, and a select takes one: so there are pages, each of a group. What
is chosen stands in a select's placeholder, since a select has no label there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from bot import texts
from bot.model import Option, Pick, Select
from bot.platforms.discord.messages import markup
from bot.platforms.discord.messages.custom_ids import custom_id, select_id

Json = dict[str, Any]

_ROWS = _COLUMNS = 5
_OPTIONS, _LABEL, _PLACEHOLDER, _TAB = 25, 100, 150, 80
_PRIMARY, _SECONDARY = 1, 2
_ROW, _BUTTON, _STRING = 1, 2, 3
_PICKERS = {Pick.ROLE: 6, Pick.CHANNEL: 8}
_TEXT_CHANNELS = [0, 5, 10, 11, 12]
"""Text, announcements, and the three kinds of threads."""


@dataclass(frozen=True, slots=True)
class _Page:
    """Selects that are seen at once."""

    label: str
    selects: tuple[Select, ...]

    @property
    def opens(self) -> str:
        """The action that shows it."""
        return self.selects[0].opens

    @property
    def is_open(self) -> bool:
        return any(select.is_open for select in self.selects)


def panel_rows(selects: Sequence[Select], buttons: Sequence[Json]) -> list[Json]:
    """The rows of a message with these selects, and with `buttons` beside them."""
    pages = _pages(selects, _ROWS - 1)
    if len(pages) == 1:
        return [*_selects(pages[0]), *_rows(buttons)]
    if len(pages) + len(buttons) <= _COLUMNS:
        page = _open(pages)
        tabs = [_tab(one, is_open=one is page) for one in pages]
        return [_row([*tabs, *buttons]), *_selects(page)]
    below = _rows(buttons[:_COLUMNS])
    pages = _pages(selects, _ROWS - 1 - len(below))
    return [_row([_contents(pages)]), *_selects(_open(pages)), *below]


def _pages(selects: Iterable[Select], most: int) -> list[_Page]:
    """A group is a page; one with more than `most` is several."""
    pages = []
    for label, group in groupby(selects, key=lambda select: select.group):
        several = list(group)
        for number, at in enumerate(range(0, len(several), most), 1):
            name = label if number == 1 else f"{label} {number}"
            pages.append(_Page(name, tuple(several[at : at + most])))
    return pages


def _open(pages: Sequence[_Page]) -> _Page:
    return next((page for page in pages if page.is_open), pages[0])


def _tab(page: _Page, *, is_open: bool) -> Json:
    style = _PRIMARY if is_open else _SECONDARY
    label = markup.cut(page.label, _TAB)
    return {"type": _BUTTON, "label": label, "style": style, "custom_id": custom_id(page.opens)}


def _contents(pages: Sequence[_Page]) -> Json:
    """All pages to choose from; the value of each is the whole action."""
    page = _open(pages)
    options = [
        {"label": markup.cut(one.label, _LABEL), "value": one.opens, "default": one is page}
        for one in pages[:_OPTIONS]
    ]
    return {"type": _STRING, "custom_id": select_id(""), "options": options}


def _selects(page: _Page) -> Iterator[Json]:
    return (_row([_select(select)]) for select in page.selects)


def _select(select: Select) -> Json:
    chosen = f"{select.label} · {select.chosen.label}" if select.chosen else select.label
    face: Json = {
        "custom_id": select_id(select.action),
        "placeholder": markup.cut(chosen, _PLACEHOLDER),
    }
    if select.picks is None:
        options = [_option(one) for one in select.options[:_OPTIONS]]
        return face | {"type": _STRING, "options": options}
    face |= {"type": _PICKERS[select.picks], "min_values": 0}
    if select.picks is Pick.CHANNEL:
        face |= {"channel_types": _TEXT_CHANNELS}
    if select.picked.isdecimal():
        face |= {"default_values": [{"id": select.picked, "type": select.picks.value}]}
    return face


def _option(option: Option) -> Json:
    label = texts.common.chosen(option.label) if option.is_chosen else option.label
    return {"label": markup.cut(label, _LABEL), "value": option.value}


def _rows(buttons: Sequence[Json]) -> list[Json]:
    return [_row(buttons[at : at + _COLUMNS]) for at in range(0, len(buttons), _COLUMNS)]


def _row(parts: Iterable[Json]) -> Json:
    return {"type": _ROW, "components": list(parts)}
