"""`/help`, and `/start`."""

from __future__ import annotations

import pytest

from tests.commands.harness import Room
from tests.pumpfun.samples import MINT


async def test_help_lists_everything_with_limits_version_and_first_steps(room: Room) -> None:
    reply = await room.say("/help", manages=False)
    assert reply.last.title == "Mintcast 1.2.3"
    for command in room.commands.catalogue:
        assert f"{command.usage} – {command.summary}" in reply.text
    assert "at most 2 min, and at most 10.0 MiB here; kept for 72 h" in reply.text
    assert "every 1 min for each person and every 20 s for each place" in reply.text
    assert "First steps" in reply.text
    assert len(reply.text) < 3500


@pytest.mark.parametrize("word", ["clip", "/clip", "CLIP"])
async def test_help_explains_one_command(room: Room, word: str) -> None:
    reply = await room.say(f"/help {word}")
    assert reply.last.title == "/clip [duration] [ago] [mint]"
    assert "duration: How long" in reply.text


async def test_help_on_nothing_that_there_is_names_the_nearest(room: Room) -> None:
    assert "Did you mean /clip?" in (await room.say("/help clp")).text


async def test_a_link_that_starts_the_bot_with_a_coin_offers_to_follow_it(room: Room) -> None:
    reply = await room.say(f"/start {MINT}")
    assert reply.last.title == "Mintcast 1.2.3"
    assert reply.button("Subscribe here").action == f"sub:{MINT}"
