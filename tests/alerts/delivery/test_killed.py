"""A service that is killed with no warning, and started again: a few kills; the soak has fifty."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.alerts.delivery.kill_runs import IN_FLIGHT, kill_often
from tests.fakes.sender import Memory


@pytest.mark.parametrize(
    "memory",
    [
        Memory.LOOKS_UP,
        *(pytest.param(one, marks=pytest.mark.soak) for one in (Memory.BLIND, Memory.DEDUPES)),
    ],
)
async def test_a_kill_doubles_and_loses_nothing(tmp_path: Path, memory: Memory) -> None:
    toll = await kill_often(tmp_path, memory, kills=1, targets=80, seed=memory.value)
    assert (toll.doubled, toll.missing) == (0, 0)
    assert max(toll.in_doubt) <= IN_FLIGHT
    if memory is Memory.BLIND:
        assert toll.uncertain == sum(toll.in_doubt)
    else:
        assert toll.uncertain == 0
