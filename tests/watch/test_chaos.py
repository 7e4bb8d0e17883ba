"""Small here; a simulated hour of it is in `make soak`."""

from __future__ import annotations

from pathlib import Path

from tests.watch.chaos import endure
from tests.watch.harness import POLL, open_harness


async def test_with_half_of_all_requests_failing_there_is_no_false_alert_and_no_false_end(
    tmp_path: Path,
) -> None:
    async with open_harness(tmp_path, timeout=0.15) as here:
        verdict = await endure(here, coins=6, seconds=300, calm=60, seed=4)
    assert verdict.failed > 20
    assert verdict.stays >= 6
    assert verdict.alerts == verdict.stays
    assert (verdict.false_alerts, verdict.false_ends, verdict.missed) == (0, 0, 0), verdict.problems
    assert verdict.slowest_after_a_look == 0
    assert verdict.slowest_after_any_answer <= 2 * POLL
