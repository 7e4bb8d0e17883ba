"""How answers are put together."""

from __future__ import annotations

from bot.commands.formatting import moment
from bot.model import Span
from tests.commands.harness import CommandHarness


def test_a_moment_is_shown_in_the_readers_zone_where_that_is_possible(
    harness: CommandHarness,
) -> None:
    at = harness.clock.now()
    assert moment(at, at) == Span("12:00 UTC", at=at)
