"""Somebody in a chat: what was shown to them, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.errors import MintcastError
from bot.model import Address, Button, Message, Person
from tests.fakes.buttons import buttons


@dataclass
class FakeReply:
    """Keeps what it is shown. `broken`: it can no longer show anything. `stays`: it cannot be
    removed. `message_id`: what it shows can be found again."""

    request_id: str = "1"
    reply_to: str | None = "m1"
    pace: float = 1.0
    shown: list[Message] = field(default_factory=list)
    broken: MintcastError | None = None
    stays: MintcastError | None = None
    is_removed: bool = False
    message_id: str | None = None

    async def show(self, message: Message) -> None:
        if self.broken is not None:
            raise self.broken
        self.shown.append(message)

    async def change(self, message: Message) -> None:
        assert self.shown, "there is nothing to be changed"
        await self.show(message)

    async def remove(self) -> None:
        if (error := self.broken or self.stays) is not None:
            raise error
        self.is_removed = True

    @property
    def last(self) -> Message:
        """How it reads now."""
        return self.shown[-1]

    @property
    def text(self) -> str:
        """The same as plain text."""
        return self.last.text

    def button(self, label: str) -> Button:
        """The button of that label, as it is now."""
        return next(b for b in buttons(self.last) if b.label == label)


@dataclass
class FakeCaller:
    """`manages`: may manage; an error: the platform does not say. `asked` counts."""

    person: Person = field(default_factory=lambda: Person("7", "Ada"))
    manages: bool | MintcastError = True
    asked: int = 0

    async def may_manage(self) -> bool:
        self.asked += 1
        if isinstance(self.manages, MintcastError):
            raise self.manages
        return self.manages


def channel(name: str = "general", place: str = "100") -> Address:
    """A channel of a place, by its name."""
    return Address("fake", place, f"{place}/{name}", f"place {place}", name)
