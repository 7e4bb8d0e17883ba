"""What a person wrote, as a text or below a picture, and the coins that its links hide. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Message, MessageEntity

from bot.commands import mints_in
from bot.platforms.telegram.requests.links import pasted

_CODE = "utf-16-le"
"""Telegram counts in its units."""


@dataclass(frozen=True, slots=True)
class MessageText:
    """A text or a caption, and what Telegram saw in it."""

    text: str
    entities: tuple[MessageEntity, ...]

    def part(self, entity: MessageEntity) -> str:
        """The words of an entity."""
        units = self.text.encode(_CODE)
        return units[2 * entity.offset : 2 * (entity.offset + entity.length)].decode(_CODE)

    def opened(self) -> str:
        """The text with a coin's address in the place of words that link to one unseen; words
        that name a coin themselves are left, since they are what was read."""
        units = self.text.encode(_CODE)
        for entity in sorted(self.entities, key=lambda one: one.offset, reverse=True):
            mint = _hidden(self, entity)
            if mint is not None:
                first, last = 2 * entity.offset, 2 * (entity.offset + entity.length)
                units = units[:first] + f" {mint} ".encode(_CODE) + units[last:]
        return units.decode(_CODE)


def message_text(message: Message) -> MessageText:
    """Its text, or what stands below its picture; empty where it has neither."""
    if message.text:
        return MessageText(message.text, tuple(message.entities))
    return MessageText(message.caption or "", tuple(message.caption_entities))


def coin_in(message: Message | None) -> str | None:
    """The first coin that a message names, in words or in a link below them; else the one that its
    buttons open, if it is one."""
    if message is None:
        return None
    named = pasted(message_text(message).opened())
    if named is not None:
        return named
    keyboard = message.reply_markup.inline_keyboard if message.reply_markup is not None else ()
    urls = [button.url for row in keyboard for button in row if button.url]
    mints = dict.fromkeys(mint for url in urls for mint in mints_in(url))
    return next(iter(mints)) if len(mints) == 1 else None


def _hidden(whole: MessageText, entity: MessageEntity) -> str | None:
    if entity.type != MessageEntity.TEXT_LINK or not entity.url:
        return None
    is_named = bool(mints_in(whole.part(entity)))
    return None if is_named else next(iter(mints_in(entity.url)), None)
