"""What a command is to its platforms: name, words about it, parameters, who may use it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """What a parameter takes. All of them are texts; a platform may help with typing them."""

    MINT = "mint"
    MINTS = "mints"
    NEW_MINTS = "new mints"
    DURATION = "duration"
    CHANGE = "change"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument. A platform that parses by itself hands over what was typed."""

    name: str
    description: str
    kind: Kind
    required: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """One entry of the catalogue. `manages`: only whoever may manage alerts may use it.

    `summary` has at most 100 characters, as Discord wants; `details` may have several lines, and
    `option_details` are those for a platform whose commands are filled in, not typed.
    """

    name: str
    summary: str
    parameters: tuple[Parameter, ...] = ()
    manages: bool = False
    details: str = ""
    option_details: str = ""

    def shown(self, *, by_options: bool) -> Command:
        """As its platform shows it: what is free words elsewhere has options of its own there."""
        if not by_options:
            return self
        kept = tuple(one for one in self.parameters if one.kind is not Kind.CHANGE)
        return replace(self, parameters=kept, details=self.option_details or self.details)

    @property
    def takes_many(self) -> bool:
        """Whether as many coins may be named as fit into a message; how many, it says itself."""
        return any(one.kind in (Kind.MINTS, Kind.NEW_MINTS) for one in self.parameters)

    @property
    def usage(self) -> str:
        """`/clip [duration] [mint]`."""
        shown = (f"<{p.name}>" if p.required else f"[{p.name}]" for p in self.parameters)
        return " ".join((f"/{self.name}", *shown))


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What could be typed next: `value` is the word itself, `text` the whole line with it, `label`
    what a person picks from. `label` may hold a coin's name: an attacker's text, made harmless."""

    value: str
    label: str
    text: str
