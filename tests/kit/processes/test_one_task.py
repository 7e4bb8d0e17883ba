"""What is asked of a process that does one thing is over in time, whatever that process does."""

from __future__ import annotations

import asyncio

import psutil
import pytest

from bot.kit.processes.one_task import ask_one
from bot.kit.processes.resource_limits import Limits
from tests.patience import PATIENCE


@pytest.mark.parametrize("module", ["deaf_task", "babbling_task"])
@pytest.mark.parametrize("letters", [1, 1 << 20])
async def test_one_that_does_not_answer_is_ended_in_time(module: str, letters: int) -> None:
    ended: list[int] = []
    async with asyncio.timeout(PATIENCE):
        answer = await ask_one(
            f"tests.kit.processes.{module}",
            "say",
            {"text": "a" * letters},
            limits=Limits(memory=1 << 29, cpu=20),
            seconds=3.0,
            tidy=ended.append,
        )
    assert answer is None
    assert len(ended) == 1
    assert not psutil.pid_exists(ended[0])
