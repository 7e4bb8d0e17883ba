from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import texts
from bot.model import Live, SettingsProblem, Starting, StreamSnapshot

STREAM = StreamSnapshot("mint", 7)


@pytest.mark.parametrize(
    ("text", "seconds", "part"),
    [
        ("soon", None, "“soon” isn't a length"),
        ("5h", 18_000.0, "at most 2 min long, not 5 h"),
        ("0", 0.0, "at least 1 s long"),
        ("0.0005s", 0.0005, "at least 1 s long"),
        ("--jsno", None, "isn't an option"),
        ("-5", None, "“-5” isn't a length"),
        ("9" * 400, None, "isn't a length"),
    ],
)
def test_a_duration_is_refused_for_what_is_wrong_with_it(
    text: str, seconds: float | None, part: str
) -> None:
    sentence = texts.common.duration_refused(text, 120.0, seconds)
    assert part in sentence
    assert sentence.endswith(".")
    assert len(sentence) < 160


def test_too_few_bytes_are_told_with_what_is_needed() -> None:
    sentence = texts.common.too_few_bytes(30, 317_440)
    assert "30 s" in sentence
    assert "310 KB (317440 bytes)" in sentence


def test_settings_are_refused_line_by_line() -> None:
    told = texts.common.settings_refused(
        (SettingsProblem("a.b", "is odd"), SettingsProblem("c", "too"))
    )
    assert told.splitlines()[1:] == ["  a.b: is odd", "  c: too"]


def test_the_states_of_a_coin_read_differently() -> None:
    told = {
        texts.common.state_of(Live(STREAM), "Minty"),
        texts.common.state_of(Starting(STREAM), "Minty"),
        texts.common.offline("Minty"),
    }
    assert len(told) == 3
    assert all(line.startswith("Minty is ") and line.endswith(".") for line in told)


@given(st.text(max_size=400))
@settings(deadline=None)
def test_an_address_from_outside_is_one_line_without_marks(url: str) -> None:
    shown = texts.common.shown_url(url)
    assert not any(char.isspace() for char in shown)
    assert shown.isprintable()
