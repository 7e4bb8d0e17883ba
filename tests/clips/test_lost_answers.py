"""A commit that was made, and of which nobody was told: the database's answer was lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.model import JobState
from bot.store import Unit
from tests.clips.harness import ClipHarness, clip_harness
from tests.fakes.clock import settle
from tests.fakes.failing_store import answer_lost

LATER = 3.0
"""Seconds after which what the database has failed is tried again."""


@pytest.fixture
async def harness(database: Path) -> AsyncIterator[ClipHarness]:
    async with clip_harness(database.parent) as made:
        yield made


async def test_a_clip_that_was_claimed_without_a_word_is_made(harness: ClipHarness) -> None:
    async def is_claimed(unit: Unit) -> bool:
        return await unit.jobs.captures() > 0

    async with harness.running():
        with answer_lost(harness.store, is_claimed):
            job = await harness.ask()
        assert harness.room.takes == []
        assert (await harness.row(job)).state is JobState.RUNNING
        await harness.clock.advance(LATER)
        (take,) = harness.room.takes
        take.complete()
        await settle()
        assert (await harness.row(job)).state is JobState.DONE


async def test_what_is_being_made_meanwhile_goes_on(harness: ClipHarness) -> None:
    async def two_are_claimed(unit: Unit) -> bool:
        return await unit.jobs.captures() == 2

    async with harness.running():
        first = await harness.ask()
        with answer_lost(harness.store, two_are_claimed):
            second = await harness.ask("other", seconds=20.0)
        await harness.clock.advance(LATER)
        assert [take.request.seconds for take in harness.room.takes] == [10.0, 20.0]
        for take in harness.room.takes:
            take.complete()
        await settle()
        assert [row.state for row in await harness.rows(first, second)] == [JobState.DONE] * 2


async def test_a_clip_that_was_finished_without_a_word_keeps_its_file(
    harness: ClipHarness,
) -> None:
    async def is_done(unit: Unit) -> bool:
        return bool(await unit.jobs.file_keys())

    async with harness.running():
        job = await harness.ask()
        with answer_lost(harness.store, is_done):
            harness.room.takes[0].complete()
            await settle()
        await harness.clock.advance(LATER)
        row = await harness.row(job)
        assert row.state is JobState.DONE
        assert row.file_key in harness.names()
        assert set(await harness.owed()) == {job.id}
