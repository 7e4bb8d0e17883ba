"""How late stamps are, measured by a source that knows the time: here one that was told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from bot.clips.sources.port import OnProgress
from bot.clips.sources.recording import DelayMeter, RecordingLists, RecordingSource
from bot.clips.workers.segment_cutter import cut_segments
from bot.model import ClipRequest, ClipResult, NoteKind, Offer, Recording, SourceName, Window
from tests.clips.sources.recording.harness import LONGEST_WAIT, Recorded
from tests.clips.sources.recording.listed import RUNG, Listed, listed
from tests.e2e.seed import until


@dataclass
class TimedSource:
    """Stands for a ring: it has everything, and knows when it was on air."""

    recorded: Recorded
    name: SourceName = SourceName.RING
    has: bool = True
    asked: list[Window] = field(default_factory=list)

    async def offer(self, mint: str, window: Window) -> Offer | None:
        self.asked.append(window)
        return Offer(self.name, window) if self.has else None

    async def cut(
        self,
        request: ClipRequest,
        on_progress: OnProgress = lambda _: None,
        finish: asyncio.Event | None = None,
    ) -> ClipResult:
        recorded = self.recorded
        known = replace(recorded.known[-1], delay_seconds=recorded.recorder.options.dating)

        async def of_mint(mint: str) -> list[Recording]:
            return [known]

        source = RecordingSource(
            of_mint,
            media=recorded.media,
            lists=RecordingLists(recorded.media, recorded.clock, delay=13.0),
            clock=recorded.clock,
            part=recorded.part,
            max_height=720,
            longest_wait=LONGEST_WAIT,
            cut=cut_segments,
        )
        return await source.cut(request)


@pytest.mark.soak
async def test_what_was_guessed_is_measured_and_then_known(recorded: Recorded) -> None:
    wrong = recorded.recorder.options.delay + 4.0
    lists = RecordingLists(recorded.media, recorded.clock, delay=wrong)
    noted = list[float | None]()

    async def note(recording: Recording, late: float | None) -> None:
        noted.append(late)

    ring = TimedSource(recorded)
    meter = DelayMeter(ring, recorded.media, lists, recorded.clock, note)
    recording = recorded.known[-1]
    lowest = (await lists.rungs(recording))[-1]
    try:
        assert (await lists.look(recording, lowest)).is_about
        meter.want(recorded.coin.mint, recording, lowest)
        meter.want(recorded.coin.mint, recording, lowest)  # it is under way
        await until(lambda: noted, "it is measured")
        assert noted == [pytest.approx(recorded.recorder.options.dating, abs=0.1)]
        assert len(ring.asked) == 1
        assert not (await lists.look(recording, lowest)).is_about
    finally:
        await meter.close()


async def test_without_a_ring_nothing_is_measured(recorded: Recorded) -> None:
    ring = TimedSource(recorded, has=False)
    noted = list[float | None]()

    async def note(recording: Recording, late: float | None) -> None:
        noted.append(late)

    meter = DelayMeter(ring, recorded.media, recorded.lists, recorded.clock, note)
    recorded.source = RecordingSource(
        recorded.of_mint,
        media=recorded.media,
        lists=recorded.lists,
        clock=recorded.clock,
        part=recorded.part,
        max_height=720,
        longest_wait=LONGEST_WAIT,
        meter=meter,
    )
    result, _ = await recorded.cut(recorded.ago(150, 145))
    await until(lambda: ring.asked, "it looks whether there is a ring")
    await meter.close()
    assert not noted
    assert NoteKind.ABOUT in {note.kind for note in result.notes}


async def test_what_was_measured_is_measured_anew_once_the_sites_clock_was_set_back() -> None:
    recorded = Listed()
    known = replace(recorded.known[0], delay_seconds=67.0)
    ring = TimedSource(cast("Any", recorded), has=False)

    noted = list[float | None]()

    async def note(recording: Recording, late: float | None) -> None:
        noted.append(late)

    meter = DelayMeter(ring, cast("Any", recorded), recorded.lists, recorded.clock, note)
    try:
        for sequence, ago in ((7, -53.0), (8, 7.0)):
            assert not ring.asked
            assert noted == []
            number = f"#EXT-X-MEDIA-SEQUENCE:{sequence}"
            recorded.now = listed(number, recorded.stamp(ago), "#EXTINF:2,", "a.ts")
            await recorded.lists.look(known, RUNG)
            meter.want("mint", known, RUNG)
            await recorded.clock.advance(2)
        assert ring.asked
        assert noted == [None], "what was measured is not believed after a restart"
    finally:
        await meter.close()
