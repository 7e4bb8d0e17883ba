"""How the page answers: by a message below, in the place of one, or in passing."""

from __future__ import annotations

import asyncio
import secrets as randomness
from dataclasses import dataclass

from bot.kit.notifier import heard
from bot.model import Message, MessageKind, Tone, is_toast
from bot.platforms.local.message_board import MessageBoard
from bot.platforms.local.render import content
from bot.platforms.local.sender import NAME
from bot.store import retry_until_saved

PACE = 1.0
"""Seconds between two changes that only tell how far something is."""

HOLD_SECONDS = 10.0
"""So long a press waits for its answer; what comes later is a message, whatever it is."""


class PageReply:
    """One message that answers the message `answered`: shown first, changed later. `request` is
    what was asked; else that message itself did."""

    pace = PACE

    def __init__(self, board: MessageBoard, answered: str, request: str | None = None) -> None:
        self.request_id = f"{NAME}:{request or answered}"
        self.reply_to: str | None = answered
        self._board = board
        self._shown: str | None = None
        self._lock = asyncio.Lock()

    @property
    def message_id(self) -> str | None:
        """What was shown."""
        return self._shown

    async def show(self, message: Message) -> None:
        """Raises StoreError. A reply that was deleted meanwhile stays so.

        An answer waits for the database, for a minute; progress does not: more of it comes.
        """
        async with self._lock:
            if message.kind is MessageKind.REPLY:
                await retry_until_saved(self._board.clock, lambda: self._put(message))
            else:
                await self._put(message)

    async def change(self, message: Message) -> None:
        """Raises StoreError."""
        if self._shown is not None:
            await self.show(message)

    async def remove(self) -> None:
        """Raises StoreError."""
        async with self._lock:
            if self._shown is not None:
                await self._board.delete(self._shown)
                self._shown = None

    async def _put(self, message: Message) -> None:
        if self._shown is None:
            self._shown = await self._board.add(
                message.kind.value, content(message), reply_to=self.reply_to
            )
        else:
            await self._board.edit(self._shown, content(message))


@dataclass(frozen=True, slots=True)
class PressOutcome:
    """What came of a press. `answer` is the id of the message that was added for it, if one was.
    `said` is what whoever pressed is told in passing; `is_refused`: that is why it was not done."""

    answer: str | None = None
    said: str = ""
    is_refused: bool = False


class PressReply:
    """What is said in passing waits for `outcome`; all else stands in a message. Where that is the
    one that was pressed, it is `in_place`."""

    pace = PACE

    def __init__(
        self, board: MessageBoard, pressed: str, action: str, *, in_place: bool = False
    ) -> None:
        self._below = PageReply(board, pressed, f"{pressed}:{action}:{randomness.token_hex(8)}")
        self.request_id = self._below.request_id
        self.reply_to: str | None = pressed
        self._board = board
        self._pressed = pressed
        self._is_in_place = in_place
        self._told = asyncio.Event()
        self._outcome = PressOutcome()

    @property
    def message_id(self) -> str | None:
        """What was shown below."""
        return self._below.message_id

    async def outcome(self) -> PressOutcome:
        """As soon as it is known, and after `HOLD_SECONDS` at the latest."""
        await heard(self._told, self._board.clock, HOLD_SECONDS)
        self.end()
        return self._outcome

    def end(self) -> None:
        """Nobody waits for it any more."""
        self._told.set()

    async def show(self, message: Message) -> None:
        """Raises StoreError."""
        if is_toast(message) and not self._told.is_set():
            self._tell(PressOutcome(said=message.text, is_refused=message.tone is Tone.BAD))
        elif message.kind is not MessageKind.TOAST:
            await self._stand(message)

    async def change(self, message: Message) -> None:
        """Raises StoreError. What was said in passing cannot be changed."""
        if self._is_in_place:
            await self._stand(message)
        else:
            await self._below.change(message)

    async def remove(self) -> None:
        """What stands below; the message that was pressed stays. Raises StoreError."""
        await self._below.remove()

    async def _stand(self, message: Message) -> None:
        if self._is_in_place and message.tone is not Tone.BAD:
            board, pressed = self._board, self._pressed  # one that was deleted meanwhile stays so
            await retry_until_saved(board.clock, lambda: board.edit(pressed, content(message)))
        else:
            await self._below.show(message)
        self._tell(PressOutcome(self._below.message_id))

    def _tell(self, outcome: PressOutcome) -> None:
        if not self._told.is_set():
            self._outcome = outcome
            self._told.set()
