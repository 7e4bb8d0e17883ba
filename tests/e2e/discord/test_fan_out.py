"""One go-live for many channels of Discord: some are dead, some slow; and the service is killed."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.discord.crowd import breaker
from tests.e2e.discord.harness import DiscordStage, alerts, discord_stage
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
    async with discord_stage(tmp_path, livekit=False, followers=followers) as stage:
        crowd = breaker(stage, dead=dead, limited=limited, slow=slow)
        stage.coin.go_live("For everybody")
        took = await crowd.are_told()
        assert all(len(alerts(channel)) == 1 for channel in crowd.reached)
        calls = stage.discord.calls
        tries = [sum(str(one.id) in call.path for call in calls) for one in crowd.gone]
        assert max(tries) <= 2, "nobody insists on a channel that refuses"
        assert stage.discord.rejected == []
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
    async with discord_stage(tmp_path, livekit=False, followers=followers) as stage:
        chance = random.Random(kills)
        points = sorted(chance.sample(range(1, followers), kills))
        stage.coin.go_live("Through many deaths")
        for point in points:
            await until(partial(has_come_to, stage, point), f"{point} alerts")
            await stage.restarted(kill=True)
        await until(lambda: all(map(alerts, stage.followers)), "everybody")
        assert all(len(alerts(channel)) == 1 for channel in stage.followers)
        assert stage.discord.rejected == []


def has_come_to(stage: DiscordStage, point: int) -> bool:
    return sum(len(channel.messages) for channel in stage.followers) >= point
