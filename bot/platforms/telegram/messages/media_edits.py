"""Edits of posted messages that put other media there: a picture, a clip, or nothing.

A video cannot become text: where a clip was deleted, an empty picture stands until the message
goes, or the clip comes back.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import telegram
from telegram import InputFile, InputMedia, InputMediaAnimation, InputMediaPhoto, InputMediaVideo

from bot.alerts import Fault, SendError
from bot.kit.files import Files
from bot.model import Address, Message, StoredVideo
from bot.platforms.telegram.addresses import chat_id
from bot.platforms.telegram.connection.api_requests import ClientPort, ask
from bot.platforms.telegram.connection.limits import UPLOAD_BYTES, timeouts
from bot.platforms.telegram.messages.attachments import (
    about_moving,
    about_video,
    clip_file,
    opened,
    picture_file,
    poster_of_video,
    size_of,
)
from bot.platforms.telegram.messages.posting import is_hidden, with_plain_fallback
from bot.platforms.telegram.messages.render import MOST_CAPTION, Rendered, rendered
from bot.platforms.telegram.messages.uploads import (
    RemoteFile,
    Uploads,
    animation_of,
    photo_of,
    video_of,
)

_EMPTY_PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAUAAAAC0AQMAAADfKmdSAAAAA1BMVEUrLTHils4OAAAAHklEQVR42u3BMQEAAADCoPVPbQ0P"
    "oAAAAAAAAAB+DRzUAAG9+HBKAAAAAElFTkSuQmCC"
)
"""A PNG of 320×180, plain dark grey."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A message of ours, by its number in its chat."""

    address: Address
    number: int

    @property
    def name(self) -> str:
        return f"{chat_id(self.address)}/{self.number}"

    def fields(self, shown: Rendered) -> dict[str, Any]:
        """What each edit has."""
        chat = chat_id(self.address)
        return {"chat_id": chat, "message_id": self.number, "reply_markup": shown.keyboard}


class MediaEdits:
    """Of one token. Every method gives the message as it stands there now, or raises SendError."""

    def __init__(self, client_port: ClientPort, files: Files, uploads: Uploads) -> None:
        self._client_port = client_port
        self._files = files
        self._uploads = uploads

    async def picture(self, posted: Posted, message: Message) -> telegram.Message:
        """Show the message's picture there, moving if it has one so, which is uploaded once."""
        if message.moving is not None:
            return await self._animation(posted, message, message.moving)
        assert message.picture is not None
        key = message.picture.key

        async def edit(remote: RemoteFile | None) -> telegram.Message:
            file = remote.id if remote else await picture_file(self._files, key, attach=True)
            return await self._put(posted, message, lambda **told: InputMediaPhoto(file, **told))

        return await self._uploads.send(key, edit, photo_of)

    async def _animation(
        self, posted: Posted, message: Message, moving: StoredVideo
    ) -> telegram.Message:
        async def edit(remote: RemoteFile | None) -> telegram.Message:
            key = moving.key
            file = remote.id if remote else await picture_file(self._files, key, attach=True)

            def animation(**told: Any) -> InputMediaAnimation:
                return InputMediaAnimation(file, **told, **about_moving(moving))

            return await self._put(posted, message, animation)

        return await self._uploads.send(moving.key, edit, animation_of)

    async def clip(self, posted: Posted, message: Message) -> telegram.Message:
        """Show the message's video there, which is uploaded once; where it has none, nothing."""
        video = message.video
        if video is None:
            empty = InputFile(_EMPTY_PICTURE, filename="deleted.png", attach=True)
            return await self._put(posted, message, lambda **told: InputMediaPhoto(empty, **told))

        async def edit(remote: RemoteFile | None) -> telegram.Message:
            if remote is None:
                return await self._upload(posted, message, video)
            return await self._put(
                posted, message, lambda **told: InputMediaVideo(remote.id, **told)
            )

        return await self._uploads.send(video.key, edit, video_of)

    async def _upload(
        self, posted: Posted, message: Message, video: StoredVideo
    ) -> telegram.Message:
        if video.bytes > UPLOAD_BYTES:
            raise SendError(Fault.TOO_LARGE, limit=UPLOAD_BYTES, detail=f"{video.bytes} bytes")
        about = about_video(video) | {"thumbnail": await poster_of_video(self._files, video)}
        with await opened(self._files, video.key) as file:

            def uploaded(**told: Any) -> InputMediaVideo:
                clip = clip_file(file, video, attach=True)
                return InputMediaVideo(clip, **told, **about)

            return await self._put(posted, message, uploaded, video.bytes)

    async def _put(
        self, posted: Posted, message: Message, media: Callable[..., InputMedia], size: int = 0
    ) -> telegram.Message:
        """Picture or video, caption and keyboard, all of them new; `size` bytes are uploaded."""
        shown = rendered(message, MOST_CAPTION)

        async def with_caption(text: str, mode: str | None) -> telegram.Message | bool:
            told = media(caption=text, parse_mode=mode, has_spoiler=is_hidden(message))
            count = size or size_of(told.media)
            request = self._client_port.client().edit_message_media(
                media=told, **posted.fields(shown), **timeouts(count)
            )
            return await ask(request, posted.address, size=count)

        answer = await with_plain_fallback(shown.text, with_caption)
        if isinstance(answer, bool):
            raise SendError(Fault.MAYBE_SENT, detail="no message came back")
        return answer
