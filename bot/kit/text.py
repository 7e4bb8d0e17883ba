"""What several chat platforms ask of a text, each with bounds of its own. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit


def width(text: str) -> int:
    """Characters as Discord's clients and Telegram count them, in UTF-16: an emoji may be two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def beginning(text: str, most: int) -> str:
    """As much of it as is at most so wide."""
    kept = text[:most]
    while width(kept) > most:
        kept = kept[:-1]
    return kept


def is_web(url: str) -> bool:
    """Whether it is an address that a browser fetches: no `javascript:`, no file."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
