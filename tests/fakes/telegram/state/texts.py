"""Text with its entities, counted as Telegram counts: in UTF-16 code units."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

_ENDINGS = "fun|com|org|net|io|gg|me"
"""Of hosts that are links without a scheme; Telegram knows many more."""

_FOUND = (
    ("url", re.compile(r"https?://[^\s<>]+")),
    ("url", re.compile(rf"(?<![\w@/.-])(?:[a-z0-9-]+\.)+(?:{_ENDINGS})\b(?:/[^\s<>]*)?")),
    ("hashtag", re.compile(r"(?<![\w#])#(?=\w*[^\W\d])\w{1,255}")),
    ("cashtag", re.compile(r"(?<![\w$])\$[A-Z]{1,8}(?![\w$])")),
    ("bot_command", re.compile(r"(?<![\w/@])/\w{1,32}(?:@\w{3,32})?(?![\w/@])", re.ASCII)),
    ("mention", re.compile(r"(?<![\w@])@[A-Za-z]\w{3,31}(?!\w)", re.ASCII)),
)
_CLOSED = {"code", "pre", "text_link", "url"}
"""Inside these Telegram finds nothing more."""


def units(text: str) -> int:
    """The length that limits and offsets are in."""
    return len(text.encode("utf-16-le")) // 2


@dataclass(frozen=True, slots=True)
class Text:
    """What one reads, and what is bold, a link and so on in it."""

    text: str = ""
    entities: tuple[Json, ...] = field(default=())

    @property
    def length(self) -> int:
        """In UTF-16 code units."""
        return units(self.text)

    def trimmed(self) -> Text:
        """Without the white space around it, which Telegram takes off."""
        left = len(self.text) - len(self.text.lstrip())
        cut = units(self.text[:left])
        text = self.text.strip()
        end = units(text)
        kept = []
        for one in self.entities:
            first = max(0, one["offset"] - cut)
            last = min(end, one["offset"] + one["length"] - cut)
            if last > first:
                kept.append(one | {"offset": first, "length": last - first})
        return Text(text, tuple(kept))

    def with_found(self) -> Text:
        """With the commands, links, tags and mentions that Telegram sees by itself."""
        found = list(self.entities)
        for kind, pattern in _FOUND:
            for match in pattern.finditer(self.text):
                span = {"offset": units(self.text[: match.start()]), "length": units(match.group())}
                if not any(_covers(one, span) for one in found):
                    found.append({"type": kind} | span)
        return Text(
            self.text, tuple(sorted(found, key=lambda one: (one["offset"], -one["length"])))
        )

    def part(self, entity: Json) -> str:
        """What an entity stands for."""
        data = self.text.encode("utf-16-le")
        first = entity["offset"] * 2
        return data[first : first + entity["length"] * 2].decode("utf-16-le")


def _covers(one: Json, span: Json) -> bool:
    ends = one["offset"] + one["length"]
    return (
        one["type"] in _CLOSED
        and one["offset"] < span["offset"] + span["length"]
        and span["offset"] < ends
    )
