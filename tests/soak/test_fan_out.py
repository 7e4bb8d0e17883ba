"""Fan-outs at full size, and fifty kills in the middle of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.alerts.delivery.kill_runs import IN_FLIGHT, kill_often
from tests.alerts.load import dispatch, fan_out
from tests.fakes.sender import Memory

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]

TARGETS = 10_000
KILLS = {Memory.BLIND: 50, Memory.DEDUPES: 50, Memory.LOOKS_UP: 10}


async def test_ten_thousand_targets_are_owed_their_alert_within_a_second() -> None:
    figures = await fan_out(TARGETS)
    assert figures.commit_seconds < 1.0
    assert figures.worst_lag < 0.05


async def test_what_a_platform_allows_is_used() -> None:
    figures = await dispatch(per_second=40, seconds=30, targets=TARGETS)
    assert figures.share >= 0.95
    assert figures.worst_lag < 0.05


@pytest.mark.parametrize(("memory", "kills"), KILLS.items())
async def test_fifty_kills_double_and_lose_nothing(
    tmp_path: Path, memory: Memory, kills: int
) -> None:
    toll = await kill_often(tmp_path, memory, kills=kills, targets=200, seed=kills)
    assert toll.kills >= 0.9 * kills  # a few may come when all is done
    assert (toll.doubled, toll.missing) == (0, 0)
    assert max(toll.in_doubt) <= IN_FLIGHT
    if memory is Memory.BLIND:
        assert 0 < toll.uncertain <= sum(toll.in_doubt)
    else:
        assert toll.uncertain == 0
