"""Attackers' text and JSON, made harmless."""

from __future__ import annotations

import contextlib
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.kit.untrusted import inert, parse_json

MOST = 60


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("Plain Coin 🚀", "Plain Coin 🚀"),
        ("  a \t b\nc\u2028d\u00a0e ", "a b c d e"),
        ("\u202eevil\u202c", "evil"),
        ("in\u200bvis\u200di\ufeffble", "invisible"),
        ("\u3164\u2800", ""),
        ("a\u0000b\u0007c\x1b[31m", "abc[31m"),
        ("@everyone buy", "\uff20everyone buy"),
        (
            "<@&1> <#9> <:x:1> </clip:3> <t:1:R>",
            "\u2039\uff20&1> \u2039#9> \u2039:x:1> \u2039\u2215clip:3> \u2039t:1:R>",
        ),
        ("I <3 you, 5 @ 3", "I <3 you, 5 @ 3"),
        ("https://evil.com/x", "evil\u2024com/x"),
        ("hthttp://tp://evil.com", "evil\u2024com"),
        ("http:http:////evil.com", "http:evil\u2024com"),
        ("t.me/evil discord.gg/evil", "t\u2024me/evil discord\u2024gg/evil"),
        ("v1.2 costs 3.50", "v1.2 costs 3.50"),
        ("今日は。配信", "今日は。配信"),
        ("wait... what", "wait... what"),
        ("evix\u0301.com", "evix\u0301\u2024com"),
        ("evil。com", "evil\u2024com"),
        ("45.9.148.3/claim", "45\u20249\u2024148\u20243/claim"),
        ("v1.2 at 45.9.148.3:80", "v1.2 at 45\u20249\u2024148\u20243:80"),
        ("/unsubscribe all", "\u2215unsubscribe all"),
        ("and/or 1/2", "and/or 1/2"),
        ("\u0301\u0302lead", "lead"),
        ("Vie\u0323\u0302t", "Vi\u1ec7t"),
        ("Vi\u1ec7t Nam, café, नमस्ते, ไทยนี้", "Việt Nam, café, नमस्ते, ไทยนี้"),
    ],
)
def test_what_is_hostile_is_dead_and_what_is_not_stays(hostile: str, harmless: str) -> None:
    assert inert(hostile, MOST) == harmless


def test_marks_are_not_stacked_high() -> None:
    zalgo = "".join(char + "\u0348\u035b\u0300\u0316\u0489" * 8 for char in "HELLO")
    assert len(inert(zalgo, 200)) <= 3 * 5


def test_what_is_too_long_is_cut_and_says_so() -> None:
    assert inert("x" * 100, 10) == "x" * 9 + "…"
    assert inert("x" * 10, 10) == "x" * 10


def test_a_megabyte_costs_no_more_than_a_line() -> None:
    assert len(inert("\u202e@" * 1_000_000, MOST)) <= MOST


@given(st.text(alphabet=st.characters(), max_size=120), st.integers(4, 80))
def test_nothing_harmful_is_left_of_any_text(text: str, most: int) -> None:
    line = inert(text, most)
    assert len(line) <= most
    assert line == " ".join(line.split())
    assert not re.search(r"@\S|://|<[@#]|(?<!\w)/\w", line)
    for char in line:
        kind = unicodedata.category(char)
        assert kind[0] != "C" or (kind == "Cn" and 0x1F000 <= ord(char) < 0x1FB00), hex(ord(char))


@given(st.text(alphabet="@<>#:/h tp.ae4!&\u200b\uff0e\u0301", max_size=40))
def test_nothing_harmful_can_be_put_together(text: str) -> None:
    line = inert(text, 80)
    assert not re.search(r"@\S|://|<[@#:/!&]|(?<!\w)/\w|\w\.[a-z]|\d(?:\.\d+){3}", line)


# JSON


@pytest.mark.parametrize(
    "text",
    [
        "[" * 30_000,
        '{"a":' * 30_000,
        "[" * 30_000 + "]" * 30_000,
        "1" * 5_000,
        "-" + "9" * 5_000,
        b"\xff\xfe\xfa",
        b"\x00",
        "",
        "tru",
    ],
)
def test_what_cannot_be_read_is_a_value_error(text: str | bytes) -> None:
    """Row B5's input, and its like."""
    with contextlib.suppress(ValueError):
        pytest.fail(f"{parse_json(text)!r} was read")


def test_numbers_that_are_none_are_nothing() -> None:
    assert parse_json('[NaN, Infinity, -Infinity, 1, "\\ud800"]') == [
        *[None] * 3,
        1,
        "\ud800",
    ]


@given(st.text() | st.binary())
def test_any_text_is_a_value_or_a_value_error(text: str | bytes) -> None:
    try:
        parse_json(text)
    except ValueError:
        return
