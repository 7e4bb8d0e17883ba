"""What can be chosen, as a keyboard: a button for each, then those of the one that was opened.

One that need not be opened is its options.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from bot import texts
from bot.model import Button, Line, Message, Select

Rows = tuple[tuple[Button, ...], ...]

_COLUMNS = 2


def rows_of(message: Message) -> Rows:
    """All buttons of a message, those of its selects first."""
    opened = _opened(message)
    if opened is None:
        return (*_list(message.selects), *message.buttons)
    back = Button(texts.telegram.BACK, action=opened.closes)
    return (*_in_columns(_options(opened)), (back,))


def told(message: Message) -> tuple[Line, ...]:
    """The lines to read beside those buttons."""
    opened = _opened(message)
    return message.told if opened is None else (opened.told, *message.lines)


def _opened(message: Message) -> Select | None:
    return next((select for select in message.selects if select.is_open), None)


def _list(selects: Sequence[Select]) -> Iterator[tuple[Button, ...]]:
    """What is of one group stands together."""
    for _, group in groupby(selects, key=lambda select: select.group):
        yield from _in_columns([button for select in group for button in _shown(select)])


def _shown(select: Select) -> list[Button]:
    if not select.opens:
        return _options(select)
    return [Button(select.label, action=select.opens)]


def _options(select: Select) -> list[Button]:
    return [
        Button(
            texts.common.chosen(option.label) if option.is_chosen else option.label,
            action=f"{select.action}{option.value}",
        )
        for option in select.options
    ]


def _in_columns(buttons: Sequence[Button]) -> Rows:
    return tuple(tuple(buttons[at : at + _COLUMNS]) for at in range(0, len(buttons), _COLUMNS))
