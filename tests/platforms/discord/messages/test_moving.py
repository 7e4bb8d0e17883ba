"""Moving pictures on Discord: a video above the card, uploaded once a message."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.model import StoredVideo
from tests.platforms.discord.sender_harness import ALERT, SenderHarness, open_sender


@pytest.fixture
async def harness(database: Path) -> AsyncIterator[SenderHarness]:
    async with open_sender(database.parent) as opened:
        yield opened


async def moving(harness: SenderHarness, data: bytes = b"mp4") -> StoredVideo:
    key = await harness.files.put_picture(data, "mp4")
    return StoredVideo(key, 4.0, len(data), 640, 360)


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_it_takes_the_place_of_the_still_and_stays_there(
    harness: SenderHarness, is_restarted: bool
) -> None:
    target = harness.target()
    still = replace(ALERT, picture=await harness.picture())
    message_id = await harness.sender.send(target, still, nonce="n")
    if is_restarted:
        harness.restart()
    moves = replace(still, moving=await moving(harness))
    await harness.sender.edit(target, message_id, moves)
    (shown,) = harness.channel.messages
    (file,) = shown.attachments
    assert (file.data, shown.in_embeds) == (b"mp4", set())
    await harness.sender.edit(target, message_id, replace(moves, title="Demo was live"))
    await harness.sender.edit(target, message_id, replace(ALERT, title="Demo was live"))
    assert shown.attachments == [file]
    await harness.sender.edit(target, message_id, still)
    (back,) = shown.attachments
    assert back.url in shown.in_embeds
