"""How wide a text is, and what a browser fetches."""

from __future__ import annotations

import pytest

from bot.kit.text import beginning, is_web, width


@pytest.mark.parametrize(
    ("text", "units"), [("", 0), ("abc", 3), ("é", 1), ("😀", 2), ("\ud800", 1)]
)
def test_an_emoji_counts_as_two(text: str, units: int) -> None:
    assert width(text) == units


@pytest.mark.parametrize(
    ("text", "most", "kept"),
    [("abc", 3, "abc"), ("abc", 2, "ab"), ("a😀b", 2, "a"), ("😀😀", 2, "😀")],
)
def test_a_beginning_is_never_wider_and_cuts_no_emoji(text: str, most: int, kept: str) -> None:
    assert beginning(text, most) == kept


@pytest.mark.parametrize("url", ["https://pump.fun", "http://127.0.0.1:80/a?b"])
def test_what_a_browser_fetches(url: str) -> None:
    assert is_web(url)


@pytest.mark.parametrize(
    "url", ["", "javascript:alert(1)", "https://", "file:///etc/passwd", "https://[", "//a.example"]
)
def test_what_it_should_not_be_sent_to(url: str) -> None:
    assert not is_web(url)
