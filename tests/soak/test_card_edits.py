"""What a Telegram group reads while a clip is recorded, by the wall clock: the pictures of the clip
say when its recording began, the stand-in when each edit came in."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from tests.clip_judge import judge
from tests.conftest import require_livekit_server
from tests.e2e.seed import until
from tests.e2e.telegram.harness import telegram_harness
from tests.fakes.telegram import Message

ONLY_ROOM = {"MINTCAST_REPLAY__ENABLED": "false", "MINTCAST_RECORDING__ENABLED": "false"}
SECONDS, FPS = 30, 15


@pytest.mark.soak
async def test_that_recording_begins_is_told_within_a_second_and_four_edits_are_all(
    tmp_path: Path,
) -> None:
    require_livekit_server()
    async with telegram_harness(tmp_path, more=ONLY_ROOM) as harness:
        group = harness.telegram.add_supergroup("Friends")
        group.add_member(harness.olga, "creator")
        await harness.olga.say(group, f"/subscribe {harness.coin.mint}")
        caster = await harness.world.broadcast(harness.coin, width=640, height=360, fps=FPS)
        await until(lambda: [m for m in group.messages if m.photo], "the alert")

        asked_at = time.monotonic()
        asked = await harness.olga.say(group, f"/clip {SECONDS}s")
        (clip,) = await until(lambda: [m for m in group.shown if m.video], "the clip")
        (card,) = [m for m in group.messages if m.reply_to is asked and not m.video]
        await until(lambda: card.deleted, "the card goes")

        first = await asyncio.to_thread(first_picture, clip, tmp_path)
        began_at = caster.zero_ns / 1e9 + first / FPS
        told_at = card.edits[0].at
        texts = [edit.before.body.text for edit in card.edits] + [card.content.body.text]
        print(
            f"began {began_at - asked_at:.2f} s after the question, told {told_at - began_at:.2f} s"
            f" later, {len(card.edits)} edits, there after {clip.at - asked_at:.1f} s: {texts}"
        )
        assert texts[0].endswith("Recording the next 30 s · ready in about 40 s")
        assert " · Recording " in texts[1]
        assert told_at - began_at <= 1.0
        assert len(card.edits) <= 4
        assert clip.at - asked_at <= 45.0
        assert harness.telegram.rejected == []


def first_picture(clip: Message, folder: Path) -> int:
    """The number of the first picture in it that can be read."""
    assert clip.video is not None
    path = folder / "clip.mp4"
    path.write_bytes(clip.video.data)
    return next(number for number in judge(path).numbers if number is not None)
