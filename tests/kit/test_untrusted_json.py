from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.kit import untrusted_json


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
        pytest.fail(f"{untrusted_json.parse(text)!r} was read")


def test_numbers_that_are_none_are_nothing() -> None:
    assert untrusted_json.parse('[NaN, Infinity, -Infinity, 1, "\\ud800"]') == [
        *[None] * 3,
        1,
        "\ud800",
    ]


@given(st.text() | st.binary())
def test_any_text_is_a_value_or_a_value_error(text: str | bytes) -> None:
    try:
        untrusted_json.parse(text)
    except ValueError:
        return
