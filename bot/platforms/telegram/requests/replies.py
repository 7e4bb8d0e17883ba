"""The answer to one command or press: a message of its own, which later answers change."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from bot.alerts import Fault, SendError
from bot.kit.tasks import Tasks
from bot.kit.timing.clock import Clock
from bot.model import Address, Message, MessageKind, Tone
from bot.platforms.shared.retrying import RetryPolicy, retry
from bot.platforms.telegram.messages.chat_actions import VIDEO, Actions

_log = logging.getLogger(__name__)

T = TypeVar("T")

PACE = 10.0
"""Edits count in a group's twenty messages a minute, which are for alerts."""

_PAUSES = (0.5, 1.5, 4.0)
_LONGEST_PAUSE = 60.0
"""Whoever asked does not look any more after being made to wait for longer."""

_NOT_ARRIVED = frozenset({Fault.NOT_SENT, Fault.RATE_LIMITED})
_TRANSIENT = _NOT_ARRIVED | {Fault.MAYBE_SENT, Fault.SERVER_ERROR}
_POSTING = RetryPolicy(_PAUSES, _NOT_ARRIVED, _LONGEST_PAUSE)
_CHANGING = RetryPolicy(_PAUSES, _TRANSIENT, _LONGEST_PAUSE)
_ONCE = RetryPolicy((), _TRANSIENT)


class Posts(Protocol):
    """Who posts answers, each in its turn. All may raise SendError. `replace` may leave out
    progress without a word."""

    async def post(
        self, address: Address, message: Message, *, reply_to: str | None = None
    ) -> str: ...
    async def replace(self, address: Address, message_id: str, message: Message) -> None: ...
    async def remove(self, address: Address, message_id: str) -> None: ...


class TelegramReply:
    """A `bot.commands.Reply`. Progress ends with the clip, a message of its own: then it goes."""

    pace = PACE

    def __init__(
        self,
        *,
        posts: Posts,
        actions: Actions,
        tasks: Tasks,
        clock: Clock,
        address: Address,
        request_id: str,
        reply_to: str | None,
    ) -> None:
        self.request_id = request_id
        self.reply_to = reply_to
        self._posts = posts
        self._actions = actions
        self._tasks = tasks
        self._clock = clock
        self._address = address
        self._posted: str | None = None
        self._was_posted_anew = False
        self._action: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()

    async def show(self, message: Message) -> None:
        """Raises SendError where it cannot be shown (any more)."""
        async with self._lock:
            self._say_that_it_goes_on(message)
            if is_arrival(message):
                await self._take_away()
            elif self._posted is None:
                self._posted = await self._post(message)
            else:
                await self._change(self._posted, message)

    async def _post(self, message: Message) -> str:
        """A first showing may have arrived where nobody answered: then it is not repeated."""
        return await self._retry(
            lambda: self._posts.post(self._address, message, reply_to=self.reply_to), _POSTING
        )

    async def _change(self, message_id: str, message: Message) -> None:
        """Progress is not insisted on: more of it follows."""
        try:
            await self._retry(
                lambda: self._posts.replace(self._address, message_id, message),
                _ONCE if is_progress(message) else _CHANGING,
            )
        except SendError as error:
            if error.fault is Fault.MESSAGE_GONE and not is_progress(message):
                await self._post_anew(message, error)
            elif error.fault is not Fault.NOT_CHANGED:
                raise

    async def _post_anew(self, message: Message, error: SendError) -> None:
        """Somebody has deleted it: once is a slip, twice is meant."""
        if self._was_posted_anew:
            raise error
        self._was_posted_anew = True
        self._posted = await self._post(message)

    async def _retry(self, act: Callable[[], Awaitable[T]], policy: RetryPolicy) -> T:
        """Where the chat has got another number meanwhile, it is done there."""
        try:
            return await retry(act, policy, self._clock)
        except SendError as error:
            if error.fault is not Fault.MOVED or error.address is None:
                raise
            self._address = error.address
        return await retry(act, policy, self._clock)

    async def _take_away(self) -> None:
        if self._posted is None:
            return
        message_id, self._posted = self._posted, None
        await self._posts.remove(self._address, message_id)

    def _say_that_it_goes_on(self, message: Message) -> None:
        if self._action is not None:
            self._action.cancel()
            self._action = None
        if is_progress(message):
            shown = self._actions.keep_showing(self._address, VIDEO)
            self._action = self._tasks.start(shown, f"action of {self.request_id}")


def is_progress(message: Message) -> bool:
    """More of it follows soon."""
    return message.kind is MessageKind.PROGRESS and message.progress is not None


def is_arrival(message: Message) -> bool:
    """The last word about a clip that has come by itself."""
    return message.kind is MessageKind.PROGRESS and message.tone is Tone.GOOD
