"""What a message asks for, if it asks for anything. Pure.

A command that is written into a message later, by an edit, is not done: it was none when it came.
"""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Message, MessageEntity
from telegram.constants import ChatType

from bot.commands import CATALOGUE
from bot.platforms.telegram.requests.links import pasted, payload
from bot.platforms.telegram.requests.message_text import MessageText, message_text

_NAMES = frozenset(command.name for command in CATALOGUE)
START = "start"
"""What Telegram sends by itself at the first tap, and with a link to the bot; links of others put
what they like behind it."""


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """`name` is a command's, small; `text` all of it as it was typed. `mint` is what a link names,
    with `/start` or pasted: then nothing else counts. All empty: a text that asks for nothing."""

    name: str = ""
    text: str = ""
    mint: str | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """Whatever stands beside the command's name."""
        return tuple(self.text.split()[1:])


def asked(message: Message, bot_name: str) -> ParsedMessage | None:
    """None: it is not for us. In groups another bot may be meant: what names no bot must be a
    command that we have, and `/start` must name us."""
    is_private = message.chat.type == ChatType.PRIVATE
    whole = message_text(message)
    if not whole.text or message.is_automatic_forward or _is_of_a_bot(message):
        return None
    found, text = _command(whole), whole.opened()
    if found is None:
        return ParsedMessage(text=text, mint=pasted(text)) if is_private else None
    name, addressee = found
    if addressee and addressee.lower() != bot_name.lower():
        return None
    if not (addressee or is_private or name in _NAMES):
        return None
    words = text.split(maxsplit=1)[1:]
    mint = payload(words[0]) if name == START and words else None
    return ParsedMessage(name, text, mint)


def _command(whole: MessageText) -> tuple[str, str] | None:
    """The command that it begins with, and whom it is for; it may be bold, too."""
    first = next((one for one in whole.entities if _is_command(one)), None)
    if first is None:
        return None
    name, _, addressee = whole.part(first).removeprefix("/").partition("@")
    return name.lower(), addressee


def _is_command(entity: MessageEntity) -> bool:
    return entity.type == MessageEntity.BOT_COMMAND and entity.offset == 0


def _is_of_a_bot(message: Message) -> bool:
    """Telegram puts its own bots where a person hides behind a group or a channel."""
    writer = message.from_user
    return writer is not None and writer.is_bot and message.sender_chat is None
