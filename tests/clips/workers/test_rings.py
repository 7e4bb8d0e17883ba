"""A ring is one capture that stays open, and what is past is cut of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.clips.workers.opened_capture import CaptureOrder
from bot.clips.workers.shared_capture import Hold
from bot.model import (
    ClipFailure,
    ClipStatus,
    Window,
)
from tests.clips.workers.held import MINT, RING, Held
from tests.fakes.clock import settle


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


@pytest.mark.parametrize(("is_for_people", "used_at"), [(True, 100.0), (False, 0.0)])
async def test_what_nobody_asked_for_does_not_count_as_use(
    held: Held, is_for_people: bool, used_at: float
) -> None:
    """A still, or a measurement: a ring that serves nothing else is free for another coin."""
    await held.hold()
    began = held.clock.monotonic()
    await held.has(100)
    window = Window.before(held.clock.now(), 10)
    await held.captures.clip(replace(held.request(10, window), is_for_people=is_for_people))
    (shared,) = held.captures.all
    assert shared.used_at - began == used_at


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
