"""The answer to one command or press, from Discord's three seconds to long after its interaction.

Shown in this order of places: as the interaction's own answer; where that is closed, to everybody
in its channel, or, if it was for one person alone, to that person in private; if they take no
direct messages, the channel reads that they had no answer. Progress goes on where it stands, by
the bot's own token.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import discord

from bot import texts
from bot.alerts import Fault, SendError
from bot.kit.notifier import heard
from bot.kit.timing.clock import Clock
from bot.kit.untrusted import inert
from bot.model import Address, Message, MessageKind, Person, Tone, plain
from bot.platforms.discord.connection.limits import SHOWING
from bot.platforms.discord.messages.age_restriction import fit_for
from bot.platforms.discord.messages.interaction_response import AnsweredByRival, InteractionResponse
from bot.platforms.shared.retrying import TRANSIENT, RetryPolicy, retry

_log = logging.getLogger(__name__)

HOLD_SECONDS = 1.2
"""After so long Discord is told that an answer will come; it waits for three seconds."""

_LONGEST_NAME = 100

_HOLDING = RetryPolicy((0.2, 0.4), TRANSIENT, longest=1.0)


class Posts(Protocol):
    """Who posts where no interaction is open. All may raise SendError, of what has not passed after
    some tries; progress that is posted has one. What is gone is removed."""

    async def post(self, address: Address, message: Message, *, nonce: str) -> str: ...
    async def replace(self, address: Address, message_id: str, message: Message) -> None: ...
    async def remove(self, address: Address, message_id: str) -> None: ...
    async def whisper(self, person: Person, message: Message) -> bool: ...


class DiscordReply:
    """A `bot.commands.Reply`. `public`: everybody in the channel sees it, unless it is an error.
    `mention` puts its id behind each command that a message names.
    `in_place`: it stands where the message was whose button was pressed, unless it is an error.
    `seen`: what a press does is seen there, so that nothing is shown while it is done.

    Run `hold` beside the command. Once the answer is a delivery's (`InteractionResponse.reserve`),
    and where another program has answered, `show` does nothing. Progress is tried once: before the
    next try, whoever follows it has to look whether another node has put the clip there.
    """

    pace = 2.0

    def __init__(
        self,
        interaction: discord.Interaction[Any],
        response: InteractionResponse,
        *,
        public: bool,
        in_place: bool = False,
        seen: bool = False,
        clock: Clock,
        posts: Posts,
        address: Address | None,
        mention: Callable[[Message], Message],
    ) -> None:
        self.request_id = str(interaction.id)
        self.reply_to: str | None = response.reply_to
        self._person = Person(str(interaction.user.id), interaction.user.display_name)
        self._channel = interaction.channel
        self._response = response
        self._is_public = public
        self._is_in_place = in_place
        self._is_seen = seen
        self._clock = clock
        self._posts = posts
        self._address = address
        self._mention = mention
        self._posted: str | None = None
        self._is_muted = False
        self._lock = asyncio.Lock()
        response.is_private = not public

    async def hold(self) -> None:
        """Ends when Discord has been told, or cannot be told any more."""
        if await heard(self._response.answered, self._clock, HOLD_SECONDS):
            return
        try:
            await retry(self._defer, _HOLDING, self._clock)
        except AnsweredByRival:
            self._is_muted = True
        except SendError as error:
            _log.info("an interaction could not be held: %s", error)

    async def _defer(self) -> None:
        if self._is_in_place or self._is_seen:
            await self._response.acknowledge()
        else:
            await self._response.defer(private=not self._is_public)

    @property
    def message_id(self) -> str | None:
        """What everybody sees of it: what was posted because the interaction was over, else its own
        answer, even one that only says to wait: a delivery takes its place, on another node too."""
        return self._posted or (None if self._response.is_private else self._response.message_id)

    @property
    def is_replaceable(self) -> bool:
        """What was posted because the interaction was over, nothing replaces."""
        return self._posted is None

    async def show(self, message: Message) -> None:
        """Raises SendError where it cannot be shown anywhere (any more)."""
        async with self._lock:
            if self._is_muted or self._response.is_reserved:
                return
            message = self._mention(message)
            if message.kind is MessageKind.TOAST:
                await self._acknowledge()
                return
            if self._is_in_place and not _is_error(message):
                await self._update(message)
                return
            is_private = not self._is_public or message.private or _is_error(message)
            if self._posted is None and await self._answered(message, is_private):
                return
            await self._elsewhere(message, is_private)

    async def change(self, message: Message) -> None:
        """Raises SendError where it is gone, or was shown by an interaction that is over."""
        if not self._response.is_open:
            raise SendError(Fault.MESSAGE_GONE, detail="the interaction is over")
        await self.show(message)

    async def _update(self, message: Message) -> None:
        """Raises SendError: what is not shown there is shown nowhere."""
        try:
            await self._insist(lambda: self._response.update(message))
        except AnsweredByRival:
            self._is_muted = True

    async def _acknowledge(self) -> None:
        """What was done is seen where the button is; a press that is over needs no more."""
        try:
            await self._insist(self._response.acknowledge)
        except AnsweredByRival:
            self._is_muted = True
        except SendError as error:
            if self._response.is_open:
                raise
            _log.info("a press could not be acknowledged: %s", error)

    async def _answered(self, message: Message, is_private: bool) -> bool:
        """False: the interaction is over."""
        message = fit_for(self._channel, message)
        try:
            if _is_progress(message):
                await self._response.answer(message, private=is_private)
            else:
                await self._insist(lambda: self._response.answer(message, private=is_private))
        except AnsweredByRival:
            self._is_muted = True
        except SendError:
            if self._response.is_open:
                raise
            return False
        return True

    async def _insist(self, act: Callable[[], Awaitable[None]]) -> None:
        """Do it, in the end after a pause or a few where the trouble is a passing one."""
        await retry(act, SHOWING, self._clock)

    async def _elsewhere(self, message: Message, is_private: bool) -> None:
        """In the channel; what only one person was to see, in private, or nowhere: it may name
        channels that others don't see."""
        if is_private:
            if await self._posts.whisper(self._person, message):
                return
            name = inert(self._person.name, _LONGEST_NAME)
            message = plain(texts.discord.not_answered(name), tone=Tone.BAD)
        address = self._known_address()
        stands = self._posted or self._visible_answer()
        if _is_progress(message) and stands is not None:
            await self._posts.replace(address, stands, message)
        elif self._posted is not None:
            await self._posts.replace(address, self._posted, message)
        else:
            self._posted = await self._posts.post(address, message, nonce=self._nonce())
            await self._end_wait(address)

    def _known_address(self) -> Address:
        if self._address is None:
            raise SendError(Fault.MESSAGE_GONE, detail="the interaction is over")
        return self._address

    def _visible_answer(self) -> str | None:
        """The answer that everybody saw while the interaction was open; a mere wait cannot be
        filled."""
        response = self._response
        return None if response.is_private or response.is_waiting else response.message_id

    async def remove(self) -> None:
        """Raises SendError where it cannot be taken away."""
        async with self._lock:
            if self._is_muted or self._response.is_reserved:
                return
            stands = self._posted or self._visible_answer()
            if stands is None:
                await self._end_wait(self._known_address())
                return
            await self._posts.remove(self._known_address(), stands)

    async def _end_wait(self, address: Address) -> None:
        """What was promised has come elsewhere."""
        response = self._response
        if response.is_private or not response.is_waiting or response.message_id is None:
            return
        try:
            await self._posts.remove(address, response.message_id)
        except SendError as error:
            _log.info("a wait is left standing: %s", error)

    def _nonce(self) -> str:
        digest = hashlib.sha256(f"reply\0{self.request_id}".encode()).digest()[:18]
        return base64.urlsafe_b64encode(digest).decode()


def _is_progress(message: Message) -> bool:
    return message.kind is MessageKind.PROGRESS


def _is_error(message: Message) -> bool:
    return message.kind is MessageKind.REPLY and message.tone is Tone.BAD
