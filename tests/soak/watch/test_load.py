"""10,000 subscriptions and 200 live coins: what polling costs, and how late an alert is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.watch.load import alert_delay, poll_cost

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]


async def test_polling_ten_thousand_subscriptions_is_cheap(tmp_path: Path) -> None:
    cost = await poll_cost(tmp_path)
    print(cost.line())
    assert cost.requests_per_second <= 5
    assert cost.cpu_percent < 5


async def test_an_alert_is_owed_within_one_poll_and_two_seconds(tmp_path: Path) -> None:
    delay = await alert_delay(tmp_path)
    print(delay.line())
    assert delay.worst <= delay.poll_seconds + 2
