"""Sends alerts, clips and replies to Telegram.

A send whose answer was cut off stays in doubt: Telegram knows no nonce, and shows a bot no history.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from bot.alerts import Fault, Found, SendError, Settled, before_sending
from bot.errors import StoreError
from bot.kit.files import Files
from bot.kit.rate_limits import REPLY, SECOND, RateLimits
from bot.kit.timing.clock import Clock
from bot.model import Address, Message, Person, Target
from bot.platforms.shared.retrying import retry
from bot.platforms.telegram.addresses import NAME, chat_id, is_group
from bot.platforms.telegram.connection.api_requests import ClientPort
from bot.platforms.telegram.connection.limits import POSTING, PROGRESS_SPARES, new_rate_limits
from bot.platforms.telegram.connection.muting import Muting
from bot.platforms.telegram.messages.editing import Editing
from bot.platforms.telegram.messages.posting import Posting
from bot.platforms.telegram.messages.reply_limiter import Recipient, ReplyLimiter
from bot.platforms.telegram.messages.uploads import Uploads
from bot.store import Store

_log = logging.getLogger(__name__)

_CLOSED_TO_US = frozenset({Fault.FORBIDDEN, Fault.TARGET_GONE, Fault.REFUSED})
_SHORT_SECONDS = 2.0
_PEOPLE = -(1 << 50)
"""From here downwards, people of whom we have no row; groups of Telegram's are above."""
_NOBODY = -(1 << 60)
"""From here downwards no id is anybody's."""


class ReplySender(Protocol):
    """Posts replies. All may raise SendError. `replace` may leave out progress without a word."""

    async def post(
        self, address: Address, message: Message, *, reply_to: str | None = None
    ) -> str: ...
    async def replace(self, address: Address, message_id: str, message: Message) -> None: ...
    async def remove(self, address: Address, message_id: str) -> None: ...


