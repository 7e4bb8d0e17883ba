"""Changes of what is shown: the text, or the caption, or the picture with its caption.

A message that began as text stays text, whatever picture it gets later: Telegram could replace it
by a photo, but whoever saw text first would see it jump.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import telegram
from telegram import InputMediaPhoto

from bot.alerts import Fault, SendError
from bot.kit.bounded_dict import Recent
from bot.model import Address, Message, MessageKind
from bot.platforms.telegram.addresses import chat_id
from bot.platforms.telegram.connection.limits import CAPTION, TEXT, timeouts
from bot.platforms.telegram.connection.requests import ClientPort, ask
from bot.platforms.telegram.messages.attachments import picture_file, size_of
from bot.platforms.telegram.messages.error_mapping import TelegramRefused
from bot.platforms.telegram.messages.message_cache import REMEMBERED, Kind, ShownMessage
from bot.platforms.telegram.messages.posting import NO_PREVIEW, said
from bot.platforms.telegram.messages.render import Rendered, rendered
from bot.platforms.telegram.messages.uploads import Remote, Uploads, photo_of

if TYPE_CHECKING:
    from bot.kit.files import Files

OneMore = Callable[[], Awaitable[None]]
"""Takes another turn of the lanes: the change needs a second request. May raise SendError."""

_HAVE_MEDIA = frozenset({MessageKind.ALERT, MessageKind.CLIP})


@dataclass(frozen=True, slots=True)
class _Slot:
    """A message of ours, by its number in its chat."""

    address: Address
    number: int

    @property
    def name(self) -> str:
        return f"{chat_id(self.address)}/{self.number}"

    def fields(self, shown: Rendered) -> dict[str, Any]:
        """What each change has."""
        chat = chat_id(self.address)
        return {"chat_id": chat, "message_id": self.number, "reply_markup": shown.keyboard}


class Editing:
    """What is changed. Every method raises SendError, `note` apart."""

    def __init__(self, client_port: ClientPort, files: Files, uploads: Uploads) -> None:
        self._client_port = client_port
        self._files = files
        self._uploads = uploads
        self._seen: Recent[ShownMessage] = Recent(REMEMBERED)

    def note(self, message: telegram.Message | bool) -> None:
        """Remember how a message of ours looks now."""
        if isinstance(message, bool):
            return
        photo = photo_of(message)
        if message.text is not None:
            seen = ShownMessage(Kind.TEXT)
        elif photo is not None:
            seen = ShownMessage(Kind.PHOTO, photo.unique)
        else:
            seen = ShownMessage(Kind.OTHER)
        self._seen.put(f"{message.chat_id}/{message.message_id}", seen)

    async def change(
        self, address: Address, message_id: str, message: Message, one_more: OneMore
    ) -> None:
        """Show something else there."""
        slot = _Slot(address, _number(message_id))
        seen = self._seen.get(slot.name)
        if seen is None:
            await self._change_unseen(slot, message, one_more)
        elif seen.kind is Kind.TEXT:
            await self._text(slot, message)
        elif await self._is_outdated(seen, message):
            await self._media(slot, message)
        else:
            await self._caption(slot, message)

    async def delete(self, address: Address, message_id: str) -> None:
        """Take it away."""
        bot, chat, number = self._client_port.client(), chat_id(address), _number(message_id)
        await ask(bot.delete_message(chat, number, **timeouts()), address)

    async def _change_unseen(self, slot: _Slot, message: Message, one_more: OneMore) -> None:
        """What it is, Telegram's answers tell: a message from before a restart."""
        has_media = message.picture is not None or message.kind in _HAVE_MEDIA
        first, second = (self._caption, self._text) if has_media else (self._text, self._caption)
        try:
            await first(slot, message)
        except TelegramRefused as error:
            if error.has_no_caption or error.has_no_text:
                await one_more()
                await second(slot, message)
                return
            if error.fault is not Fault.NOT_CHANGED or message.picture is None:
                raise
        seen = self._seen.get(slot.name)
        if seen is None or await self._is_outdated(seen, message):
            await one_more()
            await self._media(slot, message)

    async def _is_outdated(self, seen: ShownMessage, message: Message) -> bool:
        """It is a photo, and of something else."""
        if seen.kind is not Kind.PHOTO or message.picture is None:
            return False
        remote = await self._uploads.known(message.picture.key)
        return remote is None or remote.unique != seen.unique

    async def _text(self, slot: _Slot, message: Message) -> None:
        shown = rendered(message, TEXT)

        async def edit(text: str, mode: str | None) -> telegram.Message | bool:
            request = self._client_port.client().edit_message_text(
                text=text,
                parse_mode=mode,
                link_preview_options=NO_PREVIEW,
                **slot.fields(shown),
                **timeouts(),
            )
            return await ask(request, slot.address)

        self.note(await said(shown.text, edit))

    async def _caption(self, slot: _Slot, message: Message) -> None:
        shown = rendered(message, CAPTION)

        async def edit(text: str, mode: str | None) -> telegram.Message | bool:
            request = self._client_port.client().edit_message_caption(
                caption=text, parse_mode=mode, **slot.fields(shown), **timeouts()
            )
            return await ask(request, slot.address)

        self.note(await said(shown.text, edit))

    async def _media(self, slot: _Slot, message: Message) -> None:
        assert message.picture is not None
        key, shown = message.picture.key, rendered(message, CAPTION)

        async def edit(remote: Remote | None) -> telegram.Message:
            file = remote.id if remote else await picture_file(self._files, key, attach=True)

            async def with_caption(text: str, mode: str | None) -> telegram.Message | bool:
                media = InputMediaPhoto(file, caption=text, parse_mode=mode)
                request = self._client_port.client().edit_message_media(
                    media=media, **slot.fields(shown), **timeouts(size_of(file))
                )
                return await ask(request, slot.address, size=size_of(file))

            told = await said(shown.text, with_caption)
            if isinstance(told, bool):
                raise SendError(Fault.MAYBE_SENT, detail="no message came back")
            return told

        self.note(await self._uploads.through(key, edit, photo_of))


def _number(message_id: str) -> int:
    if not message_id.isdecimal():
        raise SendError(Fault.MESSAGE_GONE, detail="no message of Telegram's")
    return int(message_id)
