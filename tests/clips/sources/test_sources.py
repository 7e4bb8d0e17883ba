"""What captures offer, and all sources together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clips.sources import ClipSources, RingSource, RoomSource
from bot.clips.workers.captures import Captures, ring_order
from bot.clips.workers.shared_capture import Hold
from bot.errors import PumpfunError
from bot.model import ClipRequest, ClipStatus, Offer, Reason, SourceName, Window
from tests.fakes.captures import FakeOpener
from tests.fakes.clip_sources import FakeSource
from tests.fakes.clock import FakeClock, settle

MINT = "minty"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def opener() -> FakeOpener:
    return FakeOpener()


@pytest.fixture
async def captures(clock: FakeClock, opener: FakeOpener) -> AsyncIterator[Captures]:
    ring = ring_order(60.0, 30.0, 120.0, 720)
    async with Captures(opener, clock=clock, ring=ring, longest=120.0) as opened:
        yield opened


async def hold(captures: Captures, opener: FakeOpener, clock: FakeClock, seconds: float) -> None:
    captures.hold(MINT, Hold.HELD)
    await clock.advance(seconds)
    opener.last.has(clock.monotonic() - seconds, clock.monotonic())


async def test_a_ring_offers_what_it_has_and_cuts_what_is_asked_for(
    captures: Captures, opener: FakeOpener, clock: FakeClock, tmp_path: Path
) -> None:
    await hold(captures, opener, clock, 12)
    ring, window = RingSource(captures), Window.before(clock.now(), 30)
    assert await ring.offer(MINT, window) == Offer(
        SourceName.RING, Window.before(window.ends_at, 12)
    )
    request = ClipRequest(MINT, 30, tmp_path / "a.mp4", 10 << 20, 720, window)
    assert (await ring.cut(request)).status is ClipStatus.COMPLETE
    (want,) = opener.last.wants
    assert (want.begins, want.ends) == (-18, 12)


async def test_it_offers_nothing_of_what_nobody_keeps(captures: Captures, clock: FakeClock) -> None:
    assert await RingSource(captures).offer(MINT, Window.before(clock.now(), 30)) is None


async def test_the_room_offers_what_is_to_come_and_nothing_else(
    captures: Captures, clock: FakeClock
) -> None:
    room, now = RoomSource(captures, clock), clock.now()
    ahead = Window.after(now, 30)
    assert await room.offer(MINT, ahead) == Offer(SourceName.ROOM, ahead)
    assert await room.offer(MINT, Window.before(now, 30)) is None


async def test_the_room_records_from_now_on_whatever_the_window(
    captures: Captures, opener: FakeOpener, clock: FakeClock, tmp_path: Path
) -> None:
    window = Window.after(clock.now(), 30)
    request = ClipRequest(MINT, 30, tmp_path / "a.mp4", 10 << 20, 720, window)
    await RoomSource(captures, clock).cut(request)
    await settle()
    (want,) = opener.last.wants
    assert (want.seconds, want.begins, want.ends) == (30, None, None)


async def test_of_all_sources_the_best_offer_is_taken_and_cut_by_who_made_it(
    clock: FakeClock, tmp_path: Path
) -> None:
    window = Window.before(clock.now(), 30)
    padded_clip, ring = FakeSource(SourceName.PADDED_CLIP), FakeSource(SourceName.RING)
    padded_clip.at_hand, ring.at_hand = window, Window.before(clock.now(), 20)
    sources = ClipSources([ring, padded_clip], FakeSource(), lambda _: ring.at_hand)
    assert await sources.offer(MINT, window) == Offer(SourceName.PADDED_CLIP, window)
    assert sources.at_hand(MINT) == ring.at_hand
    padded_clip.at_hand = None
    offer = await sources.offer(MINT, window)
    assert offer is not None
    assert offer.source is SourceName.RING
    ring.at_hand = Window.before(clock.now(), 2)
    assert await sources.offer(MINT, window) is None


class Far(FakeSource):
    """One that asks a server."""

    async def reach(self, mint: str, window: Window) -> Window | None:
        offer = await self.offer(mint, window)
        return offer.window if offer is not None else None


async def test_a_far_source_that_cannot_be_asked_is_told_where_nobody_else_has_it(
    clock: FakeClock,
) -> None:
    window = Window.before(clock.now(), 30)
    ring, far = FakeSource(SourceName.RING), Far(SourceName.RECORDING)
    sources = ClipSources([ring], FakeSource(), lambda _: ring.at_hand, far=far)
    far.fails_to_offer = PumpfunError(Reason.UNREACHABLE)
    for asking in (sources.offer(MINT, window), sources.reach(MINT, window)):
        with pytest.raises(PumpfunError):
            await asking
    assert await sources.offer(MINT, window, without=[SourceName.RECORDING]) is None
    ring.at_hand = Window.before(clock.now(), 10)
    assert await sources.offer(MINT, window) == Offer(SourceName.RING, ring.at_hand)
