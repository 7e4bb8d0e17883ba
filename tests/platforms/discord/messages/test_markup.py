"""Hostile text: shown letter by letter, never as markup, mention or link."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.kit.text import width
from bot.model import Span, TimeStyle
from bot.platforms.discord.messages.markup import cut, escape, lines, title, web

ESCAPED = re.compile(r"\\([^0-9A-Za-z\s])")
APART = "\u200b"

HOSTILE = st.text(
    st.sampled_from("\\`*_~|[]()<>#-+.:@!&/ \n1a🚀é") | st.characters(codec="utf-8"),
    max_size=60,
)


def read(text: str) -> str:
    """As Discord shows it: a backslash before punctuation is not shown."""
    return ESCAPED.sub(r"\1", text).replace(APART, "")


@given(HOSTILE.filter(lambda text: APART not in text))
def test_all_letters_are_still_there(text: str) -> None:
    assert read(escape(text)) == text


@given(HOSTILE)
def test_nothing_that_formats_is_left(text: str) -> None:
    bare = ESCAPED.sub("", escape(text))

    assert not re.search(r"[`*_~|\[\]<]", bare)
    assert not re.search(r"\w://", bare)
    for line in escape(text).split("\n"):
        assert not re.match(r"\s*([#>+-]|\d+[.)])", line)


@pytest.mark.parametrize(
    "text",
    [
        "<@123456789012345678>",
        "<@!123456789012345678>",
        "<@&123456789012345678>",
        "<#123456789012345678>",
        "</clip:123456789012345678>",
        "<t:1700000000:R>",
        "<a:party:123456789012345678>",
        "<id:customize>",
        "<https://evil.example>",
    ],
)
def test_nothing_in_angle_brackets_means_anything(text: str) -> None:
    assert re.search(r"(?<!\\)<", escape(text)) is None


@pytest.mark.parametrize("text", ["@everyone", "@here", "@EVERYONE", "@123456789012345678"])
def test_no_mention_stays_in_one_piece(text: str) -> None:
    assert text not in escape(text)


@pytest.mark.parametrize("text", ["https://evil.example", "HTTP://evil.example", "steam://run"])
def test_no_link_unfurls(text: str) -> None:
    assert not re.search(r"\w://", escape(text))


@pytest.mark.parametrize("text", ["discord.gg/abc", "DISCORD.GG/abc", "discordapp.com/invite/abc"])
def test_no_invitation_is_offered(text: str) -> None:
    assert text not in escape(text)
    assert read(escape(text)) == text


@pytest.mark.parametrize(
    ("style", "told"),
    [(TimeStyle.CLOCK, "<t:1795435200:t>"), (TimeStyle.DAY, "<t:1795435200:f>")],
)
def test_a_time_may_be_told_without_how_far_off_it_is(style: TimeStyle, told: str) -> None:
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert lines(((Span("12:00 UTC", at=at, style=style),),), 1000) == told


def test_what_we_mark_ourselves_is_marked() -> None:
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    line = (
        Span("Started ", bold=True),
        Span("12:00 UTC", at=at),
        Span(" a*b ", bold=True),
        Span("So`1", code=True),
        Span("Demo (x)", url="https://pump.fun/coin/a(b) c"),
    )

    soon = (Span("at", at=at, style=TimeStyle.SECOND), Span("in 4 s", at=at, style=TimeStyle.AWAY))
    assert lines((soon,), 1000) == "<t:1795435200:T><t:1795435200:R>"
    assert lines((line,), 1000) == (
        "**Started** <t:1795435200:t> (<t:1795435200:R>) **a\\*b** `Soˋ1`"  # noqa: RUF001
        "[Demo (x)](<https://pump.fun/coin/a%28b%29%20c>)"
    )


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "//evil", "https://", "http://[", "", None, "https://a/" + "x" * 600],
)
def test_only_what_a_browser_fetches_is_linked(url: str | None) -> None:
    assert web(url) is None
    assert lines(((Span("here", url=url),),), 100) == "here"


@given(st.lists(HOSTILE, max_size=8), st.integers(4, 200), st.booleans(), st.booleans())
def test_lines_fit_and_are_cut_where_nothing_breaks(
    texts: list[str], most: int, bold: bool, code: bool
) -> None:
    every = tuple((Span(text, bold=bold, code=code),) for text in texts)

    shown = lines(every, most)

    assert width(shown) <= most
    assert shown.count("**") % 2 == 0
    ticks = shown if code else ESCAPED.sub("", shown)  # code knows no escape
    assert ticks.count("`") % 2 == 0


@given(HOSTILE, st.integers(1, 50))
def test_titles_fit_on_one_line(text: str, most: int) -> None:
    assert width(title(text, most)) <= most
    assert "\n" not in title(text, most)


@given(HOSTILE, st.integers(1, 50))
def test_plain_text_is_cut_with_a_sign(text: str, most: int) -> None:
    assert width(cut(text, most)) <= most
    assert cut(text, most) == text or cut(text, most).endswith("…")


def test_long_lists_are_cut_between_lines() -> None:
    every = tuple((Span(f"line {number:04}"),) for number in range(1000))

    shown = lines(every, 100).splitlines()

    assert shown[-1] == "…"
    assert all(len(line) == 9 for line in shown[:-1])


def test_a_role_and_a_channel_are_named_as_discord_names_them() -> None:
    line = (Span("the role 5", role="5"), Span(" in "), Span("news", channel="6", bold=True))
    assert lines((line,), 100) == "<@&5> in <#6>"


@pytest.mark.parametrize("odd", ["everyone", "5> <@1", "", "\u0665"])
def test_what_is_no_id_of_discords_is_named_by_its_words(odd: str) -> None:
    assert lines(((Span("*news*", channel=odd), Span("x", role=odd)),), 100) == r"\*news\*x"
