"""One simulated hour in which half of all requests to pump.fun fail, in every way there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina

from tests.watch.chaos import endure
from tests.watch.harness import POLL, open_harness

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]


@pytest.fixture(autouse=True)
def _retries_without_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_an_hour_of_chaos_alerts_and_ends_nothing_falsely(tmp_path: Path, seed: int) -> None:
    async with open_harness(tmp_path, timeout=0.25, seed=seed) as here:
        verdict = await endure(here, coins=60, seconds=3600, calm=900, seed=seed)
    print(verdict.line())
    assert verdict.stays >= 60
    assert verdict.failed > 1000
    assert verdict.alerts == verdict.stays, verdict.problems
    assert (verdict.false_alerts, verdict.missed) == (0, 0), verdict.problems
    assert verdict.ends > 50
    assert (verdict.false_ends, verdict.missed_ends) == (0, 0), verdict.problems
    assert verdict.slowest_after_any_answer <= 2 * POLL
