"""Telegram's HTML, read as strictly as Telegram does and with its errors.

The rules are those of `parse_html` in tdlib/td: few tags, four named entities, and byte offsets in
the errors.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any

from tests.fakes.telegram.api.refusals import Refused, bad
from tests.fakes.telegram.state.texts import Text, units

Json = dict[str, Any]

_KINDS = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("s", "strike", "del"), "strikethrough"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("tg-spoiler", "span"), "spoiler"),
    **{name: name for name in ("code", "pre", "blockquote")},
    "a": "text_link",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
_TIME_FORMAT = re.compile(r"r|w?[dD]?[tT]?")
_SECONDS_AHEAD = 1098 * 86_400
"""Telegram's servers refuse a date that is further off."""

_WANTED = {
    "a": "href",
    "blockquote": "expandable",
    "code": "class",
    "span": "class",
    "tg-emoji": "emoji-id",
    "tg-time": "format",
}
_NAMED = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"'}
_ENTITY = re.compile(rb"&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|([a-zA-Z]+));?")
_PLAIN = re.compile(rb"[^<&\0]+|\0(?!$)")
_SPACE = b" \t\r\n\0\x0b"
_NAME_TOKEN = re.compile(rb"[A-Za-z0-9.\-]*")


@dataclass(slots=True)
class _Open:
    """A tag that waits for its end; `at` is where its text begins, in UTF-16 units."""

    tag: str
    argument: str
    at: int
    unix: int = 0


def parse_html(text: str) -> Text:
    """What the bot meant. Raises `Refused` with Telegram's sentence where it is not well formed."""
    return _Parser(text).parse()


def _cannot(reason: str) -> Refused:
    return bad(f"can't parse entities: {reason}")


