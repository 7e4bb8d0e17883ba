"""Text in Telegram's HTML, read back by a parser as strict as Telegram's."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.kit.text import width
from bot.model import Line, Span
from bot.platforms.telegram.messages import markup
from tests.fakes.telegram.state.markup import parse_html
from tests.fakes.telegram.state.texts import units

AT = datetime(2026, 3, 5, 23, 30, tzinfo=timezone(timedelta(hours=2)))

spans = st.builds(
    Span,
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40),
    bold=st.booleans(),
    code=st.booleans(),
    url=st.none() | st.sampled_from(["https://pump.fun/coin/x?a=1&b=2", "javascript:alert(1)"]),
    at=st.none() | st.just(AT),
)
every_line = st.lists(st.lists(spans, max_size=4).map(tuple), max_size=6).map(tuple)


@given(every_line, st.integers(1, 120))
def test_whatever_is_said_telegram_reads_what_was_meant_and_never_too_much(
    lines: tuple[Line, ...], most: int
) -> None:
    text = markup.lines(lines, most)
    read = parse_html(text.html)
    assert read.text == text.plain
    assert read.length <= most
    assert {one["type"] for one in read.entities} <= {"bold", "code", "text_link"}


@given(every_line)
def test_what_fits_is_not_cut(lines: tuple[Line, ...]) -> None:
    text = markup.lines(lines, 4096)
    assert text.plain.count("\n") == max(0, len(lines) - 1)
    assert "javascript" not in text.html


def test_tags_of_others_are_letters() -> None:
    text = markup.lines(((Span('<b>&amp; "a" <a href="x">'),),), 100)
    assert text.html == '&lt;b&gt;&amp;amp; "a" &lt;a href="x"&gt;'
    assert parse_html(text.html).entities == ()


def test_our_own_tags() -> None:
    line = (
        Span("Coin", bold=True, url="https://pump.fun/coin/x"),
        Span(" "),
        Span("M1", code=True),
    )
    read = parse_html(markup.lines((line,), 100).html)
    kinds = [(one["type"], read.part(one)) for one in read.entities]
    assert sorted(kinds) == [("bold", "Coin"), ("code", "M1"), ("text_link", "Coin")]


def test_a_link_cannot_leave_its_quotes() -> None:
    text = markup.lines(((Span("x", url='https://a.example/"><b>'),),), 100)
    assert text.html == '<a href="https://a.example/%22%3E%3Cb%3E">x</a>'


def test_a_time_stands_as_its_text() -> None:
    line = (Span("Started "), Span("5 Mar, 21:30 UTC", at=AT))
    assert markup.lines((line,), 100).plain == "Started 5 Mar, 21:30 UTC"


def test_what_is_too_long_is_cut_between_lines() -> None:
    lines = tuple((Span(f"line {number}"),) for number in range(9))
    assert markup.lines(lines, 30).plain == "line 0\nline 1\nline 2\nline 3\n…"


def test_one_long_line_is_cut_behind_a_word_and_keeps_its_tag() -> None:
    text = markup.lines(((Span("one two three four", bold=True),),), 14)
    assert (text.plain, text.html) == ("one two three…", "<b>one two three…</b>")


def test_an_emoji_counts_as_two_and_is_not_halved() -> None:
    assert width("🔴") == 2
    assert markup.cut("🔴🔴🔴", 4) == "🔴…"
    assert units(markup.cut("🔴" * 700, 1024)) <= 1024


@pytest.mark.parametrize("url", ["", None, "ftp://x", "javascript:x", "http://[", "https://", "x"])
def test_no_button_leads_elsewhere_than_to_the_web(url: str | None) -> None:
    assert markup.web(url) is None
