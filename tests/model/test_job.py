from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.model import ClipOrder, Person, Window

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "is_ahead"),
    [
        (Window.before(NOW, 30), False),
        (Window.before(NOW, 30).moved(20), False),
        (Window.after(NOW, 30), True),
        (Window.after(NOW, 30).moved(4), True),
    ],
)
def test_a_job_is_of_the_next_seconds_where_nothing_of_it_was_before_it_was_asked_for(
    window: Window, is_ahead: bool
) -> None:
    """One of what was and of what comes is a window of the past that has yet to end."""
    order = ClipOrder("r1", 1, 1, "mint", Person("p"), 30, window, 1 << 20, NOW)
    assert order.is_ahead is is_ahead
