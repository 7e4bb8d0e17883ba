"""How a clip begins, or does not: nobody there, nothing sent, a late keyframe, half of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import pytest_asyncio

from bot.demo.world import World
from bot.model import ClipFailure, ClipStatus, NoteKind
from tests.conftest import require_livekit_server
from tests.scenes import BUSY, Taken, record, recorder

SECONDS = 3.0
SMALL: dict[str, Any] = {"width": 640, "height": 360}
STAGES: dict[str, dict[str, Any]] = {
    "sound_only": {"video": False},
    # What a room says is data: here of somebody who would end the process that reads it.
    "picture_only": {"audio": False, "metadata": "[" * 30_000, **SMALL},
    "late_keyframe": {"encoder": "pre-encoded", "gop_seconds": 10, **SMALL},
    "portrait": {"width": 360, "height": 640, "codec": "vp8", "simulcast": True},
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def taken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Taken]:
    """What came of each, all at once, and of a room with nobody and one with everything muted."""
    require_livekit_server()
    folder = tmp_path_factory.mktemp("beginnings")
    async with World() as world, recorder(world) as using:
        coins = {name: world.add_coin(name[:10], name) for name in (*STAGES, "nobody", "muted")}
        casters = {
            name: await world.broadcast(coins[name], **options) for name, options in STAGES.items()
        }
        coins["nobody"].go_live("Just connected", media=False)
        caster = await world.broadcast(coins["muted"], **SMALL)
        await asyncio.gather(caster.mute("video"), asyncio.sleep(3.5))
        await caster.mute("audio")

        async def clip(name: str) -> Taken:
            result = await record(world, coins[name], SECONDS, folder, using=using)
            if name in casters:
                await casters[name].stop()  # the processor is for the others
            return result

        return dict(zip(coins, await asyncio.gather(*map(clip, coins)), strict=True))


def test_nobody_in_the_room_is_told_as_such(taken: dict[str, Taken]) -> None:
    result = taken["nobody"].result
    assert result.status is ClipStatus.FAILED
    assert result.failure is ClipFailure.NO_PUBLISHER


def test_a_creator_who_sends_nothing_is_told_as_such(taken: dict[str, Taken]) -> None:
    result = taken["muted"].result
    assert result.status is ClipStatus.FAILED
    assert result.failure is ClipFailure.NO_MEDIA


def test_a_keyframe_that_takes_eight_seconds_is_waited_for(taken: dict[str, Taken]) -> None:
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
