"""One capture a coin, for its ring and its clips: opened, shared, closed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.clips.workers.opened_capture import CaptureOrder
from bot.clips.workers.shared_capture import Hold
from bot.errors import ChildError, PumpfunError
from bot.model import (
    ClipFailure,
    ClipRequest,
    ClipStatus,
    Reason,
    Window,
)
from tests.clips.workers.held import MINT, OTHER, RING, Held, captures_in
from tests.fakes.clock import settle


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
