"""Text in Telegram's HTML, read back by a parser as strict as Telegram's."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.kit.text import width
from bot.model import Line, Span, TimeStyle
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
    style=st.sampled_from(TimeStyle),
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
    assert {one["type"] for one in read.entities} <= {"bold", "code", "text_link", "date_time"}
    times = [one for one in read.entities if one["type"] == "date_time"]
    assert all(not _meet(time, one) for time in times for one in read.entities if one is not time)


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


def _meet(one: dict[str, int], other: dict[str, int]) -> bool:
    """Whether they have a letter in common, which Telegram takes from one of them."""
    ends, end = one["offset"] + one["length"], other["offset"] + other["length"]
    return one["offset"] < end and other["offset"] < ends


@pytest.mark.parametrize(
    ("style", "told"),
    [
        (TimeStyle.MINUTE, "t"),
        (TimeStyle.CLOCK, "t"),
        (TimeStyle.DAY, "dt"),
        (TimeStyle.SECOND, "T"),
        (TimeStyle.AWAY, "r"),
    ],
)
def test_a_time_is_told_in_the_readers_own_zone_and_as_its_text_where_that_is_not_known(
    style: TimeStyle, told: str
) -> None:
    line = (Span("Started "), Span("5 Mar, 21:30 UTC", at=AT, style=style))
    read = parse_html(markup.lines((line,), 100).html)
    assert read.text == "Started 5 Mar, 21:30 UTC"
    (one,) = read.entities
    assert (one["type"], read.part(one)) == ("date_time", "5 Mar, 21:30 UTC")
    assert (one["unix_time"], one["date_time_format"]) == (int(AT.timestamp()), told)


def test_a_time_that_is_cut_or_that_telegram_has_no_number_for_is_text() -> None:
    cut = markup.lines(((Span("5 Mar, 21:30 UTC", at=AT),),), 10)
    assert parse_html(cut.html).entities == ()
    late = markup.lines(((Span("2099", at=AT.replace(year=2099)),),), 10)
    assert late.html == "2099"


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
