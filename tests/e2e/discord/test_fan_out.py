"""One go-live for many channels of Discord: some are dead, some slow; and the service is killed."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.discord.crowd import crowd_of
from tests.e2e.discord.harness import DiscordHarness, alerts, discord_harness
from tests.e2e.seed import until

WITHIN = 8.0
"""Seconds for the healthy ones, from the first of them to the last."""


@pytest.mark.parametrize(
    ("followers", "dead", "limited", "slow"),
    [
        (12, 2, 1, 1),
        pytest.param(300, 10, 5, 3, marks=[pytest.mark.soak, pytest.mark.timeout(300)]),
    ],
)
async def test_dead_limited_and_slow_channels_hold_up_nobody(
    tmp_path: Path, followers: int, dead: int, limited: int, slow: int
) -> None:
    async with discord_harness(tmp_path, livekit=False, followers=followers) as harness:
        crowd = crowd_of(harness, dead=dead, limited=limited, slow=slow)
        harness.coin.go_live("For everybody")
        took = await crowd.are_told()
        assert all(len(alerts(channel)) == 1 for channel in crowd.reached)
        calls = harness.discord.calls
        tries = [sum(str(one.id) in call.path for call in calls) for one in crowd.gone]
        assert max(tries) <= 2, "nobody insists on a channel that refuses"
        assert harness.discord.rejected == []
        if followers >= 300:
            assert took <= WITHIN


@pytest.mark.parametrize(
    ("followers", "kills"),
    [
        # By default tests/alerts/delivery/test_killed.py kills a process of each kind of platform.
        pytest.param(60, 1, marks=pytest.mark.soak),
        pytest.param(300, 20, marks=[pytest.mark.soak, pytest.mark.timeout(600)]),
    ],
)
async def test_a_fan_out_that_is_killed_loses_nothing_and_doubles_nothing(
    tmp_path: Path, followers: int, kills: int
) -> None:
    async with discord_harness(tmp_path, livekit=False, followers=followers) as harness:
        chance = random.Random(kills)
        points = sorted(chance.sample(range(1, followers), kills))
        harness.coin.go_live("Through many deaths")
        for point in points:
            await until(partial(has_come_to, harness, point), f"{point} alerts")
            await harness.restarted(kill=True)
        await until(lambda: all(map(alerts, harness.followers)), "everybody")
        assert all(len(alerts(channel)) == 1 for channel in harness.followers)
        assert harness.discord.rejected == []


def has_come_to(harness: DiscordHarness, point: int) -> bool:
    return sum(len(channel.messages) for channel in harness.followers) >= point
