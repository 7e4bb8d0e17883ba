"""An interaction that can be answered: once within three seconds, then for a quarter of an hour."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from bot.alerts import Fault, SendError
from bot.kit.timing.clock import Clock
from bot.model import Message
from bot.platforms.discord.messages import render
from bot.platforms.discord.messages.attachments import Attachment, attachments, kept
from bot.platforms.discord.messages.error_mapping import (
    ALREADY_ANSWERED,
    UNKNOWN_MESSAGE,
    DiscordRefused,
)
from bot.platforms.discord.messages.webhook import ORIGINAL, Webhook

T = TypeVar("T")

OPEN_FOR = timedelta(minutes=14, seconds=30)

_FIRST_ANSWER_WITHIN = timedelta(seconds=5)
"""Discord waits three; clocks are apart. Another node may have heard it, and do that only now."""

_LOOK_SECONDS = 0.5

_MESSAGE, _DEFERRED, _ACKNOWLEDGED, _UPDATED = 4, 5, 6, 7
_IN_DOUBT = frozenset({Fault.MAYBE_SENT, Fault.SERVER_ERROR})


class AnsweredByRival(SendError):
    """Another program has answered this interaction: it uses the same token."""

    def __init__(self) -> None:
        super().__init__(Fault.REFUSED, detail="answered by another program")


class InteractionResponse:
    """One interaction. Every method that asks Discord may raise SendError; where the interaction
    turned out to be over, `is_open` is False from then on.

    One request at a time: what is shown later is never overtaken. `is_private`: only who asked
    sees the answer, or will; whoever replies says so before anything is shown. `message_id` is the
    answer's, None while Discord has told none; `is_waiting`: so far it only says that one will
    come. `pressed_id`: the message whose button was pressed, where only the press can change it.
    `on_shown` hears of each message that is shown; `on_rival`, that another program has answered.
    """

    def __init__(
        self,
        webhook: Webhook,
        clock: Clock,
        reply_to: str,
        age: timedelta,
        *,
        is_answered: bool,
        on_shown: Callable[[str, InteractionResponse], None],
        on_rival: Callable[[], None],
    ) -> None:
        self.reply_to = reply_to
        self.answered = asyncio.Event()
        if is_answered:
            self.answered.set()
        self.is_private = False
        self.message_id: str | None = None
        self.pressed_id: str | None = None
        self.is_waiting = False
        self._webhook = webhook
        self._clock = clock
        self._on_shown = on_shown
        self._on_rival = on_rival
        self._closes = clock.monotonic() + (OPEN_FOR - age).total_seconds()
        heard_elsewhere = _FIRST_ANSWER_WITHIN - age if is_answered else timedelta(0)
        self._first_answer_by = clock.monotonic() + heard_elsewhere.total_seconds()
        self._lock = asyncio.Lock()
        self._is_closed = False
        self._is_promised = False
        self._is_taken = False
        self._is_in_doubt = False
        self._is_withdrawn = False
        self._is_acknowledged = False
        self._is_of_pressed = False
        self._shown_as = ORIGINAL
        self._attachments: tuple[Attachment, ...] | None = ()

    @property
    def is_open(self) -> bool:
        """Whether Discord still takes answers, as far as we know."""
        return not self._is_closed and self._clock.monotonic() < self._closes

    def can_change(self, message_id: str) -> bool:
        """Whether that message, which it showed, or whose button was pressed, is its to change: a
        press that was answered with another message has only that."""
        is_lost = message_id == self.pressed_id and self.is_answered and not self._is_of_pressed
        return self.is_open and not is_lost

    @property
    def is_answered(self) -> bool:
        """Whether Discord has had the first answer."""
        return self.answered.is_set()

    @property
    def is_reserved(self) -> bool:
        """A delivery has taken the answer, may have, or is about to: the reply shows nothing then.
        One that surely did not come through before the interaction ended has gone elsewhere."""
        return self._is_taken or (self._is_promised and self.is_open)

    def reserve(self) -> None:
        """A delivery is about to take the answer."""
        self._is_promised = True

    def release(self) -> None:
        """The delivery that may have taken it is surely not there."""
        self._is_taken = False

    async def defer(self, *, private: bool) -> None:
        """Tell Discord that the answer will follow; nothing happens where it was told before."""
        async with self._lock:
            if not self.is_answered:
                await self._defer(private)

    async def acknowledge(self) -> None:
        """A press that needs no answer: what it did is seen. An answer that was promised goes."""
        async with self._lock:
            if not self.is_answered:
                await self._respond(_ACKNOWLEDGED, render.Rendered(), private=True)
                self._is_acknowledged = True
            elif self.is_waiting:
                await self._tried(self._webhook.delete(ORIGINAL))
                self.is_waiting, self._is_acknowledged = False, True

    async def update(self, message: Message) -> None:
        """Show it in the place of the message whose button was pressed."""
        async with self._lock:
            shown = render.change(message)
            if self.is_answered or not await self._respond(_UPDATED, shown, private=True):
                await self._change(ORIGINAL, message, "")

    async def show(self, message: Message, *, nonce: str = "", is_only_way: bool = False) -> str:
        """Put a delivery in place of the answer; its id. May be repeated.

        Where somebody has deleted the answer meanwhile, the interaction counts as over: what is
        posted instead has a nonce, and no follow-up has. It is one all the same where that is the
        only way (the bot is no member there), and then a repeat after a doubt may be a second one.
        """
        async with self._lock:
            if not self.is_answered:
                await self._defer(self.is_private)
            try:
                shown = await self._take(message, nonce, is_only_way=is_only_way)
            except SendError as error:
                self._is_taken = self._is_taken or error.fault in _IN_DOUBT
                raise
            self._is_taken = True
            return shown

    async def answer(self, message: Message, *, private: bool) -> None:
        """Show a reply: the first answer, or in place of what stands there. Where others see that,
        a private one comes in its stead. Nothing happens once it is reserved."""
        async with self._lock:
            if self.is_reserved:
                return
            if not self.is_answered:
                await self._begin(message, private)
            elif self._is_acknowledged:  # the first answer is the message that was pressed, or gone
                self._is_acknowledged = False
                await self._follow_up(message, "", private=private)
            elif private and not self.is_private:
                await self._withdraw(message)
            else:
                await self._change(self._shown_as, message, "")

    async def edit_card(self, message_id: str, message: Message) -> None:
        """Change what tells of a delivery that is to come; not once that has taken its place."""
        async with self._lock:
            if not self.is_reserved:
                await self._change(message_id, message, "")

    async def delete_card(self, message_id: str) -> None:
        """Take it away, with the same exception."""
        async with self._lock:
            if not self.is_reserved:
                await self._tried(self._webhook.delete(message_id))

    async def edit(self, message_id: str, message: Message) -> None:
        """Change a message that is this one's to change; another node may have put something else
        there since."""
        async with self._lock:
            self._attachments = None
            await self._change(await self._named(message_id), message, "")

    async def delete(self, message_id: str) -> None:
        """Take it away."""
        async with self._lock:
            await self._tried(self._webhook.delete(await self._named(message_id)))

    # The lock is held

    async def _named(self, message_id: str) -> str:
        """How Discord is told of that message: the one that was pressed is the press's own answer
        once that is acknowledged, unless something else was answered."""
        if message_id != self.pressed_id:
            return message_id
        if not self.is_answered:
            await self._respond(_ACKNOWLEDGED, render.Rendered(), private=True)
            self._is_acknowledged = True
        if not self._is_of_pressed:
            raise SendError(Fault.MESSAGE_GONE, detail="the press was answered otherwise")
        return ORIGINAL

    async def _take(self, message: Message, nonce: str, *, is_only_way: bool) -> str:
        try:
            return await self._change(self._shown_as, message, nonce)
        except DiscordRefused as error:
            if error.code != UNKNOWN_MESSAGE:
                raise
            if not is_only_way:
                self._is_closed = True
                raise
            return await self._follow_up(message, nonce, private=self.is_private)

    async def _begin(self, message: Message, private: bool) -> None:
        shown = render.answer(message, private=private)
        if shown.upload is None:
            if not await self._respond(_MESSAGE, shown, private):
                await self._change(self._shown_as, message, "")  # so far it may only say to wait
        else:  # which may take longer than Discord waits
            await self._defer(private)
            await self._change(self._shown_as, message, "")

    async def _defer(self, private: bool) -> None:
        shown = render.Rendered({"flags": render.EPHEMERAL} if private else {})
        await self._respond(_DEFERRED, shown, private)

    async def _respond(self, kind: int, shown: render.Rendered, private: bool) -> bool:
        """False: an earlier try of ours, whose answer was lost, had come through."""
        is_first = True
        try:
            result = await self._tried(self._webhook.respond(kind, shown))
        except SendError as error:
            if not (isinstance(error, DiscordRefused) and error.code == ALREADY_ANSWERED):
                self._is_in_doubt = self._is_in_doubt or error.fault in _IN_DOUBT
                raise
            if not self._is_in_doubt:
                self._on_rival()
                raise AnsweredByRival from None
            result, is_first = {}, False
        self.is_private = private
        self.answered.set()
        self._is_of_pressed = kind in (_ACKNOWLEDGED, _UPDATED)
        if self._is_of_pressed and self.pressed_id is not None:
            self._on_shown(self.pressed_id, self)
        about = result.get("interaction") or {}
        if kind in (_MESSAGE, _DEFERRED):  # the others tell of the message that was pressed
            self.message_id, self.is_waiting = about.get("response_message_id"), kind == _DEFERRED
            self._note((result.get("resource") or {}).get("message") or {})
        return is_first

    async def _change(self, message_id: str, message: Message, nonce: str) -> str:
        shown = render.change(message, nonce=nonce)
        if self._attachments is None and (shown.upload is not None or message.keeps_video):
            self._attachments = attachments(await self._tried(self._webhook.look(message_id)))
        shown, keep = kept(shown, self._attachments or (), keep_video=message.keeps_video)
        return self._note(await self._tried(self._webhook.change(message_id, shown, keep)))

    async def _withdraw(self, message: Message) -> None:
        """What others see goes; then only who asked is told."""
        if not self._is_withdrawn:
            try:
                await self._tried(self._webhook.delete(ORIGINAL))
            except SendError as error:  # an earlier try may have come through
                if error.fault is not Fault.MESSAGE_GONE or not self.is_open:
                    raise
            self._is_withdrawn = True
        await self._follow_up(message, "", private=True)
        self.is_private = True

    async def _follow_up(self, message: Message, nonce: str, *, private: bool) -> str:
        """One more message, which is the answer from now on."""
        shown = render.answer(message, nonce=nonce, private=private)
        self._attachments = ()
        self._shown_as = self._note(await self._tried(self._webhook.follow_up(shown)))
        return self._shown_as

    async def _tried(self, request: Coroutine[Any, Any, T]) -> T:
        if not self.is_open:
            request.close()
            raise SendError(Fault.MESSAGE_GONE, detail="the interaction is over")
        try:
            return await request
        except DiscordRefused as error:
            is_early = self._clock.monotonic() < self._first_answer_by
            if error.is_response_closed and is_early:
                why = "whoever heard it has not acknowledged it"
                raise SendError(Fault.NOT_YET, retry_after=_LOOK_SECONDS, detail=why) from error
            self._is_closed = self._is_closed or error.is_response_closed
            raise

    def _note(self, message: Mapping[str, Any]) -> str:
        """Remember what Discord says of a message of ours; its id."""
        message_id = str(message.get("id", ""))
        if message_id:
            self._attachments = attachments(message)
            self.message_id, self.is_waiting = message_id, False
            self._on_shown(message_id, self)
        return message_id