class TelegramSender:
    """A `bot.alerts.Sender`, `Remembers`, `Whispers`, and a `ReplySender`. For one loop.

    `post`, `replace` and `remove` are for replies: each waits for the rate limits by itself, and
    goes before all that is delivered.
    """

    name = NAME

    def __init__(
        self,
        *,
        client_port: ClientPort,
        store: Store,
        files: Files,
        clock: Clock,
        rate_limits: RateLimits | None = None,
        muting: Muting | None = None,
    ) -> None:
        self._muting = muting or Muting(store, clock)
        self.rate_limits = rate_limits or new_rate_limits(clock)
        self._reply_limiter = ReplyLimiter(self.rate_limits, clock)
        self._store = store
        self._clock = clock
        self._waited = _NOBODY
        uploads = Uploads(store, clock, self._wait_for_rate)
        self._posting = Posting(client_port, files, uploads, clock)
        self._editing = Editing(client_port, files, uploads)

    def forget(self) -> None:
        """What messages show. The ids of files are good for ever."""
        self._editing.forget()

    async def send(
        self, target: Target, message: Message, *, nonce: str, reply_to: str | None = None
    ) -> str:
        """Show it; its id. Raises SendError."""
        self._ration(target.address, target.place_id)
        return await self._post(target.address, message, reply_to)

    async def edit(self, target: Target, message_id: str, message: Message) -> None:
        """Show something else there. Raises SendError."""
        self._ration(target.address, target.place_id)
        await self._change(target.address, message_id, message, (target.id, target.place_id))

    async def delete(self, target: Target, message_id: str) -> None:
        """Take it away. Raises SendError."""
        await self._editing.delete(target.address, message_id)

    async def settle(
        self, target: Target, nonce: str, *, begun: datetime, reply_to: str | None = None
    ) -> Found | Settled:
        """Nobody can tell."""
        return Settled.UNCERTAIN

    async def whisper(self, person: Person, message: Message) -> bool:
        """Tell a person in private; False where they have not begun a chat with the bot, or have
        ended it. Raises SendError."""
        if not person.id.isdecimal():
            return False
        private = Address(NAME, person.id, person.id)
        try:
            await retry(lambda: self.post(private, message), POSTING, self._clock)
        except SendError as error:
            if error.fault in _CLOSED_TO_US:
                return False
            raise
        return True

    # Replies

    async def post(self, address: Address, message: Message, *, reply_to: str | None = None) -> str:
        """Post a reply, without its picture where that is refused; its id. Raises SendError."""
        recipient, wanted = await self._recipient(address), [*_ever_plainer(message)]
        for last, shown in enumerate(wanted, start=1):
            await self._reply_limiter.turn(recipient)
            try:
                return await self._post(address, shown, reply_to)
            except SendError as error:
                self._reply_limiter.slow_down(recipient, error)
                if error.fault not in (Fault.REFUSED, Fault.TOO_LARGE) or last == len(wanted):
                    raise
        raise AssertionError("unreachable: the last try ends it")

    async def replace(self, address: Address, message_id: str, message: Message) -> None:
        """Edit a reply; one that is the same already is no failure. Progress is left out where
        its place may be sent little more in this minute. Raises SendError."""
        recipient = await self._recipient(address)
        if message.progress is not None and self._is_crowded(recipient):
            return
        await self._reply_limiter.turn(recipient)
        try:
            await self._change(address, message_id, message, recipient)
        except SendError as error:
            self._reply_limiter.slow_down(recipient, error)
            if error.fault is not Fault.NOT_CHANGED:
                raise

    async def remove(self, address: Address, message_id: str) -> None:
        """Delete a reply; one that is gone is no failure. Raises SendError."""
        recipient = await self._recipient(address)
        try:
            async with self.rate_limits.turn(*recipient, REPLY):
                await self._editing.delete(address, message_id)
        except SendError as error:
            if error.fault is not Fault.MESSAGE_GONE:
                raise

    # Parts

    async def _post(self, address: Address, message: Message, reply_to: str | None) -> str:
        with before_sending():
            await self._muting.check()
        posted = await self._posting.post(address, message, reply_to=reply_to)
        self._editing.note(posted)
        return str(posted.message_id)

    async def _change(
        self, address: Address, message_id: str, message: Message, recipient: Recipient
    ) -> None:
        async def second_turn() -> None:
            wait = self.rate_limits.own_wait(*recipient)
            if wait > _SHORT_SECONDS:  # others may go first meanwhile
                raise SendError(Fault.NOT_YET, retry_after=wait, detail="a second request")
            async with self.rate_limits.turn(*recipient, SECOND):
                pass

        await self._muting.check()
        await self._editing.edit(address, message_id, message, second_turn)

    async def _wait_for_rate(self) -> None:
        """Until the token's rate allows one more; the target has had its turn."""
        self._waited -= 1
        async with self.rate_limits.turn(self._waited, self._waited, SECOND):
            pass

    def _is_crowded(self, recipient: Recipient) -> bool:
        """Alerts go first: an edit counts as much as they do."""
        left = self.rate_limits.left(recipient[1])
        return left is not None and left < PROGRESS_SPARES

    async def _recipient(self, address: Address) -> Recipient:
        """As the alerts of that address are counted. Where nothing was subscribed yet, the chat's
        number stands in for the ids of our rows, which are positive."""
        chat = chat_id(address)
        stranger = chat if chat < 0 else _PEOPLE - chat
        try:
            async with self._store.read() as unit:
                targets = await unit.places.targets_at(NAME, address.place)
        except StoreError as error:
            _log.warning("a reply is not counted among the alerts: %s", error)
            targets = ()
        ids = [target.id for target in targets if target.address.channel == address.channel]
        place_id = targets[0].place_id if targets else stranger
        self._ration(address, place_id)
        return (ids[0] if ids else stranger, place_id)

    def _ration(self, address: Address, place_id: int) -> None:
        """A person's own chat may be sent more than twenty messages a minute."""
        if not is_group(address):
            self.rate_limits.unration(place_id)
            self._reply_limiter.unration(place_id)


def _ever_plainer(message: Message) -> Iterator[Message]:
    """As it is, then with a picture that stands still, then with none."""
    yield message
    if message.moving is not None:
        message = replace(message, moving=None)
        yield message
    if message.picture is not None:
        yield replace(message, picture=None)
