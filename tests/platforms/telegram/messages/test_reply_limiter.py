"""Replies go first, and leave room for what is delivered."""

from __future__ import annotations

import asyncio

import pytest

from bot.alerts import Fault, SendError
from bot.kit.rate_limits import RateLimits
from bot.platforms.telegram.connection.limits import new_rate_limits
from bot.platforms.telegram.messages.reply_limiter import (
    MOST_WAITING,
    REPLIES_A_MINUTE,
    ReplyLimiter,
)
from tests.fakes.clock import FakeClock

GROUP = (1, 1)
ALERT = 20
"""The priority of a delivery."""


async def test_a_flood_of_commands_leaves_alerts_their_share_of_the_minute() -> None:
    clock = FakeClock()
    rate_limits = new_rate_limits(clock)
    reply_limiter = ReplyLimiter(rate_limits, clock)
    replies = [asyncio.create_task(reply_limiter.turn(GROUP)) for _ in range(MOST_WAITING)]
    await clock.advance(40)
    assert sum(task.done() for task in replies) == REPLIES_A_MINUTE
    alerts = [asyncio.create_task(deliver(rate_limits)) for _ in range(5)]
    await clock.advance(10)
    assert all(task.done() for task in alerts)
    await clock.advance(20)
    assert all(task.done() for task in replies)
    await asyncio.gather(*replies, *alerts)


async def test_whoever_would_get_a_reply_after_a_minute_gets_none() -> None:
    clock = FakeClock()
    reply_limiter = ReplyLimiter(new_rate_limits(clock), clock)
    first = 2  # leave at once
    replies = [asyncio.create_task(reply_limiter.turn(GROUP)) for _ in range(first + MOST_WAITING)]
    await clock.advance(0)
    with pytest.raises(SendError) as refused:
        await reply_limiter.turn(GROUP)
    assert refused.value.fault is Fault.RATE_LIMITED
    assert refused.value.retry_after is not None
    other = asyncio.create_task(reply_limiter.turn((2, 2)))
    await clock.advance(1)
    assert other.done()
    await clock.advance(180)
    await asyncio.gather(*replies, reply_limiter.turn(GROUP))


async def test_a_person_gets_as_many_replies_as_the_chat_takes() -> None:
    clock = FakeClock()
    rate_limits = new_rate_limits(clock)
    reply_limiter = ReplyLimiter(rate_limits, clock)
    rate_limits.unration(1)
    reply_limiter.unration(1)
    replies = [asyncio.create_task(reply_limiter.turn(GROUP)) for _ in range(MOST_WAITING)]
    await clock.advance(1.6 * MOST_WAITING)
    assert all(task.done() for task in replies)


async def deliver(rate_limits: RateLimits) -> None:
    async with rate_limits.turn(*GROUP, ALERT):
        pass
