"""Clips that were asked for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.commands.harness import THIRD_MINT, CommandHarness
from tests.fakes.chat import FakeReply


@pytest.fixture
async def asked(harness: CommandHarness) -> FakeReply:
    """A clip of 30 s that was asked for."""
    await harness.follow()
    await harness.go_live()
    return await harness.say("/clip 30s")


@pytest.fixture
async def at_hand(harness: CommandHarness) -> FakeReply:
    """A clip of the last 30 s, which are at hand, was asked for."""
    began = harness.clock.now() - timedelta(hours=1)
    await harness.follow()
    await harness.go_live(first_seen_at=began, started_at=began)
    harness.watch.live(THIRD_MINT)
    harness.lookback.seconds = dict.fromkeys(await followed(harness), 60.0)
    return await harness.say("/clip 30s")


async def followed(harness: CommandHarness) -> list[str]:
    async with harness.store.read() as unit:
        return [one.mint for one in await unit.subscriptions.of_place(1)]
