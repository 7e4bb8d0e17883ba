"""Time that passes by itself, so that what waits between tries is tested without waiting."""

from __future__ import annotations

import pytest

from tests.fakes.clock import PassingClock


@pytest.fixture
def clock() -> PassingClock:
    return PassingClock()
