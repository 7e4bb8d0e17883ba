"""The command is heard by one node, its clip is made by a second, and posted by a third."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.clip_judge import Verdict, judge
from tests.conftest import require_livekit_server
from tests.e2e.discord.harness import text
from tests.e2e.seed import until
from tests.fakes.discord import Asked, Message
from tests.soak.cluster.clip_rounds import ClipRounds, clips_in
from tests.soak.cluster.scene import Scene, cluster_scene, roles

pytestmark = [pytest.mark.soak, pytest.mark.timeout(400)]

FPS = 10
SMALL: dict[str, Any] = {"width": 320, "height": 180, "fps": FPS}
SETTINGS = {"MINTCAST_REPLAY__SECONDS": "40", "MINTCAST_RECORDING__ENABLED": "false"}
OWN = {"a": roles("discord"), "b": roles("clips"), "c": roles("alerts", "watch")}


def judged(message: Message, folder: Path, seconds: float) -> Verdict:
    """It is whole, and so long."""
    (file,) = message.attachments
    (folder / "clip.mp4").write_bytes(file.data)
    verdict = judge(folder / "clip.mp4")
    assert verdict.moov_first
    assert verdict.ordered
    assert verdict.keyframe_first
    assert verdict.missing <= FPS
    assert verdict.duration == pytest.approx(seconds, abs=1.0)
    return verdict


async def clip(asked: Asked) -> Message:
    """What comes of it."""
    await asked.until(lambda one: one.response and one.response.attachments)
    assert asked.response is not None
    return asked.response


async def test_a_clip_of_a_ring_elsewhere_comes_whole(tmp_path: Path) -> None:
    require_livekit_server()
    async with cluster_scene(
        tmp_path, followers=1, livekit=True, settings=SETTINGS, own=OWN
    ) as scene:
        (here,) = scene.followers
        await scene.all_are_there()
        await scene.world.broadcast(scene.coin, **SMALL)
        rounds = ClipRounds(scene)
        await rounds.begin()
        holder = await rounds.at_hand(scene.coin.mint, 16.0)
        assert scene.node_of(holder).name == "b"
        assert (await scene.holder("sender:discord")).name == "c"
        assert (await scene.holder("shards:discord")).name == "a"
        await how_far_back_is_told(scene)

        asked = await scene.al.slash(here, "clip", duration="5s", mint=scene.coin.mint)
        first = await clip(asked)
        shown = judged(first, tmp_path, 5.0)
        await it_is_cut_anew(scene, first, tmp_path, shown)
        assert clips_in([here]) == [first], "in the same message"
        await the_next_seconds_come(scene, tmp_path)
        assert {len(await rounds.claims(job)) for job in await rounds.jobs()} == {1}
        await rounds.nothing_is_owed()
        assert scene.discord.rejected == []


async def how_far_back_is_told(scene: Scene) -> None:
    asked = await scene.al.slash(scene.followers[0], "live", mint=scene.coin.mint)
    assert "ready to clip" in text(await asked.answered()).lower()


async def it_is_cut_anew(scene: Scene, first: Message, folder: Path, shown: Verdict) -> None:
    """By the node that has the ring, in the same message."""
    await scene.al.press(first, label="Longer")
    await until(lambda: "15 s" in first.content, "it is longer")
    longer = judged(first, folder, 15.0)
    assert _last(longer) == pytest.approx(_last(shown), abs=FPS)
    before = first.attachments[0].id
    await scene.al.press(first, label="10 s ▶")
    await until(lambda: first.attachments[0].id != before, "it shows what came later")
    assert _last(judged(first, folder, 15.0)) > _last(shown)


async def the_next_seconds_come(scene: Scene, folder: Path) -> None:
    """Of a coin that nobody follows, which has no ring anywhere."""
    other = scene.world.add_coin("OTHER", "Another coin")
    await scene.world.broadcast(other, **SMALL)
    asked = await scene.al.slash(
        scene.followers[0], "clip", duration="5s", mint=other.mint, wait=False
    )
    judged(await clip(asked), folder, 5.0)


def _last(verdict: Verdict) -> int:
    """Its last frame."""
    return next(number for number in reversed(verdict.numbers) if number is not None)