class _Parser:
    """Walks over the bytes, which end in a zero, as Telegram's own parser does."""

    def __init__(self, text: str) -> None:
        self.data = text.encode() + b"\0"
        self.end = len(self.data) - 1
        self.at = 0
        self.said: list[str] = []
        self.offset = 0
        self.open: list[_Open] = []
        self.entities: list[Json] = []

    def parse(self) -> Text:
        while self.at < self.end:
            if self.data[self.at] == ord("<"):
                self._tag()
            else:
                self._say(self._piece())
        if self.open:
            tag = self.open[-1].tag
            raise _cannot(f'Can\'t find end tag corresponding to start tag "{tag}"')
        ordered = sorted(self.entities, key=lambda one: (one["offset"], -one["length"]))
        return Text("".join(self.said), tuple(ordered))

    def _say(self, text: str) -> None:
        self.said.append(text)
        self.offset += units(text)

    def _piece(self) -> str:
        """The next stretch of plain text, or one entity."""
        if self.data[self.at] == ord("&"):
            return self._entity()
        match = _PLAIN.match(self.data, self.at)
        assert match is not None
        self.at = match.end()
        return match.group().decode()

    def _entity(self) -> str:
        match = _ENTITY.match(self.data, self.at)
        decoded = None if match is None else _decoded(match)
        if match is None or decoded is None:
            self.at += 1
            return "&"
        self.at = match.end()
        return decoded

    def _tag(self) -> None:
        begin = self.at
        self.at += 1
        if self.data[self.at] == ord("/"):
            self._end_tag(begin)
        else:
            self._start_tag(begin)

    def _start_tag(self, begin: int) -> None:
        name = self._until(_SPACE + b">").lower()
        if self.at >= self.end:
            raise _cannot(f"Unclosed start tag at byte offset {begin}")
        if name not in _KINDS:
            raise _cannot(f'Unsupported start tag "{name}" at byte offset {begin}')
        argument, unix = "", 0
        while self._skip_space() != ord(">"):
            attribute, value = self._attribute(name, begin)
            argument = _argument(name, attribute, value) or argument
            unix = _integer(value) if (name, attribute) == ("tg-time", "unix") else unix
        self.at += 1
        if name == "span" and argument != "tg-spoiler":
            reason = f'Tag "span" must have class "tg-spoiler" at byte offset {begin}'
            raise _cannot(reason)
        self.open.append(_Open(name, argument, self.offset, unix))

    def _attribute(self, tag: str, begin: int) -> tuple[str, str]:
        """The name and the value of the next one."""
        name = self._until(_SPACE + b"=>").lower()
        where = f'the tag "{tag}" at byte offset {begin}'
        if not name:
            raise _cannot(f"Empty attribute name in {where}")
        if self._skip_space() != ord("="):
            if (tag, name) == ("blockquote", "expandable"):
                return name, "expandable"
            raise _cannot(f"Expected equal sign in declaration of an attribute of {where}")
        self.at += 1
        self._skip_space()
        return name, self._value(tag, begin)

    def _value(self, tag: str, begin: int) -> str:
        if self.at >= self.end:
            raise _cannot(f'Unclosed start tag "{tag}" at byte offset {begin}')
        quote = self.data[self.at]
        if quote not in b"\"'":
            return self._token()
        self.at += 1
        said = bytearray()
        while self.data[self.at] != quote and self.at < self.end:
            if self.data[self.at] == ord("&"):
                said += self._entity().encode()
            else:
                said.append(self.data[self.at])
                self.at += 1
        if self.at >= self.end:
            raise _cannot(f"Unclosed start tag at byte offset {begin}")
        self.at += 1
        return said.decode()

    def _token(self) -> str:
        begin = self.at
        match = _NAME_TOKEN.match(self.data, begin)
        assert match is not None
        self.at = match.end()
        if self.data[self.at] not in _SPACE + b">":
            raise _cannot(f"Unexpected end of name token at byte offset {begin}")
        return match.group().decode().lower()

    def _end_tag(self, begin: int) -> None:
        if not self.open:
            raise _cannot(f"Unexpected end tag at byte offset {begin}")
        self.at += 1
        name = self._until(_SPACE + b">")
        if self._skip_space() != ord(">"):
            raise _cannot(f"Unclosed end tag at byte offset {begin}")
        self.at += 1
        opened = self.open.pop()
        if name and name != opened.tag:
            raise _cannot(
                f"Unmatched end tag at byte offset {begin}, "
                f'expected "</{opened.tag}>", found "</{name}>"'
            )
        self._close(opened)

    def _close(self, opened: _Open) -> None:
        kind = _KINDS[opened.tag]
        outer = self.open[-1] if self.open else None
        if kind == "code" and outer is not None and outer.tag == "pre":
            # Telegram has no code inside pre: it takes the language from it.
            outer.argument = opened.argument
            return
        if self.offset == opened.at:
            return
        entity: Json = {"type": kind, "offset": opened.at, "length": self.offset - opened.at}
        told = self._told(kind, opened, entity)
        if told is not None:
            self.entities.append(entity | told)

    def _told(self, kind: str, opened: _Open, entity: Json) -> Json | None:
        """What is told of it besides; None: Telegram makes nothing of it."""
        match kind:
            case "text_link":
                link = _link(opened.argument or Text("".join(self.said)).part(entity))
                return {"url": link} if link else None
            case "custom_emoji":
                return {"custom_emoji_id": opened.argument}
            case "date_time":
                return _time(opened)
            case "pre" if opened.argument:
                return {"language": opened.argument}
            case "blockquote" if opened.argument:
                return {"type": "expandable_blockquote"}
        return {}

    def _until(self, stops: bytes) -> str:
        begin = self.at + (self.data[self.at : self.at + 1] == b"/")
        self.at = begin
        while self.at < self.end and self.data[self.at] not in stops:
            self.at += 1
        return self.data[begin : self.at].decode()

    def _skip_space(self) -> int:
        """The first byte that is none; zero at the end."""
        while self.at < self.end and self.data[self.at] in _SPACE:
            self.at += 1
        return self.data[self.at]


def _decoded(match: re.Match[bytes]) -> str | None:
    by_hex, by_number, by_name = match.groups()
    if by_name is not None:
        return _NAMED.get(by_name)
    code = int(by_hex, 16) if by_hex is not None else int(by_number)
    return chr(code) if 0 < code < 0x10FFFF and not 0xD800 <= code < 0xE000 else None


def _argument(tag: str, name: str, value: str) -> str:
    if _WANTED.get(tag) != name:
        return ""
    if tag == "code":
        return value.removeprefix("language-") if value.startswith("language-") else ""
    return value


def _integer(text: str) -> int:
    """As tdlib reads a number: the digits that it begins with."""
    found = re.match(r"-?[0-9]+", text)
    return int(found.group()) if found else 0


def _time(opened: _Open) -> Json | None:
    if not _TIME_FORMAT.fullmatch(opened.argument):
        raise _cannot("Invalid date format used")
    if opened.unix > min(time.time() + _SECONDS_AHEAD, (1 << 31) - 1):
        raise bad("ENTITY_DATE_INVALID")
    if opened.unix <= 0:
        return None
    told = {"date_time_format": opened.argument} if opened.argument else {}
    return {"unix_time": opened.unix, **told}


def _link(url: str) -> str:
    """The address of a link, or nothing where Telegram makes no link of it."""
    address = url if "://" in url else f"http://{url}"
    scheme, _, rest = address.partition("://")
    host = re.split(r"[/?#]", rest)[0]
    if scheme == "tg":
        return address
    return address if scheme in ("http", "https") and "." in host and " " not in host else ""
