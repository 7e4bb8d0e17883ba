"""The reply to one command or press: a message of its own, which is edited from then on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.alerts import Fault, SendError
from bot.kit.tasks import Tasks
from bot.kit.timing.clock import Clock
from bot.model import Address, Message, MessageKind
from bot.platforms.shared.retrying import TRANSIENT, RetryPolicy, retry
from bot.platforms.telegram.connection.limits import POSTING
from bot.platforms.telegram.messages.chat_actions import VIDEO, ChatActions
from bot.platforms.telegram.messages.sender import ReplySender

_log = logging.getLogger(__name__)

T = TypeVar("T")

PACE = 15.0
"""Edits count in a group's twenty messages a minute, which are for alerts: the card of a clip of
30 s takes three of them."""

_EDITING = RetryPolicy(POSTING.pauses, TRANSIENT, POSTING.longest)
_ONCE = RetryPolicy((), TRANSIENT)


class TelegramReply:
    """A `bot.commands.Reply`."""

    pace = PACE

    def __init__(
        self,
        *,
        reply_sender: ReplySender,
        actions: ChatActions,
        tasks: Tasks,
        clock: Clock,
        address: Address,
        request_id: str,
        reply_to: str | None,
    ) -> None:
        self.request_id = request_id
        self.reply_to = reply_to
        self._reply_sender = reply_sender
        self._actions = actions
        self._tasks = tasks
        self._clock = clock
        self._address = address
        self._posted: str | None = None
        self._was_posted_anew = False
        self._action: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()

    @property
    def message_id(self) -> str | None:
        """What was posted."""
        return self._posted

    async def show(self, message: Message) -> None:
        """Raises SendError where it cannot be shown (any more)."""
        async with self._lock:
            self._show_action(message)
            if self._posted is None:
                self._posted = await self._post(message)
            else:
                await self._edit(self._posted, message)

    async def change(self, message: Message) -> None:
        """Raises SendError where it is gone."""
        async with self._lock:
            if self._posted is not None:
                await self._replace(self._posted, message, _EDITING)

    async def remove(self) -> None:
        """Raises SendError where it cannot be deleted."""
        async with self._lock:
            self._end_action()
            message_id = self._posted
            if message_id is None:
                return
            await self._retry(
                lambda: self._reply_sender.remove(self._address, message_id), _EDITING
            )
            self._posted = None

    async def _post(self, message: Message) -> str:
        return await self._retry(
            lambda: self._reply_sender.post(self._address, message, reply_to=self.reply_to),
            POSTING,
        )

    async def _edit(self, message_id: str, message: Message) -> None:
        """Progress is not insisted on: more of it follows."""
        try:
            await self._replace(message_id, message, _ONCE if is_progress(message) else _EDITING)
        except SendError as error:
            if error.fault is Fault.MESSAGE_GONE and not is_progress(message):
                await self._post_anew(message, error)
            elif error.fault is not Fault.NOT_CHANGED:
                raise

    async def _replace(self, message_id: str, message: Message, policy: RetryPolicy) -> None:
        await self._retry(
            lambda: self._reply_sender.replace(self._address, message_id, message), policy
        )

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

    def _show_action(self, message: Message) -> None:
        self._end_action()
        if is_progress(message):
            shown = self._actions.keep_showing(self._address, VIDEO)
            self._action = self._tasks.start(shown, f"action of {self.request_id}")

    def _end_action(self) -> None:
        if self._action is not None:
            self._action.cancel()
            self._action = None


def is_progress(message: Message) -> bool:
    """More of it follows soon."""
    return message.kind is MessageKind.PROGRESS and message.progress is not None
