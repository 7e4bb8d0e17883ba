"""Answers to presses of buttons. A press waits until it is answered, and then shows a short text
(a toast or an alert) to whoever pressed, and to nobody else: refusals go there, and short news."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from telegram import CallbackQuery

from bot.alerts import Fault, SendError
from bot.kit.notifier import heard
from bot.kit.timing.clock import Clock
from bot.model import LONGEST_TOAST, Message, MessageKind, Tone, is_toast
from bot.platforms.shared.retrying import RetryPolicy, retry
from bot.platforms.telegram.addresses import chat_address
from bot.platforms.telegram.connection.api_requests import ClientPort, ask
from bot.platforms.telegram.messages.markup import cut
from bot.platforms.telegram.requests.replies import TelegramReply

_log = logging.getLogger(__name__)

HOLD_SECONDS = 8.0
"""After so long the button stops waiting, though nothing is known yet: Telegram forgets presses."""

_IN_DOUBT = frozenset({Fault.MAYBE_SENT, Fault.SERVER_ERROR})
_ANSWERING = RetryPolicy((0.5, 1.5), _IN_DOUBT | {Fault.NOT_SENT, Fault.RATE_LIMITED}, longest=5.0)


class Press:
    """One press: `answer` ends its waiting, once."""

    def __init__(self, query: CallbackQuery, client_port: ClientPort, clock: Clock) -> None:
        self._query = query
        self._client_port = client_port
        self._clock = clock
        self._answered = asyncio.Event()
        self._is_forgotten = False
        self._is_in_doubt = False

    @property
    def is_answered(self) -> bool:
        """Whether whoever pressed can no longer be told anything in private."""
        return self._answered.is_set()

    @property
    def is_forgotten(self) -> bool:
        """Whether Telegram says that it is too old: it was pressed while we were away."""
        return self._is_forgotten

    async def answer(self, text: str = "", *, alert: bool = False) -> bool:
        """Whether it was shown. One that comes too late is as good as answered."""
        if self._answered.is_set():
            return False
        self._answered.set()
        try:
            await retry(lambda: self._answer(text, alert=alert), _ANSWERING, self._clock)
        except SendError as error:
            _log.info("a press could not be answered: %s", error)
            self._is_forgotten = error.fault is Fault.REFUSED
            return False
        return True

    async def _answer(self, text: str, *, alert: bool) -> None:
        """Refused after a try of which nobody knows: that one has come through."""
        try:
            answer = self._client_port.client().answer_callback_query(
                self._query.id, text=cut(text, LONGEST_TOAST) or None, show_alert=alert or None
            )
            await ask(answer, chat_address(self._query.from_user.id))
        except SendError as error:
            if self._is_in_doubt and error.fault is Fault.REFUSED:
                return
            self._is_in_doubt = self._is_in_doubt or error.fault in _IN_DOUBT
            raise

    async def hold(self) -> None:
        """Ends when the press is answered; answers it by itself before Telegram forgets it."""
        if not await heard(self._answered, self._clock, HOLD_SECONDS):
            await self.answer()


class PressReply:
    """A `bot.commands.Reply` to a press: a toast where that is enough, else by `reply`. A toast for
    a press of long ago is dropped: it interests nobody any more."""

    def __init__(self, press: Press, reply: TelegramReply) -> None:
        self.pace = reply.pace
        self.request_id = reply.request_id
        self.reply_to = reply.reply_to
        self._press = press
        self._reply = reply

    @property
    def message_id(self) -> str | None:
        """What was posted, if anything was."""
        return self._reply.message_id

    async def show(self, message: Message) -> None:
        """Raises SendError where it cannot be shown (any more)."""
        if is_toast(message) and not self._press.is_answered:
            is_shown = await self._press.answer(message.text, alert=message.tone is Tone.BAD)
            if is_shown or self._press.is_forgotten:
                return
        if message.kind is MessageKind.TOAST:
            return
        await asyncio.gather(self._press.answer(), self._reply.show(message))

    async def change(self, message: Message) -> None:
        """Raises SendError where it is gone. A toast cannot be changed."""
        await self._reply.change(message)

    async def remove(self) -> None:
        """Raises SendError where it cannot be deleted."""
        await self._reply.remove()


class MenuReply:
    """A `bot.commands.Reply` that edits the menu's message; `add_buttons` adds the menu's own.
    A refusal leaves the menu as it is, unless whoever pressed can no longer be told in private:
    then a crash came between the press and its answer, and the press is handled once more."""

    def __init__(
        self,
        press: Press,
        reply: TelegramReply,
        add_buttons: Callable[[Message], Message],
        edit: Callable[[Message], Coroutine[Any, Any, None]],
    ) -> None:
        self.pace = reply.pace
        self.request_id = reply.request_id
        self.reply_to = reply.reply_to
        self._press = press
        self._reply = reply
        self._add_buttons = add_buttons
        self._edit = edit

    @property
    def message_id(self) -> str | None:
        """What was posted, if anything was."""
        return self._reply.message_id

    async def show(self, message: Message) -> None:
        """Raises SendError where it cannot be shown (any more)."""
        if message.tone is Tone.BAD:
            if not await self._press.answer(message.text, alert=True):
                await self._show(self._add_buttons(message), anew=False)
            return
        await asyncio.gather(self._press.answer(), self._show(self._add_buttons(message)))

    async def change(self, message: Message) -> None:
        """Raises SendError where it is gone."""
        await self._edit(self._add_buttons(message))

    async def remove(self) -> None:
        """What was posted anew; the menu itself stays. Raises SendError."""
        await self._reply.remove()

    async def _show(self, menu: Message, *, anew: bool = True) -> None:
        """A menu that was deleted, or cannot be edited, is posted `anew`, or not at all."""
        try:
            await self._edit(menu)
        except SendError as error:
            if error.fault not in (Fault.MESSAGE_GONE, Fault.TOO_OLD):
                raise
            if anew:
                await self._reply.show(menu)
