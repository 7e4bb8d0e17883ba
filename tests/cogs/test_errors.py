"""Whatever goes wrong, whoever asked gets a sentence, and nobody else sees it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from bot.commands import Request
from bot.platforms.discord.requests.dispatcher import dispatcher_of
from cogs.common import COMMANDS
from tests.cogs.harness import Harness, text_of
from tests.pumpfun.samples import MINT


async def test_a_command_that_is_gone_gets_a_sentence(harness: Harness) -> None:
    harness.bot.tree.remove_command("help")
    result = await harness.say("help")
    assert result.ephemeral
    assert "This command no longer exists" in text_of(result)
    harness.forgives = True


async def test_a_command_that_has_changed_gets_a_sentence(harness: Harness) -> None:
    harness.bot.tree.remove_command("subscribe")

    @harness.bot.tree.command(name="subscribe", description="another one")
    async def subscribe(interaction: Any, wallet: str) -> None:
        raise AssertionError("never called")

    result = await harness.say("subscribe", mint=MINT)
    assert result.ephemeral
    assert "has changed" in text_of(result)
    harness.forgives = True


async def test_a_defect_before_the_command_is_a_sentence_and_a_traceback_in_the_log(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    harness.bot.tree.remove_command("help")

    @harness.bot.tree.command(name="help", description=COMMANDS["help"].summary)
    async def broken(interaction: Any) -> None:
        raise ZeroDivisionError("secret detail")

    result = await harness.say("help")
    assert result.ephemeral
    assert "Something went wrong" in text_of(result)
    assert "secret detail" not in text_of(result)
    assert "ZeroDivisionError" in caplog.text
    harness.forgives = True


async def test_a_defect_in_the_command_is_a_sentence_and_a_traceback_in_the_log(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(_: Request) -> None:
        raise ZeroDivisionError("secret detail")

    result = await with_act(harness, fail)
    assert result.ephemeral
    assert "Something went wrong" in text_of(result)
    assert "secret detail" not in text_of(result)
    assert any(record.exc_info for record in caplog.records if record.levelno >= logging.ERROR)
    harness.forgives = True


async def test_a_database_that_does_not_answer_is_no_defect(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    harness.store.is_busy = True
    result = await harness.say("help")
    assert result.ephemeral
    assert "database is busy" in text_of(result)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_after_the_dispatcher_is_closed_all_hear_that_we_restart(
    harness: Harness,
) -> None:
    await harness.platform.close_dispatcher()
    result = await harness.say("help")
    assert result.ephemeral
    assert "restarting" in text_of(result)


async def with_act(harness: Harness, act: Callable[[Request], Any]) -> Any:
    """A slash command that does as the test says."""
    harness.bot.tree.remove_command("help")

    @harness.bot.tree.command(name="help", description="does as the test says")
    async def help_(interaction: Any) -> None:
        dispatcher_of(interaction).take(interaction, act)

    return await harness.say("help")
