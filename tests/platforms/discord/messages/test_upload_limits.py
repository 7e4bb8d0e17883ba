"""Sizes that Discord takes."""

from __future__ import annotations

import pytest

from bot.platforms.discord.connection.requests import patience
from bot.platforms.discord.messages.upload_limits import MIB, below


@pytest.mark.parametrize(
    ("refused", "next_size"),
    [
        (200 * MIB, 100 * MIB),
        (100 * MIB, 50 * MIB),
        (24 * MIB, 20 * MIB),
        (15 * MIB, 10 * MIB),
        (10 * MIB, 8 * MIB),
        (8 * MIB + 1, 8 * MIB),
        (8 * MIB, 8 * MIB * 4 // 5),
        (1000, 800),
    ],
)
def test_after_a_refusal_the_next_smaller_known_size_counts(refused: int, next_size: int) -> None:
    assert below(refused) == next_size


def test_larger_files_are_given_more_time_and_never_without_end() -> None:
    assert patience(0) == 15
    assert patience(10 * MIB) > 100
    assert patience(1 << 40) == 300
