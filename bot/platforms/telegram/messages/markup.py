"""Text in Telegram's HTML: nothing in it formats or links unless we say so. Pure.

Telegram counts what remains after it has read the tags, in UTF-16 units. Of its tags only `<b>`,
`<code>`, `<a>`, `<tg-time>` and `<blockquote>` are used, and code and times stand alone: Telegram
allows nothing inside.
"""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from urllib.parse import quote

from bot.kit.text import beginning, is_web, width
from bot.model import Line, Span, TimeStyle

_LONGEST_URL = 2048
_MORE = "…"
_TIMES = {
    TimeStyle.MINUTE: "t",
    TimeStyle.CLOCK: "t",
    TimeStyle.DAY: "dt",
    TimeStyle.SECOND: "T",
    TimeStyle.AWAY: "r",
}
_LATEST_UNIX = (1 << 31) - 1
_LONGEST_WORD = 24
"""A cut goes back to the last blank, if that is not farther than so many characters."""


@dataclass(frozen=True, slots=True)
class Text:
    """The same once with tags and once without."""

    html: str = ""
    plain: str = ""

    def __bool__(self) -> bool:
        return bool(self.plain)


def cut(text: str, most: int) -> str:
    """Plain text of at most `most` characters, cut behind a word; what was cut ends in `…`."""
    if width(text) <= most:
        return text
    kept = beginning(text, most - 1)
    head, blank, tail = kept.rpartition(" ")
    if blank and len(tail) <= _LONGEST_WORD and not text[len(kept)].isspace():
        kept = head
    return f"{kept.rstrip()}{_MORE}"


def lines(every: tuple[Line, ...], most: int) -> Text:
    """All lines in at most `most` characters. Cut between lines, or inside of the first."""
    rendered = [_line(line) for line in every]
    if sum(width(text.plain) + 1 for text in rendered) <= most + 1:
        return join(rendered)
    kept: list[Text] = []
    room = most - width(_MORE)
    for text in rendered:
        room -= width(text.plain) + 1
        if room < 0:
            break
        kept.append(text)
    return join([*kept, Text(_MORE, _MORE)]) if kept else _cut_line(every[0], most)


def join(every: list[Text]) -> Text:
    """One below the other."""
    return Text("\n".join(one.html for one in every), "\n".join(one.plain for one in every))


def folded(text: Text) -> Text:
    """A quotation of which the first lines are seen, and the rest at a tap."""
    return Text(f"<blockquote expandable>{text.html}</blockquote>", text.plain)


def web(url: str | None) -> str | None:
    """The URL, fit for a link or a button; None for what no browser should be sent to."""
    if not url or not is_web(url):
        return None
    safe = quote(url, safe="/:?#&=%@+,;~!*$'-._[]()")
    return safe if len(safe) <= _LONGEST_URL else None


def _line(line: Line) -> Text:
    spans = [_span(span) for span in line]
    return Text("".join(one.html for one in spans), "".join(one.plain for one in spans))


def _cut_line(line: Line, most: int) -> Text:
    """As much of it as fits. A tag is never cut: it is put around what is left of its text."""
    kept: list[Span] = []
    room = most
    for span in line:
        text = cut(span.text, room)
        at = span.at if text == span.text else None
        kept.append(replace(span, text=text, at=at))
        room -= width(text)
        if text != span.text:
            break
        if room < 2:
            kept.append(Span(_MORE[:room]))
            break
    return _line(tuple(kept))


def _span(span: Span) -> Text:
    plain = span.text
    marked = html.escape(plain, quote=False)
    if not plain.strip():
        return Text(marked, plain)
    if span.code:
        return Text(f"<code>{marked}</code>", plain)
    if span.at is not None and 0 < (unix := int(span.at.timestamp())) <= _LATEST_UNIX:
        return Text(_time(unix, span.style, marked), plain)
    url = web(span.url)
    if url is not None:
        marked = f'<a href="{html.escape(url)}">{marked}</a>'
    if span.bold:
        marked = f"<b>{marked}</b>"
    return Text(marked, plain)


def _time(unix: int, style: TimeStyle, marked: str) -> str:
    """Clients show it in the reader's own zone, and count along; those from before March 2026 show
    the text."""
    return f'<tg-time unix="{unix}" format="{_TIMES[style]}">{marked}</tg-time>'
