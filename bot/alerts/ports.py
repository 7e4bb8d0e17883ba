"""What alerts need of a platform, and how a platform says what went wrong."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bot.errors import MintcastError
from bot.kit.rate_limits import RateLimits
from bot.model import Address, Message, Person, Target


class Fault(StrEnum):
    """What became of a request to a platform; `delivery.failure_table` says what is done then."""

    NOT_SENT = "not-sent"  # it surely did not arrive: no connection, no slot
    MAYBE_SENT = "maybe-sent"  # it was written, and no answer came
    SERVER_ERROR = "server-error"  # a 5xx: nothing can be said
    RATE_LIMITED = "rate-limited"  # with `retry_after`
    FORBIDDEN = "forbidden"  # no permission to post there
    TARGET_GONE = "target-gone"  # the channel, chat or topic is no more
    TARGET_CLOSED = "target-closed"  # locked or closed: nobody may post
    MOVED = "moved"  # with `address`, the new one
    MESSAGE_GONE = "message-gone"  # what was to be edited is no more
    NOT_CHANGED = "not-changed"  # an edit that changes nothing: as good as done
    TOO_OLD = "too-old"  # it can no longer be edited or deleted
    NOT_YET = "not-yet"  # this message may be changed again in `retry_after`; all else goes on
    TOO_LARGE = "too-large"  # the file
    REFUSED = "refused"  # the platform does not take it as it is, and never will
    UNAUTHORIZED = "unauthorized"  # the token is wrong: the platform stops


NO_ANSWER = frozenset({Fault.NOT_SENT, Fault.MAYBE_SENT, Fault.SERVER_ERROR})
"""These say something about the platform, or the way to it, and nothing about the target."""


class SendError(MintcastError):
    """A platform did not do what was asked. `retry_after`: seconds; `detail` is for the log.

    `everywhere`: the rate that was exceeded is the token's, not that of the target alone.
    `limit`: how many bytes a file may have, where it was too large. `is_ours`: what failed is on
    our side, and the platform was not asked.
    """

    def __init__(
        self,
        fault: Fault,
        *,
        retry_after: float | None = None,
        everywhere: bool = False,
        address: Address | None = None,
        limit: int | None = None,
        is_ours: bool = False,
        detail: str = "",
    ) -> None:
        super().__init__(fault, detail)
        self.fault = fault
        self.retry_after = retry_after
        self.everywhere = everywhere
        self.address = address
        self.limit = limit
        self.is_ours = is_ours
        self.detail = detail

    @property
    def is_answer(self) -> bool:
        """Whether the platform could be reached, and works."""
        return self.fault not in NO_ANSWER

    def __str__(self) -> str:
        return f"{self.fault.value}{': ' if self.detail else ''}{self.detail}"


class NothingSent(asyncio.CancelledError):
    """A send was cancelled before anything of it left."""


@contextlib.contextmanager
def before_sending() -> Iterator[None]:
    """Around what a sender waits for before its request, and may wait for long: whoever is
    cancelled meanwhile leaves nothing in doubt. Raises NothingSent then."""
    try:
        yield
    except asyncio.CancelledError:
        raise NothingSent from None


class Settled(StrEnum):
    """What a platform can say of a send that was in doubt, where it found no message."""

    NOT_THERE = "not-there"  # it surely did not arrive: send it
    REPEATABLE = "repeatable"  # the nonce makes a repeat harmless: send it
    UNCERTAIN = "uncertain"  # nobody can tell: never repeat it


@dataclass(frozen=True, slots=True)
class Found:
    """The message is there."""

    message_id: str


class Sender(Protocol):
    """Posts as one token. Every method may raise SendError, and nothing else it foresaw; a `send`
    that is cancelled, NothingSent where that is so.

    `rate_limits` say what may go out when; whoever calls has taken a turn of them. `nonce` is the
    same for every try of the same message; `reply_to` is the platform's id of what it answers,
    which may be gone. Edits are repeatable. Each call ends by itself: a sender sets its own time
    limits.

    `settle` says what became of a send that began at `begun` or soon after, as an answer to
    `reply_to`. It alone knows for how long a repeat of that is harmless, by the nonce or because
    what it answers is still open: it answers `REPEATABLE` only for as long as that lasts. Where it
    can be told only later, it raises a SendError that `is_ours`, with `retry_after`.
    """

    name: str
    rate_limits: RateLimits

    async def send(
        self, target: Target, message: Message, *, nonce: str, reply_to: str | None = None
    ) -> str: ...
    async def edit(self, target: Target, message_id: str, message: Message) -> None: ...
    async def delete(self, target: Target, message_id: str) -> None: ...
    async def settle(
        self, target: Target, nonce: str, *, begun: datetime, reply_to: str | None = None
    ) -> Found | Settled: ...


@runtime_checkable
class Cards(Protocol):
    """What a sender may also be able to do: change and take away the card of a clip that answers
    `reply_to`, unless the clip has taken its place meanwhile, or is about to. Both may raise
    SendError."""

    async def edit_card(
        self, target: Target, card_id: str, message: Message, *, reply_to: str | None
    ) -> None: ...
    async def delete_card(self, target: Target, card_id: str, *, reply_to: str | None) -> None: ...


@runtime_checkable
class Remembers(Protocol):
    """What a sender may also do: keep in memory what its messages show. `forget` is called whenever
    sending begins here: another node may have changed them since."""

    def forget(self) -> None: ...


@runtime_checkable
class Whispers(Protocol):
    """What a sender may also be able to do: tell a person in private. False: that is not to be."""

    async def whisper(self, person: Person, message: Message) -> bool: ...
