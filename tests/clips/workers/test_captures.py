"""One capture a coin, for its ring and its clips: opened, shared, opened again, closed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.clips.workers.captures import Captures, ring_order
from bot.clips.workers.opened_capture import CaptureOrder
from bot.clips.workers.shared_capture import Hold
from bot.errors import ChildError, PumpfunError
from bot.model import (
    CaptureEnd,
    ClipFailure,
    ClipRequest,
    ClipResult,
    ClipStatus,
    Reason,
    Window,
)
from tests.fakes.captures import FakeOpener
from tests.fakes.clock import FakeClock, settle

MINT, OTHER = "minty", "other"
RING = ring_order(60.0, 30.0, 120.0, 720)
PLENTY = 10 << 20


@dataclass
class Held:
    """Captures on a clock that the test moves."""

    captures: Captures
    opener: FakeOpener
    clock: FakeClock
    folder: Path
    count: int = 0

    def request(self, seconds: float = 30.0, window: Window | None = None) -> ClipRequest:
        self.count += 1
        path = self.folder / f"{self.count}.mp4"
        return ClipRequest(MINT, seconds, path, PLENTY, 720, window)

    def clip(self, seconds: float = 30.0) -> asyncio.Task[ClipResult]:
        """The next seconds."""
        return asyncio.create_task(self.captures.clip(self.request(seconds)), name="clip")

    async def past(self, seconds: float = 30.0) -> ClipResult:
        """The last seconds."""
        window = Window.before(self.clock.now(), seconds)
        return await self.captures.clip(self.request(seconds, window))

    @property
    def at_hand(self) -> float:
        """How many seconds of the coin."""
        window = self.captures.at_hand(MINT)
        return window.seconds if window is not None else 0.0

    async def hold(self, mint: str = MINT, hold: Hold = Hold.HELD) -> None:
        self.captures.hold(mint, hold)
        await settle()

    async def has(self, seconds: float) -> None:
        """The newest capture is so old."""
        await self.clock.advance(seconds)
        now = self.clock.monotonic()
        self.opener.last.has(now - seconds, now, cpu=seconds / 4)


@contextlib.asynccontextmanager
async def captures_in(folder: Path, ring: CaptureOrder | None = RING) -> AsyncIterator[Held]:
    opener, clock = FakeOpener(), FakeClock()
    async with Captures(opener, clock=clock, ring=ring, longest=120.0) as captures:
        yield Held(captures, opener, clock, folder)


@pytest.fixture
async def held(tmp_path: Path) -> AsyncIterator[Held]:
    async with captures_in(tmp_path) as made:
        yield made
    assert made.opener.open == []


# Rings


async def test_a_ring_is_one_capture_that_stays_open(held: Held) -> None:
    await held.hold()
    await held.hold()
    await held.has(20)
    assert len(held.opener.opened) == 1
    assert held.at_hand == 20
    assert held.captures.is_kept(MINT)


async def test_it_has_no_more_than_was_promised(held: Held) -> None:
    await held.hold()
    await held.has(300)
    assert held.at_hand == 60


async def test_what_a_clip_under_way_needs_is_at_hand_for_others_too(held: Held) -> None:
    """As what lies around a clip does, which ends in half a minute."""
    held.opener.is_slow = True
    await held.hold()
    await held.has(90)
    begins_at = Window.before(held.clock.now(), 90).begins_at
    around, longer = Window.after(begins_at, 120), Window.after(begins_at, 60)
    clip = asyncio.create_task(held.captures.clip(held.request(120, around)), name="around")
    await settle()
    await held.clock.advance(25)
    now = held.clock.monotonic()
    held.opener.last.has(now - 115, now)
    assert held.captures.part_of(MINT, longer) == longer
    held.opener.last.make()
    await clip
    part = held.captures.part_of(MINT, longer)
    assert part is not None
    assert part.seconds == 35, "the rest may go at any moment"


async def test_it_is_closed_when_nobody_holds_it_any_more(held: Held) -> None:
    await held.hold()
    await held.hold(hold=Hold.NOT)
    assert held.opener.open == []
    assert held.captures.all == ()
    assert not held.captures.is_kept(MINT)


async def test_what_is_past_is_cut_of_it_and_it_goes_on(held: Held) -> None:
    await held.hold()
    await held.has(50)
    result = await held.past(30)
    (want,) = held.opener.last.wants
    assert result.status is ClipStatus.COMPLETE
    assert (want.begins, want.ends) == (20, 50)
    assert len(held.opener.open) == 1


async def test_a_window_that_begins_before_it_is_had_from_where_it_begins(held: Held) -> None:
    await held.hold()
    await held.has(12)
    window = Window.before(held.clock.now(), 30)
    part = held.captures.part_of(MINT, window)
    assert part == Window.before(window.ends_at, 12)


async def test_between_two_reports_it_has_grown(held: Held) -> None:
    await held.hold()
    await held.has(10)
    await held.clock.advance(1.9)
    assert held.at_hand == pytest.approx(11.9)


async def test_one_that_stands_still_has_what_it_said_last(held: Held) -> None:
    await held.hold()
    await held.has(10)
    await held.clock.advance(9)
    window = Window.before(held.clock.now(), 30)
    part = held.captures.part_of(MINT, window)
    assert part is not None
    assert part.seconds == pytest.approx(10)


async def test_a_clock_that_is_set_moves_no_window(held: Held) -> None:
    await held.hold()
    await held.has(50)
    window = Window.before(held.clock.now(), 30)
    held.clock.set(3600)
    await held.captures.clip(held.request(30, window))
    want = held.opener.last.wants[-1]
    assert (want.begins, want.ends) == (20, 50)


async def test_nothing_is_at_hand_of_what_nobody_holds(held: Held) -> None:
    assert held.at_hand == 0
    assert held.captures.part_of(MINT, Window.before(held.clock.now(), 30)) is None
    assert (await held.past()).failure is ClipFailure.NOT_AT_HAND


def test_a_ring_has_room_for_the_longest_clip_that_is_made_of_it() -> None:
    """What the clip needs is kept for it, however long the ring itself is."""
    rate = RING.rate
    assert RING.max_bytes > (rate.video + rate.audio) * 120 / 8
    assert CaptureOrder(rate, 65.0, 65.0).max_bytes < RING.max_bytes


# When it breaks off


async def test_a_ring_whose_process_died_is_back_at_once(held: Held) -> None:
    await held.hold()
    await held.has(30)
    held.opener.last.die()
    await settle()
    assert held.at_hand == 0
    await held.clock.advance(0.5)
    assert len(held.opener.opened) == 2
    assert len(held.opener.open) == 1


async def test_however_often_it_dies_the_next_try_comes_within_ten_seconds(held: Held) -> None:
    await held.hold()
    pauses = []
    for _ in range(8):
        held.opener.last.die()
        began, tries = held.clock.monotonic(), held.opener.tries
        while held.opener.tries == tries:
            await held.clock.advance(0.5)
        pauses.append(held.clock.monotonic() - began)
    assert pauses[:4] == [0.5, 1, 2, 4]
    assert max(pauses) == 8


async def refused_for_an_hour(held: Held) -> None:
    """The site gives no token."""
    held.opener.fails = PumpfunError(Reason.FORBIDDEN)
    await held.hold()
    await held.clock.advance(3600)


async def test_a_room_that_refuses_us_for_an_hour_is_asked_for_less_and_less(held: Held) -> None:
    await refused_for_an_hour(held)
    assert held.opener.tries < 30
    (shared,) = held.captures.all
    assert shared.in_vain_for == 3600
    assert shared.trouble is held.opener.fails


async def test_another_stream_of_the_coin_is_asked_for_at_once(held: Held) -> None:
    await refused_for_an_hour(held)
    held.opener.fails = None
    held.captures.hold(MINT, Hold.HELD, stream=2)
    await settle()
    assert len(held.opener.open) == 1


async def test_after_somebody_wanted_a_clip_it_is_asked_for_often_again(held: Held) -> None:
    await refused_for_an_hour(held)
    with pytest.raises(PumpfunError):
        await held.clip()
    tries = held.opener.tries
    await held.clock.advance(30)
    assert held.opener.tries - tries >= 4


async def test_after_a_steady_minute_the_first_pause_is_short_again(held: Held) -> None:
    await held.hold()
    for _ in range(3):
        held.opener.last.die()
        await held.clock.advance(8)
    await held.clock.advance(60)
    held.opener.last.die()
    await held.clock.advance(0.5)
    assert held.opener.last.ended.done() is False


async def test_where_the_site_gives_no_token_it_is_tried_again(held: Held) -> None:
    held.opener.fails = PumpfunError(Reason.TIMEOUT)
    await held.hold()
    assert held.opener.opened == []
    held.opener.fails = None
    await held.clock.advance(0.5)
    assert len(held.opener.open) == 1


async def test_a_clip_does_not_wait_for_the_next_try(held: Held) -> None:
    held.opener.fails = ChildError("none can be started")
    await held.hold()
    await held.clock.advance(3)
    held.opener.fails = None
    result = await held.clip()
    assert result.status is ClipStatus.COMPLETE


async def test_what_a_room_has_left_is_at_hand_while_it_is_retained(held: Held) -> None:
    await held.hold()
    await held.has(40)
    await held.hold(hold=Hold.RETAINED)
    window = Window.before(held.clock.now(), 30)
    held.opener.last.end()
    await held.clock.advance(100)
    assert len(held.opener.opened) == 1
    (shared,) = held.captures.all
    assert shared.over_at == 40
    assert held.captures.part_of(MINT, window) == window
    await held.hold(hold=Hold.NOT)
    assert held.opener.open == []


async def test_and_until_its_next_capture_has_as_much(held: Held) -> None:
    await held.hold()
    await held.has(20)
    window = Window.before(held.clock.now(), 10)
    held.opener.last.end(CaptureEnd.CONNECTION_LOST)
    await held.has(10)
    await held.hold()
    assert len(held.opener.open) == 2
    assert held.captures.part_of(MINT, window) == window
    await held.has(30)
    await held.hold()
    assert len(held.opener.open) == 1
    assert held.captures.part_of(MINT, window) is None


async def test_what_ended_long_ago_is_not_at_hand_however_long_the_room_refuses_us(
    held: Held,
) -> None:
    await held.hold()
    await held.has(60)
    held.opener.last.end(CaptureEnd.REMOVED)
    held.opener.fails = PumpfunError(Reason.FORBIDDEN)
    await held.clock.advance(60)
    assert held.at_hand == 60
    await held.clock.advance(120)
    assert held.at_hand == 0
    assert held.opener.open == []


async def test_of_a_stream_that_comes_and_goes_one_capture_that_is_over_stays(held: Held) -> None:
    await held.hold()
    for _ in range(8):
        await held.has(6)
        held.opener.last.end(CaptureEnd.ROOM_CLOSED)
        await held.clock.advance(8)
    assert len(held.opener.opened) == 9
    assert len(held.opener.open) == 2


async def test_where_what_is_shown_grows_another_capture_takes_over(held: Held) -> None:
    """A host who begins on a phone, and shares a screen later."""
    await held.hold()
    await held.has(60)
    (small,) = held.opener.opened
    since = 0.0
    for second in range(75):
        await held.clock.advance(1)
        now = held.clock.monotonic()
        if not small.is_closed:
            small.has(now - 60, now, is_outgrown=True)
        if held.opener.last is not small:
            since = since or now - 1
            held.opener.last.has(since, now)
        if second == 45:
            await held.past(30)
            assert not small.is_closed
    large = held.opener.last
    assert len(large.wants) == 1
    assert held.opener.open == [large]


async def test_one_that_changes_back_and_forth_is_not_opened_all_the_time(held: Held) -> None:
    await held.hold()
    for _ in range(300):
        await held.clock.advance(1)
        now = held.clock.monotonic()
        held.opener.last.has(now - 1, now, is_outgrown=True)
    assert len(held.opener.opened) <= 7
    assert len(held.opener.open) <= 2


async def test_a_moment_of_it_does_not_take_the_place_of_what_is_left(held: Held) -> None:
    await held.hold()
    await held.has(20)
    held.opener.last.end(CaptureEnd.ROOM_CLOSED)
    await held.clock.advance(1)
    await held.has(1)
    held.opener.last.end(CaptureEnd.ROOM_CLOSED)
    await settle()
    assert held.at_hand == 20


async def test_what_goes_on_now_is_at_hand_once_it_is_worth_a_clip(held: Held) -> None:
    """A creator who is back within seconds: nobody wants the minute of before."""
    await held.hold()
    await held.has(60)
    held.opener.last.end(CaptureEnd.ROOM_CLOSED)
    await held.clock.advance(1)
    await held.has(3)
    assert held.at_hand == 60
    await held.has(6)
    assert held.captures.at_hand(MINT) == Window.before(held.clock.now(), 6)


async def test_a_ring_that_is_retained_and_dies_is_gone(held: Held) -> None:
    await held.hold()
    await held.hold(hold=Hold.RETAINED)
    held.opener.last.die()
    await settle()
    assert held.captures.all == ()


async def test_what_a_room_has_left_is_gone_with_its_process(held: Held) -> None:
    await held.hold()
    await held.has(40)
    await held.hold(hold=Hold.RETAINED)
    held.opener.last.end()
    await settle()
    held.opener.last.die()
    await settle()
    assert held.at_hand == 0
    assert held.opener.open == []
    assert held.captures.all == ()


async def test_what_has_no_capture_cannot_be_retained(held: Held) -> None:
    await held.hold(hold=Hold.RETAINED)
    assert held.captures.all == ()


# Clips from now on


async def test_a_clip_opens_a_capture_and_closes_it(held: Held) -> None:
    assert (await held.clip()).status is ClipStatus.COMPLETE
    await settle()
    assert held.opener.opened[0].wants[0].begins is None
    assert held.opener.open == []


async def test_of_a_coin_that_has_a_ring_it_takes_the_rings(held: Held) -> None:
    await held.hold()
    await held.clip()
    assert len(held.opener.opened) == 1
    assert len(held.opener.open) == 1


async def test_two_of_one_coin_share_a_capture_to_the_last_ones_end(held: Held) -> None:
    held.opener.is_slow = True
    clips = [held.clip(), held.clip()]
    await settle()
    assert len(held.opener.opened) == 1
    clips[0].cancel()
    await settle()
    assert len(held.opener.open) == 1
    held.opener.last.make()
    assert (await clips[1]).status is ClipStatus.COMPLETE
    await settle()
    assert held.opener.open == []


async def test_it_becomes_the_ring_where_one_is_wanted_meanwhile(held: Held) -> None:
    held.opener.is_slow = True
    clip = held.clip()
    await settle()
    await held.hold()
    held.opener.last.make()
    await clip
    await settle()
    assert len(held.opener.opened) == 1
    assert held.opener.last.rate == RING.rate
    assert len(held.opener.open) == 1


async def test_one_that_had_to_spend_less_gives_way_to_the_ring(held: Held) -> None:
    held.opener.is_slow = True
    clip = held.clip(120)
    await settle()
    await held.hold()
    assert len(held.opener.opened) == 1
    assert held.opener.last.rate.video < RING.rate.video
    held.opener.last.make()
    await clip
    await settle()
    assert [one.rate for one in held.opener.open] == [RING.rate]


async def test_one_that_gives_way_to_a_ring_is_not_closed_under_the_clip_that_waits_for_it(
    held: Held,
) -> None:
    held.opener.gate = asyncio.Event()
    clip = held.clip(120)
    await settle()
    await held.hold()
    held.opener.gate.set()
    assert (await clip).status is ClipStatus.COMPLETE
    await settle()
    assert [one.rate for one in held.opener.open] == [RING.rate]


@pytest.mark.parametrize("ring", [RING, None], ids=["beside rings", "without rings"])
async def test_a_capture_that_is_opened_for_a_short_clip_has_room_for_the_longest(
    tmp_path: Path, ring: CaptureOrder | None
) -> None:
    """Whoever comes next shares it."""
    async with captures_in(tmp_path, ring) as held:
        await held.clip(60)
        opened = held.opener.last
        assert opened.max_bytes > (opened.rate.video + opened.rate.audio) * 120 / 8


async def test_what_pumpfun_refuses_is_raised(held: Held) -> None:
    held.opener.fails = PumpfunError(Reason.FORBIDDEN)
    with pytest.raises(PumpfunError):
        await held.clip()
    await settle()
    assert held.captures.all == ()


async def test_a_process_that_cannot_be_started_is_a_failed_clip(held: Held) -> None:
    held.opener.fails = ChildError("no room")
    assert (await held.clip()).failure is ClipFailure.WORKER_DIED


async def test_an_error_that_nobody_foresaw_is_a_failed_clip_and_the_next_one_is_made(
    held: Held, caplog: pytest.LogCaptureFixture
) -> None:
    held.opener.fails = RuntimeError("nobody foresaw it")
    assert (await held.clip()).failure is ClipFailure.WORKER_DIED
    assert "nobody foresaw it" in caplog.text
    held.opener.fails = None
    assert (await held.clip()).status is ClipStatus.COMPLETE


async def test_too_few_bytes_open_nothing(held: Held) -> None:
    request = ClipRequest(MINT, 30, held.folder / "x.mp4", 1000, 720)
    assert (await held.captures.clip(request)).failure is ClipFailure.TOO_FEW_BYTES
    assert held.opener.tries == 0


async def test_where_there_are_no_rings_a_capture_is_made_for_its_clip_alone(
    tmp_path: Path,
) -> None:
    async with captures_in(tmp_path, ring=None) as held:
        held.opener.is_slow = True
        clip = held.clip(10)
        await settle()
        held.opener.last.has(0, 8)
        assert held.opener.last.span < 15
        assert held.at_hand == 0
        assert held.captures.part_of(MINT, Window.before(held.clock.now(), 5)) is None
        held.opener.last.make()
        await clip


# All together


async def test_the_processor_time_of_all_captures_counts_those_that_are_gone(held: Held) -> None:
    await held.hold()
    await held.has(40)
    await held.hold(OTHER)
    held.opener.last.has(30, 40, cpu=2.0)
    assert held.captures.cpu == 12
    await held.hold(hold=Hold.NOT)
    await held.hold(OTHER, Hold.NOT)
    assert held.captures.cpu == 12


async def test_leaving_ends_every_capture_and_whoever_waits_for_one(tmp_path: Path) -> None:
    async with captures_in(tmp_path) as held:
        held.opener.is_slow = True
        await held.hold(OTHER)
        clip = held.clip()
        await settle()
        clip.cancel()
    assert held.opener.open == []
    assert clip.cancelled() or clip.cancelling()
    await asyncio.gather(clip, return_exceptions=True)


async def test_a_coin_whose_capture_is_being_closed_gets_another_one(held: Held) -> None:
    await held.hold()
    held.captures.hold(MINT, Hold.NOT)
    await asyncio.sleep(0)
    await held.hold()
    await held.has(5)
    assert len(held.opener.open) == 1
    assert held.at_hand == 5
