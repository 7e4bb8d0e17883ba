"""What can be chosen in a message, without any platform's controls."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.model.lines import Line


class Pick(StrEnum):
    """What a person may pick from, where the platform has a control for that."""

    ROLE = "role"
    CHANNEL = "channel"


PICKED = "picked"
"""The value that stands for what was picked: who picks says beside it which one that is."""


@dataclass(frozen=True, slots=True)
class Option:
    """One of the values of a select. `value` is what stands for it behind a button."""

    value: str
    label: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Select:
    """One thing to choose. To choose is to press `action` with an option's value behind it.

    What a setting has beside: `told` says in words how it stands, for where not all controls are
    seen at once. `group` is the heading that it stands under, with those beside it. `picks` is what
    a platform may offer in place of the options: then the value is `PICKED`, or empty where nothing
    is, and `picked` is the platform's id of what is chosen. Where there is not room for all,
    `opens` is the action that shows this one, `closes` the one that shows the list again, and
    `is_open` which one to show.
    """

    action: str
    label: str
    options: tuple[Option, ...]
    group: str = ""
    told: Line = ()
    opens: str = ""
    closes: str = ""
    is_open: bool = False
    picks: Pick | None = None
    picked: str = ""

    @property
    def chosen(self) -> Option | None:
        """What holds."""
        return next((one for one in self.options if one.is_chosen), None)
