"""What a message says and asks for: its command, and the coins that it names. Pure.

A command that is written into a message later, by an edit, is not done: it was none when it came.
"""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Message, MessageEntity
from telegram.constants import ChatType

from bot.commands import CATALOGUE, mints_in, pasted_mint, payload_mint

START = "start"
"""What Telegram sends by itself at the first tap, and with a link to the bot; links of others put
what they like behind it."""

_UTF_16 = "utf-16-le"
"""Telegram counts in its units."""

_NAMES = frozenset(command.name for command in CATALOGUE)


@dataclass(frozen=True, slots=True)
class _Text:
    """A text or a caption, and what Telegram saw in it."""

    text: str
    entities: tuple[MessageEntity, ...]

    @property
    def command(self) -> str | None:
        """The command that it begins with, without its slash; it may be bold, too."""
        first = next((one for one in self.entities if _is_command(one)), None)
        if first is None:
            return None
        return self.text.encode(_UTF_16)[: 2 * first.length].decode(_UTF_16).removeprefix("/")

    def with_hidden_coins(self) -> str:
        """The text with a coin's address in place of words that merely link to it; words that name
        a coin themselves are left, since they are what was read."""
        units = self.text.encode(_UTF_16)
        parts: list[bytes] = []
        end = 0
        for entity in sorted(self.entities, key=lambda one: one.offset):
            first, last = 2 * entity.offset, 2 * (entity.offset + entity.length)
            mint = _hidden_mint(entity, units[first:last])
            if mint is not None:
                parts += units[end:first], f" {mint} ".encode(_UTF_16)
                end = last
        return b"".join((*parts, units[end:])).decode(_UTF_16)


def _text_of(message: Message) -> _Text:
    """Its text, or its caption; empty where it has neither."""
    if message.text:
        return _Text(message.text, tuple(message.entities))
    return _Text(message.caption or "", tuple(message.caption_entities))


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """`name` is a command's, in lower case; `text` is all that was typed. `mint` is the coin of a
    link, with `/start` or pasted: then nothing else counts. All empty: it asks for nothing."""

    name: str = ""
    text: str = ""
    mint: str | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """What follows the command's name."""
        return tuple(self.text.split()[1:])


def parse_message(message: Message, bot_name: str) -> ParsedMessage | None:
    """None: it is not for us. In groups another bot may be meant: what names no bot must be a
    command that we have, and `/start` must name us. What people write to a channel in private is
    for whoever runs it: no bot may answer there as it answers in a group (Bot API, `sendMessage`,
    "direct_messages_topic_id")."""
    is_private = message.chat.type == ChatType.PRIVATE
    whole = _text_of(message)
    if not whole.text or message.is_automatic_forward or _is_of_a_bot(message):
        return None
    if message.chat.is_direct_messages:
        return None
    command = whole.command
    if command is None and not is_private:
        return None
    if command is None:
        text = whole.with_hidden_coins()
        return ParsedMessage(text=text, mint=pasted_mint(text))
    name, _, addressee = command.partition("@")
    name = name.lower()
    if addressee and addressee.lower() != bot_name.lower():
        return None
    if not (addressee or is_private or name in _NAMES):
        return None
    text = whole.with_hidden_coins()
    words = text.split(maxsplit=1)[1:]
    mint = payload_mint(words[0]) if name == START and words else None
    return ParsedMessage(name, text, mint)


def names_a_bot(message: Message) -> bool:
    """Whether it is a command that names the bot that is meant."""
    return "@" in (_text_of(message).command or "")


def named_coin(message: Message | None) -> str | None:
    """The first coin that a message names, in words or in a link below them; else the one that its
    buttons open, if it is one."""
    if message is None:
        return None
    named = pasted_mint(_text_of(message).with_hidden_coins())
    if named is not None:
        return named
    keyboard = message.reply_markup.inline_keyboard if message.reply_markup is not None else ()
    urls = [button.url for row in keyboard for button in row if button.url]
    mints = dict.fromkeys(mint for url in urls for mint in mints_in(url))
    return next(iter(mints)) if len(mints) == 1 else None


def _is_command(entity: MessageEntity) -> bool:
    return entity.type == MessageEntity.BOT_COMMAND and entity.offset == 0


def _is_of_a_bot(message: Message) -> bool:
    """Where a person writes as a group or a channel, Telegram names a bot of its own as the writer;
    that is a person all the same."""
    writer = message.from_user
    return writer is not None and writer.is_bot and message.sender_chat is None


def _hidden_mint(entity: MessageEntity, words: bytes) -> str | None:
    if entity.type != MessageEntity.TEXT_LINK or not entity.url:
        return None
    mint = next(iter(mints_in(entity.url)), None)
    return None if mint is None or mints_in(words.decode(_UTF_16)) else mint
