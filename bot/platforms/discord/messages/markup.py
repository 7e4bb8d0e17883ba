"""Text in Discord's markup: nothing in it formats, links, mentions or unfurls unless we say so.

Discord reads a backslash before any punctuation as "this one is plain". Pure.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from bot.kit.text import beginning, is_web, width
from bot.model import Line, Span, TimeStyle

_ALWAYS = re.compile(r"[\\`*_~|\[\]<]")
_AT_THE_START = re.compile(r"(?m)^(\s*)(?=[#>+-])")
_NUMBERED = re.compile(r"(?m)^(\s*\d+)(?=[.)])")
_COLON = re.compile(r":(?=//|\w+:)")
_INVITE = re.compile(r"\b(discord(?:app)?)\.(?=\w)", re.IGNORECASE)
_MENTION = re.compile(r"@(?=everyone|here|[!&]?\d)", re.IGNORECASE)
_WITH_ID = re.compile(r"[a-z]{1,32}:\d{1,20}", re.ASCII)
_LONGEST_URL = 512
_MORE = "…"
_APART = "\u200b"
_NO_TICK = "\u02cb"  # a letter that looks like a backtick: code knows no escape


def escape(text: str) -> str:
    """`text` as Discord shows it letter by letter, in a message, an embed or its title."""
    plain = _ALWAYS.sub(r"\\\g<0>", text)
    plain = _AT_THE_START.sub(r"\1\\", plain)
    plain = _NUMBERED.sub(r"\1\\", plain)
    plain = _COLON.sub(r"\\:", plain)
    plain = _INVITE.sub(r"\1\\.", plain)
    return _MENTION.sub(f"@{_APART}", plain)


def cut(text: str, most: int) -> str:
    """Plain text of at most `most` characters; what was cut ends in `…`."""
    if width(text) <= most:
        return text
    return f"{beginning(text, most - 1).rstrip()}{_MORE}"


def title(text: str, most: int) -> str:
    """One escaped line of at most `most` characters, markup included."""
    return _fitted(Span(" ".join(text.split())), most)


def lines(every: tuple[Line, ...], most: int) -> str:
    """All lines in at most `most` characters. Cut between lines, or inside of the first."""
    kept: list[str] = []
    room = most
    for line in every:
        text = "".join(_span(span) for span in line)
        if width(text) + 1 > room - 2:
            kept.append(_MORE if kept else _cut_line(line, most))
            break
        kept.append(text)
        room -= width(text) + 1
    return "\n".join(kept)


def web(url: str | None) -> str | None:
    """The URL, fit for a link or a button; None for what no browser should be sent to."""
    if not url or not is_web(url):
        return None
    safe = quote(url, safe="/:?#&=%@+,;~!*$'-._[]")
    return safe if len(safe) <= _LONGEST_URL else None


def _cut_line(line: Line, most: int) -> str:
    done = ""
    for span in line:
        text = _fitted(span, most - width(done))
        done += text
        if text != _span(span):
            break
    return done


def _fitted(span: Span, most: int) -> str:
    """The span, as much of it as fits; never cut inside of its markup."""
    if width(_span(span)) <= most:
        return _span(span)
    text = span.text[:most]
    while text and width(_span(_with_text(span, text + _MORE))) > most:
        text = text[: len(text) * 15 // 16]
    return _span(_with_text(span, text.rstrip() + _MORE)) if text else _MORE[:most]


def _with_text(span: Span, text: str) -> Span:
    return Span(text, bold=span.bold, code=span.code, url=span.url)


def _span(span: Span) -> str:
    if span.at is not None:
        return _time(int(span.at.timestamp()), span.style)
    for sign, named in (("@&", span.role), ("#", span.channel)):
        if named and named.isascii() and named.isdecimal():
            return f"<{sign}{named}>"  # what calls somebody is `allowed_mentions`, not this
    if span.command is not None and _WITH_ID.fullmatch(span.command):
        return f"</{span.command}>"
    inner = span.text.strip()
    if not inner:
        return span.text
    before, after = span.text.split(inner, 1) if inner in span.text else ("", "")
    return f"{before}{_marked(span, inner)}{after}"


def _time(unix: int, style: TimeStyle) -> str:
    """Discord shows it in the reader's own zone, and counts along."""
    match style:
        case TimeStyle.SECOND:
            return f"<t:{unix}:T>"
        case TimeStyle.AWAY:
            return f"<t:{unix}:R>"
        case TimeStyle.CLOCK:
            return f"<t:{unix}:t>"
        case TimeStyle.DAY:
            return f"<t:{unix}:f>"
    return f"<t:{unix}:t> (<t:{unix}:R>)"


def _marked(span: Span, inner: str) -> str:
    text = f"`{inner.replace('`', _NO_TICK)}`" if span.code else escape(inner)
    url = web(span.url)
    if url is not None:
        text = f"[{text}](<{url}>)"
    return f"**{text}**" if span.bold else text
