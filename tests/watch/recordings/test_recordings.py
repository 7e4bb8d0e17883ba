"""Where the site records a stream is noted as it is seen, and a rotation is no new stream."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.demo.broadcast.options import Options
from bot.demo.recording.programme import Programme
from bot.demo.recording.recorder import Recorder
from bot.demo.recording.segments import Segments
from bot.demo.site.server import DemoCoin
from bot.model import Live, Offline, Recording, Starting, StreamSnapshot, StreamState
from bot.watch.stream_writes import StreamWrites
from tests.store.raw_sql import statements
from tests.watch.harness import POLL, RULES, WatchHarness, mint

FIRST, SECOND = "20261123_115900", "20261123_123400"


async def recordings(harness: WatchHarness, of: str) -> tuple[Recording, ...]:
    async with harness.store.read() as unit:
        return await unit.recordings.of_mint(of)


def recorded(harness: WatchHarness, coin: DemoCoin) -> Recorder:
    """What the look-alike records of the coin, by the clock of the test."""
    programme = Programme.of(Options(), harness.clock.monotonic(), 0.0)
    recorder = Recorder(programme, Segments(), monotonic=harness.clock.monotonic)
    coin.record(recorder)
    return recorder


def writes(harness: WatchHarness) -> StreamWrites:
    return StreamWrites(harness.store, harness.clock.moment, harness.notifier, RULES)


def live(stamp: str | None, site_id: int = 1, *, of: str | None = None, viewers: int = 1) -> Live:
    folder = f"https://clips.pump.fun/{of or mint(1)}/{site_id}_{stamp}"
    url = None if stamp is None else f"{folder}/master_playlist_{stamp}.m3u8"
    return Live(StreamSnapshot(of or mint(1), site_id, viewers=viewers, playlist=url))


@pytest.mark.parametrize("hidden", [False, True], ids=["by rows", "by looks"])
async def test_a_rotation_is_noted_and_is_neither_a_new_stream_nor_an_alert(
    harness: WatchHarness, hidden: bool
) -> None:
    coin = harness.coin(1, hidden=hidden)
    await harness.subscribe(coin.mint)
    await harness.tick()
    coin.go_live()
    recorder = recorded(harness, coin)
    await harness.tick(6)
    before = await harness.stream(coin.mint)
    coin.rotate_media()
    await harness.tick(6)
    after = await harness.stream(coin.mint)
    assert before is not None
    assert after is not None
    assert (after.id, after.broadcast.state) == (before.id, StreamState.LIVE)
    assert after.broadcast.site_id == before.broadcast.site_id
    assert await harness.alerts() == 1
    old, new = await recordings(harness, coin.mint)
    assert [old.stamp, new.stamp] == [d.stamp for d in recorder.directories]
    assert {old.stream_id, new.stream_id} == {after.id}
    assert (old.retired_at, new.retired_at) == (new.first_seen_at, None)
    assert (harness.clock.now() - new.last_seen_at).total_seconds() <= 30
    folder, name = new.master.rsplit("/", 2)[1:]
    assert recorder.master(folder, name) is not None


async def test_a_recording_is_noted_though_nothing_else_has_changed(harness: WatchHarness) -> None:
    coin = harness.coin(1)
    await harness.subscribe(coin.mint)
    coin.go_live("hello", viewers=7)
    for polls in range(1, 13):
        await harness.tick()
        (row,) = await recordings(harness, coin.mint)
        ago = (harness.clock.now() - row.last_seen_at).total_seconds()
        assert ago == (polls - 1) % 3 * POLL


async def test_the_end_of_a_stream_retires_nothing(harness: WatchHarness) -> None:
    coin = await harness.live_coin()
    coin.end()
    await harness.tick(40)
    stream = await harness.stream(coin.mint)
    assert stream is not None
    assert stream.broadcast.state is StreamState.ENDED
    (row,) = await recordings(harness, coin.mint)
    assert row.retired_at is None
    coin.go_live()
    await harness.tick()
    first, second = await recordings(harness, coin.mint)
    assert (first, second.retired_at) == (row, None)
    assert second.stream_id != first.stream_id


async def test_a_return_under_another_id_is_recorded_elsewhere(harness: WatchHarness) -> None:
    coin = await harness.live_coin()
    coin.end()
    await harness.tick(2)
    coin.go_live()
    await harness.tick(2)
    old, new = await recordings(harness, coin.mint)
    assert old.stream_id == new.stream_id
    assert old.site_id != new.site_id
    assert (old.retired_at, new.retired_at) == (new.first_seen_at, None)


async def test_what_starts_or_shows_no_playlist_is_not_recorded(harness: WatchHarness) -> None:
    await harness.subscribe(mint(1))
    apply = writes(harness)
    bad = live(FIRST)
    for seen in (
        Starting(StreamSnapshot(mint(1), 1)),
        live(None),
        Live(replace(bad.stream, playlist="ftp://clips.pump.fun/a/b/c.m3u8")),
        Live(replace(bad.stream, playlist=f"{bad.stream.playlist}?{'x' * 2048}")),
        Offline(),
    ):
        await apply.observe(mint(1), seen)
        assert await recordings(harness, mint(1)) == ()
    await apply.observe(mint(2), live(FIRST, of=mint(2)))
    assert await recordings(harness, mint(2)) == ()


async def test_rows_that_lag_behind_a_look_do_not_bring_the_old_directory_back(
    harness: WatchHarness,
) -> None:
    await harness.subscribe(mint(1))
    apply = writes(harness)
    await apply.observe(mint(1), live(FIRST))
    await harness.clock.advance(POLL)
    await apply.observe(mint(1), live(SECOND))
    for viewers in range(6):
        await harness.clock.advance(POLL)
        await apply.refresh({mint(1): live(FIRST, viewers=viewers)})
    old, new = await recordings(harness, mint(1))
    assert (old.stamp, new.stamp) == (FIRST, SECOND)
    assert (old.retired_at, new.retired_at) == (new.first_seen_at, None)


async def test_a_row_of_the_last_stream_is_not_noted_for_this_one(harness: WatchHarness) -> None:
    """It lags behind, or is ahead of a look, which is taken soon."""
    await harness.subscribe(mint(1))
    apply = writes(harness)
    await apply.observe(mint(1), live(SECOND, site_id=2))
    stale = Live(replace(live(FIRST, site_id=1).stream, site_id=2))
    await harness.clock.advance(POLL)
    await apply.refresh({mint(1): stale})
    (row,) = await recordings(harness, mint(1))
    assert (row.site_id, row.stamp) == (2, SECOND)


async def test_a_refresh_of_many_takes_as_many_statements_as_one_of_few(
    harness: WatchHarness,
) -> None:
    apply, mints = writes(harness), [mint(number) for number in range(300)]
    await harness.subscribe(*mints)
    for one in mints:
        await apply.observe(one, live(FIRST, of=one))
    counts = []
    for part in (mints[:2], mints):
        await harness.clock.advance(60)
        with statements() as sent:
            await apply.refresh({one: live(SECOND, of=one, viewers=9) for one in part})
        counts.append(len(sent))
    assert counts[0] == counts[1]
    assert (await recordings(harness, mints[-1]))[-1].stamp == SECOND
