"""Alerts and clips onto the page: a send is a row of our own database, so none stays in doubt."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime

from bot.alerts import Fault, Found, SendError, Settled
from bot.errors import StoreError
from bot.kit.rate_limits import RateLimits
from bot.kit.timing.clock import Clock
from bot.model import Message, Target
from bot.platforms.local.message_board import MessageBoard
from bot.platforms.local.render import content

NAME = "local"


class LocalSender:
    """A `bot.alerts.Sender`. `nonce` stands beside the message: a repeat finds it there."""

    name = NAME

    def __init__(self, board: MessageBoard, clock: Clock) -> None:
        self._board = board
        self.rate_limits = RateLimits.unlimited(clock)

    async def send(
        self, target: Target, message: Message, *, nonce: str, reply_to: str | None = None
    ) -> str:
        """Show it; its id. Raises SendError."""
        with _as_send_error():
            return await self._board.add(
                message.kind.value, content(message), reply_to=reply_to, nonce=nonce
            )

    async def edit(self, target: Target, message_id: str, message: Message) -> None:
        """Show something else there. Raises SendError."""
        with _as_send_error():
            body = content(message)
            _expect(await self._board.edit(message_id, body, keeps_video=message.keeps_video))

    async def delete(self, target: Target, message_id: str) -> None:
        """Take it away. Raises SendError."""
        with _as_send_error():
            _expect(await self._board.delete(message_id))

    async def settle(
        self, target: Target, nonce: str, *, begun: datetime, reply_to: str | None = None
    ) -> Found | Settled:
        """Whether a send arrived, which our own rows tell for sure."""
        with _as_send_error():
            found = await self._board.find(nonce)
        return Settled.NOT_THERE if found is None else Found(found)


def _expect(found: bool) -> None:
    if not found:
        raise SendError(Fault.MESSAGE_GONE)


@contextlib.contextmanager
def _as_send_error() -> Iterator[None]:
    """A transaction that failed left nothing behind, if the database could say so."""
    try:
        yield
    except StoreError as error:
        fault = Fault.MAYBE_SENT if error.in_doubt else Fault.NOT_SENT
        raise SendError(fault, is_ours=True, detail=str(error)) from error
