"""Hundreds of histories of a coin keep what is promised of alerts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.store import Store
from tests.alerts.delivery.histories import HISTORIES, Step, live_through
from tests.fakes.sender import Memory

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("histories")


@pytest.mark.parametrize("memory", list(Memory))
@settings(
    max_examples=200,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(steps=HISTORIES, updates=st.booleans())
async def test_no_history_of_hundreds_doubles_or_loses_an_alert(
    folder: Path, memory: Memory, steps: list[Step], updates: bool
) -> None:
    empty = folder / "empty.db"
    if not empty.exists():
        async with Store(empty):
            pass
    await live_through(empty, memory, steps, updates=updates)
