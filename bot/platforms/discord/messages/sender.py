"""Alerts and clips onto Discord: sends that may be repeated, edits that keep what is there."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeVar

import discord

from bot.alerts import Fault, Found, SendError, Settled
from bot.kit.bounded_dict import BoundedDict
from bot.kit.files import Files
from bot.kit.rate_limits import REPLY, SECOND
from bot.kit.timing.ages import UNKNOWN
from bot.kit.timing.clock import Clock
from bot.model import Address, Message, MessageKind, Person, Spoiler, Target
from bot.platforms.discord.addresses import NAME, is_outside
from bot.platforms.discord.connection.api_requests import ask
from bot.platforms.discord.connection.client_port import ClientPort, connected
from bot.platforms.discord.connection.limits import (
    NONCE_LIVES,
    OLD_EDIT_SECONDS,
    OLD_MESSAGE,
    SHOWING,
    new_rate_limits,
)
from bot.platforms.discord.messages import render, sent_lookup
from bot.platforms.discord.messages.age_restriction import fit_for
from bot.platforms.discord.messages.attachments import Attachment, attachments, kept
from bot.platforms.discord.messages.error_mapping import ARCHIVED, DiscordRefused
from bot.platforms.discord.messages.interaction_registry import InteractionRegistry
from bot.platforms.discord.messages.interaction_response import InteractionResponse
from bot.platforms.discord.messages.upload_limits import UploadLimits
from bot.platforms.discord.messages.uploads import parameters
from bot.platforms.shared.retrying import retry

T = TypeVar("T")

REMEMBERED = 4096
"""Messages of which it is known what they show, and when they were changed."""


class DiscordSender:
    """A `bot.alerts.Sender`, `Cards`, `Remembers` and `Whispers`. For one loop."""

    name = NAME

    def __init__(
        self,
        *,
        client_port: ClientPort,
        registry: InteractionRegistry,
        files: Files,
        clock: Clock,
        upload_limits: UploadLimits,
    ) -> None:
        self.rate_limits = new_rate_limits(clock)
        self._client_port = client_port
        self._registry = registry
        self._files = files
        self._clock = clock
        self._upload_limits = upload_limits
        self._attachments: BoundedDict[str, tuple[Attachment, ...]] = BoundedDict(REMEMBERED)
        self._edited: BoundedDict[str, float] = BoundedDict(REMEMBERED)
        self._posted: BoundedDict[str, None] = BoundedDict(REMEMBERED)

    def forget(self) -> None:
        """Which files messages have: a change keeps only those that it lists, by ids that have to
        be right."""
        self._attachments.clear()

    async def send(
        self, target: Target, message: Message, *, nonce: str, reply_to: str | None = None
    ) -> str:
        """Show it; its id. It answers `reply_to` while that is open, else it is posted: not where
        it may stand as the answer by now, which has no nonce that Discord would know again."""
        message = self._fit(target.address, message)
        response = self._registry.named(reply_to)
        if response is not None and response.is_open:
            response.reserve()
            try:
                return await self._respond(response, target.address, message, nonce)
            except SendError:
                if response.is_open:
                    raise
        if response is not None and response.is_reserved:
            raise SendError(Fault.MAYBE_SENT, is_ours=True, detail="it may be the answer by now")
        self._posted.put(nonce, None)
        return await self._post(target.address, message, nonce=nonce)

    async def edit(self, target: Target, message_id: str, message: Message) -> None:
        """Show something else there, with the same files where it names no others."""
        await self._replace(target.address, message_id, message)

    async def delete(self, target: Target, message_id: str) -> None:
        """Take it away."""
        await self._remove(target.address, message_id)

    async def edit_card(
        self, target: Target, card_id: str, message: Message, *, reply_to: str | None
    ) -> None:
        """By the interaction that it answers, in turn with the clip that may take its place; by the
        bot's own token once that is over."""
        response = self._registry.find(reply_to)
        shown = self._fit(target.address, message)
        if not await _still_open(response, lambda one: one.edit_card(card_id, shown)):
            await self.edit(target, card_id, message)

    async def delete_card(self, target: Target, card_id: str, *, reply_to: str | None) -> None:
        """The same."""
        response = self._registry.find(reply_to)
        if not await _still_open(response, lambda one: one.delete_card(card_id)):
            await self.delete(target, card_id)

    async def settle(
        self, target: Target, nonce: str, *, begun: datetime, reply_to: str | None = None
    ) -> Found | Settled:
        """What became of a send that began at `begun`. One that may be the answer of an interaction
        that is over is not repeated, but looked for once it would have arrived; one that was posted
        has a nonce."""
        age, response = self._clock.age(begun), self._registry.named(reply_to)
        left = age.left(NONCE_LIVES).total_seconds()
        if left and (response is None or response.is_open or nonce in self._posted):
            return Settled.REPEATABLE
        if is_outside(target.address) or age == UNKNOWN:
            return Settled.UNCERTAIN
        if left:
            raise SendError(Fault.NOT_SENT, retry_after=left, is_ours=True, detail="too early")
        client, user_id = connected(self._client_port), self._client_port.user_id
        if user_id is None:
            raise SendError(Fault.NOT_SENT, detail="not connected")
        try:
            channel_id, now = _channel(target.address), self._clock.now()
            since, until = min(begun, now - age.most), max(begun, now - age.least)
            found = await sent_lookup.search(client, channel_id, user_id, nonce, since, until)
        except DiscordRefused as error:
            if error.fault in (Fault.FORBIDDEN, Fault.TARGET_GONE):
                return Settled.UNCERTAIN
            raise
        if response is not None and found is Settled.NOT_THERE:
            response.release()
        return found

    # For people who wait, whose interaction is over: tried again where the trouble passes

    async def whisper(self, person: Person, message: Message) -> bool:
        """Tell a person in private; False where they, or Discord, do not allow it, for whatever
        reason and for however long."""
        if not person.id.isdecimal():
            return False
        nonce = secrets.token_urlsafe(18)
        try:
            await self._insist(lambda: self._whisper(person, message, nonce))
        except DiscordRefused as error:
            if error.response.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                return False
            raise
        return True

    async def post(self, address: Address, message: Message, *, nonce: str) -> str:
        """Post an answer in its channel, with a turn of its own; its id."""
        channel_id = _channel(address)
        message = replace(self._fit(address, message), role=None)

        async def post() -> str:
            async with self.rate_limits.turn(-channel_id, -channel_id, REPLY):
                return await self._post(address, message, nonce=nonce)

        return await self._insist(post, message)

    async def replace(self, address: Address, message_id: str, message: Message) -> None:
        """Change a message of ours."""
        await self._insist(lambda: self._replace(address, message_id, message), message)

    async def remove(self, address: Address, message_id: str) -> None:
        """Take a message of ours away; one that is gone is no failure."""
        try:
            await self._insist(lambda: self._remove(address, message_id))
        except SendError as error:
            if error.fault is not Fault.MESSAGE_GONE:
                raise

    # Parts

    async def _insist(self, act: Callable[[], Awaitable[T]], shown: Message | None = None) -> T:
        """Progress has one try: before the next, whoever follows it looks whether the clip came."""
        if shown is not None and shown.kind is MessageKind.PROGRESS:
            return await act()
        return await retry(act, SHOWING, self._clock)

    async def _whisper(self, person: Person, message: Message, nonce: str) -> None:
        """Each of its two requests has a turn: where many targets are gone at once, they would be a
        burst."""
        http, key = connected(self._client_port).http, -int(person.id)
        async with self.rate_limits.turn(key, key, REPLY):
            channel = await ask(http.start_private_message(person.id))
        shown = render.answer(message)
        async with (
            parameters(shown, self._files, nonce=nonce) as (form, size),
            self.rate_limits.turn(key, key, REPLY),
        ):
            await ask(http.send_message(int(channel["id"]), params=form), size=size)

    async def _replace(self, address: Address, message_id: str, message: Message) -> None:
        message = self._fit(address, message)
        if await self._by_interaction(
            message_id, lambda response: response.edit(message_id, message)
        ):
            return
        channel_id = _channel(address)
        self._check_age(message_id)

        async def change() -> None:
            await self._change(channel_id, message_id, message)

        try:
            await self._reopening(channel_id, change)
        except SendError as error:
            if error.fault is Fault.NOT_YET:
                self._note_edit(message_id)
            raise
        self._note_edit(message_id)

    async def _remove(self, address: Address, message_id: str) -> None:
        """An answer that everybody sees is the bot's own message as well: Discord takes it at the
        routes of messages (discord/discord-api-docs#3090; an ephemeral one is unknown there), and
        disnake goes there when its 15 minutes are over (DisnakeDev/disnake#469).
        """
        if await self._by_interaction(message_id, lambda response: response.delete(message_id)):
            return
        channel_id = _channel(address)

        async def delete() -> None:
            http = connected(self._client_port).http
            await ask(http.delete_message(channel_id, int(message_id)))

        await self._reopening(channel_id, delete)

    def _fit(self, address: Address, message: Message) -> Message:
        client = self._client_port.client
        known = client is not None and address.channel.isdecimal()
        channel = client.get_channel(int(address.channel)) if client and known else None
        return fit_for(channel, message)

    async def _by_interaction(
        self, message_id: str, act: Callable[[InteractionResponse], Awaitable[None]]
    ) -> bool:
        """Whether it was done through the interaction that showed the message, still open."""
        return await _still_open(self._registry.showing(message_id), act)

    async def _respond(
        self, response: InteractionResponse, address: Address, message: Message, nonce: str
    ) -> str:
        try:
            return await response.show(message, nonce=nonce, is_only_way=is_outside(address))
        except SendError as error:
            raise await self._with_limit(error, address, message) from None

    async def _post(self, address: Address, message: Message, *, nonce: str) -> str:
        channel_id = _channel(address)
        http = connected(self._client_port).http
        shown = render.first(message, nonce=nonce)

        async def send() -> Any:
            async with parameters(shown, self._files, nonce=nonce) as (form, size):
                return await ask(http.send_message(channel_id, params=form), size=size)

        try:
            sent = await self._reopening(channel_id, send)
        except SendError as error:
            raise await self._with_limit(error, address, message) from None
        return self._note(sent)

    async def _change(self, channel_id: int, message_id: str, message: Message) -> None:
        http = connected(self._client_port).http
        is_alert = message.kind is MessageKind.ALERT
        shown = render.change(message)
        current = await self._attachments_of(channel_id, message_id)
        shown, keep = kept(
            shown,
            current,
            keep_picture=is_alert and message.keeps_picture,
            keep_video=message.keeps_video,
            hidden=message.spoiler is not Spoiler.NO,
        )
        if is_alert:
            shown.payload.pop("content", None)  # whoever was mentioned still sees why
        async with parameters(shown, self._files, keep=keep) as (form, size):
            request = http.edit_message(channel_id, int(message_id), params=form)
            self._note(await ask(request, size=size))

    async def _attachments_of(self, channel_id: int, message_id: str) -> tuple[Attachment, ...]:
        """The files of a message; none where we may not look, and then ours is uploaded anew."""
        known = self._attachments.get(message_id)
        if known is not None:
            return known
        http = connected(self._client_port).http
        try:
            # A request of its own.
            async with self.rate_limits.turn(-channel_id, -channel_id, SECOND):
                message = await ask(http.get_message(channel_id, int(message_id)))
        except SendError as error:
            if error.fault is Fault.FORBIDDEN:
                return ()
            raise
        self._note(message)
        return attachments(message)

    async def _reopening(self, channel_id: int, act: Callable[[], Awaitable[T]]) -> T:
        """Do it; an archived thread is opened for it. A locked one opens for those alone who have
        the permission Manage Threads, and lets them write (Discord's documentation, "Threads")."""
        try:
            return await act()
        except DiscordRefused as error:
            if error.code != ARCHIVED:
                raise
        try:
            await self._reopen(channel_id)
        except SendError as error:
            if error.fault not in (Fault.MAYBE_SENT, Fault.SERVER_ERROR):
                raise
            raise SendError(Fault.NOT_SENT, detail=error.detail) from error  # nor was the rest
        return await act()

    async def _reopen(self, channel_id: int) -> None:
        http = connected(self._client_port).http
        try:
            await ask(http.edit_channel(channel_id, archived=False))
        except SendError as error:
            if error.fault is not Fault.FORBIDDEN:
                raise
            thread: Any = await ask(http.get_channel(channel_id))
            if (thread.get("thread_metadata") or {}).get("locked"):
                raise SendError(Fault.TARGET_CLOSED, detail="a locked thread") from error
            raise

    async def _with_limit(self, error: SendError, address: Address, message: Message) -> SendError:
        """The same error; where a clip was too large, with how large it may be."""
        if error.fault is not Fault.TOO_LARGE or message.video is None:
            return error
        limit = await self._upload_limits.learn(address.place, message.video.bytes)
        return SendError(Fault.TOO_LARGE, limit=limit, detail=error.detail)

    def _check_age(self, message_id: str) -> None:
        edited = self._edited.get(message_id)
        if edited is None or not self._is_old(message_id):
            return
        left = edited + OLD_EDIT_SECONDS - self._clock.monotonic()
        if left > 0:
            raise SendError(Fault.NOT_YET, retry_after=left, detail="older than an hour")

    def _note_edit(self, message_id: str) -> None:
        if self._is_old(message_id):
            self._edited.put(message_id, self._clock.monotonic())

    def _is_old(self, message_id: str) -> bool:
        return self._clock.age(discord.utils.snowflake_time(int(message_id))).least > OLD_MESSAGE

    def _note(self, message: Any) -> str:
        """Remember which files a message has; its id."""
        message_id = str(message["id"])
        self._attachments.put(message_id, attachments(message))
        return message_id


async def _still_open(
    response: InteractionResponse | None, act: Callable[[InteractionResponse], Awaitable[None]]
) -> bool:
    """Whether it was done through that interaction, which may turn out to be over."""
    if response is None:
        return False
    try:
        await act(response)
    except SendError:
        if response.is_open:
            raise
        return False
    return True


def _channel(address: Address) -> int:
    """Raises SendError where nothing can be posted: the bot is no member there."""
    if is_outside(address) or not address.channel.isdecimal():
        raise SendError(Fault.MESSAGE_GONE, detail="the bot is not in that place")
    return int(address.channel)
