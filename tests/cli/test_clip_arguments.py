"""Which source and which window are meant by what was typed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.cli.clip_arguments import ClipArguments, asked_window
from bot.cli.clip_routes import choose_source
from bot.cli.common import Exit, Source
from bot.cli.outcome import Options, Refusal
from bot.cli.recording_command import refuse_nothing
from bot.clips import Survey
from bot.model import Window

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
