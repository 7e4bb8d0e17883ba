"""What somebody removed, kept for a short while, and whole, so that it can be undone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain
from typing import Self

from bot.model.action import Action, Verb
from bot.model.chat import Subscription
from bot.model.preferences import Preference, Scope

UNDO_FOR = timedelta(seconds=30)
"""After that it is gone for good."""

_NUMBER = re.compile(r"[0-9]{1,18}")
"""More digits do not fit into a column of 64 bits."""


class UndoKind(StrEnum):
    """What was done."""

    UNSUBSCRIBED = "unsubscribed"
    CHOICES_FORGOTTEN = "choices"
    CLIP_DELETED = "clip"


@dataclass(frozen=True, slots=True)
class UndoName:
    """What stands behind a button. It tells what was done even when the row has gone."""

    kind: UndoKind
    id: int

    @property
    def argument(self) -> str:
        """What the action of its button says."""
        return f"{self.kind}:{self.id}"

    @property
    def action(self) -> str:
        """The text behind the button."""
        return Action(Verb.UNDO, self.argument).encode()

    @classmethod
    def read(cls, argument: str) -> Self | None:
        """Of such an action; None for anything else, which an attacker may send."""
        kind, _, number = argument.partition(":")
        if kind not in frozenset(UndoKind) or _NUMBER.fullmatch(number) is None:
            return None
        return cls(UndoKind(kind), int(number))


@dataclass(frozen=True, slots=True)
class StoredChoice:
    """A row of what was chosen; `owner_id` is the id of a place, a target or a subscription."""

    scope: Scope
    owner_id: int
    preference: Preference
    value: str


@dataclass(frozen=True, slots=True)
class Removed:
    """Rows as they were. False where there are none."""

    subscriptions: tuple[Subscription, ...] = ()
    choices: tuple[StoredChoice, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.subscriptions or self.choices)

    @classmethod
    def all_of(cls, several: Sequence[Removed]) -> Removed:
        """The rows of all of these."""
        return cls(
            tuple(chain.from_iterable(one.subscriptions for one in several)),
            tuple(chain.from_iterable(one.choices for one in several)),
        )


@dataclass(frozen=True, slots=True)
class Undo:
    """A row. `person_id` is who did it, in the place `place_id`. `removed` is what to put back, or
    it is the clip of `job_id`. `undone_at`: it was put back, and `removed` is empty since."""

    id: int
    place_id: int
    person_id: str
    kind: UndoKind
    removed: Removed
    made_at: datetime
    job_id: int | None = None
    undone_at: datetime | None = None

    @property
    def name(self) -> UndoName:
        """For its button."""
        return UndoName(self.kind, self.id)
