"""What a message shows once another node has changed it, and the lease is this one's again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.platforms.discord.sender_harness import (
    ALERT,
    CLIP,
    JPEG,
    SenderHarness,
    open_sender,
)


@pytest.fixture
async def harness(database: Path) -> AsyncIterator[SenderHarness]:
    async with open_sender(database.parent, gateway=True) as opened:
        yield opened


def names(harness: SenderHarness) -> list[str]:
    """Of the files of the one message."""
    (shown,) = harness.channel.messages
    return [one.name for one in shown.attachments]


@pytest.mark.parametrize("answers", [False, True])
async def test_a_clip_that_another_node_has_cut_anew_stays(
    harness: SenderHarness, answers: bool
) -> None:
    reply_to = None
    if answers:
        _, reply = await harness.held()
        reply_to = reply.reply_to
    clip = replace(CLIP, video=harness.video())
    other = replace(CLIP, video=harness.video(begins=10))
    ours, target = harness.sender, harness.target()
    message_id = await ours.send(target, clip, nonce="abc", reply_to=reply_to)
    before = names(harness)
    harness.restart()  # as on another node
    await harness.sender.edit(target, message_id, other)
    recut = names(harness)
    assert recut != before
    ours.forget()
    await ours.edit(target, message_id, replace(clip, video=None, keeps_video=True))
    assert names(harness) == recut
    await harness.sender.edit(target, message_id, other)
    ours.forget()
    await ours.edit(target, message_id, clip)
    assert names(harness) == before


async def test_a_picture_that_another_node_has_changed_stays(harness: SenderHarness) -> None:
    ours, target = harness.sender, harness.target()
    message = replace(ALERT, picture=await harness.picture())
    message_id = await ours.send(target, message, nonce="abc")
    harness.restart()
    newer = replace(ALERT, picture=await harness.picture(JPEG + b"newer"))
    await harness.sender.edit(target, message_id, newer)
    after = names(harness)
    ours.forget()
    await ours.edit(target, message_id, replace(ALERT, title="over", keeps_picture=True))
    assert names(harness) == after
