"""What the bot may post in a chat, named as Telegram's own settings name it."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import (
    ChatMember,
    ChatMemberAdministrator,
    ChatMemberRestricted,
    ChatPermissions,
)
from telegram.constants import ChatType

from bot import texts
from bot.commands import Readiness
from bot.model import Address
from bot.platforms.telegram.addresses import chat_address, chat_id, is_group
from bot.platforms.telegram.connection.api_requests import ClientPort, ask


@dataclass(frozen=True, slots=True)
class Rights:
    """What may be posted."""

    is_member: bool = True
    text: bool = True
    photos: bool = True
    videos: bool = True
    is_channel: bool = False

    @property
    def can_post(self) -> bool:
        """Whether an alert can come at all."""
        return self.is_member and self.text

    @property
    def readiness(self) -> Readiness:
        """The same in words."""
        if not self.is_member:
            return Readiness(missing=(texts.telegram.MEMBERSHIP,))
        if not self.text:
            return Readiness(
                missing=(
                    texts.telegram.POST_MESSAGES if self.is_channel else texts.telegram.SEND_TEXT,
                )
            )
        notes = [] if self.photos else [texts.telegram.no_pictures()]
        notes += [] if self.videos else [texts.telegram.no_videos()]
        return Readiness(notes=tuple(notes))


def rights_of(
    member: ChatMember, chat_type: str, permissions: ChatPermissions | None = None
) -> Rights:
    """The bot's own: as a member of a chat of that type, where everybody has `permissions`
    (None: not known, and taken as allowed). Pure."""
    is_channel = chat_type == ChatType.CHANNEL
    match member.status:
        case ChatMember.LEFT | ChatMember.BANNED:
            return Rights(is_member=False)
        case ChatMember.OWNER:
            return Rights()
        case ChatMember.ADMINISTRATOR:
            assert isinstance(member, ChatMemberAdministrator)
            may = bool(member.can_post_messages) or not is_channel
            return Rights(text=may, photos=may, videos=may, is_channel=is_channel)
    if is_channel:  # only administrators post there
        return Rights(text=False, photos=False, videos=False, is_channel=True)
    general = _for_everybody(permissions)
    if not isinstance(member, ChatMemberRestricted):
        return general
    return Rights(
        is_member=member.is_member,
        text=general.text and member.can_send_messages,
        photos=general.photos and member.can_send_photos,
        videos=general.videos and member.can_send_videos,
    )


async def readiness(client_port: ClientPort, address: Address) -> Readiness:
    """What stands in the way of posting there. Raises SendError where Telegram does not say."""
    if not is_group(address):
        return Readiness()
    return (await rights_in(client_port, chat_id(address))).readiness


async def rights_in(client_port: ClientPort, chat: int) -> Rights:
    """What the bot may post in that group or channel now. Raises SendError."""
    bot, address = client_port.client(), chat_address(chat)
    known = await ask(bot.get_chat(chat), address)
    member = await ask(bot.get_chat_member(chat, bot.id), address)
    return rights_of(member, known.type, known.permissions)


def _for_everybody(permissions: ChatPermissions | None) -> Rights:
    if permissions is None:
        return Rights()
    return Rights(
        text=permissions.can_send_messages is not False,
        photos=permissions.can_send_photos is not False,
        videos=permissions.can_send_videos is not False,
    )
