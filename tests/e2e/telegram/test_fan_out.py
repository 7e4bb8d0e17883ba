"""One go-live for many groups of Telegram: within its limits, through a migration and kills."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Literal

import pytest

from bot.model import DeliveryState
from bot.store import Access, Store
from tests.e2e.seed import until
from tests.e2e.telegram.harness import alerts, have_alerts, telegram_harness
from tests.patience import PATIENCE

PER_SECOND = 30


@pytest.mark.parametrize(
    ("followers", "told"),
    [
        pytest.param(90, "silent", marks=pytest.mark.soak),
        pytest.param(1000, "after", marks=[pytest.mark.soak, pytest.mark.timeout(300)]),
        pytest.param(1000, "silent", marks=[pytest.mark.soak, pytest.mark.timeout(300)]),
    ],
)
async def test_a_fan_out_keeps_to_the_limits_and_uploads_its_picture_once(
    tmp_path: Path, followers: int, told: Literal["after", "silent"]
) -> None:
    async with telegram_harness(tmp_path, livekit=False, followers=followers) as harness:
        harness.telegram.limits.strict = True
        harness.coin.go_live("For everybody")
        await until(partial(have_alerts, harness, followers // 4), "a quarter")
        waiting = [chat for chat in harness.followers if not alerts(chat)]
        old = random.Random(followers).choice(waiting[len(waiting) // 2 :])
        new = harness.telegram.migrate(old, told=told)
        chats = [new, *(chat for chat in harness.followers if chat is not old)]
        await until(lambda: all(map(alerts, chats)), "everybody", 120)
        assert all(len(alerts(chat)) == 1 for chat in chats)
        assert not alerts(old)
        assert harness.telegram.uploads["photo"] == 1
        assert harness.telegram.rejected == []
        if followers >= 1000:
            limits = harness.telegram.limits
            assert limits.measured().overall <= PER_SECOND + limits.burst, "by when they arrive"
            assert not [call for call in harness.telegram.calls if call.code == 429]


@pytest.mark.parametrize(
    ("followers", "kills"),
    [
        # By default tests/alerts/delivery/test_killed.py kills a process of each kind of platform.
        pytest.param(40, 1, marks=pytest.mark.soak),
        pytest.param(200, 20, marks=[pytest.mark.soak, pytest.mark.timeout(600)]),
    ],
)
async def test_a_fan_out_that_is_killed_loses_nothing_and_marks_what_is_in_doubt(
    tmp_path: Path, followers: int, kills: int
) -> None:
    """Telegram cannot be asked: an answer that the kill cut off leaves an alert uncertain, which
    is never repeated blindly."""
    async with telegram_harness(tmp_path, livekit=False, followers=followers) as harness:
        points = sorted(random.Random(kills).sample(range(1, followers), kills))
        harness.coin.go_live("Through many deaths")
        for point in points:
            await until(partial(have_alerts, harness, point), f"{point} alerts")
            await harness.restarted(kill=True)
        counts = await all_settled(tmp_path, followers)
        await harness.service.stop()
        there = [len(alerts(chat)) for chat in harness.followers]
        assert max(there) == 1, "nothing is doubled"
        assert there.count(0) <= counts[DeliveryState.UNCERTAIN] <= 8 * kills
        assert harness.telegram.rejected == []


async def all_settled(folder: Path, followers: int) -> Mapping[str, int]:
    """How many deliveries came to which end, once all have."""
    deadline = time.monotonic() + PATIENCE
    async with Store(folder / "mintcast.db", access=Access.ANY) as store:
        while True:
            async with store.read() as unit:
                counts = await unit.deliveries.counts()
            if counts[DeliveryState.SENT] + counts[DeliveryState.UNCERTAIN] == followers:
                return counts
            assert time.monotonic() < deadline, counts
            await asyncio.sleep(0.1)
