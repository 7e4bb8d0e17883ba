"""How a clip begins, or does not: nobody there, nothing sent, a late keyframe, half of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import pytest_asyncio

from bot.demo.broadcast.broadcaster import Broadcaster
from bot.demo.world import World
from bot.model import ClipFailure, ClipStatus, NoteKind
from tests.clip_harness import BUSY, Taken, capture_pool, record
from tests.conftest import require_livekit_server
from tests.fakes.clock import until

pytestmark = pytest.mark.soak

SECONDS = 3.0
SMALL: dict[str, Any] = {"width": 320, "height": 180, "fps": 15}
"""Nobody counts the frames of these."""

STAGES: dict[str, dict[str, Any]] = {
    "sound_only": {"video": False},
    # What a room says is data: here of somebody who would end the process that reads it.
    "picture_only": {"audio": False, "metadata": "[" * 30_000, **SMALL},
    "late_keyframe": {"encoder": "pre-encoded", "gop_seconds": 5, **SMALL},
    "portrait": {**SMALL, "width": 360, "height": 640, "codec": "vp8", "simulcast": True},
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def taken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Taken]:
    """What came of each, and of a room with nobody and one with everything muted. All at once, and
    first those two, which have to be waited for longest."""
    require_livekit_server()
    folder = tmp_path_factory.mktemp("beginnings")
    async with World() as world, capture_pool(world) as using:
        coins = {name: world.add_coin(name[:10], name) for name in ("nobody", "muted", *STAGES)}

        async def clip(name: str) -> Taken:
            return await record(world, coins[name], SECONDS, folder, using=using)

        async def played(name: str) -> Taken:
            caster = await world.broadcast(coins[name], **STAGES[name])
            await past_its_intro(caster)
            taken = await clip(name)
            await caster.stop()  # the processor is for the others
            return taken

        coins["nobody"].go_live("Just connected", media=False)
        muted = await world.broadcast(coins["muted"], **SMALL)
        await muted.mute("video")
        await muted.mute("audio")
        async with asyncio.TaskGroup() as clips:
            tasks = {name: clips.create_task(clip(name)) for name in ("nobody", "muted")}
            tasks |= {name: clips.create_task(played(name)) for name in STAGES}
    return {name: task.result() for name, task in tasks.items()}


async def past_its_intro(caster: Broadcaster) -> None:
    """Until its keyframes are as rare as they are to be."""

    async def is_past() -> bool:
        return bool((await caster.stats())["frames"] >= caster.options.intro_frames)

    await until(is_past)


def test_nobody_in_the_room_is_told_as_such(taken: dict[str, Taken]) -> None:
    result = taken["nobody"].result
    assert result.status is ClipStatus.FAILED
    assert result.failure is ClipFailure.NO_PUBLISHER


def test_a_creator_who_sends_nothing_is_told_as_such(taken: dict[str, Taken]) -> None:
    result = taken["muted"].result
    assert result.status is ClipStatus.FAILED
    assert result.failure is ClipFailure.NO_MEDIA


def test_a_keyframe_that_takes_seconds_is_waited_for(taken: dict[str, Taken]) -> None:
    result, verdict = taken["late_keyframe"]
    assert result.status is ClipStatus.COMPLETE
    assert result.join_ms is not None
    assert result.join_ms > 2500, "the keyframe was late, else this shows nothing"
    assert verdict.duration == pytest.approx(SECONDS, abs=BUSY.length)


def test_sound_alone_is_a_clip_and_says_so(taken: dict[str, Taken]) -> None:
    result, verdict = taken["sound_only"]
    assert result.status is ClipStatus.COMPLETE
    assert (result.has_video, result.has_audio) == (False, True)
    assert [note.kind for note in result.notes] == [NoteKind.NO_PICTURE]
    assert verdict.duration == pytest.approx(SECONDS, abs=BUSY.length)
    assert len(verdict.beeps) >= 2


def test_a_picture_alone_is_a_clip_and_says_so(taken: dict[str, Taken]) -> None:
    result, verdict = taken["picture_only"]
    assert result.status is ClipStatus.COMPLETE
    assert (result.has_video, result.has_audio) == (True, False)
    kinds = {note.kind for note in result.notes} - {NoteKind.FRAMES_DROPPED}  # on a busy machine
    assert kinds == {NoteKind.NO_SOUND}
    assert verdict.audio_codec == ""
    assert verdict.duration == pytest.approx(SECONDS, abs=BUSY.length)


def test_a_portrait_of_three_layers_has_its_announced_size(taken: dict[str, Taken]) -> None:
    result, verdict = taken["portrait"]
    assert (result.width, result.height) == (360, 640)
    # A lower layer has half the frames. That there are all of them is asked in the soak: here a
    # busy publisher sends as few of its best one.
    assert verdict.duration == pytest.approx(SECONDS, abs=BUSY.length)
