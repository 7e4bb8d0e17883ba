"""What the site keeps of a stream that is over: when it is looked for, and what is taken for it."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import PumpfunError
from bot.model import (
    LATER,
    Broadcast,
    Delivery,
    Reason,
    SiteClip,
    SiteClipKind,
    Stream,
    StreamState,
)
from bot.watch import WholeStreamFinder
from bot.watch.whole_streams import LOOKS, is_all, longest, next_look, of_stream
from tests.fakes.clock import START, FakeClock, moment
from tests.fakes.pumpfun import FakePumpfun
from tests.watch.harness import WatchHarness, open_harness

HOUR = timedelta(hours=1)
OVER = Broadcast(
    StreamState.ENDED,
    START,
    START + HOUR,
    site_id=7,
    started_at=START,
    announced_at=START,
    ended_at=START + HOUR,
)


def clip(
    name: str = "a",
    begins: float = 0,
    seconds: float = 3600,
    stream_id: int | None = 7,
    begins_at: datetime = START,
) -> SiteClip:
    begins_at += timedelta(seconds=begins)
    return SiteClip(name, SiteClipKind.COMPLETE, begins_at, seconds, stream_id)


# What is decided


def test_it_is_looked_for_with_growing_pauses_and_then_no_more() -> None:
    times = [timedelta(0)]
    while (due := next_look(START, moment(seconds=times[-1].total_seconds()))) is not None:
        times.append(due - START)
    times.pop(0)
    assert times == list(LOOKS)
    pauses = [later - sooner for sooner, later in itertools.pairwise(times)]
    assert pauses == sorted(pauses)
    assert times[-1] == 6 * HOUR
    assert next_look(START, moment(seconds=7 * 3600)) is None


def test_an_end_that_is_still_to_come_is_looked_for_no_more() -> None:
    assert next_look(START + HOUR, moment()) is None


def test_after_the_usual_grace_few_looks_are_left() -> None:
    assert sum(wait > timedelta(minutes=5) for wait in LOOKS) <= 7


def test_a_clip_of_another_stream_is_none_of_this_one() -> None:
    own = clip()
    others = [
        clip("b", stream_id=8),
        clip("c", stream_id=None),
        clip("d", begins=-7200),  # the id has come again
        clip("e", begins=7200),
    ]
    assert of_stream([*others, own], {7, 9}, OVER) == (own,)


def test_of_several_the_longest_is_the_one_and_of_equal_ones_the_first() -> None:
    assert longest([]) is None
    assert longest([clip("a", 0, 60), clip("b", 60, 600), clip("c", 700, 300)]) == clip(
        "b", 60, 600
    )
    assert longest([clip("b", 900, 600), clip("a", 0, 600)]) == clip("a", 0, 600)


def test_it_is_all_there_where_little_is_missing() -> None:
    assert is_all([clip(seconds=3500)], OVER)
    assert is_all([clip("a", 0, 1800), clip("b", 1800, 1700)], OVER)
    assert not is_all([clip(seconds=1800)], OVER)
    assert is_all([clip(seconds=1)], replace(OVER, last_seen_at=START))


# What is done


@dataclass
class EndedStream:
    """A stream that was announced, shown and is over, and what looks for its clip."""

    harness: WatchHarness
    site: FakePumpfun
    finder: WholeStreamFinder
    mint: str
    is_well: bool = True

    async def look(self, seconds: float = 0) -> None:
        await self.harness.clock.advance(seconds)
        await self.finder.look()

    def has(self, *clips: SiteClip) -> None:
        self.site.listed[self.mint] = list(clips)

    async def row(self) -> Stream:
        stream = await self.harness.stream(self.mint)
        assert stream is not None
        return stream

    async def alert(self) -> Delivery:
        alert = await self.harness.owed(self.mint)
        assert alert is not None
        return alert


async def show_all(harness: WatchHarness) -> None:
    """As the dispatcher does."""
    now = harness.clock.now()
    async with harness.store.write() as unit:
        for d in await unit.deliveries.claim("local", "test", 10, now):
            await unit.deliveries.mark_sending(d, now)
            await unit.deliveries.mark_shown(d, f"m{d.id}", now)


@pytest.fixture
async def ended(database: Path) -> AsyncIterator[EndedStream]:
    async with open_ended(database.parent) as stream:
        yield stream


@contextlib.asynccontextmanager
async def open_ended(folder: Path, ahead: float = 0.0) -> AsyncIterator[EndedStream]:
    """By so many seconds this machine's clock is ahead of the site's."""
    async with open_harness(folder, ahead=ahead) as harness:
        coin = await harness.live_coin()
        await show_all(harness)
        site = FakePumpfun(harness.clock, ahead=timedelta(seconds=-ahead))
        stream = EndedStream(harness, site, None, coin.mint)  # type: ignore[arg-type]
        stream.finder = finder(stream)
        await harness.tick(30)
        coin.end()
        for _ in range(40):
            await harness.tick()
            row = await stream.row()
            if row.broadcast.state is StreamState.ENDED:
                break
        await show_all(harness)
        yield stream


def finder(stream: EndedStream) -> WholeStreamFinder:
    return WholeStreamFinder(
        store=stream.harness.store,
        pumpfun=stream.site,
        clock=stream.harness.clock,
        notifier=stream.harness.notifier,
        may_ask=lambda: stream.is_well,
    )


async def the_clip(stream: EndedStream, seconds: float | None = None) -> SiteClip:
    """The site has one of all of it, or of so many seconds."""
    row = await stream.row()
    broadcast = row.broadcast
    lasted = (broadcast.last_seen_at - broadcast.began_at).total_seconds()
    made = SiteClip(
        f"20261123_120000:{broadcast.site_id}_x",
        SiteClipKind.COMPLETE,
        broadcast.began_at,
        max(1.0, lasted) if seconds is None else seconds,
        broadcast.site_id,
    )
    stream.has(made)
    return made


async def test_it_is_found_and_the_alert_is_to_show_it(ended: EndedStream) -> None:
    made, before = await the_clip(ended), await ended.alert()
    with ended.harness.notifier.listening("deliveries") as hint:
        await ended.look(120)
        assert hint.is_set()
    assert (await ended.row()).whole_stream == made.id
    after = await ended.alert()
    assert (after.wanted, after.shown) == (before.wanted + 1, before.shown)
    asked = len(ended.site.asked_clips)
    await ended.look(6 * 3600)
    assert len(ended.site.asked_clips) == asked


async def test_it_is_asked_for_as_what_nobody_waits_for(ended: EndedStream) -> None:
    await ended.look(120)
    assert ended.site.clip_askers == [LATER]


async def test_until_it_is_there_it_is_looked_for_a_few_times(ended: EndedStream) -> None:
    for _ in range(8 * 60):
        await ended.look(60)
    assert 4 <= len(ended.site.asked_clips) <= 7
    assert (await ended.row()).whole_stream is None
    await the_clip(ended)
    await ended.look(3600)
    assert (await ended.row()).whole_stream is None


@pytest.mark.parametrize("reason", [Reason.NOT_FOUND, Reason.WRONG_SHAPE, Reason.SERVER_ERROR])
async def test_what_the_site_does_not_say_is_looked_for_again(
    ended: EndedStream, reason: Reason
) -> None:
    ended.site.errors[ended.mint] = PumpfunError(reason)
    await ended.look(120)
    assert len(ended.site.asked_clips) == 1
    await ended.look(1)  # and not at once
    assert len(ended.site.asked_clips) == 1
    del ended.site.errors[ended.mint]
    made = await the_clip(ended)
    await ended.look(1800)
    assert (await ended.row()).whole_stream == made.id


async def test_a_site_that_says_to_wait_is_asked_for_no_clip_meanwhile(ended: EndedStream) -> None:
    ended.site.errors[ended.mint] = PumpfunError(Reason.RATE_LIMITED, retry_after=200.0)
    await ended.look(120)
    row, now = await ended.row(), ended.harness.clock.now()
    async with ended.harness.store.write() as unit:
        await unit.streams.plan_whole_stream(row.id, now)
    await ended.look(199)
    assert len(ended.site.asked_clips) == 1
    await ended.look(1)
    assert len(ended.site.asked_clips) == 2


async def test_a_stream_whose_look_meets_a_defect_costs_no_other_its_clip(
    ended: EndedStream, caplog: pytest.LogCaptureFixture
) -> None:
    harness, odd = ended.harness, await ended.row()
    fine = harness.coin(2)
    await harness.subscribe(fine.mint)
    fine.go_live()
    await harness.tick(1)
    await show_all(harness)
    await harness.tick(30)
    fine.end()
    await harness.tick(40)
    await show_all(harness)
    ended.site.errors[odd.mint] = UnicodeError("no name")
    async with harness.store.write() as unit:
        await unit.streams.plan_whole_stream(odd.id, harness.clock.now() - timedelta(days=1))
    async with harness.store.read() as unit:
        due = await unit.streams.whole_streams_due(harness.clock.now() + timedelta(hours=1), 9)
    assert [stream.mint for stream in due] == [odd.mint, fine.mint]
    ended.mint = fine.mint
    made = await the_clip(ended)
    await ended.look(120)
    assert (await ended.row()).whole_stream == made.id
    for _ in range(12):
        await ended.look(600)
    asked = ended.site.asked_clips.count(odd.mint)
    assert 2 <= asked <= 7  # it is put off like any other
    assert caplog.text.count(f"for the clip of {odd.mint}'s stream met a mistake of ours") == 1


async def test_a_part_is_shown_and_all_of_it_later(ended: EndedStream) -> None:
    row = await ended.row()
    lasted = (row.broadcast.last_seen_at - row.broadcast.began_at).total_seconds()
    site_id, began = row.broadcast.site_id, row.broadcast.began_at
    first = SiteClip("first", SiteClipKind.COMPLETE, began, lasted * 0.2, site_id)
    rest = replace(first, id="rest", seconds=lasted * 0.8)
    ended.has(first)
    await ended.look(120)
    assert (await ended.row()).whole_stream == "first"
    ended.has(first, rest)
    await ended.look(1800)
    assert (await ended.row()).whole_stream == "rest"
    wanted = (await ended.alert()).wanted
    await ended.look(3600)
    assert (await ended.alert()).wanted == wanted


async def test_a_restart_goes_on_and_repeats_nothing(ended: EndedStream) -> None:
    await ended.look(120)
    ended.finder = finder(ended)
    await ended.look()
    assert len(ended.site.asked_clips) == 1
    made = await the_clip(ended)
    await ended.look(2 * 3600)
    assert len(ended.site.asked_clips) == 2
    assert (await ended.row()).whole_stream == made.id


async def test_what_an_earlier_life_dated_by_a_clock_that_was_ahead_is_looked_for_once(
    database: Path,
) -> None:
    async with open_ended(database.parent, ahead=365 * 86_400.0) as ended:
        right = FakeClock(ended.harness.clock.right())
        ended.harness.clock = ended.site.clock = right
        ended.finder = finder(ended)
        for _ in range(20):
            await ended.look(60)
        assert len(ended.site.asked_clips) == 1


async def test_what_was_put_off_is_looked_for_when_the_clock_is_set_back(
    ended: EndedStream,
) -> None:
    await ended.look(120)
    asked = len(ended.site.asked_clips)
    ended.harness.clock.set(-86_400)
    await ended.look(1)
    assert len(ended.site.asked_clips) == asked + 1
    for _ in range(8 * 60):
        await ended.look(60)
    assert 4 <= len(ended.site.asked_clips) <= 8


@pytest.mark.parametrize("ahead", [-3600.0, 3600.0])
async def test_a_clip_is_dated_by_the_site_s_clock(database: Path, ahead: float) -> None:
    async with open_ended(database.parent, ahead=ahead) as ended:
        broadcast = (await ended.row()).broadcast
        last_seen_at = broadcast.last_seen_at - timedelta(seconds=ahead)
        lasted = (last_seen_at - broadcast.began_at).total_seconds()
        begins_at = broadcast.began_at
        ended.has(clip("its", 0, lasted, broadcast.site_id, begins_at))
        await ended.look(120)
        assert (await ended.row()).whole_stream == "its"
        await ended.look(3600)
        assert len(ended.site.asked_clips) == 1  # it is all of it


async def test_while_the_site_is_left_alone_it_is_not_asked(ended: EndedStream) -> None:
    ended.is_well = False
    await ended.look(120)
    assert ended.site.asked_clips == []
    ended.is_well = True
    await ended.look()
    assert len(ended.site.asked_clips) == 1


async def test_nobody_asks_where_no_alert_stands(ended: EndedStream) -> None:
    alert = await ended.alert()
    async with ended.harness.store.write() as unit:
        await unit.deliveries.raise_many([alert.id], ended.harness.clock.now(), alert.priority)  # type: ignore[arg-type]
        (claimed,) = await unit.deliveries.claim("local", "test", 10, ended.harness.clock.now())
        await unit.deliveries.mark_dead(claimed, "message-gone", ended.harness.clock.now())
    await ended.look(120)
    await ended.look(7200)
    assert ended.site.asked_clips == []


async def test_what_was_never_announced_is_not_looked_for(database: Path) -> None:
    async with open_harness(database.parent) as harness:
        coin = harness.coin(1)
        await harness.subscribe(coin.mint)
        coin.go_live(media=False)
        await harness.tick()
        coin.end()
        await harness.tick(2)
        stream = await harness.stream(coin.mint)
        assert stream is not None
        assert stream.broadcast.state is StreamState.ENDED
        async with harness.store.read() as unit:
            later = harness.clock.now() + timedelta(days=1)
            assert await unit.streams.whole_streams_due(later, 9) == ()


async def test_of_an_end_that_was_long_ago_it_is_looked_for_once(database: Path) -> None:
    async with open_harness(database.parent) as harness:
        coin = await harness.live_coin()
        coin.end()
        await harness.clock.advance(9 * 3600)  # nobody was there to see it
        for _ in range(40):
            await harness.tick()
        stream = await harness.stream(coin.mint)
        assert stream is not None
        assert stream.broadcast.state is StreamState.ENDED
        async with harness.store.read() as unit:
            (due,) = await unit.streams.whole_streams_due(harness.clock.now(), 9)
        assert due.id == stream.id
