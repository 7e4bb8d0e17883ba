"""PostgreSQL is restarted, killed, stopped, without room, cut off, in the middle of a fan-out.

The whole service, a Discord beside it, and a server whose commits reach the disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import require_livekit_server
from tests.databases.far_host import FarHost, require_far_hosts
from tests.databases.postgres import Cluster
from tests.e2e.discord.harness import DiscordHarness, text
from tests.e2e.seed import until
from tests.fakes.discord import Message
from tests.soak.postgres.scene import BACK_WITHIN, scene_on

pytestmark = [pytest.mark.soak, pytest.mark.timeout(400)]


async def test_it_is_restarted(tmp_path: Path) -> None:
    async with scene_on(Cluster(durable=True), tmp_path) as scene:
        await scene.begins()
        took = await scene.is_well_after(scene.server.stop, scene.server.start)
        scene.nothing_is_missing_or_doubled()
        assert took <= BACK_WITHIN


async def test_it_is_killed(tmp_path: Path) -> None:
    async with scene_on(Cluster(durable=True), tmp_path) as scene:
        await scene.begins()
        kill = partial(scene.server.stop, how=signal.SIGKILL)
        took = await scene.is_well_after(kill, scene.server.start)
        scene.nothing_is_missing_or_doubled()
        assert took <= BACK_WITHIN


async def test_it_stands_still_for_twenty_seconds(tmp_path: Path) -> None:
    async with scene_on(Cluster(durable=True), tmp_path) as scene:
        await scene.begins()
        began = time.monotonic()

        def goes_on() -> None:
            time.sleep(max(0.0, began + 20 - time.monotonic()))
            scene.server.signal_all(signal.SIGCONT)

        stop = partial(scene.server.signal_all, signal.SIGSTOP)
        took = await scene.is_well_after(stop, goes_on)
        scene.nothing_is_missing_or_doubled()
        assert took <= BACK_WITHIN


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """Of 160 MB, where any user can come to."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a disk")
    folder = Path(tempfile.mkdtemp(prefix="disk-"))
    folder.chmod(0o755)
    command = ["mount", "-t", "tmpfs", "-o", "size=160m,mode=777", "none", str(folder)]
    if subprocess.run(command, check=False, capture_output=True).returncode != 0:
        pytest.skip("nothing can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
    folder.rmdir()


async def test_its_disk_is_full(tmp_path: Path, small_disk: Path) -> None:
    cluster = Cluster(durable=True, below=small_disk)
    async with scene_on(cluster, tmp_path) as scene:
        await scene.begins()
        filling = small_disk / "filling"

        def fill() -> None:
            with filling.open("wb") as file, contextlib.suppress(OSError):
                while True:
                    file.write(bytes(1 << 16))
                    file.flush()

        def make_room() -> None:
            filling.unlink()
            if not cluster.is_running:  # it ends where its log has no room
                cluster.stop()
                cluster.start()

        took = await scene.is_well_after(fill, make_room)
        scene.nothing_is_missing_or_doubled()
        assert took <= BACK_WITHIN


async def test_the_cable_is_pulled(tmp_path: Path) -> None:
    require_far_hosts()
    with FarHost() as far:
        (cable,) = far.cables
        async with scene_on(Cluster(durable=True, far=far), tmp_path) as scene:
            await scene.begins()
            took = await scene.is_well_after(cable.pull, cable.plug)
            scene.nothing_is_missing_or_doubled()
            assert took <= BACK_WITHIN


async def test_a_clip_is_under_way_while_it_is_restarted(tmp_path: Path) -> None:
    require_livekit_server()
    async with scene_on(Cluster(durable=True), tmp_path, followers=1, livekit=True) as scene:
        harness = scene.harness
        await harness.world.broadcast(harness.coin, width=320, height=180, fps=15)
        await until(lambda: scene.sent == 1, "the alert")
        told = await harness.owner.slash(harness.channel, "settings", replay="off")
        await told.answered()
        asked = await harness.al.slash(
            harness.channel, "clip", duration="8s", mint=harness.coin.mint
        )
        await asked.until(lambda one: one.response and "ecording" in text(one.response))
        await asyncio.to_thread(scene.server.stop)
        await scene.health(503)
        await asyncio.to_thread(scene.server.start)
        videos = await until(lambda: clips_in(harness), "the clip")
        await scene.health(200)
        assert len(videos) == 1


def clips_in(harness: DiscordHarness) -> list[Message]:
    return [one for one in harness.channel.messages if one.attachments and not one.embeds]
