"""What goes wrong, when a test says so."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import Enum, auto
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fakes.discord.state.places import Channel


class When(Enum):
    """Before the request did anything, in the middle of its body, or after it was done."""

    BEFORE = auto()
    UPLOAD = auto()
    AFTER = auto()


@dataclass(frozen=True, slots=True)
class Refuse:
    """An error with that HTTP status and JSON code."""

    status: int
    code: int = 0


@dataclass(frozen=True, slots=True)
class RateLimit:
    """429 for so many seconds; `everywhere` where nothing may be asked so long."""

    retry_after: float
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class ServerError:
    """5xx; with `When.AFTER` the request was carried out all the same."""

    when: When = When.BEFORE
    status: int = 502


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection breaks."""

    when: When = When.BEFORE


@dataclass(frozen=True, slots=True)
class Slow:
    """The answer comes so many seconds late; the deed, too, is done only then."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Hold:
    """The deed is done, and answered, once `go_on` is set; `held` is set when it waits. `is_lost`:
    in place of the answer the connection breaks."""

    is_lost: bool = False
    held: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Hang:
    """No answer ever, after the deed or in place of it."""

    when: When = When.AFTER


Answer = Refuse | RateLimit | ServerError | Reset | Slow | Hold | Hang


@dataclass(slots=True, eq=False)
class Fault:
    """One rule; `hits` counts how often it struck."""

    method: str
    where: str
    answer: Answer
    times: int | None
    hits: int = 0

    def meets(self, method: str, path: str) -> bool:
        """Whether it strikes this request."""
        if self.times is not None and self.hits >= self.times:
            return False
        return self.method in ("*", method) and fnmatchcase(path, self.where)


@dataclass(slots=True)
class Faults:
    """The rules in their order; the first that meets a request strikes."""

    rules: list[Fault] = field(default_factory=list)

    def add(
        self,
        match: tuple[str, str | Channel],
        answer: Answer,
        times: int | None = None,
    ) -> Fault:
        """`match` is a method (or `*`) and a glob of the path below `/api/v10`, such as
        `/webhooks/*/messages/@original`, or a channel: everything that goes there."""
        method, where = match
        pattern = where if isinstance(where, str) else f"/channels/{where.id}/*"
        rule = Fault(method, pattern, answer, times)
        self.rules.append(rule)
        return rule

    def remove(self, rule: Fault) -> None:
        """It strikes no more."""
        self.rules.remove(rule)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self.rules.clear()

    def strike(self, method: str, path: str) -> Answer | None:
        """What becomes of this request, other than what it asks."""
        for rule in self.rules:
            if rule.meets(method, path):
                rule.hits += 1
                return rule.answer
        return None
