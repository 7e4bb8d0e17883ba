"""A coin that is named without a command: pasted as a link or an address, or by a link to the bot.
Pure."""

from __future__ import annotations

import re

from bot.commands.parsing.parser import parse_mints, split, without_unseen

_MINT = r"[1-9A-HJ-NP-Za-km-z]{32,44}"
_PAYLOAD = re.compile(_MINT)
_PASTED = re.compile(
    rf"(?<![\w.@-])(?:https?://)?(?:[a-z]+\.)?pump\.fun/(?!profile/)"
    rf"(?:\S{{0,64}}?/)?(?P<linked>{_MINT})(?![1-9A-Za-z])"
    rf"|(?<!\S)(?P<bare>{_MINT})(?!\S)",
    re.IGNORECASE,
)
"""A path has an end: else a text full of links takes time in the square of its length."""


def payload_mint(words: str) -> str | None:
    """The mint that a link to the bot put behind `/start`, if it looks like one; links of others
    put there what they like. Whether it is one, others find out."""
    text = words.strip()
    return text if _PAYLOAD.fullmatch(text) else None


def pasted_mint(text: str) -> str | None:
    """The mint of the first link to pump.fun in a text, or a mint that stands alone, in its own
    case. It looks like one; whether it is one, others find out."""
    found = _PASTED.search(without_unseen(text))
    return (found["linked"] or found["bare"]) if found is not None else None


def pasted_coin(text: str) -> str | None:
    """The same of a text that begins with no slash; or all of it, if that is one word which was
    meant as an address or a link, and is none."""
    if without_unseen(text).lstrip().startswith("/"):
        return None
    words = split([text])
    parsed = parse_mints(words)
    is_meant = len(words) == 1 and bool(parsed.refused)
    refused = words[0] if is_meant else None
    return pasted_mint(text) or next(iter(parsed.mints), refused)
