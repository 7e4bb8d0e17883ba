"""Nothing that leaves the program shows a token: texts are scrubbed here, and only here."""

from __future__ import annotations

import re

# The LiveKit SDK's ConnectError carries the whole JWT in its message; a Telegram bot token is
# part of every URL that httpx logs; a Discord token has three dotted parts of base64url.
_TOKENS = re.compile(
    r"eyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*)?"
    r"|(?<!\d)\d{6,12}:[A-Za-z0-9_-]{30,}"
    r"|\b[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,}"
    r"|(?i:(?<=bearer )[\w.~+/-]{16,}=*)"
)

_ADDRESSES = re.compile(r"((?:webhooks|interactions)/\d{6,20}/)[\w-]{20,}")
"""The token of a Discord interaction stands in the URLs that answer it, for 15 minutes."""


def scrub(text: str) -> str:
    """`text` with every token in it replaced by `[token]`."""
    return _ADDRESSES.sub(r"\1[token]", _TOKENS.sub("[token]", text))
