"""Windows of a stream."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.model import Window

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_the_last_seconds_end_where_they_were_asked_for() -> None:
    assert Window.before(NOON, 30) == Window(at(-30), NOON)
    assert Window.after(NOON, 30) == Window(NOON, at(30))
    assert Window.before(NOON, 30).seconds == 30


@pytest.mark.parametrize("seconds", [0, -1])
def test_it_is_never_empty(seconds: float) -> None:
    with pytest.raises(ValueError, match="before it begins"):
        Window.after(NOON, seconds)


def test_the_part_that_is_at_hand() -> None:
    asked = Window(at(-30), at(0))
    assert asked.within(Window(at(-12), at(5))) == Window(at(-12), at(0))
    assert asked.within(Window(at(0), at(5))) is None
    assert Window(at(-60), at(0)).covers(asked)
    assert not Window(at(-29), at(0)).covers(asked)


def test_a_window_beside_it() -> None:
    asked = Window(at(-30), at(0))
    assert asked.moved(-10) == Window(at(-40), at(-10))
    assert asked.widened(30) == Window(at(-60), at(30))
    assert asked.is_about(asked.moved(0.2), 0.25)
    assert not asked.is_about(asked.moved(20), 0.25)
