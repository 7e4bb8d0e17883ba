"""What a creator does in the middle of a clip. All scenes play at once, on one real server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.clips import Recorder
from bot.demo.publisher import Broadcaster
from bot.demo.world import World
from bot.model import CaptureEnd, ClipProgress, ClipStatus, NoteKind
from tests.conftest import require_livekit_server
from tests.scenes import BUSY, Taken, record, recorder

pytestmark = pytest.mark.soak  # scripts of seconds, which a busy machine plays otherwise

SECONDS = 5.0
SMALL: dict[str, Any] = {"width": 640, "height": 360}

Scene = Callable[[Broadcaster], Awaitable[None]]


async def mute(caster: Broadcaster) -> None:
    await caster.mute("video")
    await asyncio.sleep(2.5)
    await caster.unmute("video")


async def republish(caster: Broadcaster) -> None:
    await caster.unpublish("video")
    await asyncio.sleep(1.0)
    await caster.republish("video")


async def other_microphone(caster: Broadcaster) -> None:
    await caster.unpublish("audio")
    await asyncio.sleep(1.0)
    await caster.republish("audio")


async def turn(caster: Broadcaster) -> None:
    await caster.resize(360, 640)


async def share(caster: Broadcaster) -> None:
    await caster.share()
    await asyncio.sleep(2.0)
    await caster.share(False)


async def leave(caster: Broadcaster) -> None:
    await caster.leave()


async def leave_and_return(caster: Broadcaster) -> None:
    await caster.leave()
    await asyncio.sleep(1.0)
    await caster.back()


SCENES: dict[str, Scene] = {
    scene.__name__: scene
    for scene in (mute, republish, other_microphone, turn, share, leave, leave_and_return)
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def taken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Taken]:
    """What came of each scene. Played in two halves, which two cores carry."""
    require_livekit_server()
    folder = tmp_path_factory.mktemp("changes")
    names = list(SCENES)
    results: dict[str, Taken] = {}
    async with World() as world, recorder(world) as using:
        for half in (names[::2], names[1::2]):
            played = await asyncio.gather(*(play(world, using, name, folder) for name in half))
            results |= dict(zip(half, played, strict=True))
    return results


async def play(world: World, using: Recorder, name: str, folder: Path) -> Taken:
    coin = world.add_coin(name.upper()[:10], name)
    caster = await world.broadcast(coin, **SMALL)
    under_way = asyncio.Event()

    def watch(now: ClipProgress) -> None:
        if now.done_seconds >= 1.0:
            under_way.set()

    clip = asyncio.create_task(record(world, coin, SECONDS, folder, using=using, on_progress=watch))
    await under_way.wait()
    await SCENES[name](caster)
    result = await clip
    await caster.stop()  # the processor is for the others
    return result


@pytest.mark.parametrize("name", [name for name in SCENES if name != "leave"])
def test_a_clip_outlives_it_whole(taken: dict[str, Taken], name: str) -> None:
    result, verdict = taken[name]
    assert result.status is ClipStatus.COMPLETE
    assert verdict.duration == pytest.approx(SECONDS, abs=BUSY.length)
    assert verdict.ordered
    assert verdict.backwards == 0
    assert (verdict.width, verdict.height) == (640, 360)
    assert abs((verdict.audio_end or 0) - (verdict.video_end or 0)) < BUSY.ends


def test_a_muted_camera_holds_its_last_picture(taken: dict[str, Taken]) -> None:
    result, verdict = taken["mute"]
    notes = {note.kind: note.amount for note in result.notes}
    notes.pop(NoteKind.FRAMES_DROPPED, None)  # on a busy machine
    assert list(notes) == [NoteKind.PICTURE_HELD]
    assert 2.0 < notes[NoteKind.PICTURE_HELD] < 6.0
    assert verdict.longest_gap < 1.8, "held pictures are repeated, so that players can seek"


def test_a_republished_track_is_taken_once(taken: dict[str, Taken]) -> None:
    """An unclosed stream would deliver the new track's frames as well: each would come twice."""
    verdict = taken["republish"].verdict
    assert verdict.repeated <= 4, "the held picture, once a second"
    assert verdict.pts[-1] > SECONDS - BUSY.length


def test_a_new_microphone_is_heard_in_its_place(taken: dict[str, Taken]) -> None:
    verdict = taken["other_microphone"].verdict
    assert verdict.silences, "while there was none, there is silence"
    assert verdict.beeps[-1] > 3.0
    assert verdict.skew_p95 is not None
    assert verdict.skew_p95 < BUSY.p95, "near its picture; how near, `make soak` shows"


def test_a_turned_camera_stands_upright_between_bars(taken: dict[str, Taken]) -> None:
    contents = taken["turn"].verdict.contents
    assert contents[0] == (640, 360)
    width, height = contents[-1]
    assert height == 360
    assert width == pytest.approx(202, abs=6)


def test_a_screen_share_leaves_no_hole(taken: dict[str, Taken]) -> None:
    """That it is shown, `test_following` waits to see: two seconds may not do on a busy machine."""
    verdict = taken["share"].verdict
    assert verdict.numbers[-1] is not None
    assert verdict.longest_gap < 1.8, "the camera is shown until the share's first picture"


def test_a_creator_who_leaves_ends_the_clip_early(taken: dict[str, Taken]) -> None:
    result, verdict = taken["leave"]
    assert result.status is ClipStatus.PARTIAL
    assert result.end is CaptureEnd.PUBLISHER_GONE
    assert 0.5 < verdict.duration < 3.5
    assert verdict.longest_gap < 1.0, "it ends with the last picture, not with a frozen one"
