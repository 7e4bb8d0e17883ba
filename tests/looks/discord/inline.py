"""Discord's markup within a line: bold, links, mentions, times."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.looks.discord.names import Names
from tests.looks.discord.times import stamped
from tests.looks.html import Markup, join, link_target, tag

_INSIDE = r"(?:\\[\s\S]|[^\\])+?"
"""Until the end of a pair, over what is escaped."""

_RULES = {
    "escape": r"\\[^0-9A-Za-z\s]",
    "fence": r"```(?:[\w+-]*\n)?[\s\S]+?```",
    "code": r"(?P<ticks>`+)(?!`)[\s\S]+?(?<!`)(?P=ticks)(?!`)",
    "masked": r"\[(?:\\.|[^\[\]\\\n])+\]\((?:<[^\s<>]+>|[^\s<>()]+)\)",
    "address": r"<https?://[^\s<>]+>|https?://[^\s<>]+[^\s<>.,:;\"')\]]",
    "time": r"<t:-?\d{1,13}(?::[tTdDfFsSR])?>",
    "person": r"<@!?\d+>",
    "role": r"<@&\d+>",
    "channel": r"<#\d+>",
    "command": r"</[\w -]+:\d+>",
    "emoji": r"<a?:\w+:\d+>",
    "everyone": r"@(?:everyone|here)\b",
    "bold": rf"\*\*{_INSIDE}\*\*(?!\*)",
    "underline": rf"__{_INSIDE}__(?!_)",
    "strike": rf"~~{_INSIDE}~~",
    "spoiler": rf"\|\|{_INSIDE}\|\|",
    "italic": rf"\*(?![\s*]){_INSIDE}(?<!\s)\*(?!\*)|\b_{_INSIDE}_(?!\w)",
}
_FOUND = re.compile("|".join(f"(?P<{name}>{rule})" for name, rule in _RULES.items()))
_MASKED = re.compile(r"\[(?P<words>[\s\S]+)\]\(<?(?P<url>[^<>]+?)>?\)")
_PAIRS = {"bold": ("strong", 2), "underline": ("u", 2), "strike": ("s", 2), "italic": ("em", 1)}


def inline(text: str, names: Names) -> Markup:
    """What is marked, marked; all else letter by letter."""
    parts: list[object] = []
    at = 0
    for match in _FOUND.finditer(text):
        kind = match.lastgroup
        assert kind is not None, "every rule has a name"
        parts += [text[at : match.start()], _drawn(kind, match.group(), names)]
        at = match.end()
    return join([*parts, text[at:]])


def _drawn(kind: str, text: str, names: Names) -> Markup:
    if kind in _PAIRS:
        name, sign = _PAIRS[kind]
        return tag(name, inline(text[sign:-sign], names))
    return _DRAWN[kind](text, names)


def _code(text: str, _: Names) -> Markup:
    ticks = len(text) - len(text.lstrip("`"))
    return tag("code", text[ticks:-ticks].strip())


def _fence(text: str, _: Names) -> Markup:
    inner = re.sub(r"^[\w+-]*\n", "", text[3:-3])
    return tag("pre", tag("code", inner.strip("\n")))


def _masked(text: str, names: Names) -> Markup:
    match = _MASKED.fullmatch(text)
    target = link_target(match["url"]) if match else None
    if match is None or target is None:
        return join([text[0], inline(text[1:], names)])
    return _link(target, inline(match["words"], names))


def _address(text: str, _: Names) -> Markup:
    url = text.strip("<>")
    return _link(url, url)


def _link(url: str, inside: object) -> Markup:
    return tag("a", inside, href=url, title=url, target="_blank", rel="noreferrer")


def _time(text: str, names: Names) -> Markup:
    _, seconds, *style = text.strip("<>").split(":")
    said = stamped(int(seconds), style[0] if style else "f", names)
    return tag("time", said, title=stamped(int(seconds), "F", names))


def _spoiler(text: str, names: Names) -> Markup:
    return tag("span", tag("span", inline(text[2:-2], names)), class_="spoiler", data_reveal=True)


def _mention(sign: str, text: str, known: str | None) -> Markup:
    return tag("span", f"{sign}{known}" if known else text, class_="mention")


def _id(text: str) -> str:
    return re.sub(r"\D", "", text)


def _command(text: str, _: Names) -> Markup:
    name = text[2:].rpartition(":")[0]
    return tag("button", f"/{name}", class_="mention", type="button", data_type=f"/{name} ")


_DRAWN: dict[str, Callable[[str, Names], Markup]] = {
    "escape": lambda text, _: join([text[1:]]),
    "fence": _fence,
    "code": _code,
    "masked": _masked,
    "address": _address,
    "time": _time,
    "person": lambda text, names: _mention("@", text, names.users.get(_id(text))),
    "role": lambda text, names: _mention("@", text, names.roles.get(_id(text))),
    "channel": lambda text, names: _mention("#", text, names.channels.get(_id(text))),
    "command": _command,
    "emoji": lambda text, _: join([f":{text.strip('<>').split(':')[1]}:"]),
    "everyone": lambda text, _: _mention("", text, text),
    "spoiler": _spoiler,
}
