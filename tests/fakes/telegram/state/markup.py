"""Telegram's HTML, read as strictly as Telegram does and with its errors.

The rules are those of `parse_html` in tdlib/td: few tags, four named entities, and byte offsets in
the errors.
"""

from __future__ import annotations

import re
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
        argument = ""
        while self._skip_space() != ord(">"):
            argument = self._attribute(name, begin) or argument
        self.at += 1
        if name == "span" and argument != "tg-spoiler":
            reason = f'Tag "span" must have class "tg-spoiler" at byte offset {begin}'
            raise _cannot(reason)
        self.open.append(_Open(name, argument, self.offset))

    def _attribute(self, tag: str, begin: int) -> str:
        """What the tag gets from its next attribute; empty where that means nothing to it."""
        name = self._until(_SPACE + b"=>").lower()
        where = f'the tag "{tag}" at byte offset {begin}'
        if not name:
            raise _cannot(f"Empty attribute name in {where}")
        if self._skip_space() != ord("="):
            if (tag, name) == ("blockquote", "expandable"):
                return "expandable"
            raise _cannot(f"Expected equal sign in declaration of an attribute of {where}")
        self.at += 1
        self._skip_space()
        value = self._value(tag, begin)
        return _argument(tag, name, value)

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
        if kind == "text_link":
            link = _link(opened.argument or Text("".join(self.said)).part(entity))
            if not link:
                return
            entity["url"] = link
        elif kind == "custom_emoji":
            entity["custom_emoji_id"] = opened.argument
        elif kind == "pre" and opened.argument:
            entity["language"] = opened.argument
        elif opened.argument == "expandable":
            entity["type"] = "expandable_blockquote"
        self.entities.append(entity)

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
    wanted = {"a": "href", "tg-emoji": "emoji-id", "span": "class", "code": "class"}
    if wanted.get(tag) != name:
        return ""
    if tag == "code":
        return value.removeprefix("language-") if value.startswith("language-") else ""
    return value


def _link(url: str) -> str:
    """The address of a link, or nothing where Telegram makes no link of it."""
    address = url if "://" in url else f"http://{url}"
    scheme, _, rest = address.partition("://")
    host = re.split(r"[/?#]", rest)[0]
    if scheme == "tg":
        return address
    return address if scheme in ("http", "https") and "." in host and " " not in host else ""
