"""Which source and which window are meant by what was typed, and what the file is called."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cli.clip_arguments import ClipArguments, asked_window, default_name
from bot.cli.clip_routes import choose_source
from bot.cli.common import Exit, Source
from bot.cli.outcome import Options, Refusal
from bot.cli.recording_command import refuse_nothing
from bot.clips import Survey
from bot.model import Coin, Window
from tests.pumpfun.samples import MINT

NOW = datetime(2026, 11, 29, 13, 30, tzinfo=UTC)


def asked(
    *, ago: str | None = None, begins: str | None = None, source: Source = Source.AUTO
) -> ClipArguments:
    return ClipArguments("mint", Options(), ago=ago, begins=begins, source=source)


def ago(begins: float, ends: float) -> Window:
    return Window(NOW - timedelta(seconds=begins), NOW - timedelta(seconds=ends))


@pytest.mark.parametrize(
    ("arguments", "source"),
    [
        (asked(), Source.ROOM),
        (asked(source=Source.ROOM), Source.ROOM),
        (asked(source=Source.RECORDING), Source.RECORDING),
        (asked(ago="1m"), Source.RECORDING),
        (asked(begins="9:00"), Source.RECORDING),
        (asked(ago="1m", source=Source.RECORDING), Source.RECORDING),
        (ClipArguments("mint", Options(), watch=True), Source.RING),
        (ClipArguments("mint", Options(), watch=True, source=Source.RING), Source.RING),
    ],
)
def test_who_looks_back_means_the_recording_and_who_does_not_the_room(
    arguments: ClipArguments, source: Source
) -> None:
    assert choose_source(arguments) is source


@pytest.mark.parametrize(
    ("arguments", "window"),
    [
        (asked(ago="2m"), ago(150, 120)),
        (asked(source=Source.RECORDING), ago(30, 0)),
        (asked(begins="2026-11-29T13:29:00Z"), ago(60, 30)),
        (asked(begins="2026-11-29T13:29:30Z"), ago(30, 0)),
    ],
)
def test_a_window_ends_so_long_ago_or_begins_then(arguments: ClipArguments, window: Window) -> None:
    assert asked_window(arguments, 30.0, NOW) == window


@pytest.mark.parametrize(
    ("begins", "says"),
    [
        ("2026-11-29T13:30:00Z", "That moment is still to come."),
        ("2026-11-29T13:29:50.5Z", "The last 21 s of that are still to come. Try again in 21 s"),
    ],
)
def test_what_is_still_to_come_is_no_past(begins: str, says: str) -> None:
    with pytest.raises(Refusal, match=says) as caught:
        asked_window(asked(begins=begins), 30.0, NOW)
    assert caught.value.code is Exit.USAGE


@pytest.mark.parametrize(
    ("whole", "says"),
    [
        (None, "no recording of this stream"),
        (ago(45, 10), "recording begins only at "),
        (ago(600, 45), "reaches only up to "),
        (ago(600, 10), "didn't record that moment"),
    ],
)
def test_where_nothing_is_to_be_had_it_says_why(whole: Window | None, says: str) -> None:
    with pytest.raises(Refusal, match=says) as caught:
        refuse_nothing(Survey(None, whole), ago(60, 30), NOW)
    assert caught.value.code is Exit.NO_MEDIA


def test_a_part_is_enough() -> None:
    refuse_nothing(Survey(ago(50, 30), ago(50, 0)), ago(60, 30), NOW)


@given(st.text(), st.text(min_size=8))
@settings(deadline=None)
def test_the_name_of_a_file_is_plain_whatever_the_coin_is_called(symbol: str, mint: str) -> None:
    name = default_name(MINT, Coin(mint, symbol))
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*-\d{8}T\d{6}Z\.mp4", name)
    assert len(name) <= 48


@pytest.mark.parametrize(
    ("symbol", "begins"),
    [
        ("MINTY", "MINTY-"),
        ("../../etc/passwd", "etcpasswd-"),
        ("-rf", "rf-"),
        ("💎🙌", f"{MINT[:8]}-"),
        ("", f"{MINT[:8]}-"),
    ],
)
def test_a_file_is_called_by_the_symbol_where_it_has_letters(symbol: str, begins: str) -> None:
    assert default_name(MINT, Coin(MINT, symbol)).startswith(begins)


def test_a_coin_that_is_not_known_is_called_by_its_mint() -> None:
    assert default_name(MINT, None).startswith(MINT[:8])
