"""What a creator does in the middle of a clip, on the real server.

Each scene goes on once the capture has seen what it was to see, and ends the clip then; only how
much of it is to be in the clip is counted in seconds, and those are the capture's own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import pytest_asyncio

from bot.demo.broadcast.broadcaster import Broadcaster
from bot.demo.broadcast.frame_marks import SHARE_BIT
from bot.demo.livekit.server import LiveKitServer
from bot.model import CaptureEnd, ClipStatus, NoteKind
from tests.clip_harness import AT_ONCE, BUSY, Taken, ends_apart, judged
from tests.conftest import require_livekit_server
from tests.e2e.clip_process import ClipProcess

SMALL: dict[str, Any] = {"width": 320, "height": 180}

CAMERA: dict[str, Any] = {"picture": "camera", "muted": False, "held": False}

Scene = Callable[[Broadcaster, ClipProcess], Awaitable[None]]


async def mute(caster: Broadcaster, clip: ClipProcess) -> None:
    await caster.mute("video")
    await clip.sees(muted=True, held=True)
    await clip.goes_on(3.0)  # for so long that it is repeated, and not once: a busy encoder is
    # behind with pictures, not with sound, and leaves out what it has no time for
    await caster.unmute("video")
    await clip.sees(**CAMERA)


async def republish(caster: Broadcaster, clip: ClipProcess) -> None:
    await caster.unpublish("video")
    await clip.sees(picture=None)
    await caster.republish("video")
    await clip.sees(**CAMERA)


async def other_microphone(caster: Broadcaster, clip: ClipProcess) -> None:
    await caster.unpublish("audio")
    await clip.sees(sound=None)
    await clip.goes_on(0.5)  # it is to be heard that there is none
    await caster.republish("audio")
    await clip.sees(sound="microphone")
    await clip.goes_on(2.5)  # so that there are beeps, and a flash that one belongs to


async def turn(caster: Broadcaster, clip: ClipProcess) -> None:
    await caster.resize(180, 320)
    await clip.sees(width=180, height=320)


async def share(caster: Broadcaster, clip: ClipProcess) -> None:
    await caster.share()
    await clip.sees(picture="screen")
    await clip.goes_on(2.5)  # until its first picture is there, and a busy encoder has had time
    await caster.share(False)
    await clip.sees(**CAMERA)


async def leave_and_return(caster: Broadcaster, clip: ClipProcess) -> None:
    await caster.leave()
    await clip.sees(picture=None, sound=None)
    await caster.back()
    await clip.sees(**CAMERA, sound="microphone")


async def leave(caster: Broadcaster, clip: ClipProcess) -> None:
    await caster.leave()
    await clip.sees(picture=None, sound=None)


SCENES: dict[str, Scene] = {
    scene.__name__: scene
    for scene in (leave, mute, republish, other_microphone, turn, share, leave_and_return)
}


class Played(NamedTuple):
    """A scene's clip, and in which second of it the scene was over."""

    clip: Taken
    over: float


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Played]:
    """What came of each scene."""
    require_livekit_server()
    folder = tmp_path_factory.mktemp("changes")
    stage = asyncio.Semaphore(AT_ONCE)
    async with LiveKitServer() as server, asyncio.TaskGroup() as playing:
        takes = {
            name: playing.create_task(play(server, name, folder / f"{name}.mp4", stage))
            for name in SCENES
        }
    return {name: take.result() for name, take in takes.items()}


async def play(server: LiveKitServer, name: str, path: Path, stage: asyncio.Semaphore) -> Played:
    caster = Broadcaster.start(
        url=server.url, token=lambda: server.token(name, "creator", publish=True), **SMALL
    )
    async with stage, caster, ClipProcess(server, name, path) as clip:
        await clip.goes_on(1.0)
        await SCENES[name](caster, clip)
        over = clip.seen_at
        if name != "leave":
            await clip.goes_on(0.5)
            await clip.finish()
        result = await clip.result()
    return Played(Taken(result, await judged(result.path)), over)


@pytest.mark.parametrize("name", [name for name in SCENES if name != "leave"])
def test_a_clip_outlives_it_whole(played: dict[str, Played], name: str) -> None:
    (result, verdict), over = played[name]
    assert (result.status, result.end) == (ClipStatus.PARTIAL, CaptureEnd.STOPPED), "by the scene"
    assert verdict.duration == pytest.approx(result.seconds, abs=0.05)
    assert verdict.duration > over
    assert verdict.ordered
    assert verdict.backwards == 0
    assert (verdict.width, verdict.height) == (320, 180)
    assert ends_apart(verdict) < BUSY.ends


def test_a_muted_camera_holds_its_last_picture(played: dict[str, Played]) -> None:
    (result, verdict), over = played["mute"]
    notes = {note.kind: note.amount for note in result.notes}
    notes.pop(NoteKind.FRAMES_DROPPED, None)  # on a busy machine
    assert list(notes) == [NoteKind.PICTURE_HELD]
    assert 2.0 <= notes[NoteKind.PICTURE_HELD] <= over
    assert verdict.repeated, "held pictures are repeated, so that players can seek"


def test_a_republished_track_is_taken_once(played: dict[str, Played]) -> None:
    """An unclosed stream would deliver the new track's frames as well: each would come twice."""
    verdict, over = played["republish"].clip.verdict, played["republish"].over
    assert verdict.repeated <= 4, "the held picture, once a second"
    assert verdict.pts[-1] > over


def test_a_new_microphone_is_heard_in_its_place(played: dict[str, Played]) -> None:
    verdict = played["other_microphone"].clip.verdict
    begun, ended = max(verdict.silences, key=lambda silence: silence[1] - silence[0])
    assert ended - begun > 0.5, "while there was none, there is silence"
    assert verdict.beeps[-1] > ended
    assert verdict.skew_p95 is not None
    assert verdict.skew_p95 < BUSY.p95, "near its picture; how near, `make soak` shows"


def test_a_turned_camera_stands_upright_between_bars(played: dict[str, Played]) -> None:
    contents = played["turn"].clip.verdict.contents
    assert contents[0] == (320, 180)
    width, height = contents[-1]
    assert height == 180
    assert width == pytest.approx(101, abs=4)


def test_a_screen_share_takes_the_picture_and_gives_it_back(played: dict[str, Played]) -> None:
    verdict = played["share"].clip.verdict
    assert verdict.shares > 0
    assert verdict.numbers[-1] is not None
    assert verdict.numbers[-1] < SHARE_BIT, "the camera's again"
    assert verdict.longest_gap < 1.8, "the camera is shown until the share's first picture"


def test_a_creator_who_leaves_ends_the_clip_early(played: dict[str, Played]) -> None:
    (result, verdict), over = played["leave"]
    assert result.status is ClipStatus.PARTIAL
    assert result.end is CaptureEnd.PUBLISHER_GONE
    assert 0.5 < verdict.duration < over + BUSY.length
    assert verdict.duration - verdict.pts[-1] < BUSY.length, "it ends with its last picture"
