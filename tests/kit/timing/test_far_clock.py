"""What time it is by those who answer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.kit.timing.far_clock import FarClock, http_date
from tests.fakes.clock import FakeClock

TOLD = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
HEADER = "Mon, 30 Nov 2026 12:00:00 GMT"


async def test_it_goes_on_from_the_last_date_that_could_be_read() -> None:
    clock = FakeClock()
    far = FarClock(clock.elapsed)
    assert far.now is None
    far.hear("soon")
    assert far.now is None
    far.hear(HEADER)
    clock.set(86400)
    await clock.advance(90)
    far.hear("")
    assert far.now is not None
    assert (far.now - TOLD).total_seconds() == 90


@pytest.mark.parametrize(
    "header",
    [
        "",
        "x",
        "Mon, 30 Nov 20269999999999999999 12:00:00 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Mon, 30 Nov 2150 12:00:00 GMT",
        "Mon, 32 Nov 2026 12:00:00 GMT",
        "1",
    ],
)
def test_what_is_no_date_of_our_times_is_none(header: str) -> None:
    assert http_date(header) is None


def test_another_zone_is_read_as_such() -> None:
    assert http_date("Mon, 30 Nov 2026 13:00:00 +0100") == TOLD
