"""What is kept around clips: what of it, when it is made, and what becomes of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.clips.padding import (
    PADDING,
    PaddedClipKeeper,
    PaddedClipPlan,
    longest_padded,
    window_around,
)
from bot.clips.results import failed
from bot.clips.sources.port import OnProgress
from bot.clips.workers.captures import Captures, ring_order
from bot.clips.workers.shared_capture import Hold
from bot.errors import StoreError
from bot.model import (
    ClipFailure,
    ClipJob,
    ClipRequest,
    ClipResult,
    ClipStatus,
    JobState,
    Offer,
    PlacedBy,
    RecordingFacts,
    SourceName,
    Window,
)
from tests.clips.harness import MINT, RULES, ClipHarness, clip_harness
from tests.fakes.captures import FakeOpener
from tests.fakes.clock import settle
from tests.fakes.rings import FakeRings, padded_clip_keeper

CLIP = ClipResult(ClipStatus.COMPLETE, seconds=30.0, bytes=3_000_000)


@dataclass
class Studio:
    """The keeper, with a ring and rows that are real."""

    clips: ClipHarness
    rings: FakeRings
    keeper: PaddedClipKeeper

    @property
    def now(self) -> datetime:
        return self.clips.clock.now()

    async def clip(self, mint: str = MINT) -> ClipJob:
        """The last half minute, made a moment ago."""
        window = Window.before(self.now, 30)
        job = await self.clips.add(window=window, seconds=30.0, mint=mint)
        async with self.clips.store.write() as unit:
            claimed = await unit.jobs.claim("test", self.now)
            assert claimed is not None
            await unit.jobs.finish(
                claimed,
                JobState.DONE,
                result="{}",
                error=None,
                file_key="clip-0000000000000001.mp4",
                expires_at=self.now + timedelta(hours=72),
                now=self.now,
            )
            await unit.deliveries.owe_clip(job.id, job.order.target_id, self.now, reply_to=None)
        return await self.clips.row(job)

    async def ordered(self) -> tuple[ClipJob, PaddedClipPlan]:
        """A clip whose padded_clip is being made."""
        job = await self.clip()
        plan = await self.keeper.plan("MINTY", job.order.mint, job.order.window, CLIP)
        assert plan is not None
        async with self.clips.store.write() as unit:
            await unit.jobs.order_padded_clip(plan.key, plan.mint, [job.id], self.now)
        self.keeper.make(plan)
        await settle()
        return await self.clips.row(job), plan

    async def window_of(self, key: str) -> Window | None:
        async with self.clips.store.read() as unit:
            padded_clip = await unit.jobs.padded_clip(key)
        return padded_clip.window if padded_clip is not None else None


@pytest.fixture
async def studio(database: Path) -> AsyncIterator[Studio]:
    async with clip_harness(database.parent) as clips:
        rings = FakeRings(Window.before(clips.clock.now(), 60), mint=MINT)
        keeper = padded_clip_keeper(
            clips.store, clips.files, clips.clip_retention, clips.clock, rings
        )
        yield Studio(clips, rings, keeper)
        await keeper.stop()


NOON = datetime.fromisoformat("2026-11-29T12:00:00+00:00")


def span(begins: float, ends: float) -> Window:
    return Window(NOON + timedelta(seconds=begins), NOON + timedelta(seconds=ends))


@pytest.mark.parametrize(
    ("clip", "part", "kept"),
    [
        (span(-30, 0), span(-60, 0), span(-60, 30)),
        (span(-30, 0), span(-40, 0), span(-40, 30)),
        (span(-30, 0), span(-30.3, 0), span(-30.3, 30)),
        (span(-60.7, -0.7), span(-65, 0), span(-65, 29.3)),
        (span(-50, -40), span(-60, -10), span(-60, -10)),
        (span(-40, -10), span(-60, -5), span(-60, -5)),
        (span(-30, -1), span(-60, -8), span(-60, -1)),
        (span(-30, -1), span(-60, -20), None),
        (span(-30, -5), span(-30, -5), None),
        (span(-30, 0), span(-20, 0), None),
        (span(-90, -60), span(-60, 0), None),
    ],
)
def test_it_reaches_half_a_minute_to_either_side_as_far_as_the_ring_does(
    clip: Window, part: Window, kept: Window | None
) -> None:
    """The stream goes on where the ring has it until now; else there will be no more of it."""
    assert window_around(clip, part, NOON) == kept


def test_one_of_which_a_ring_has_all_is_as_long_as_is_fetched_for_one_at_most() -> None:
    clip = span(-30, 0)
    kept = window_around(clip, clip.widened(PADDING), NOON + timedelta(seconds=PADDING))
    assert kept is not None
    assert kept.seconds == longest_padded(clip.seconds)


async def test_it_is_ordered_at_once_and_there_when_the_half_minute_has_passed(
    studio: Studio,
) -> None:
    job, plan = await studio.ordered()
    ((request, _),) = studio.rings.asked
    assert request.window == plan.window
    assert plan.window == Window.before(studio.now + timedelta(seconds=30), 90)
    assert job.padded_clip_key == plan.key
    assert await studio.window_of(plan.key) is None
    studio.rings.complete()
    await settle()
    assert await studio.window_of(plan.key) == plan.window
    assert studio.clips.names() == [plan.key]
    assert plan.key.startswith("minty-padded-")


async def test_a_stream_that_ends_leaves_what_there_was(studio: Studio) -> None:
    _, plan = await studio.ordered()
    studio.rings.complete(seconds=70)
    await settle()
    assert await studio.window_of(plan.key) == Window.after(plan.window.begins_at, 70)


@pytest.mark.parametrize("what", ["no ring", "another coin", "not kept", "full", "nothing more"])
async def test_where_it_is_not_cheap_there_is_none(studio: Studio, what: str) -> None:
    job = await studio.clip("another" if what == "another coin" else MINT)
    if what == "no ring":
        studio.rings.window = None
    elif what == "not kept":
        studio.rings.kept = False
    elif what == "full":
        studio.clips.rules = replace(RULES, least_free=1 << 60)
        clips = studio.clips
        studio.keeper = padded_clip_keeper(
            clips.store, clips.files, clips.clip_retention, clips.clock, studio.rings
        )
    elif what == "nothing more":
        studio.rings.window = job.order.window
        await studio.clips.clock.advance(5)
    assert await studio.keeper.plan("MINTY", job.order.mint, job.order.window, CLIP) is None


@pytest.mark.parametrize("later", [0.3, 0.7])
async def test_a_clip_as_long_as_the_ring_has_one_however_soon_it_is_made(
    studio: Studio, later: float
) -> None:
    """A ring keeps a little more than is promised of it."""
    clips, opener = studio.clips, FakeOpener()
    ring = ring_order(60.0, 30.0, 120.0, 720)
    async with Captures(opener, clock=clips.clock, ring=ring, longest=120.0) as captures:
        keeper = padded_clip_keeper(
            clips.store, clips.files, clips.clip_retention, clips.clock, captures
        )
        captures.hold(MINT, Hold.HELD)
        await clips.clock.advance(90 - later)
        window = Window.before(studio.now, 60)
        await clips.clock.advance(later)
        opener.last.has(0.0, clips.clock.monotonic())
        plan = await keeper.plan("MINTY", MINT, window, CLIP)
        assert plan is not None
        least = Window(window.begins_at, window.ends_at + timedelta(seconds=30))
        assert plan.window.covers(least)


async def test_a_ring_that_breaks_off_takes_the_buttons_along(studio: Studio) -> None:
    job, plan = await studio.ordered()
    studio.rings.asked[-1][1].set_result(failed(ClipFailure.WORKER_DIED))
    await settle()
    assert await studio.window_of(plan.key) is None
    assert (await studio.clips.row(job)).padded_clip_key is None
    (owed,) = (await studio.clips.owed()).values()
    assert owed.wanted == 2


async def test_one_that_nobody_wants_any_more_leaves_nothing(studio: Studio) -> None:
    job, plan = await studio.ordered()
    await studio.clips.delete(job)
    studio.rings.complete()
    await settle()
    assert await studio.window_of(plan.key) is None
    assert studio.clips.names() == []


async def test_what_a_crash_cut_short_is_never_made(studio: Studio) -> None:
    job, plan = await studio.ordered()
    made, _ = await studio.ordered()
    studio.rings.complete()
    await settle()
    await studio.keeper.recover()
    assert (await studio.clips.row(job)).padded_clip_key is None
    assert (await studio.clips.row(made)).padded_clip_key is not None
    assert await studio.window_of(plan.key) is None


async def test_a_stop_keeps_what_there_is(studio: Studio) -> None:
    _, plan = await studio.ordered()
    await studio.keeper.stop()
    assert await studio.window_of(plan.key) == Window.after(plan.window.begins_at, 40)


async def test_where_rings_are_switched_off_what_is_under_way_ends(studio: Studio) -> None:
    _, plan = await studio.ordered()
    studio.keeper.finish("another coin")
    await settle()
    assert await studio.window_of(plan.key) is None
    studio.keeper.finish(MINT)
    await settle()
    assert await studio.window_of(plan.key) == Window.after(plan.window.begins_at, 40)


@dataclass
class Recorded:
    """Stands for the site's recording: it has everything, until now."""

    asked: list[ClipRequest] = field(default_factory=list)
    name: SourceName = SourceName.RECORDING
    fails: Exception | None = None

    async def offer(self, mint: str, window: Window) -> Offer | None:
        return Offer(self.name, window)

    async def cut(
        self,
        request: ClipRequest,
        on_progress: OnProgress = lambda _: None,
        finish: asyncio.Event | None = None,
    ) -> ClipResult:
        self.asked.append(request)
        if self.fails is not None:
            raise self.fails
        assert request.window is not None
        request.path.write_bytes(b"mp4")
        return replace(CLIP, seconds=request.window.seconds, started_at=request.window.begins_at)


