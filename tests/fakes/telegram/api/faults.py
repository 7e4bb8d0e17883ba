"""What goes wrong, when a test says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fakes.telegram.state.chats import Chat


class When(Enum):
    """Before the deed, in the middle of an upload (without a file the same as before), or after
    the deed was done."""

    BEFORE = auto()
    UPLOAD = auto()
    AFTER = auto()


@dataclass(frozen=True, slots=True)
class Refuse:
    """An error with that code and description, such as `403, "Forbidden: user is deactivated"`."""

    code: int
    description: str


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """429 for so many seconds."""

    seconds: int


@dataclass(frozen=True, slots=True)
class ServerError:
    """A page of HTML with that status, mostly a 5xx, as a proxy gives it; with `When.AFTER` the
    deed was done."""

    status: int = 502
    when: When = When.BEFORE


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection breaks without an answer."""

    when: When = When.BEFORE


@dataclass(frozen=True, slots=True)
class Slow:
    """The answer comes so many seconds late; with `When.AFTER` the deed was done at once."""

    seconds: float
    when: When = When.BEFORE


Answer = Refuse | RetryAfter | ServerError | Reset | Slow


@dataclass(slots=True, eq=False)
class Fault:
    """One rule; `hits` counts how often it struck."""

    method: str
    chat_id: int | None
    answer: Answer
    times: int | None
    hits: int = 0

    def meets(self, method: str, chat_id: int | None) -> bool:
        """Whether it strikes this request."""
        if self.times is not None and self.hits >= self.times:
            return False
        return self.method in ("*", method) and self.chat_id in (None, chat_id)


@dataclass(slots=True)
class Faults:
    """The rules in their order; the first that meets a request strikes."""

    rules: list[Fault] = field(default_factory=list)

    def add(
        self,
        match: tuple[str, Chat | int | None] | str,
        answer: Answer,
        times: int | None = None,
    ) -> Fault:
        """`match` is a method (or `*`) and, where not for all, a chat."""
        method, chat = (match, None) if isinstance(match, str) else match
        rule = Fault(method, chat if isinstance(chat, int | None) else chat.id, answer, times)
        self.rules.append(rule)
        return rule

    def remove(self, rule: Fault) -> None:
        """It strikes no more."""
        self.rules.remove(rule)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self.rules.clear()

    def strike(self, method: str, chat_id: int | None) -> Answer | None:
        """What becomes of this request, other than what it asks."""
        for rule in self.rules:
            if rule.meets(method, chat_id):
                rule.hits += 1
                return rule.answer
        return None
