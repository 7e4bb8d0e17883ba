"""Sizes that Discord takes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.platforms.discord.messages.upload_limits import MIB, below
from tests.platforms.discord.sender_harness import SenderHarness, open_sender


@pytest.fixture
async def harness(database: Path) -> AsyncIterator[SenderHarness]:
    async with open_sender(database.parent, gateway=True) as opened:
        yield opened


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


async def test_what_may_be_uploaded_is_the_smallest_of_all_limits(harness: SenderHarness) -> None:
    place = str(harness.guild.id)
    member = harness.member()
    member.user.nitro_limit = 500 << 20
    _, interaction = await harness.asked(member)

    assert await harness.upload_limits.of(interaction, place) == 10 << 20  # a post has no Nitro
    await harness.upload_limits.learn(place, 10 << 20)
    assert await harness.upload_limits.of(interaction, place) == 8 << 20
    _, poor = await harness.asked(harness.poor_member())
    assert await harness.upload_limits.of(poor, "another") == 10 << 20
    await harness.clock.advance(31 * 86400)
    assert await harness.upload_limits.learned(place) is None
