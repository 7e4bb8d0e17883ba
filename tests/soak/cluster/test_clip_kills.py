"""`kill -9` of the node that makes a clip, at a random moment: another posts it, once."""

from __future__ import annotations

import asyncio
import os
import random
import time
from pathlib import Path

import pytest

from tests.conftest import require_livekit_server
from tests.e2e.discord.harness import text
from tests.fakes.discord import Asked
from tests.patience import PATIENCE
from tests.soak.cluster.clip_rounds import ClipRounds, clips_in
from tests.soak.cluster.scene import TERM, Node, Scene, cluster_scene

KILLS = int(os.environ.get("CLIP_KILLS", "30"))

pytestmark = [pytest.mark.soak, pytest.mark.timeout(300 + 120 * KILLS)]

SLACK = 2.0
"""Seconds, on top of a term, within which another node takes what one has left."""

LENGTH = 4.0
LATEST = 1.5
"""Seconds after the command: by then most clips are there."""


class Round:
    """One command, and one node that is killed before its clip is there, or just after."""

    def __init__(self, scene: Scene, rounds: ClipRounds, dice: random.Random) -> None:
        self._scene = scene
        self._rounds = rounds
        self._dice = dice
        self.job: int | None = None
        self.state = ""
        self.took: float | None = None

    async def run(self) -> None:
        scene, mint = self._scene, self._scene.coin.mint
        ring = await self._rounds.at_hand(mint, LENGTH + 1.0)
        known = set(await self._rounds.jobs())
        before = {node.name: parts_in(node) for node in scene.nodes}
        asked = await self._asked(mint)
        await asyncio.sleep(self._dice.uniform(0.0, LATEST))
        victim = await self._maker(known, ring)
        await victim.service.kill()
        died = time.time()
        await self._settled(asked, known, died)
        if self.job is not None:
            await self._judge(victim, died)
            await self._rounds.nothing_is_owed()
        for node in scene.nodes:
            if node is not victim:
                assert parts_in(node) <= before[node.name], "what isn't whole was left over"
        await victim.service.start()
        await scene.all_are_there()

    async def _asked(self, mint: str) -> Asked:
        """Typed once somebody hears it."""
        await self._scene.discord.connected(PATIENCE)
        return await self._scene.al.slash(
            self._scene.followers[0], "clip", duration=f"{LENGTH:g}s", mint=mint, wait=False
        )

    async def _maker(self, known: set[int], ring: str) -> Node:
        """Who has claimed it; while nobody has, whoever would."""
        self.job = await self._new(known)
        claims = await self._rounds.claims(self.job) if self.job is not None else []
        return self._scene.node_of(claims[-1].holder if claims else ring)

    async def _new(self, known: set[int]) -> int | None:
        return next(iter(set(await self._rounds.jobs()) - known), None)

    async def _settled(self, asked: Asked, known: set[int], died: float) -> None:
        """Until its job is over; there may be none, where the node was killed that had heard the
        command, before it was written down."""
        while self.job is None and time.time() < died + 2 * TERM:
            self.job = await self._new(known)
            await asyncio.sleep(0.1)
        if self.job is None:
            assert not asked.answers, f"it was refused: {text(asked.answer)}"
            return
        self.state = await self._rounds.over(self.job)

    async def _judge(self, victim: Node, died: float) -> None:
        """Others take it, once; and once more where what it was to show went with the ring, and
        the next seconds are recorded in its place."""
        assert self.job is not None
        claims = await self._rounds.claims(self.job)
        later = [one for one in claims if one.at > died]
        assert all(self._scene.node_of(one.holder) is not victim for one in later), claims
        for turns in (later, [one for one in claims if one.at <= died]):
            assert [one.is_ahead for one in turns] in ([], [False], [True], [False, True]), claims
        if later:
            self.took = later[0].at - died


def parts_in(node: Node) -> set[str]:
    """Files that aren't whole."""
    if not node.clips.exists():
        return set()
    return {one.name for one in node.clips.iterdir() if one.name.startswith(".")}


async def test_each_clip_comes_once_whoever_is_killed_when(tmp_path: Path) -> None:
    require_livekit_server()
    seed = int(os.environ.get("SEED", "1"))
    dice = random.Random(seed)
    settings = {
        "MINTCAST_REPLAY__SECONDS": "20",
        "MINTCAST_RECORDING__ENABLED": "false",
        # A round may be over within the shortest of them.
        "MINTCAST_CLIPS__PER_PERSON_COOLDOWN_SECONDS": "0.1",
        "MINTCAST_CLIPS__PER_PLACE_COOLDOWN_SECONDS": "0.1",
    }
    async with cluster_scene(tmp_path, followers=1, livekit=True, settings=settings) as scene:
        rounds, every = ClipRounds(scene), []
        await rounds.begin()
        await scene.all_are_there()
        await scene.world.broadcast(scene.coin, width=320, height=180, fps=10)
        for number in range(KILLS):
            one = Round(scene, rounds, dice)
            await one.run()
            every.append(one)
            took = "" if one.took is None else f", taken over after {one.took:.2f} s"
            print(f"{number}: {one.state or 'no job'}{took}", flush=True)
        await rounds.nothing_is_owed()
        done = [one for one in every if one.state == "done"]
        assert len(clips_in(scene.followers)) == len(done), seed
        assert all(one.state in ("", "done", "failed") for one in every)
        assert scene.discord.rejected == []
        sentences = [one for one in scene.followers[0].messages if not one.embeds]
        assert not any(one.loading for one in sentences)
    waits = sorted(one.took for one in every if one.took is not None)
    print(f"{len(done)} clips of {KILLS}; taken over: {waits}")
    assert not waits or waits[-1] <= TERM + SLACK, (waits, seed)
