"""`/help`: short as a whole, and a command in full."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import texts
from tests.commands.harness import HERE, CommandHarness


async def test_help_begins_with_three_steps_and_groups_every_command(
    harness: CommandHarness,
) -> None:
    reply = await harness.say("/help", manages=False)
    title, about, *lines = reply.text.splitlines()
    assert (title, about) == ("Mintcast 1.2.3", texts.commands.help_intro())
    assert lines[0] == "First steps"
    assert [line.split()[1] for line in lines[1:4]] == ["/subscribe", "/clip", "/settings"]
    assert lines[4:7] == [
        "Coins: /subscribe, /unsubscribe, /subscriptions",
        "Streams: /live, /clip, /clips, /history",
        "Alerts: /test, /settings, /resume",
    ]
    assert len(reply.text.splitlines()) <= 14
    named = {span.command for line in reply.last.lines for span in line if span.command}
    assert named == {command.name for command in harness.service.catalogue}


async def test_help_tells_the_limits(harness: CommandHarness) -> None:
    text = (await harness.say("/help")).text
    assert "30 s by default, up to 2 min and 10 MB here; kept for 72 h" in text
    assert "every 1 min per person, and every 20 s here; up to 6 can wait here." in text


@pytest.mark.parametrize("word", ["clip", "/clip", "CLIP"])
async def test_help_explains_one_command(harness: CommandHarness, word: str) -> None:
    reply = await harness.say(f"/help {word}")
    assert reply.last.title == "/clip [duration] [ago] [mint]"
    assert "duration: How long" in reply.text


async def test_help_on_nothing_that_there_is_names_the_nearest(harness: CommandHarness) -> None:
    assert "Did you mean /clip?" in (await harness.say("/help clp")).text


@pytest.mark.parametrize(
    ("platform", "who", "mark"),
    [
        ("discord", "managers of this server", " (managers)"),
        ("telegram", "admins of this group", " (admins)"),
    ],
)
async def test_help_says_who_manages_as_they_are_called_there(
    harness: CommandHarness, platform: str, who: str, mark: str
) -> None:
    where = replace(HERE, platform=platform)
    whole = (await harness.say("/help", where=where, has_managers=True)).text
    names = "/subscribe, /unsubscribe, /test, /settings and /resume"
    assert f"Only {who} can use {names}." in whole
    one = (await harness.say("/help resume", where=where, has_managers=True)).text
    assert f"{texts.commands.SUMMARIES['resume']}{mark}" in one.splitlines()
    assert mark not in (await harness.say("/help live", where=where, has_managers=True)).text


@pytest.mark.parametrize("text", ["/help", "/help resume"])
async def test_help_speaks_of_no_managers_where_everybody_is_one(
    harness: CommandHarness, text: str
) -> None:
    shown = (await harness.say(text, where=replace(HERE, platform="telegram"))).text
    assert "admins" not in shown
    assert "managers" not in shown
