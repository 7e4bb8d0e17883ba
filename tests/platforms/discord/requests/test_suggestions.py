"""Suggestions that can't be told in time: nobody waits for them, and nothing is broken."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.clock import until
from tests.fakes.discord import Member, RateLimit, Refuse, Reset, ServerError, When
from tests.fakes.discord.api.faults import Answer
from tests.platforms.discord.harness import PlatformHarness, open_platform
from tests.pumpfun.samples import MINT

CALLBACK = ("POST", "/interactions/*")


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[PlatformHarness]:
    async with open_platform(tmp_path) as opened:
        yield opened


async def somebody(harness: PlatformHarness) -> tuple[Member, Any]:
    """Who types, and where a coin is followed."""
    guild, channel = await harness.start_in_a_server()
    await harness.follow(guild, channel)
    return harness.manager(guild), channel


async def offered_nothing(
    harness: PlatformHarness, who: Member, channel: Any, option: str, log: Any
) -> None:
    """They get no suggestions; the log has one line of it, which is no error."""
    typing = asyncio.create_task(who.autocomplete(channel, "clip", option, ""))
    await until(lambda: "nothing was suggested" in log.text)
    await harness.pass_time(4)
    with pytest.raises(AssertionError, match="nothing was offered"):
        await typing
    assert log.text.count("nothing was suggested") == 1
    assert [one for one in log.records if one.levelno > logging.INFO] == []


@pytest.mark.parametrize(
    "trouble",
    [
        Refuse(404, 10062),
        Reset(When.BEFORE),
        ServerError(When.BEFORE),
        RateLimit(0.5),
        RateLimit(30.0, everywhere=True),
    ],
    ids=repr,
)
async def test_what_discord_does_not_take_is_a_line_in_the_log_and_asked_once(
    harness: PlatformHarness, caplog: pytest.LogCaptureFixture, trouble: Answer
) -> None:
    caplog.set_level("INFO")
    who, channel = await somebody(harness)
    rule = harness.fake.faults.add(CALLBACK, trouble, times=1)

    await offered_nothing(harness, who, channel, "mint", caplog)

    assert rule.hits == 1
    (offered,) = await who.autocomplete(channel, "clip", "mint", "")
    assert offered["value"] == MINT


async def test_an_option_of_yesterday_is_no_defect(
    harness: PlatformHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """Discord shows some people how a command was before an update."""
    caplog.set_level("INFO")
    who, channel = await somebody(harness)
    old = {"name": "coin", "description": "The coin", "type": 3, "autocomplete": True}
    harness.fake.commands[0]["clip"]["options"].append(old)

    await offered_nothing(harness, who, channel, "coin", caplog)


async def test_a_database_that_takes_too_long_is_waited_for_no_longer_than_discord_waits(
    harness: PlatformHarness, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    who, channel = await somebody(harness)

    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    harness.commands.service.suggest = never  # type: ignore[assignment,method-assign]

    await offered_nothing(harness, who, channel, "mint", caplog)


async def test_a_defect_is_in_the_log_with_its_traceback(
    harness: PlatformHarness, caplog: pytest.LogCaptureFixture
) -> None:
    who, channel = await somebody(harness)

    async def fail(*_: object) -> None:
        raise ZeroDivisionError

    harness.commands.service.suggest = fail  # type: ignore[assignment,method-assign]
    typing = asyncio.create_task(who.autocomplete(channel, "clip", "mint", ""))
    await until(lambda: "ZeroDivisionError" in caplog.text)
    await harness.pass_time(4)
    with pytest.raises(AssertionError, match="nothing was offered"):
        await typing
