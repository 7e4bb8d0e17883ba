"""What a clip is cut anew of, where the ring, the padded clip and the site's recording have it."""

from __future__ import annotations

import asyncio

import pytest

from bot.clips.sources import ClipSources
from bot.commands import Limits
from bot.errors import PumpfunError
from bot.model import Reason, SourceName, Window
from tests.commands.handlers.clips.clip_shown import PADDED_CLIP, ClipShown, count
from tests.fakes.clip_sources import FakeFarSource, FakeSource


class Sources:
    """The real choice among them. The recording runs 14 s behind, and began long ago."""

    def __init__(self, clip: ClipShown) -> None:
        self.clip = clip
        self.ring = FakeSource(SourceName.RING)
        self.far = FakeFarSource()
        self.all = ClipSources([self.ring], FakeSource(), lambda _: self.ring.at_hand, far=self.far)

    async def later(self, seconds: float) -> None:
        """So long after the clip. The ring and the recording have moved on."""
        await self.clip.harness.clock.advance(seconds)
        self.ring.at_hand = self.clip.span(seconds - 60, seconds)
        self.far.at_hand = self.clip.span(-3600, seconds - 14)


@pytest.fixture
async def sources(clip: ClipShown) -> Sources:
    made = Sources(clip)
    await clip.harness.service.stop()
    clip.harness.service = clip.harness.fresh(lookback=made.all)
    await made.later(2)
    return made


async def asked_for(clip: ClipShown, action: str) -> Window:
    """The window of the job that a press makes."""
    async with clip.pressing(action):
        job = await clip.harness.job(2)
        await clip.finish(2)
        await clip.show()
    return job.order.window


@pytest.mark.parametrize(
    ("verb", "begins", "ends"),
    [("earlier", -40, -10), ("later", -20, 10), ("longer", -40, 0), ("shorter", -20, 0)],
)
async def test_a_recording_that_has_more_takes_nothing_from_what_the_ring_has(
    clip: ClipShown, sources: Sources, verb: str, begins: float, ends: float
) -> None:
    """Right after the clip, while what is kept around it is being made."""
    assert await asked_for(clip, f"{verb}:1") == clip.span(begins, ends)
    assert sources.far.asked == []


async def test_what_has_come_since_is_there_though_the_recording_lacks_it(
    clip: ClipShown, sources: Sources
) -> None:
    await sources.later(12)
    assert await asked_for(clip, "later:1") == clip.span(-20, 10)
    assert sources.far.asked == []


async def test_the_recording_has_what_lies_before_the_ring(
    clip: ClipShown, sources: Sources
) -> None:
    await sources.later(6)
    sources.ring.at_hand = clip.span(-34, 6)
    assert await asked_for(clip, "earlier:1") == clip.span(-40, -10)
    assert len(sources.far.asked) == 1


async def test_as_much_as_the_ring_has_is_enough_where_the_recording_cannot_be_asked(
    clip: ClipShown, sources: Sources
) -> None:
    sources.ring.at_hand = clip.span(-34, 2)
    sources.far.fails_to_offer = PumpfunError(Reason.SERVER_ERROR, status=503)
    assert await asked_for(clip, "earlier:1") == clip.span(-34, -4)


async def test_a_site_that_does_not_answer_delays_no_press_that_needs_nothing_of_it(
    clip: ClipShown, sources: Sources
) -> None:
    sources.far.answers = asyncio.Event()  # which nobody sets
    async with clip.harness.store.write() as unit:
        assert await unit.jobs.keep_padded_clip(PADDED_CLIP, clip.span(-60, 30))
    sources.ring.at_hand = None
    assert await asked_for(clip, "earlier:1") == clip.span(-40, -10)
    assert sources.far.asked == []


async def test_only_a_press_that_asks_the_site_takes_of_what_may_be_asked(
    clip: ClipShown, sources: Sources
) -> None:
    await clip.harness.service.stop()
    limits = Limits(questions_a_minute_person=1)
    clip.harness.service = clip.harness.fresh(limits, lookback=sources.all)
    sources.ring.at_hand = sources.far.at_hand = clip.span(-30, 0)
    assert (await clip.harness.press("earlier:1")).text == "Nothing earlier is kept."
    refused = await clip.harness.press("earlier:1")
    assert refused.text == "Too many requests from you. Try again in 1 min."
    assert len(sources.far.asked) == 1
    assert await count(clip.harness) == 0
    assert await asked_for(clip, "shorter:1") == clip.span(-20, 0)
