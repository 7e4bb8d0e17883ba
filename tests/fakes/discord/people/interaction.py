"""An interaction: what somebody asked, and what the bot made of it."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.patience import PATIENCE

if TYPE_CHECKING:
    from tests.fakes.discord.people.users import User
    from tests.fakes.discord.state.messages import Message
    from tests.fakes.discord.state.places import Channel
    from tests.fakes.discord.state.world import World

COMMAND, COMPONENT, AUTOCOMPLETE, SUBMIT = 2, 3, 4, 5
REPLY, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9

_POLL = 0.005


@dataclass(slots=True, eq=False)
class Asked:
    """`callback` is the type of the acknowledgement. `original` is the reply that it made, or
    the message whose button was pressed where it only updates that one. `command` is the name of
    what was typed, `modal` a form to fill in. `file_limit` is what the interaction said, in bytes;
    `refusals` are the uploads that are refused as too large all the same, whatever their size.
    `brought` is whether somebody used a bot that they installed for themselves; `member_there`
    whether the bot is at home there all the same."""

    world: World = field(repr=False)
    id: int
    kind: int
    user: User
    channel: Channel
    created: datetime
    file_limit: int
    source: Message | None = None
    member_there: bool = True
    brought: bool = False
    token: str = field(default_factory=lambda: secrets.token_urlsafe(120), repr=False)
    callback: int | None = None
    acknowledged_at: datetime | None = None
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    choices: list[dict[str, Any]] | None = None
    command: str = ""
    modal: dict[str, Any] | None = None
    refusals: int = 0

    @property
    def acknowledged_after(self) -> float | None:
        """In seconds; None where it never was."""
        if self.acknowledged_at is None:
            return None
        return (self.acknowledged_at - self.created).total_seconds()

    @property
    def deferred(self) -> bool:
        """Whether the acknowledgement only said to wait."""
        return self.callback in (DEFER, DEFER_UPDATE)

    @property
    def response(self) -> Message | None:
        """The reply as it is now; None before there is one, and when it was deleted."""
        return None if self.original is None or self.original.deleted else self.original

    @property
    def answers(self) -> list[Message]:
        """Everything that is there for the person to read, in order."""
        mine = ([] if self.original is None else [self.original]) + self.followups
        return [one for one in mine if not one.deleted and not one.loading]

    @property
    def answer(self) -> Message:
        """The last one of them."""
        assert self.answers, f"nothing was answered to {self.user.name}"
        return self.answers[-1]

    @property
    def too_late(self) -> bool:
        """Whether it may no more be acknowledged."""
        age = (self.world.now() - self.created).total_seconds()
        return age > self.world.acknowledge_within

    @property
    def expired(self) -> bool:
        """Whether its token is worth nothing any more."""
        age = (self.world.now() - self.created).total_seconds()
        return age > self.world.answer_within

    async def until(self, condition: Callable[[Asked], object], within: float = PATIENCE) -> Asked:
        """Wait, in real time, for the bot to do something. Fails the test otherwise."""
        deadline = time.monotonic() + within
        while not condition(self):
            assert time.monotonic() < deadline, f"did not happen within {within} s: {self.told}"
            await asyncio.sleep(_POLL)
        return self

    async def answered(self, within: float = PATIENCE) -> Message:
        """Wait until there is something to read."""
        return (await self.until(lambda one: one.answers, within)).answer

    def takes(self, sizes: Iterable[int]) -> int:
        """How large a file of an upload of these sizes may be, in bytes."""
        largest = max(sizes, default=0)
        if not largest or not self.refusals:
            return self.file_limit
        self.refusals -= 1
        return min(self.file_limit, largest - 1)

    @property
    def told(self) -> str:
        """For the message of a failed test."""
        shown = [one.content or [e.get("title") for e in one.embeds] for one in self.answers]
        return f"callback {self.callback}, shown {shown}"