async def test_around_a_clip_of_the_recording_its_recording_is_kept(database: Path) -> None:
    async with clip_harness(database.parent) as clips:
        recorded, now = Recorded(), clips.clock.now()
        keeper = padded_clip_keeper(
            clips.store, clips.files, clips.clip_retention, clips.clock, recording=recorded
        )
        by = PlacedBy("20261129_120000", 9.5, is_measured=False)
        facts = RecordingFacts(13.0, delay_is_measured=False, gaps=0, longest_gap=0.0, placed_by=by)
        of_recording = replace(CLIP, width=1280, height=720, recording=facts)
        window = Window.before(now - timedelta(seconds=600), 30)
        plan = await keeper.plan("MINTY", MINT, window, of_recording)
        assert plan is not None
        assert (plan.window, plan.max_height) == (window.widened(30), 720)
        assert plan.source is SourceName.RECORDING
        keeper.make(plan)
        await keeper.stop()
        assert [one.window for one in recorded.asked] == [window.widened(30)]
        assert [one.placed_by for one in recorded.asked] == [by]
        plan = await keeper.plan("MINTY", MINT, Window.before(now, 30), of_recording)
        assert plan is not None
        assert plan.window == Window.before(now, 60), "nobody waits for what is to come"
        assert await keeper.plan("MINTY", MINT, window, CLIP) is None, "no ring has that"


@pytest.mark.parametrize("error", [StoreError("database is locked"), RuntimeError("a defect")])
async def test_whatever_it_breaks_off_by_takes_the_buttons_along(
    studio: Studio, error: Exception
) -> None:
    clips, job = studio.clips, await studio.clip()
    keeper = padded_clip_keeper(
        clips.store,
        clips.files,
        clips.clip_retention,
        clips.clock,
        recording=Recorded(fails=error),
    )
    facts = RecordingFacts(13.0, delay_is_measured=False, gaps=0, longest_gap=0.0)
    plan = await keeper.plan("MINTY", MINT, job.order.window, replace(CLIP, recording=facts))
    assert plan is not None
    async with clips.store.write() as unit:
        await unit.jobs.order_padded_clip(plan.key, plan.mint, [job.id], studio.now)
    keeper.make(plan)
    await settle()
    assert (await clips.row(job)).padded_clip_key is None
    await keeper.stop()
