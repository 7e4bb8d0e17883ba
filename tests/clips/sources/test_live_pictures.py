"""A picture of what is on air: of the recording, else of a capture that is open, else none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import cast

import pytest

from bot.clips.capture.media.timeline import SECOND
from bot.clips.results import failed
from bot.clips.sources.live_pictures import LivePictures
from bot.clips.sources.recording import RecordingMoving, RecordingStills
from bot.clips.sources.recording.stills import Jpeg
from bot.clips.workers.captures import Captures
from bot.errors import PumpfunError
from bot.kit.files import Files
from bot.kit.pictures.decoder import Decoder
from bot.model import (
    Broadcast,
    ClipFailure,
    ClipRequest,
    ClipResult,
    ClipStatus,
    MovingPicture,
    Reason,
    Recording,
    Stream,
    StreamState,
    Window,
)
from tests.alerts.harness import jpeg
from tests.clips.capture.harness import SMALL, encode, pictures, sounds
from tests.fakes.clock import FakeClock, until

MINT = "minty"


@dataclass
class Ring:
    """A capture that has the last seconds, as real as its file."""

    window: Window | None = None
    fails: PumpfunError | ClipFailure | None = None
    asked: list[ClipRequest] = field(default_factory=list)

    def at_hand(self, mint: str) -> Window | None:
        return self.window if mint == MINT else None

    async def clip(self, request: ClipRequest) -> ClipResult:
        self.asked.append(request)
        if isinstance(self.fails, PumpfunError):
            raise self.fails
        if self.fails is not None:
            return failed(self.fails)
        request.path.parent.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(
            encode(chain(sounds(1.5), pictures(range(40)))).write, request.path, 0, SECOND
        )
        return ClipResult(ClipStatus.COMPLETE, path=request.path, has_video=True)


@dataclass
class Recorded:
    """What the recording gives. `takes`: seconds."""

    jpeg: Jpeg | None = None
    takes: float = 0.0
    asked: list[Recording] = field(default_factory=list)
    clock: FakeClock = field(default_factory=FakeClock)

    async def newest(self, recording: Recording) -> Jpeg | None:
        self.asked.append(recording)
        await self.clock.sleep(self.takes)
        return self.jpeg


@dataclass
class Moving:
    """The last seconds of the recording."""

    made: MovingPicture | None = None
    asked: list[Path] = field(default_factory=list)

    async def newest(self, recording: Recording, path: Path) -> MovingPicture | None:
        self.asked.append(path)
        return self.made


@dataclass
class Scene:
    """A stream, and where pictures of it are."""

    pictures: LivePictures
    recorded: Recorded
    moving: Moving
    ring: Ring
    clock: FakeClock
    files: Files
    known: list[Recording]
    stream: Stream

    def shot(self, ago: float = 14.0) -> Jpeg:
        return Jpeg(jpeg().data, self.clock.now() - timedelta(seconds=ago))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def scene(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Scene]:
    now, files = clock.now(), Files(tmp_path / "clips")
    known = [Recording(1, 7, 70, "stamp", "http://127.0.0.1/master.m3u8", now, now)]
    recorded, moving, ring = Recorded(clock=clock), Moving(), Ring()

    async def recordings(stream_id: int) -> Sequence[Recording]:
        return known if stream_id == 7 else ()

    stream = Stream(7, MINT, Broadcast(StreamState.LIVE, now, now, 70))
    async with Decoder() as decoder:
        pictures = LivePictures(
            recordings,
            recorded=cast(RecordingStills, recorded),
            moving=cast(RecordingMoving, moving),
            captures=cast(Captures, ring),
            files=files,
            safe_jpeg=decoder.safe_jpeg,
            clock=clock,
        )
        yield Scene(pictures, recorded, moving, ring, clock, files, known, stream)


async def test_it_is_of_the_recording_that_goes_on(scene: Scene) -> None:
    scene.known.insert(0, replace(scene.known[0], id=2, retired_at=scene.clock.now()))
    scene.recorded.jpeg = scene.shot()
    still = await scene.pictures.still(scene.stream)
    assert still is not None
    assert (still.picture.width, still.picture.height) == (32, 18)
    assert still.shows_at == scene.recorded.jpeg.shows_at
    assert [one.id for one in scene.recorded.asked] == [1]
    assert scene.ring.asked == []


async def test_where_nothing_is_recorded_it_is_of_the_last_second_at_hand(scene: Scene) -> None:
    scene.ring.window = Window.before(scene.clock.now(), 30)
    still = await scene.pictures.still(scene.stream)
    assert still is not None
    assert (still.picture.width, still.picture.height) == (SMALL.width, SMALL.height)
    assert still.shows_at == scene.clock.now() - timedelta(seconds=1)
    (asked,) = scene.ring.asked
    assert asked.window == Window.before(scene.clock.now(), 1)
    assert list(scene.files.folder.iterdir()) == []


async def test_what_shows_nothing_of_now_is_no_news(scene: Scene) -> None:
    scene.recorded.jpeg = scene.shot(ago=301)
    scene.ring.window = Window.before(scene.clock.now() - timedelta(minutes=6), 30)
    assert await scene.pictures.still(scene.stream) is None
    assert scene.ring.asked == []


@pytest.mark.parametrize(
    "fails", [PumpfunError(Reason.UNREACHABLE), ClipFailure.NOT_AT_HAND, ClipFailure.WORKER_DIED]
)
async def test_a_capture_that_fails_costs_the_picture_alone(
    scene: Scene, fails: PumpfunError | ClipFailure
) -> None:
    scene.ring.window, scene.ring.fails = Window.before(scene.clock.now(), 30), fails
    assert await scene.pictures.still(scene.stream) is None


async def test_what_is_no_picture_is_shown_to_nobody(scene: Scene) -> None:
    scene.recorded.jpeg = Jpeg(b"no picture", scene.clock.now())
    assert await scene.pictures.still(scene.stream) is None


async def test_a_slow_host_is_given_up(scene: Scene) -> None:
    scene.recorded.jpeg, scene.recorded.takes = scene.shot(), 60.0
    asking = asyncio.create_task(scene.pictures.still(scene.stream))
    await until(lambda: scene.clock.sleeping > 1)
    await scene.clock.advance(16)
    assert await asking is None


async def test_no_room_is_entered_for_a_picture(scene: Scene) -> None:
    scene.known.clear()
    assert await scene.pictures.still(scene.stream) is None
    assert scene.ring.asked == []


async def test_a_moving_picture_is_of_the_recording_alone(scene: Scene) -> None:
    scene.ring.window = Window.before(scene.clock.now(), 30)
    assert await scene.pictures.moving(scene.stream) is None
    made = MovingPicture(b"mp4", 4.0, 640, 360, scene.clock.now() - timedelta(seconds=18))
    scene.moving.made = made
    assert await scene.pictures.moving(scene.stream) == made
    assert scene.ring.asked == []
    assert {path.parent for path in scene.moving.asked} == {scene.files.folder}


async def test_one_that_shows_what_was_is_no_news(scene: Scene) -> None:
    long_ago = scene.clock.now() - timedelta(minutes=5)
    scene.moving.made = MovingPicture(b"mp4", 4.0, 640, 360, long_ago)
    assert await scene.pictures.moving(scene.stream) is None
