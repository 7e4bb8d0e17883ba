"""What lies beside clips of several nodes, and clips made smaller: all nodes can have them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clips import ClipShrinker
from bot.clips.editing import ShrinkClip, Shrunk
from bot.clips.results import load_result
from bot.kit.files import poster_of
from bot.model import ClipJob, ClipResult, ClipStatus, Window
from tests.cluster.files.nodes import FileNode, file_node
from tests.fakes.clock import settle
from tests.fakes.rings import padded_clip_keeper
from tests.patience import PATIENCE

Nodes = tuple[FileNode, FileNode]


@pytest.fixture
async def nodes(database: Path) -> AsyncIterator[Nodes]:
    async with file_node(database, "a") as a, file_node(database, "b") as b:
        yield a, b


@pytest.mark.parametrize("is_wanted", [True, False])
async def test_what_is_kept_around_a_clip_all_can_have(nodes: Nodes, is_wanted: bool) -> None:
    a, b = nodes
    job = await a.made()
    a.rings.window = Window.before(a.clock.now(), 60)
    keeper = padded_clip_keeper(a.store, a.files, a.retention, a.clock, a.rings)
    result = ClipResult(ClipStatus.COMPLETE, seconds=30.0, bytes=3)
    plan = await keeper.plan("MINTY", job.order.mint, Window.before(a.clock.now(), 30), result)
    assert plan is not None
    async with a.store.write() as unit:
        await unit.jobs.order_padded_clip(plan.key, plan.mint, [job.id], a.clock.now())
    keeper.make(plan)
    await settle()
    if not is_wanted:
        await b.retention.drop_padded_clip(plan.key)
    a.rings.complete()
    async with asyncio.timeout(PATIENCE):
        await keeper._tasks.ended()
    async with b.store.read() as unit:
        padded = await unit.jobs.padded_clip(plan.key)
    assert (padded is not None and padded.window is not None) is is_wanted
    assert (plan.key in await b.stored()) is is_wanted
    assert (plan.key in a.names()) is is_wanted
    if is_wanted:
        assert (await b.files.fetch(plan.key)).read_bytes() == b"mp4"


async def test_one_makes_smaller_what_another_has_made(nodes: Nodes) -> None:
    a, b = nodes
    job = await a.made(b"large")

    async def encode(want: ShrinkClip) -> Shrunk:
        assert Path(want.source).read_bytes() == b"large"
        Path(want.target).write_bytes(b"s")
        Path(want.poster or "").write_bytes(b"its poster")
        return Shrunk(1, 640, 360, Path(want.poster or "").name)

    shrinker = ClipShrinker(store=b.store, files=b.files, clip_retention=b.retention, encode=encode)
    assert await shrinker.shrink(job.id, 1)
    now = await a.row(job)
    assert now.file_key not in (None, job.file_key)
    assert load_result(now.result or "").bytes == 1
    assert (await a.files.fetch(now.file_key or "")).read_bytes() == b"s"
    assert await a.stored() == _keys(now), "the larger one is gone"
    await a.retention.tidy()
    assert set(a.names()) == {now.file_key}


def _keys(job: ClipJob) -> set[str]:
    assert job.file_key is not None
    return {job.file_key, poster_of(job.file_key)}
