"""What becomes of clips where one node of several is gone: of those that it had begun, and of all
that wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cluster import leadership_of
from bot.config import load_settings
from bot.kit.health import Health
from bot.model import JobState, Phase
from bot.store import NodeReport
from tests.clips.harness import MINT, ClipHarness, clip_harness
from tests.fakes.clip_sources import FakeSource, only_from
from tests.fakes.clock import settle
from tests.store.rows.cluster.terms import end_terms


@pytest.fixture
async def harness(database: Path) -> AsyncIterator[ClipHarness]:
    async with clip_harness(database.parent) as made:
        yield made


TERM = 30.0


async def begun_by(harness: ClipHarness, worker_id: str) -> None:
    """It has claimed the next one."""
    async with harness.store.write() as unit:
        assert await unit.jobs.claim(worker_id, harness.clock.now()) is not None


async def test_who_waits_for_a_turn_waits_on_when_a_node_dies(harness: ClipHarness) -> None:
    waits = await harness.add("one", seconds=20.0)
    await harness.clock.advance(16 * 60)
    begun = await harness.add("two")
    async with harness.store.write() as unit:
        assert await unit.jobs.claim("gone", harness.clock.now(), begun.id) is not None
    await harness.service(worker_id="here").recover_lost()
    rows = await harness.rows(waits, begun)
    assert [row.state for row in rows] == [JobState.QUEUED] * 2
    assert await harness.owed() == {}


async def test_what_a_dead_node_began_long_ago_has_failed_whoever_has_its_ring(
    harness: ClipHarness,
) -> None:
    job = await harness.add()
    await begun_by(harness, "gone")
    await harness.clock.advance(5 * 60 + 1)
    async with harness.store.write() as unit:
        await unit.captures.claim([MINT], "gone", 20.0, 310)
    await harness.service(worker_id="here").recover_lost()
    row = await harness.row(job)
    assert (row.state, row.error) == (JobState.FAILED, "interrupted")
    assert set(await harness.owed()) == {job.id}


@pytest.mark.parametrize("comes_back", [True, False])
async def test_terms_that_nobody_could_renew_take_no_clip_from_whoever_comes_back(
    harness: ClipHarness, comes_back: bool
) -> None:
    job = await harness.add()
    await begun_by(harness, "other")
    other, here = NodeReport("other", "other", "1.0", ()), harness.service(worker_id="here")
    async with harness.store.write() as unit:
        await unit.nodes.report(other, TERM)
    end_terms(harness.store)  # as where the database was away
    harness.is_steady = False
    await here.recover_lost()
    assert (await harness.row(job)).state is JobState.RUNNING
    if comes_back:
        async with harness.store.write() as unit:
            await unit.nodes.report(other, TERM)
    harness.is_steady = True
    await here.recover_lost()
    expected = JobState.RUNNING if comes_back else JobState.QUEUED
    assert (await harness.row(job)).state is expected


async def test_what_one_left_that_was_stopped_is_begun_anew_at_once(harness: ClipHarness) -> None:
    job = await harness.add()
    await begun_by(harness, "other")
    async with harness.store.write() as unit:
        await unit.nodes.report(NodeReport("other", "other", "1.0", ()), TERM)
        await unit.nodes.leave("other")
    harness.is_steady = False
    await harness.service(worker_id="here").recover_lost()
    assert (await harness.row(job)).state is JobState.QUEUED


@pytest.mark.parametrize("comes_back", [True, False])
async def test_terms_that_nobody_could_renew_leave_a_clip_to_the_node_of_its_ring(
    harness: ClipHarness, comes_back: bool
) -> None:
    job = await harness.add()
    async with harness.store.write() as unit:
        await unit.captures.claim([MINT], "other", TERM, 310)
    end_terms(harness.store)  # as where the database was away
    harness.is_steady = False
    async with harness.running(worker_id="here"):
        assert (await harness.row(job)).state is JobState.QUEUED
        if comes_back:
            async with harness.store.write() as unit:
                await unit.captures.renew({MINT: None}, "other", TERM)
        harness.is_steady = True
        await harness.clock.advance(1.5)
        expected = JobState.QUEUED if comes_back else JobState.RUNNING
        assert (await harness.row(job)).state is expected


async def test_who_was_taken_for_dead_records_no_further_what_another_has_begun(
    harness: ClipHarness,
) -> None:
    room = FakeSource()
    harness.sources = only_from(room)
    job = await harness.add()
    async with harness.running(worker_id="here"):
        (take,) = room.takes
        async with harness.store.write() as unit:
            assert await unit.jobs.recover("other", harness.clock.now())
            assert await unit.jobs.claim("other", harness.clock.now()) is not None
        await harness.clock.advance(1.0)
        take.reach(Phase.RECORDING, 1.0)
        await settle()
        assert take.is_over
        assert harness.names() == []
    row = await harness.row(job)
    assert (row.state, row.worker_id) == (JobState.RUNNING, "other")


async def test_a_term_is_believed_when_it_is_our_turn_to_write_and_no_sooner(
    harness: ClipHarness,
) -> None:
    """The turn may come only after the database stood still for a term."""
    job = await harness.add()
    await begun_by(harness, "other")
    here = harness.service(worker_id="here")
    async with harness.store.write() as unit:
        await unit.nodes.report(NodeReport("other", "other", "1.0", ()), TERM)
    end_terms(harness.store)
    async with harness.store.write():
        recovering = asyncio.create_task(here.recover_lost(), name="recovering")
        await settle()
        harness.is_steady = False
    await recovering
    assert (await harness.row(job)).state is JobState.RUNNING


async def test_a_service_that_is_alone_makes_what_a_node_had_begun_that_died_a_moment_ago(
    harness: ClipHarness,
) -> None:
    """Its term is not over, but nobody else can be there."""
    job = await harness.add()
    await begun_by(harness, "gone")
    async with harness.store.write() as unit:
        await unit.nodes.report(NodeReport("gone", "gone", "1.0", ()), TERM)
        await unit.captures.claim([MINT], "gone", TERM, 310)
    alone = leadership_of(
        load_settings(environment={}),
        harness.store,
        harness.clock,
        harness.notifier,
        Health(harness.clock),
        "local-1",
        2,
    )
    async with alone, harness.running(worker_id="local-1"):
        assert (await harness.row(job)).state is JobState.RUNNING
        assert len(harness.room.takes) == 1
