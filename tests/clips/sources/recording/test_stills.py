"""Stills of what is on air: made of the newest segment by the real process, whatever that holds."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from bot.clips.sources.recording import RecordingStills
from bot.clips.sources.recording.choice import for_picture
from bot.clips.sources.recording.stills import Jpeg
from bot.demo.broadcast.frame_marks import read_strip
from bot.demo.recording.faults import ListFault, SegmentFault
from bot.demo.site.faults import Fault
from bot.pumpfun.recording.playlists import Rung
from tests.clips.sources.recording.harness import Recorded


def stills_of(recorded: Recorded) -> RecordingStills:
    return RecordingStills(
        media=recorded.media, lists=recorded.lists, clock=recorded.clock, part=recorded.part
    )


async def highest(recorded: Recorded) -> Rung:
    return (await recorded.lists.rungs(recorded.known[-1]))[0]


async def newest(recorded: Recorded) -> Jpeg | None:
    return await stills_of(recorded).newest(recorded.known[-1])


def shown_by(recorded: Recorded, jpeg: Jpeg) -> float:
    """By how many seconds the frame that is to be seen was on air after what is told of it."""
    with Image.open(io.BytesIO(jpeg.data)) as image:
        number = read_strip(np.asarray(image.convert("L")))
    assert number is not None
    return (recorded.on_air_at(number) - jpeg.shows_at).total_seconds()


async def test_it_shows_what_was_on_air_when_the_newest_segment_begins(recorded: Recorded) -> None:
    asked_at = recorded.clock.now()
    jpeg = await newest(recorded)
    assert jpeg is not None
    assert abs(shown_by(recorded, jpeg)) <= 3.0, "the delay is a guess"
    behind = (asked_at - jpeg.shows_at).total_seconds()
    assert behind <= recorded.recorder.options.delay + 6.0
    assert recorded.part.ok


async def test_one_segment_is_asked_for(recorded: Recorded) -> None:
    recorded.world.site.requests.clear()
    assert await newest(recorded) is not None
    asked = [one.endpoint for one in recorded.world.site.requests]
    assert asked == ["masters", "playlists", "segments"]


@pytest.mark.parametrize("fault", [SegmentFault.LOST, SegmentFault.NOISE, SegmentFault.TRUNCATED])
async def test_where_the_newest_segment_is_wrong_the_one_before_is_shown(
    recorded: Recorded, fault: SegmentFault
) -> None:
    placement = await recorded.lists.look(recorded.known[-1], await highest(recorded))
    newest_now = len(placement.placed) - 1
    recorded.recorder.fail(fault, range(newest_now, newest_now + 2))
    jpeg = await newest(recorded)
    if jpeg is None:  # two more have come meanwhile
        return
    assert abs(shown_by(recorded, jpeg)) <= 3.0


@pytest.mark.soak
async def test_hostile_segments_give_a_picture_of_the_stream_or_none(recorded: Recorded) -> None:
    for fault in SegmentFault:
        recorded.recorder.heal()
        recorded.recorder.fail(fault, [0] if fault is SegmentFault.OTHER_SIZE else None)
        jpeg = await newest(recorded)
        if jpeg is not None:
            with Image.open(io.BytesIO(jpeg.data)) as image:
                assert max(image.size) <= 1280


@pytest.mark.parametrize(
    "fault", [ListFault.FOREIGN_HOST, ListFault.MAP, ListFault.KEY, ListFault.PAGE]
)
async def test_a_list_that_is_refused_gives_none_and_health_says_why(
    recorded: Recorded, fault: ListFault
) -> None:
    recorded.recorder.fail(fault)
    assert await newest(recorded) is None
    assert not recorded.part.ok


async def test_a_list_without_stamps_is_believed_once_it_has_grown(recorded: Recorded) -> None:
    recorded.recorder.fail(ListFault.NO_DATES)
    jpeg = await newest(recorded)
    assert jpeg is not None
    assert abs(shown_by(recorded, jpeg)) <= 5.0


async def test_what_is_gone_is_no_trouble(recorded: Recorded) -> None:
    recorded.world.site.fail("masters", Fault.NOT_FOUND)
    assert await newest(recorded) is None
    assert recorded.part.since is None, "nothing was said"


@pytest.mark.parametrize(
    ("heights", "chosen"),
    [
        ((1080, 720, 360), [720, 360]),
        ((1080, 360), [1080, 360]),
        ((360, 240), [360, 240]),
        ((0,), [0]),
        ((), []),
    ],
)
def test_no_more_pixels_are_fetched_than_a_picture_has(
    heights: Sequence[int], chosen: Sequence[int]
) -> None:
    rungs = [Rung(f"{height}", height * 1000, height * 16 // 9, height) for height in heights]
    assert [rung.height for rung in for_picture(rungs, 1280)] == chosen
