from __future__ import annotations

import pytest

from bot.clips.capture.media.room_recorder import RoomRecorder
from bot.clips.capture.media.timeline import SECOND
from bot.clips.encoding.canvas import Size
from bot.clips.encoding.scaler import RawFrame
from tests.clips.capture.harness import PLENTY

UNANNOUNCED = Size(0, 0)
HEIGHT, FPS = 180, 30


@pytest.mark.parametrize(("pictures_a_size", "most_seconds"), [(1, 4.1), (15, 4.1), (600, 1.1)])
def test_a_picture_that_nobody_announced_is_taken_in_the_end(
    pictures_a_size: int, most_seconds: float
) -> None:
    now = SECOND
    recorder = RoomRecorder(
        PLENTY, span=60 * SECOND, max_bytes=1 << 28, clock=lambda: now, on_first=lambda _: None
    )
    for number in range(6 * FPS):
        size = Size(320 + 2 * (number // pictures_a_size), HEIGHT)
        recorder.picture(RawFrame(bytes(size.bytes), size), now, UNANNOUNCED)
        now += SECOND // FPS
    recorder.close()
    assert recorder.error is None
    assert recorder.first_picture is not None
    assert SECOND <= recorder.first_picture <= most_seconds * SECOND
