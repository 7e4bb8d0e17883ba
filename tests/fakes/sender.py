"""A chat platform in memory, which fails when the test says so."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto

from bot.alerts import Fault, Found, SendError, Settled
from bot.kit.rate_limits import RateLimits
from bot.kit.timing.clock import Clock
from bot.model import Message, Person, Target


class Memory(Enum):
    """What the platform can say of a send that was in doubt."""

    LOOKS_UP = auto()  # it can be asked for the message
    DEDUPES = auto()  # for some minutes, a repeat with the same nonce makes no second message
    BLIND = auto()
    BOTH = auto()  # the second, and later the first


class After(Enum):
    """A request arrives, and then goes wrong."""

    NO_ANSWER = auto()  # the sender gives up: `MAYBE_SENT`
    HANG = auto()  # no answer ever; the service is killed meanwhile


DEDUPING = frozenset({Memory.DEDUPES, Memory.BOTH})
NONCE_LIVES = timedelta(minutes=4)
"""A platform forgets a nonce at last; its sender says `REPEATABLE` for half as long."""

Outcome = SendError | After | None


@dataclass(frozen=True, slots=True)
class Call:
    """A request as the platform got it. `at` is the clock's `monotonic`."""

    method: str
    target_id: int
    message: Message | None
    nonce: str | None
    at: float


@dataclass(slots=True)
class Post:
    """A message that is there; `shows` is how it reads now."""

    target_id: int
    nonce: str
    reply_to: str | None
    at: datetime
    shown: list[Message] = field(default_factory=list)
    deleted: bool = False

    @property
    def shows(self) -> Message:
        """The last version."""
        return self.shown[-1]


class FakeSender:
    """A `Sender`. `judge` says what becomes of each call; by default what `fail` has queued.

    `latency` is in seconds of the clock. `posts` are all messages that ever arrived, by id;
    `begun` and `answers` are what `settle` was told; `unsettled` are the targets where it was
    refused.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        name: str = "fake",
        rate_limits: RateLimits | None = None,
        memory: Memory = Memory.BLIND,
        latency: float = 0.0,
    ) -> None:
        self.name = name
        self.rate_limits = rate_limits or RateLimits.unlimited(clock)
        self.memory = memory
        self.latency = latency
        self.slow: dict[int, float] = {}
        self.judge: Callable[[Call], Outcome] = self._queued
        self.calls: list[Call] = []
        self.posts: dict[str, Post] = {}
        self.begun: list[datetime] = []
        self.answers: list[str | None] = []
        self.unsettled: set[int] = set()
        self.whispers: list[tuple[Person, Message]] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self._clock = clock
        self._queues: dict[int, deque[Outcome]] = {}

    def fail(self, target_id: int, *outcomes: Outcome | Fault) -> None:
        """What becomes of the next calls for that target, in order; None is that one works."""
        queue = self._queues.setdefault(target_id, deque())
        queue.extend(SendError(one) if isinstance(one, Fault) else one for one in outcomes)

    def relent(self) -> None:
        """Nothing goes wrong, or slowly, any more."""
        self._queues.clear()
        self.slow.clear()

    def posts_to(self, target_id: int) -> list[Post]:
        """All that ever arrived there."""
        return [post for post in self.posts.values() if post.target_id == target_id]

    def only_post_to(self, target_id: int) -> Post:
        """The one message that ever arrived there."""
        (post,) = self.posts_to(target_id)
        return post

    async def send(
        self, target: Target, message: Message, *, nonce: str, reply_to: str | None = None
    ) -> str:
        outcome = await self._call("send", target, message, nonce)
        if isinstance(outcome, SendError):
            raise outcome
        message_id = self._arrive(target.id, message, nonce, reply_to)
        await self._answer(outcome)
        return message_id

    async def edit(self, target: Target, message_id: str, message: Message) -> None:
        outcome = await self._call("edit", target, message)
        if isinstance(outcome, SendError):
            raise outcome
        post = self._standing(message_id)
        if post.shows == message:
            raise SendError(Fault.NOT_CHANGED)
        post.shown.append(message)
        await self._answer(outcome)

    async def delete(self, target: Target, message_id: str) -> None:
        outcome = await self._call("delete", target)
        if isinstance(outcome, SendError):
            raise outcome
        self._standing(message_id).deleted = True
        await self._answer(outcome)

    async def settle(
        self, target: Target, nonce: str, *, begun: datetime, reply_to: str | None = None
    ) -> Found | Settled:
        outcome = await self._call("settle", target, nonce=nonce)
        if isinstance(outcome, SendError):
            self.unsettled.add(target.id)
            raise outcome
        self.begun.append(begun)
        self.answers.append(reply_to)
        is_young = self._clock.now() - begun < NONCE_LIVES / 2
        if self.memory in DEDUPING and is_young:
            return Settled.REPEATABLE
        if self.memory in (Memory.LOOKS_UP, Memory.BOTH):
            message_id = self._by_nonce(target.id, nonce)
            return Found(message_id) if message_id else Settled.NOT_THERE
        return Settled.UNCERTAIN

    async def whisper(self, person: Person, message: Message) -> bool:
        self.whispers.append((person, message))
        return True

    async def _call(
        self,
        method: str,
        target: Target,
        message: Message | None = None,
        nonce: str | None = None,
    ) -> Outcome:
        call = Call(method, target.id, message, nonce, self._clock.monotonic())
        self.calls.append(call)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await self._clock.sleep(self.slow.get(target.id, self.latency))
        finally:
            self.in_flight -= 1
        return self.judge(call)

    def _arrive(self, target_id: int, message: Message, nonce: str, reply_to: str | None) -> str:
        known = self._by_nonce(target_id, nonce)
        if known is not None and self.memory in DEDUPING and self._is_remembered(known):
            return known
        message_id = f"m{len(self.posts) + 1}"
        self.posts[message_id] = Post(target_id, nonce, reply_to, self._clock.now(), [message])
        return message_id

    async def _answer(self, outcome: Outcome) -> None:
        if outcome is After.NO_ANSWER:
            raise SendError(Fault.MAYBE_SENT)
        if outcome is After.HANG:
            await asyncio.Event().wait()

    def _standing(self, message_id: str) -> Post:
        post = self.posts.get(message_id)
        if post is None or post.deleted:
            raise SendError(Fault.MESSAGE_GONE)
        return post

    def _is_remembered(self, message_id: str) -> bool:
        return self._clock.now() - self.posts[message_id].at < NONCE_LIVES

    def _by_nonce(self, target_id: int, nonce: str) -> str | None:
        return next(
            (
                message_id
                for message_id, post in self.posts.items()
                if post.target_id == target_id and post.nonce == nonce
            ),
            None,
        )

    def _queued(self, call: Call) -> Outcome:
        queue = self._queues.get(call.target_id)
        return queue.popleft() if queue else None
