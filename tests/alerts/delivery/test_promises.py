"""Whatever happens in whatever order, no alert is doubled, none is lost, and the last state shows.

A few histories; the soak has hundreds.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.alerts.delivery.histories import HISTORIES, Step, live_through
from tests.fakes.sender import Memory


@pytest.mark.parametrize("memory", list(Memory))
@settings(
    max_examples=3,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # to shrink a history takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=HISTORIES, updates=st.booleans())
async def test_no_history_doubles_or_loses_an_alert(
    empty_database: Path, memory: Memory, steps: list[Step], updates: bool
) -> None:
    await live_through(empty_database, memory, steps, updates=updates)
