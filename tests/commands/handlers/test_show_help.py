"""`/help`, and `/start`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import texts
from tests.commands.harness import HERE, CommandHarness
from tests.pumpfun.samples import MINT


async def test_help_lists_everything_with_limits_version_and_first_steps(
    harness: CommandHarness,
) -> None:
    reply = await harness.say("/help", manages=False)
    assert reply.last.title == "Mintcast 1.2.3"
    for command in harness.service.catalogue:
        assert f"{command.usage} – {command.summary}" in reply.text
    assert "30 s by default, up to 2 min and 10 MB here; kept for 72 h" in reply.text
    assert "every 1 min per person, and every 20 s here" in reply.text
    assert "First steps" in reply.text
    assert len(reply.text) < 3500


@pytest.mark.parametrize("word", ["clip", "/clip", "CLIP"])
async def test_help_explains_one_command(harness: CommandHarness, word: str) -> None:
    reply = await harness.say(f"/help {word}")
    assert reply.last.title == "/clip [duration] [mint]"
    assert "duration: How long" in reply.text


async def test_help_on_nothing_that_there_is_names_the_nearest(harness: CommandHarness) -> None:
    assert "Did you mean /clip?" in (await harness.say("/help clp")).text


async def test_a_link_that_starts_the_bot_with_a_coin_offers_to_follow_it(
    harness: CommandHarness,
) -> None:
    reply = await harness.say(f"/start {MINT}")
    assert reply.last.title == "Mintcast 1.2.3"
    assert reply.button("Subscribe here").action == f"sub:{MINT}"


@pytest.mark.parametrize(
    ("platform", "mark"), [("discord", " (managers)"), ("telegram", " (admins)"), ("local", "")]
)
async def test_help_marks_what_is_for_managers_as_they_are_called_there(
    harness: CommandHarness, platform: str, mark: str
) -> None:
    where = replace(HERE, platform=platform)
    lines = (await harness.say("/help", where=where)).text.splitlines()
    assert f"/resume – {texts.commands.SUMMARIES['resume']}{mark}" in lines
    assert f"/live [mint] – {texts.commands.SUMMARIES['live']}" in lines
