from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.model import ClipOrder, Person, Window

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "is_empty"), [(0.001, True), (0.5, False), (30, False)])
def test_what_is_shorter_than_a_picture_shows_nothing(seconds: float, *, is_empty: bool) -> None:
    window = Window.before(NOW, seconds)
    order = ClipOrder("r1", 1, 1, "mint", Person("p"), seconds, window, 1 << 20, NOW)
    assert order.is_empty is is_empty
