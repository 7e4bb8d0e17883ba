"""Edits of posted messages: the text, or the caption, or (`media_edits`) picture or video with it.

A message that began as text stays text, whatever picture it gets later: Telegram could replace it
by a photo, but whoever saw text first would see it jump.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

import telegram

from bot.alerts import Fault, SendError
from bot.kit.bounded_dict import BoundedDict
from bot.kit.files import Files
from bot.model import Address, Message, MessageKind
from bot.platforms.telegram.addresses import chat_id
from bot.platforms.telegram.connection.api_requests import ClientPort, ask
from bot.platforms.telegram.connection.limits import timeouts
from bot.platforms.telegram.messages.error_mapping import TelegramRefused
from bot.platforms.telegram.messages.media_edits import MediaEdits, Posted
from bot.platforms.telegram.messages.posting import NO_PREVIEW, is_hidden, with_plain_fallback
from bot.platforms.telegram.messages.render import MOST_CAPTION, MOST_TEXT, rendered
from bot.platforms.telegram.messages.uploads import (
    REMEMBERED,
    Uploads,
    animation_of,
    photo_of,
    video_of,
)

SecondTurn = Callable[[], Awaitable[None]]
"""Waits until the rate limits allow one more request: the edit needs two. May raise SendError."""


class _Kind(StrEnum):
    """How a message can be edited: its text, or its caption, and then perhaps what it shows."""

    TEXT = "text"
    PHOTO = "photo"
    ANIMATION = "animation"
    VIDEO = "video"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a message of ours shows, so that an edit of it needs one request and repeats no upload.
    `unique` is Telegram's name of the picture or video, `is_hidden` whether it is under a
    spoiler."""

    kind: _Kind
    unique: str = ""
    is_hidden: bool = False


class Editing:
    """Of one token. Every method raises SendError, `note` and `forget` apart."""

    def __init__(self, client_port: ClientPort, files: Files, uploads: Uploads) -> None:
        self._client_port = client_port
        self._uploads = uploads
        self._media = MediaEdits(client_port, files, uploads)
        self._shown: BoundedDict[str, _Shown] = BoundedDict(REMEMBERED)

    def note(self, message: telegram.Message | bool) -> None:
        """Remember how a message of ours looks now."""
        if isinstance(message, bool):
            return
        self._shown.put(f"{message.chat_id}/{message.message_id}", _shown_by(message))

    def forget(self) -> None:
        """How messages look: an edit finds out."""
        self._shown.clear()

    async def edit(
        self, address: Address, message_id: str, message: Message, second_turn: SecondTurn
    ) -> None:
        """Show something else there."""
        posted = Posted(address, _number(message_id))
        known = self._shown.get(posted.name)
        if known is not None and known.kind is _Kind.TEXT:
            if message.video is not None or message.keeps_video:
                raise SendError(Fault.REFUSED, detail="text cannot become a video")
            await self._edit_text(posted, message)
        elif message.kind is MessageKind.CLIP:
            await self._edit_clip(posted, message, known)
        elif known is None:
            await self._edit_unknown(posted, message, second_turn)
        elif await self._is_outdated(known, message):
            self.note(await self._media.picture(posted, message))
        else:
            await self._edit_caption(posted, message)

    async def delete(self, address: Address, message_id: str) -> None:
        """Take it away."""
        bot, chat, number = self._client_port.client(), chat_id(address), _number(message_id)
        await ask(bot.delete_message(chat, number, **timeouts()), address)

    async def _edit_unknown(
        self, posted: Posted, message: Message, second_turn: SecondTurn
    ) -> None:
        """A message from before a restart: Telegram's answers tell of which kind it is."""
        has_picture = message.picture is not None or message.moving is not None
        has_media = has_picture or message.kind is MessageKind.ALERT
        first, second = self._edit_text, self._edit_caption
        if has_media:
            first, second = second, first
        try:
            await first(posted, message)
        except TelegramRefused as error:
            if error.has_no_caption or error.has_no_text:
                await second_turn()
                await second(posted, message)
                return
            if error.fault is not Fault.NOT_CHANGED or not has_picture:
                raise
        known = self._shown.get(posted.name)
        if known is None or await self._is_outdated(known, message):
            await second_turn()
            self.note(await self._media.picture(posted, message))

    async def _is_outdated(self, known: _Shown, message: Message) -> bool:
        """It is a picture, and of something else, or hidden where it should not be, or the other
        way round."""
        wanted = message.moving or message.picture
        if known.kind not in (_Kind.PHOTO, _Kind.ANIMATION) or wanted is None:
            return False
        if known.is_hidden != is_hidden(message):
            return True
        remote = await self._uploads.known(wanted.key)
        return remote is None or remote.unique != known.unique

    async def _edit_clip(self, posted: Posted, message: Message, known: _Shown | None) -> None:
        """A video that stays where it is plays on while its words and buttons change."""
        if message.keeps_video:
            await self._edit_caption(posted, message)
            return
        remote = await self._uploads.known(message.video.key) if message.video else None
        if remote and known == _Shown(_Kind.VIDEO, remote.unique, is_hidden(message)):
            await self._edit_caption(posted, message)
        else:
            self.note(await self._media.clip(posted, message))

    async def _edit_text(self, posted: Posted, message: Message) -> None:
        shown = rendered(message, MOST_TEXT)

        async def edit(text: str, mode: str | None) -> telegram.Message | bool:
            request = self._client_port.client().edit_message_text(
                text=text,
                parse_mode=mode,
                link_preview_options=NO_PREVIEW,
                **posted.fields(shown),
                **timeouts(),
            )
            return await ask(request, posted.address)

        self.note(await with_plain_fallback(shown.text, edit))

    async def _edit_caption(self, posted: Posted, message: Message) -> None:
        shown = rendered(message, MOST_CAPTION)

        async def edit(text: str, mode: str | None) -> telegram.Message | bool:
            request = self._client_port.client().edit_message_caption(
                caption=text, parse_mode=mode, **posted.fields(shown), **timeouts()
            )
            return await ask(request, posted.address)

        self.note(await with_plain_fallback(shown.text, edit))


def _shown_by(message: telegram.Message) -> _Shown:
    is_hidden, photo, video = bool(message.has_media_spoiler), photo_of(message), video_of(message)
    animation = animation_of(message)
    if message.text is not None:
        return _Shown(_Kind.TEXT)
    if animation is not None:
        return _Shown(_Kind.ANIMATION, animation.unique, is_hidden)
    if photo is not None:
        return _Shown(_Kind.PHOTO, photo.unique, is_hidden)
    if video is not None:
        return _Shown(_Kind.VIDEO, video.unique, is_hidden)
    return _Shown(_Kind.OTHER)


def _number(message_id: str) -> int:
    if not message_id.isdecimal():
        raise SendError(Fault.MESSAGE_GONE, detail="no message of Telegram's")
    return int(message_id)
