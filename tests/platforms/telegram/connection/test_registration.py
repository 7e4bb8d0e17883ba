"""Which commands Telegram is told of, and when."""

from __future__ import annotations

import pytest

from bot.commands import CATALOGUE
from tests.platforms.telegram.harness import PlatformHarness


async def test_each_scope_gets_the_commands_that_its_people_use(
    harness: PlatformHarness,
) -> None:
    registered = harness.telegram.commands
    await harness.telegram.until(lambda: len(registered) == 3)
    every = [command.name for command in CATALOGUE]
    for_all = [command.name for command in CATALOGUE if not command.manages]
    assert list(registered["all_private_chats", ""]) == every
    assert list(registered["all_chat_administrators", ""]) == every
    assert list(registered["all_group_chats", ""]) == for_all
    assert "subscribe" not in for_all
    assert "clip" in for_all


async def start_again(harness: PlatformHarness) -> None:
    """Another process, after one that has told Telegram of all."""
    await harness.telegram.until(lambda: len(harness.telegram.made("setMyCommands")) == 3)
    await harness.say("/help")  # the fingerprint is written by now
    await harness.stop()
    harness.restart()
    await harness.platform.login()
    harness.start()


async def test_commands_that_are_the_same_are_not_registered_again(
    harness: PlatformHarness,
) -> None:
    await start_again(harness)
    await harness.telegram.until(lambda: len(harness.telegram.made("getMyCommands")) == 3)
    await harness.say("/help")
    assert len(harness.telegram.made("setMyCommands")) == 3


@pytest.mark.parametrize("scope", ["all_private_chats", "all_chat_administrators"])
async def test_what_another_program_has_put_in_their_place_is_told_again(
    harness: PlatformHarness, scope: str
) -> None:
    registered = harness.telegram.commands
    await harness.telegram.until(lambda: len(registered) == 3)
    ours, registered[scope, ""] = registered[scope, ""], {"ping": "Theirs"}
    await start_again(harness)
    await harness.telegram.until(lambda: registered[scope, ""] == ours)
