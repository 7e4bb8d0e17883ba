"""Posts of new messages: text, a photo, a moving picture, or a video."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

import telegram
from telegram import InputFile, LinkPreviewOptions, ReplyParameters
from telegram.constants import ParseMode

from bot.alerts import Fault, SendError
from bot.kit.files import Files
from bot.kit.tasks import background
from bot.kit.timing.clock import Clock
from bot.model import Address, Message, Spoiler, StoredVideo
from bot.platforms.telegram.addresses import chat_id, thread_id
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
from bot.platforms.telegram.messages.chat_actions import VIDEO, ChatActions
from bot.platforms.telegram.messages.error_mapping import TelegramRefused
from bot.platforms.telegram.messages.markup import Text
from bot.platforms.telegram.messages.render import MOST_CAPTION, MOST_TEXT, Rendered, rendered
from bot.platforms.telegram.messages.uploads import (
    RemoteFile,
    Uploads,
    animation_of,
    photo_of,
    video_of,
)

_log = logging.getLogger(__name__)

T = TypeVar("T")

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


async def with_plain_fallback(text: Text, request: Callable[[str, str | None], Awaitable[T]]) -> T:
    """What `request` gets for our HTML or, where Telegram cannot parse it, for the plain text."""
    try:
        return await request(text.html, ParseMode.HTML)
    except TelegramRefused as error:
        if not error.is_unparsed:
            raise
        _log.warning("Telegram cannot parse our HTML: %s", error)
        return await request(text.plain, None)


class Posting:
    """Of one token. Every method raises SendError."""

    def __init__(
        self, client_port: ClientPort, files: Files, uploads: Uploads, clock: Clock
    ) -> None:
        self._client_port = client_port
        self._files = files
        self._uploads = uploads
        self._actions = ChatActions(client_port, clock)

    async def post(
        self, address: Address, message: Message, *, reply_to: str | None = None
    ) -> telegram.Message:
        """The message as it stands there now."""
        if message.video is not None:
            return await self._post_video(address, message, message.video, reply_to)
        if message.moving is not None:
            return await self._post_animation(address, message, message.moving, reply_to)
        if message.picture is not None:
            return await self._post_photo(address, message, message.picture.key, reply_to)
        return await self._post_text(address, message, reply_to)

    async def _post_text(
        self, address: Address, message: Message, reply_to: str | None
    ) -> telegram.Message:
        bot, shown = self._client_port.client(), rendered(message, MOST_TEXT)
        common = _common_fields(address, message, shown, reply_to)

        async def send(text: str, mode: str | None) -> telegram.Message:
            request = bot.send_message(
                text=text,
                parse_mode=mode,
                link_preview_options=NO_PREVIEW,
                **common,
                **timeouts(),
            )
            return await ask(request, address)

        return await with_plain_fallback(shown.text, send)

    async def _post_photo(
        self, address: Address, message: Message, key: str, reply_to: str | None
    ) -> telegram.Message:
        shown = rendered(message, MOST_CAPTION)
        common = _media_fields(address, message, shown, reply_to)

        async def send(remote: RemoteFile | None) -> telegram.Message:
            photo = remote.id if remote else await picture_file(self._files, key)
            size = size_of(photo)

            async def with_caption(text: str, mode: str | None) -> telegram.Message:
                request = self._client_port.client().send_photo(
                    photo=photo, caption=text, parse_mode=mode, **common, **timeouts(size)
                )
                return await ask(request, address, size=size)

            return await with_plain_fallback(shown.text, with_caption)

        return await self._uploads.send(key, send, photo_of)

    async def _post_animation(
        self, address: Address, message: Message, moving: StoredVideo, reply_to: str | None
    ) -> telegram.Message:
        shown = rendered(message, MOST_CAPTION)
        fields = _media_fields(address, message, shown, reply_to) | about_moving(moving)

        async def send(remote: RemoteFile | None) -> telegram.Message:
            animation = remote.id if remote else await picture_file(self._files, moving.key)
            size = size_of(animation)

            async def with_caption(text: str, mode: str | None) -> telegram.Message:
                request = self._client_port.client().send_animation(
                    animation=animation, caption=text, parse_mode=mode, **fields, **timeouts(size)
                )
                return await ask(request, address, size=size)

            return await with_plain_fallback(shown.text, with_caption)

        return await self._uploads.send(moving.key, send, animation_of)

    async def _post_video(
        self, address: Address, message: Message, video: StoredVideo, reply_to: str | None
    ) -> telegram.Message:
        shown = rendered(message, MOST_CAPTION)
        common = _media_fields(address, message, shown, reply_to)

        async def send(remote: RemoteFile | None) -> telegram.Message:
            if remote is not None:
                return await self._send_video(address, shown.text, common, lambda: remote.id)
            return await self._upload_video(address, shown.text, common, video)

        try:
            return await self._uploads.send(video.key, send, video_of)
        except SendError as error:
            if error.fault is not Fault.TOO_LARGE:
                raise
            raise SendError(error.fault, limit=UPLOAD_BYTES, detail=error.detail) from None

    async def _upload_video(
        self, address: Address, text: Text, common: dict[str, Any], video: StoredVideo
    ) -> telegram.Message:
        if video.bytes > UPLOAD_BYTES:
            raise SendError(Fault.TOO_LARGE, detail=f"{video.bytes} bytes")
        about = about_video(video) | {"thumbnail": await poster_of_video(self._files, video)}
        with await opened(self._files, video.key) as file:
            async with self._showing_upload(address):
                return await self._send_video(
                    address,
                    text,
                    {**common, **about},
                    lambda: clip_file(file, video),
                    video.bytes,
                )

    async def _send_video(
        self,
        address: Address,
        text: Text,
        fields: dict[str, Any],
        video: Callable[[], InputFile | str],
        size: int = 0,
    ) -> telegram.Message:
        bot = self._client_port.client()

        async def send(caption: str, mode: str | None) -> telegram.Message:
            request = bot.send_video(
                video=video(), caption=caption, parse_mode=mode, **fields, **timeouts(size)
            )
            return await ask(request, address, size=size)

        return await with_plain_fallback(text, send)

    def _showing_upload(self, address: Address) -> AbstractAsyncContextManager[object]:
        """Until the end of the block the chat shows that a video is being sent."""
        return background(self._actions.keep_showing(address, VIDEO), "telegram-upload")


def is_hidden(message: Message) -> bool:
    """Telegram knows of no chat whether everybody there is of age."""
    return message.spoiler is not Spoiler.NO


def _media_fields(
    address: Address, message: Message, shown: Rendered, reply_to: str | None
) -> dict[str, Any]:
    """What pictures and videos take."""
    common = _common_fields(address, message, shown, reply_to)
    return common | {"has_spoiler": is_hidden(message)}


def _common_fields(
    address: Address, message: Message, shown: Rendered, reply_to: str | None
) -> dict[str, Any]:
    """What every kind of message takes."""
    reply = None
    if reply_to is not None and reply_to.isdecimal():
        reply = ReplyParameters(int(reply_to), allow_sending_without_reply=True)
    return {
        "chat_id": chat_id(address),
        "message_thread_id": thread_id(address),
        "disable_notification": message.silent,
        "reply_parameters": reply,
        "reply_markup": shown.keyboard,
    }
