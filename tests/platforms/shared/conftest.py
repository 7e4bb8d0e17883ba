"""Time that passes by itself, so that what waits between tries is tested without waiting."""

from __future__ import annotations

import pytest

from tests.fakes.clock import FakeClock


class PassingClock(FakeClock):
    """Whoever sleeps has slept at once. `slept` are the seconds of each time."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self.advance(seconds)


@pytest.fixture
def clock() -> PassingClock:
    return PassingClock()
