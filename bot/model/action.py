"""What a press of a button means, as a text of at most 64 bytes (Telegram's `callback_data`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

LONGEST = 64


class Verb(StrEnum):
    """What is to be done with the argument: a mint, a row's id, or what a menu needs."""

    CLIP = "clip"
    CLIP_AGAIN = "again"
    CLIP_REST = "rest"
    CANCEL_CLIP = "cancel"
    DELETE_CLIP = "delete"
    CLIP_EARLIER = "earlier"
    CLIP_LATER = "later"
    CLIP_LONGER = "longer"
    CLIP_SHORTER = "shorter"
    HIGHLIGHTS = "clips"
    HIGHLIGHT = "post"
    SUBSCRIBE = "sub"
    LIVE = "live"
    HISTORY = "history"
    TEST = "test"
    SETTINGS = "set"
    PANEL = "panel"
    CHOOSE = "pick"
    PAGE = "page"
    COPY = "copy"
    UNDO = "undo"


RECUTS = frozenset({Verb.CLIP_EARLIER, Verb.CLIP_LATER, Verb.CLIP_LONGER, Verb.CLIP_SHORTER})
"""What cuts a clip anew, in its place."""

IN_PLACE = frozenset({Verb.CANCEL_CLIP, Verb.DELETE_CLIP, Verb.UNDO}) | RECUTS
"""What these do is seen where the button is: nothing is posted for the press itself."""

REPLACING = frozenset({Verb.PANEL, Verb.CHOOSE, Verb.PAGE})
"""Their answer takes the place of the message that has the button."""

IN_TURN = REPLACING | {Verb.UNDO}
"""What these change is shown in the message that has them: of two presses, the later one is to show
last."""


@dataclass(frozen=True, slots=True)
class Action:
    """`argument` never holds what only one process knows: buttons outlive restarts."""

    verb: Verb
    argument: str = ""

    def encode(self) -> str:
        """The text behind a button. Raises ValueError where it would be too long."""
        text = f"{self.verb}:{self.argument}"
        if len(text.encode()) > LONGEST:
            raise ValueError(f"an action of more than {LONGEST} bytes: {text}")
        return text

    @classmethod
    def decode(cls, text: str) -> Self | None:
        """What `encode` wrote; None for anything else, which an attacker may send."""
        verb, _, argument = text.partition(":")
        if verb not in frozenset(Verb) or len(text.encode()) > LONGEST:
            return None
        return cls(Verb(verb), argument)
