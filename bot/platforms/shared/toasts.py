"""What a press is answered with in passing, to whoever pressed alone, and what has to stay."""

from __future__ import annotations

from bot.model import Message, MessageKind, Tone

LONGEST_TOAST = 200
"""Characters; Telegram takes no more (`answerCallbackQuery`)."""


def is_toast(message: Message) -> bool:
    """A few words that need not stay: a refusal, or that something is done."""
    if message.kind is MessageKind.TOAST:
        return True
    if message.kind is not MessageKind.REPLY or message.picture or message.video:
        return False
    if message.tone is Tone.BAD:
        return True
    has_more = message.title or message.buttons or message.selects
    is_plain = not has_more and len(message.text) <= LONGEST_TOAST
    return is_plain and not any(span.code or span.url for line in message.lines for span in line)
