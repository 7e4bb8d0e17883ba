"""A capture that breaks off is opened again, and what it has left is kept meanwhile."""

from __future__ import annotations

import pytest

from bot.clips.capture import RingState
from bot.clips.workers.shared_capture import Hold
from bot.errors import ChildError, PumpfunError
from bot.model import (
    CaptureEnd,
    ClipFailure,
    ClipStatus,
    Reason,
    Window,
)
from tests.clips.workers.held import MINT, Held
from tests.fakes.clock import settle


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
    assert shared.failing_for == 3600
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


async def test_where_the_site_says_to_wait_it_is_asked_for_no_token_meanwhile(held: Held) -> None:
    held.opener.fails = PumpfunError(Reason.RATE_LIMITED, retry_after=60.0)
    await held.hold()
    await held.clock.advance(59)
    assert held.opener.tries == 1
    await held.clock.advance(1)
    assert held.opener.tries == 2


async def test_a_clip_does_not_wait_for_the_next_try(held: Held) -> None:
    held.opener.fails = ChildError("none can be started")
    await held.hold()
    await held.clock.advance(3)
    held.opener.fails = None
    result = await held.clip()
    assert result.status is ClipStatus.COMPLETE


async def test_why_nothing_is_at_hand_is_known_between_two_tries(held: Held) -> None:
    held.opener.fails = error = PumpfunError(Reason.SERVER_ERROR)
    await held.hold()
    assert held.captures.lacks(MINT) is error
    held.opener.fails = None
    await held.clock.advance(3)
    capture = held.opener.last
    assert held.captures.lacks(MINT) is error  # the next one has not said anything yet
    capture.ring = RingState(None, None, 0.0, 0, lacks=ClipFailure.TOKEN_REFUSED)
    assert held.captures.lacks(MINT) is ClipFailure.TOKEN_REFUSED
    capture.end(CaptureEnd.CONNECTION_LOST)
    await held.clock.advance(10)
    assert held.opener.last is not capture
    assert held.captures.lacks(MINT) is ClipFailure.TOKEN_REFUSED


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
