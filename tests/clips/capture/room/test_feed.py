"""What a feed asks of the SDK, and what the SDK makes of it. Real, but for the server."""

from __future__ import annotations

import asyncio

from bot.kit.processes.child import Child
from tests.patience import PATIENCE

QUEUED = 8


async def test_what_a_feed_does_with_the_real_sdk() -> None:
    """Pictures that come at once are all taken; the request is the SDK's own but for its queue, and
    a new SDK that asks for more fails this; what fails is counted; an end is noticed."""
    child = await Child.spawn("tests.clips.capture.room.local_track")
    try:
        async with asyncio.timeout(PATIENCE):
            told = {event["event"]: event async for event in child.events()}
    finally:
        await child.stop()
    assert set(told) == {"requests", "burst", "failing", "ended"}, child.last_words
    theirs, ours = told["requests"]["theirs"], told["requests"]["ours"]
    assert len(theirs) == len(ours) == 1
    expected = {**theirs[0]["newVideoStream"], "queueSizeFrames": QUEUED}
    assert ours[0] == {"newVideoStream": expected}
    assert told["burst"]["came"] == list(range(QUEUED))
    assert told["failing"]["taken"] == told["failing"]["counted"] == QUEUED
