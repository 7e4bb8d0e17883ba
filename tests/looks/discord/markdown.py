"""Discord's markup of whole lines: headings, lists, quotes, small text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from tests.looks.discord.inline import inline
from tests.looks.discord.names import Names
from tests.looks.html import Markup, join, tag

_HEADING = re.compile(r"(#{1,3}) +(?=\S)(.*)")
_SMALL = re.compile(r"-# +(?=\S)(.*)")
_ITEM = re.compile(r"( *)(?:([-*])|(\d+)\.) +(?=\S)(.*)")
_QUOTE = re.compile(r"> ?(.*)")
_FENCED = re.compile(r"(```[\s\S]+?```)")
_REST_QUOTED = re.compile(r"(?:^|\n)>>> ([\s\S]*)")


def markdown(text: str, names: Names) -> Markup:
    """A message's content, a text display, or what an embed says."""
    rest = _REST_QUOTED.search(text)
    if rest is not None:
        quoted = tag("blockquote", markdown(rest[1], names))
        return join([markdown(text[: rest.start()], names) if rest.start() else None, quoted])
    return join(
        inline(part, names) if part.startswith("```") and len(part) > 6 else _lines(part, names)
        for part in _FENCED.split(text)
        if part.strip("\n")
    )


def _lines(text: str, names: Names) -> Markup:
    """Neighbours of a kind stand together: a quote of three lines is one."""
    lines = text.strip("\n").split("\n")
    return join(
        part for kind, group in groupby(lines, _kind) for part in _block(kind, group, names)
    )


def _kind(line: str) -> str:
    for kind, rule in (("h", _HEADING), ("small", _SMALL), ("item", _ITEM), ("quote", _QUOTE)):
        if rule.fullmatch(line):
            return kind
    return "text"


def _block(kind: str, lines: Iterable[str], names: Names) -> Iterator[Markup]:
    if kind == "h":
        yield from (_heading(line, names) for line in lines)
    elif kind == "small":
        yield from (tag("small", inline(line[2:].strip(), names)) for line in lines)
    elif kind == "item":
        yield tag("ul", *(_item(line, names) for line in lines))
    elif kind == "quote":
        inner = "\n".join(line[1:].removeprefix(" ") for line in lines)
        yield tag("blockquote", _lines(inner, names))
    else:
        yield tag("p", inline("\n".join(lines), names))


def _heading(line: str, names: Names) -> Markup:
    match = _HEADING.fullmatch(line)
    assert match is not None
    return tag(f"h{len(match[1])}", inline(match[2], names))


def _item(line: str, names: Names) -> Markup:
    match = _ITEM.fullmatch(line)
    assert match is not None
    sign = f"{match[3]}." if match[3] else ("◦" if match[1] else "•")
    inside = tag("span", sign), tag("div", inline(match[4], names))
    return tag("li", *inside, data_depth=len(match[1]) // 2)
