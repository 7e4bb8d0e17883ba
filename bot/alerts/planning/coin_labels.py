"""Coins that a reader could take for one another get the ends of their addresses. Pure.

pump.fun has hundreds of coins of one symbol, and some are made to look like another.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping

from bot import texts
from bot.model import Coin

_TWINS = str.maketrans(
    "аеорсухкмтнвіјѕԁɡ" + "αβεικνορτυχη" + "015|i",
    "aeopcyxkmthbljsdg" + "abelkvoptuxn" + "olsll",
)
"""Small letters and digits that look like a Latin one, whose capitals do, or that stand for it."""

_ADDRESS_LIKE = re.compile(r"[1-9A-HJ-NP-Za-km-z]{4}\s*…\s*[1-9A-HJ-NP-Za-km-z]{4}")


def coin_labels(names: Mapping[str, str], coins: Mapping[str, Coin]) -> dict[str, str]:
    """`names` by mint, as they are shown; with a short address where two could be confused."""
    looks = {mint: _looks(name, coins.get(mint)) for mint, name in names.items()}
    count = Counter(look for each in looks.values() for look in each)
    return {
        mint: f"{name} {texts.alerts.short(mint)}"
        if any(count[look] > 1 for look in looks[mint]) or _is_forged(name, mint)
        else name
        for mint, name in names.items()
    }


def _looks(name: str, coin: Coin | None) -> frozenset[str]:
    """By name or by symbol: either is what a reader goes by."""
    names = (coin.name, coin.symbol) if coin is not None else ()
    return frozenset(_look(text) for text in (*names, name) if text.strip())


def _look(text: str) -> str:
    """The same for texts that look alike, whatever their letters and case."""
    small = unicodedata.normalize("NFKD", text[:256]).casefold()
    plain = "".join(char for char in small.translate(_TWINS) if char.isalnum())
    return plain.replace("rn", "m").replace("vv", "w") or small.strip()


def _is_forged(name: str, mint: str) -> bool:
    """Whether a coin is named as if it were told apart already."""
    return name != texts.alerts.short(mint) and bool(_ADDRESS_LIKE.search(name))
