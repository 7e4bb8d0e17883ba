"""Chats and topics as our addresses, and back. Pure.

A private chat, a group, a supergroup or a channel is `chat`; a topic of a forum is `chat/thread`.
General is the forum itself: Telegram refuses its number (1) where a thread is to be named.
"""

from __future__ import annotations

from telegram import Chat, MaybeInaccessibleMessage, Message
from telegram.constants import ChatType

from bot import texts
from bot.alerts import Fault, SendError
from bot.model import Address

NAME = "telegram"
"""The platform, its sender, and its part of the health."""


def chat_id(address: Address) -> int:
    """Raises SendError for an address that is none of Telegram's."""
    return _number(address.place)


def thread_id(address: Address) -> int | None:
    """The topic; None for General, and where there are no topics."""
    _, _, thread = address.channel.partition("/")
    return _number(thread) if thread else None


def address_in(chat: Chat, thread: int | None = None, topic: str = "") -> Address:
    """A chat, or one of its topics; names are what people call them, as far as Telegram tells."""
    place = str(chat.id)
    title = chat.effective_name or ""
    if thread is not None:
        return Address(NAME, place, f"{place}/{thread}", title, topic)
    name = (
        texts.telegram.GENERAL if chat.is_forum else "" if chat.type == ChatType.PRIVATE else title
    )
    return Address(NAME, place, place, title, name)


def address_of(message: MaybeInaccessibleMessage) -> Address:
    """Where a message is. Its thread counts only in a topic: elsewhere Telegram uses that number
    for chains of replies."""
    if not isinstance(message, Message) or not message.is_topic_message:
        return address_in(message.chat)
    return address_in(message.chat, message.message_thread_id, _topic(message))


def is_placed(message: MaybeInaccessibleMessage) -> bool:
    """Whether `address_of` can tell where it is. Of a message that the bot cannot see any more
    Telegram names the chat alone, so in a forum it may be in any topic. (PTB 22.8 makes a
    `Message` of it all the same, dated 1970.)"""
    return message.is_accessible or not message.chat.is_forum


def replied_to(message: Message) -> str | None:
    """The id of the message that it replies to. In a topic Telegram makes whatever replies to
    nothing a reply to the topic's first message: that does not count."""
    other = message.reply_to_message
    if other is None or other.forum_topic_created is not None:
        return None
    return str(other.message_id)


def chat_address(chat: int) -> Address:
    """A chat of which only the number is known."""
    return Address(NAME, str(chat), str(chat))


def is_group(address: Address) -> bool:
    """Whether it is a group or a channel: people's own chats have positive numbers."""
    return address.place.startswith("-")


def moved(address: Address, new_chat: int) -> Address:
    """The same address after the group became a supergroup."""
    _, slash, thread = address.channel.partition("/")
    place = str(new_chat)
    return Address(NAME, place, f"{place}{slash}{thread}", address.place_name, address.channel_name)


def _topic(message: Message) -> str:
    other = message.reply_to_message
    made = other.forum_topic_created if other is not None else None
    return made.name if made is not None else ""


def _number(text: str) -> int:
    if not text.removeprefix("-").isdecimal():
        raise SendError(Fault.TARGET_GONE, detail="no chat of Telegram's")
    return int(text)
