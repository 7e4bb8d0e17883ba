"""Nothing that leaves the program shows a secret: texts are scrubbed here, and only here.

Tokens are known by their form, wherever they come from; what the operator has set is known by its
value as well (`keep_secret`), since a password has no form.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

_SHOWN = "[token]"

# The LiveKit SDK's ConnectError carries the whole JWT in its message; a Telegram bot token is
# part of every URL that httpx logs; a Discord token has three dotted parts of base64url; that of an
# interaction begins as `interaction:` does in base64.
_TOKENS = re.compile(
    r"(?<!\d)\d{6,12}(?::|%3[Aa])[A-Za-z0-9_-]{30,}"
    r"|\b[MNO][\w-]{22,30}\.[\w-]{5,8}\.[\w-]{25,}"
    r"|aW50ZXJhY3Rpb246[\w-]{8,}"
    r"|(?i:(?<=bearer )[\w.~+/-]{16,}=*)"
)

_BEHIND_IDS = re.compile(
    r"((?:webhooks|interactions)(?:/|%2[Ff])\d{6,20}(?:/|%2[Ff])|(?<![\w/.-])\d{15,20}(?:/|%2[Ff]))"
    r"[\w-]{20,}"
)
"""The token of a Discord interaction, or of a webhook, behind its id: in the URLs that answer it,
and as we note it (`<id>/<token>`)."""

_DOTTED = re.compile(r"(?<![\w-])[\w-]+(?:\.[\w-]*)+")
"""Where a JWT may be: its own three parts among others. Each is taken whole and but once: what is
scrubbed may be long, and of an attacker's making, so no pattern here goes over it twice."""

_JWT_BEGINS, _SHORTEST_PART = "eyJ", 7

_LOGINS = re.compile(r"(://)[^\s/?#\"<>]+@")
"""Who one is, before the host of an URL."""

_BASIC = re.compile(r"(?i:(?<=basic ))[A-Za-z0-9+/_-]{4,}={0,2}")

_SHORT = 8
_values: re.Pattern[str] | None = None
_kept: set[str] = set()


def keep_secret(values: Iterable[str | None]) -> None:
    """From now on these are scrubbed too, in every way that URLs, JSON and Python write them.

    One of fewer than 8 characters counts as a word of its own alone, or it would tear other words
    apart; one of fewer than 3 is no secret.
    """
    global _values
    for value in values:
        if value and len(value) > 2:
            _kept.update(_spellings(value))
    longest_first = sorted(_kept, key=len, reverse=True)
    _values = re.compile("|".join(map(_pattern, longest_first))) if _kept else None


def scrub(text: str) -> str:
    """`text` with every secret in it replaced by `[token]`."""
    if _values is not None:
        text = _values.sub(_SHOWN, text)
    text = _DOTTED.sub(_without_jwts, text)
    text = _TOKENS.sub(_SHOWN, text)
    text = _BEHIND_IDS.sub(rf"\1{_SHOWN}", text)
    text = _LOGINS.sub(rf"\1{_SHOWN}@", text)
    return _BASIC.sub(_without_login, text)


def _spellings(value: str) -> set[str]:
    return {
        value,
        quote(value, errors="replace"),
        quote(value, safe="", errors="replace"),
        quote_plus(value, errors="replace"),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        repr(value)[1:-1],
    }


def _pattern(value: str) -> str:
    exact = re.escape(value)
    return exact if len(value) >= _SHORT else rf"(?<!\w){exact}(?!\w)"


def _without_jwts(found: re.Match[str]) -> str:
    """A part that begins as JSON does in base64, with the two behind it, the last of which may be
    missing: a line may have been cut off there."""
    parts, shown, at = found[0].split("."), list[str](), 0
    while at < len(parts):
        part, rest = parts[at], parts[at + 1 : at + 2]
        begin, at = part.find(_JWT_BEGINS), at + 1
        if begin >= 0 and len(part) - begin >= _SHORTEST_PART and any(rest):
            part, at = part[:begin] + _SHOWN, at + 2
        shown.append(part)
    return ".".join(shown)


def _without_login(found: re.Match[str]) -> str:
    """Only what is `user:password` in base64: the word `basic` stands before others, too."""
    encoded = found[0]
    try:
        plain = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_")
    except (binascii.Error, ValueError):
        return encoded
    return _SHOWN if b":" in plain else encoded
