"""Links that name a coin: to the bot (`t.me/bot?start=<mint>`), and pasted ones to pump.fun."""

from __future__ import annotations

import re

from bot import texts
from bot.commands import without_unseen
from bot.model import Action, Button, Message, Span, Verb

_MINT = r"[1-9A-HJ-NP-Za-km-z]{32,44}"
_PAYLOAD = re.compile(_MINT)
_PASTED = re.compile(
    rf"(?<![\w.@-])(?:https?://)?(?:[a-z]+\.)?pump\.fun/(?:\S*?/)?(?P<linked>{_MINT})(?![1-9A-Za-z])"
    rf"|(?<!\S)(?P<bare>{_MINT})(?!\S)",
    re.IGNORECASE,
)


def payload_mint(words: str) -> str | None:
    """The mint after `/start`, if it looks like one; whether it is one is asked after a press."""
    text = words.strip()
    return text if _PAYLOAD.fullmatch(text) else None


def pasted_mint(text: str) -> str | None:
    """The mint of the first link to pump.fun in a text, or a mint that stands alone."""
    found = _PASTED.search(without_unseen(text))
    return (found["linked"] or found["bare"]) if found is not None else None


def which_topic(bot_name: str, mint: str) -> Message:
    """In a forum only whoever added the bot knows where alerts should go; and a bot cannot list the
    topics."""
    sentence, command = texts.telegram.which_topic(bot_name, mint)
    return Message(
        lines=((Span(sentence),), (Span(command, code=True),)),
        buttons=(
            (
                Button(texts.telegram.COPY_COMMAND, copy=command),
                Button(texts.telegram.IN_GENERAL, action=Action(Verb.SUBSCRIBE, mint).encode()),
            ),
        ),
    )
