"""A text with its entities, whose offsets are in UTF-16 code units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from tests.looks.discord.times import relative
from tests.looks.html import Markup, join, link_target, tag

Json = dict[str, Any]

_TAGS = {
    "bold": "strong",
    "italic": "em",
    "underline": "u",
    "strikethrough": "s",
    "blockquote": "blockquote",
}


@dataclass(frozen=True, slots=True)
class Reader:
    """When and in which zone one reads: what times are told by."""

    now: datetime
    zone: tzinfo = UTC


def marked(text: str, entities: Sequence[Json], reader: Reader) -> Markup:
    """What is bold, a link and so on, one inside of the other."""
    ordered = sorted(entities, key=lambda one: (one["offset"], -one["length"]))
    data = text.encode("utf-16-le", "surrogatepass")
    return _between(data, ordered, 0, len(data) // 2, reader)


def _between(data: bytes, entities: list[Json], begin: int, end: int, reader: Reader) -> Markup:
    parts: list[object] = []
    at = begin
    rest = list(entities)
    while rest:
        one, *rest = rest
        last = min(one["offset"] + one["length"], end)
        if one["offset"] < at or last <= at:
            continue
        inner = [each for each in rest if each["offset"] < last]
        rest = rest[len(inner) :]
        inside = _between(data, inner, one["offset"], last, reader)
        if one["type"] == "date_time":
            inside = _time(one, inside, reader)
        parts += [_text(data, at, one["offset"]), _drawn(one, inside, _text(data, at, last))]
        at = last
    return join([*parts, _text(data, at, end)])


def _text(data: bytes, begin: int, end: int) -> str:
    return data[2 * begin : 2 * end].decode("utf-16-le", "replace")


def _drawn(one: Json, inside: Markup, text: str) -> Markup:
    kind = one["type"]
    if kind in _TAGS:
        return tag(_TAGS[kind], inside)
    draw = _DRAWN.get(kind)
    return inside if draw is None else draw(one, inside, text)


def _link(_: Json, inside: Markup, text: str) -> Markup:
    url = text if "://" in text else f"https://{text}"
    return _anchor(url, inside)


def _anchor(url: str, inside: Markup) -> Markup:
    target = link_target(url)
    if target is None:
        return inside
    return tag("a", inside, href=target, title=url, target="_blank", rel="noreferrer")


def _command(_: Json, inside: Markup, text: str) -> Markup:
    return tag("button", inside, type="button", class_="link", data_say=text)


def _copied(_: Json, inside: Markup, text: str) -> Markup:
    return tag("code", inside, data_copy=text, title="Copy")


def _spoiler(_: Json, inside: Markup, __: str) -> Markup:
    return tag("span", tag("span", inside), class_="spoiler", data_reveal=True)


def _quote(_: Json, inside: Markup, __: str) -> Markup:
    return tag("blockquote", tag("div", inside), class_="expandable", data_expand=True)


def _pre(one: Json, inside: Markup, _: str) -> Markup:
    language = tag("small", one["language"]) if one.get("language") else None
    return tag("pre", language, tag("code", inside))


def _time(one: Json, inside: Markup, reader: Reader) -> Markup:
    """In the reader's own zone, in the place of the text; that stands where no format is given."""
    at = datetime.fromtimestamp(one["unix_time"], reader.zone)
    told = _told(at, one.get("date_time_format", ""), reader)
    return tag("time", told or inside, title=f"{at:%d.%m.%Y %H:%M %Z}", class_="link")


def _told(at: datetime, style: str, reader: Reader) -> str:
    """The day of the week, the time, the date: in this order, whatever the format's is."""
    if style == "r":
        return relative((at - reader.now).total_seconds())
    year = "" if at.year == reader.now.year else f" {at.year}"
    parts = {
        "w": f"{at:%A}",
        "t": f"{at:%H:%M}",
        "T": f"{at:%H:%M:%S}",
        "d": f"{at.day} {at:%b}{year}",
        "D": f"{at.day} {at:%B} {at.year}",
    }
    return ", ".join(text for sign, text in parts.items() if sign in style)


def _named(_: Json, inside: Markup, __: str) -> Markup:
    return tag("span", inside, class_="link")


_DRAWN: dict[str, Callable[[Json, Markup, str], Markup]] = {
    "url": _link,
    "text_link": lambda one, inside, _: _anchor(one["url"], inside),
    "email": lambda _, inside, text: _anchor(f"mailto:{text}", inside),
    "phone_number": lambda _, inside, text: _anchor(f"tel:{text}", inside),
    "bot_command": _command,
    "code": _copied,
    "spoiler": _spoiler,
    "expandable_blockquote": _quote,
    "pre": _pre,
    **dict.fromkeys(("mention", "hashtag", "cashtag", "text_mention"), _named),
}
