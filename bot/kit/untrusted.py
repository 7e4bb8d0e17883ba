"""What strangers and other programs wrote, made harmless: names and titles, and JSON.

Coin names, stream titles and people's names are attackers'. Cleaned, they cannot forge a line,
hide, turn the text around, ping, link or command, on any platform. Escaping a platform's own markup
(`*`, `_`, `<b>`) is left to that platform.

* one line; control, bidi and zero-width marks are gone, and blanks that only look empty are blanks
* at most two marks are stacked on a letter
* `@` before a word becomes its full-width twin, and `<` before what Discord would read as a mention
  a single quotation mark
* a link loses its scheme, and the dots of what looks like a host or an IP address become dot
  leaders: it reads the same, and neither Discord nor Telegram makes a link or a preview of it
  (Telegram does of an address without a scheme: tdlib, `MessageEntity.cpp`, `fix_url`)
* `/` that begins a word becomes a division slash: Telegram makes commands in any text a button
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

_MOST_MARKS = 2
_LOOKS_EMPTY = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_EMOJI = range(0x1F000, 0x1FB00)

_AT, _QUOTE, _LEADER, _SLASH = "\uff20", "\u2039", "\u2024", "\u2215"

_SCHEME = re.compile(r"[a-z][a-z0-9+.\-]*://", re.IGNORECASE)
_HOST_DOT = re.compile(r"(?<=\S)(?:\.(?=[^\W\d_])|[\u3002\uff0e\uff61](?=[a-z]))", re.IGNORECASE)
_ADDRESS = re.compile(r"\d+(?:\.\d+){3,}", re.ASCII)
_MENTION = re.compile(r"[@\ufe6b](?=\S)")
_DISCORD = re.compile(r"<(?=[@#:/!&\uff20]|a:|t:|id:)", re.IGNORECASE)
_COMMAND = re.compile(r"(?<!\w)/(?=\w)")


def inert(text: str, most: int) -> str:
    """`text` as one harmless line of at most `most` characters; cut ones end in `…`."""
    bounded = text[: 8 * most + 64]  # a megabyte of title costs no more than a line of it
    line = " ".join(_visible(unicodedata.normalize("NFC", bounded)).split())
    return _cut(_without_links(line), most)


def _visible(text: str) -> str:
    kept: list[str] = []
    marks = _MOST_MARKS  # a mark with nothing under it would sit on our own text
    for char in text:
        kind = unicodedata.category(char)
        if char.isspace() or char in _LOOKS_EMPTY:
            kept.append(" ")
            marks = _MOST_MARKS
        elif kind in ("Mn", "Me"):
            if marks < _MOST_MARKS:
                kept.append(char)
            marks += 1
        elif kind[0] != "C" or (kind == "Cn" and ord(char) in _EMOJI):
            kept.append(char)
            marks = 0
    return "".join(kept)


def _without_links(line: str) -> str:
    line = _SCHEME.sub("", line).replace("://", ":")
    line = _HOST_DOT.sub(_LEADER, line)
    line = _ADDRESS.sub(lambda address: address[0].replace(".", _LEADER), line)
    line = _MENTION.sub(_AT, line)
    line = _DISCORD.sub(_QUOTE, line)
    return _COMMAND.sub(_SLASH, line)


def _cut(line: str, most: int) -> str:
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def parse_json(text: str | bytes) -> Any:
    """What another program wrote. NaN and Infinity, which are no JSON, are None.

    Raises ValueError, also for what is nested too deeply, or has a number of too many digits.
    """
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except RecursionError:
        raise ValueError("nested too deeply") from None
