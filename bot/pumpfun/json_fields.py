"""Single fields of somebody else's JSON and headers: the value if it can be used, else nothing.

Whatever the site (or whoever made the coin) puts there, none of these raises.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

from bot.pumpfun.mint import is_mint

_DIGITS = re.compile(r"[0-9]{1,18}")
_EARLIEST_MS = 946_684_800_000
"""2000-01-01: anything before is a zero or a mistake."""
_LATEST_MS = 4_102_444_800_000
"""2100-01-01."""
_LONGEST_URL = 2048


def text(value: object, longest: int = 300) -> str:
    """`value` if it is text, cut to `longest` characters; half surrogates become `?`."""
    if not isinstance(value, str):
        return ""
    # A lone surrogate is legal in JSON and breaks whoever encodes it later.
    sound = value[: 4 * longest].encode("utf-8", "replace").decode("utf-8")
    return sound.replace("\0", "").strip()[:longest]


def whole(value: object, most: int = 2**63 - 1) -> int | None:
    """A whole number from 0 to `most`, also when it comes as text or as `78.0`. No booleans."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= most else None


def real(value: object) -> float | None:
    """A finite number of at least 0, also when it comes as text (LiveKit's distances do)."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number >= 0 else None


def instant(value: object) -> datetime | None:
    """An instant given in milliseconds since 1970, between 2000 and 2100."""
    milliseconds = whole(value)
    if milliseconds is None or not _EARLIEST_MS <= milliseconds <= _LATEST_MS:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def web_url(value: object, *schemes: str) -> str | None:
    """A URL of one of `schemes` (else of the web) in plain ASCII, without a user name.

    Whether its host is one that we go to is not judged here.
    """
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_URL:
        return None
    if not value.isascii() or not value.isprintable() or " " in value or "\\" in value:
        return None
    try:
        url = urlsplit(value)
        named = url.hostname and (url.port or True)
    except ValueError:
        return None
    known = url.scheme in (schemes or ("http", "https"))
    return value if named and known and "@" not in url.netloc else None


def address(value: object) -> str | None:
    """A wallet or a mint, given as text or as `{"address": …}` (both occur)."""
    if isinstance(value, dict):
        value = value.get("address")
    return value if isinstance(value, str) and is_mint(value) else None
