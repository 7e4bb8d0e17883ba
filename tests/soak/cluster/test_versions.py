"""A newer Mintcast beside an older one: what runs goes on, and can't be started again."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

import bot
import cogs
from bot.store.tables import SCHEMA
from tests.e2e.seed import until
from tests.patience import PATIENCE
from tests.soak.cluster.scene import TERM, Scene, cluster_scene, make_node
from tests.store.backends.sqlite.migrating.scripts import NEXT, add, script

pytestmark = [pytest.mark.soak, pytest.mark.timeout(400)]

ADDITION = script(
    NEXT,
    'op.execute("CREATE TABLE birds (name TEXT)"); op.add_column("clip_jobs",'
    ' sa.Column("colour", sa.String)); op.add_column("deliveries", sa.Column("tint", sa.String))',
)


def newer_program(folder: Path) -> Path:
    """A copy of this one, with a migration more; where Python finds it first."""
    for package in (bot, cogs):
        source = Path(str(package.__file__)).parent
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source, folder / source.name, ignore=ignored)
    scripts = SCHEMA.scripts.relative_to(Path(str(bot.__file__)).parents[1])
    add(folder / scripts, f"v{NEXT:04}_birds", ADDITION)
    return folder


async def test_an_older_node_goes_on_beside_a_newer_one_and_cannot_be_started_again(
    tmp_path: Path,
) -> None:
    program = newer_program(tmp_path / "newer")
    async with cluster_scene(tmp_path, ("a", "b"), followers=20) as scene:
        older = await scene.holder("sender:discord")
        told = {
            **scene.told,
            "PYTHONPATH": str(program),
            "MINTCAST_STORAGE__BACKUPS": str(tmp_path / "backups"),
        }
        newer = make_node("c", tmp_path, told)
        scene.nodes.append(newer)
        async with newer.service:
            await scene.all_are_there()
            assert await scene.rows("SELECT version_num FROM alembic_version") == [(f"{NEXT:04}",)]
            assert len(list((tmp_path / "backups").iterdir())) == 1, "copied before"
            await the_older_sends_and_keeps_its_leases(scene)
            assert await scene.holder("sender:discord") is older
            for node in scene.nodes[:2]:
                assert await node.service.stop() == 0
            assert await scene.holder("sender:discord") is newer
            await older.service.start()
            assert await asyncio.wait_for(older.service.wait(), PATIENCE) != 0
            assert "A newer Mintcast wrote the database" in older.service.last_line
            scene.coin.end()
            await until(lambda: _all_edited(scene), "the newer one tells of the end")
            scene.nothing_is_missing_or_doubled()


async def the_older_sends_and_keeps_its_leases(scene: Scene) -> None:
    """For two terms and more."""
    before = await scene.leases()
    scene.coin.go_live("For everybody")
    await scene.everybody_is_told()
    scene.nothing_is_missing_or_doubled()
    await asyncio.sleep(2 * TERM)
    assert await scene.leases() == before


def _all_edited(scene: Scene) -> bool:
    return all("was live" in str(channel.messages) for channel in scene.followers)
