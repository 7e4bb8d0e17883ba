"""Moving pictures out of the look-alike's recording, made by the real process."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import av
import pytest

from bot.clips.sources.recording import RecordingMoving
from bot.clips.sources.recording.choice import for_moving
from bot.clips.sources.recording.moving import MOST_BYTES
from bot.demo.recording.faults import ListFault, SegmentFault
from bot.demo.site.faults import Fault
from bot.model import MovingPicture
from bot.pumpfun.recording.playlists import Rung
from tests.clip_judge import judge
from tests.clips.capture.harness import names
from tests.clips.sources.recording.harness import Recorded


async def newest(recorded: Recorded, folder: Path) -> MovingPicture | None:
    folder.mkdir(exist_ok=True)
    moving = RecordingMoving(media=recorded.media, lists=recorded.lists, part=recorded.part)
    made = await moving.newest(recorded.known[-1], folder / "moving.mp4")
    assert names(folder) == []
    return made


async def test_the_last_four_seconds_without_sound(recorded: Recorded, tmp_path: Path) -> None:
    made = await newest(recorded, tmp_path / "made")
    assert made is not None
    path = tmp_path / "seen.mp4"
    path.write_bytes(made.data)
    with av.open(str(path)) as container:
        assert not container.streams.audio
    verdict = judge(path)
    assert 3.9 <= made.seconds <= 6.1
    assert (made.width, made.height) == (320, 180)
    assert verdict.repeated == 0
    told = (made.shows_at + timedelta(seconds=at) for at in verdict.pts)
    for at, number in zip(told, verdict.numbers, strict=True):
        assert number is not None
        assert abs((at - recorded.on_air_at(number)).total_seconds()) <= 3.0


@pytest.mark.soak
async def test_hostile_segments_make_a_small_one_or_none(
    recorded: Recorded, tmp_path: Path
) -> None:
    for fault in SegmentFault:
        recorded.recorder.heal()
        recorded.recorder.fail(fault, [0] if fault is SegmentFault.OTHER_SIZE else None)
        made = await newest(recorded, tmp_path / "made")
        if made is not None:
            assert len(made.data) <= MOST_BYTES
            assert made.seconds >= 2.0


async def test_without_a_list_there_is_none(recorded: Recorded, tmp_path: Path) -> None:
    recorded.recorder.fail(ListFault.MAP)
    assert await newest(recorded, tmp_path / "made") is None
    assert not recorded.part.ok
    recorded.world.site.fail("masters", Fault.NOT_FOUND)
    assert await newest(recorded, tmp_path / "made") is None


async def test_one_that_comes_says_that_recordings_work_again(
    recorded: Recorded, tmp_path: Path
) -> None:
    recorded.recorder.fail(ListFault.MAP)
    assert await newest(recorded, tmp_path / "made") is None
    recorded.recorder.heal()
    assert not recorded.part.ok
    assert await newest(recorded, tmp_path / "made") is not None
    assert recorded.part.ok


def test_the_lowest_quality_is_enough() -> None:
    rungs = [Rung(f"{height}", height * 1000, 0, height) for height in (1080, 720, 360)]
    assert [rung.height for rung in for_moving(rungs)] == [360, 720]
    assert for_moving([]) == ()
