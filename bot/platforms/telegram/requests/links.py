"""The answer to a link to the bot (`t.me/bot?startgroup=<mint>`) that leads into a forum."""

from __future__ import annotations

from bot import texts
from bot.model import Action, Button, Message, Span, Verb


def which_topic(bot_name: str, mint: str) -> Message:
    """In a forum only whoever added the bot knows where alerts should go; and a bot cannot list the
    topics."""
    sentence, command = texts.telegram.which_topic(bot_name, mint)
    subscribe = Action(Verb.SUBSCRIBE, mint).encode()
    return Message(
        lines=((Span(sentence),), (Span(command, code=True),)),
        buttons=(
            (
                Button(texts.telegram.COPY_COMMAND, copy=command),
                Button(texts.telegram.IN_GENERAL, action=subscribe),
            ),
        ),
    )
