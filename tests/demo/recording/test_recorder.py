"""What a plain HLS reader finds in the recording of the look-alike, and when."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from itertools import pairwise

import httpx
import pytest

from bot.demo.broadcast.options import Options
from bot.demo.recording.media_directory import MediaDirectory
from bot.demo.recording.options import LOW, RecordingOptions
from bot.demo.recording.programme import Programme
from bot.demo.recording.recorder import Recorder
from bot.demo.recording.segment import SegmentMaker
from bot.demo.site.coins import DemoCoin
from bot.demo.world import World
from tests.demo.recording.conftest import ON_AIR
from tests.demo.recording.reader import bytes_of, list_at, look, variants


async def master_of(web: httpx.AsyncClient) -> str:
    """As the roster names it."""
    (row,) = (await web.get("/coins/currently-live")).json()
    return str(row["playlist_url"])


async def test_the_pictures_are_those_that_were_on_air(
    web: httpx.AsyncClient, recorder: Recorder
) -> None:
    zero = recorder.programme.zero
    medium, low = await variants(web, await master_of(web))
    for url, fps, size in ((medium, 30, (1280, 720)), (low, 20, (640, 360))):
        before = time.monotonic()
        listed = await list_at(web, url)
        seen = look(await bytes_of(web, listed.segments[-3:]))
        assert None not in seen.numbers
        assert seen.sizes == {size}
        assert len(seen.keyframes) == 3
        numbers = [number for number in seen.numbers if number is not None]
        assert {after - one for one, after in pairwise(numbers)} <= {1, 30 // fps, 2}
        assert all(
            after - one == pytest.approx(1 / fps, abs=1e-4) for one, after in pairwise(seen.times)
        )
        newest = zero + (numbers[-1] + 1) / 30
        assert 13.0 <= before - newest <= 13.0 + 2 * 1.96


async def test_sound_and_picture_go_on_from_segment_to_segment_together(
    web: httpx.AsyncClient, recorder: Recorder
) -> None:
    listed = await list_at(web, (await variants(web, await master_of(web)))[1])
    seen = look(await bytes_of(web, listed.segments[-4:]))
    gaps = {round(after - one, 5) for one, after in pairwise(seen.heard)}
    assert gaps == {round(1024 / 48_000, 5)}
    assert abs(seen.heard[0] - seen.times[0]) < 0.03
    assert recorder.programme.spec.fps == 30


async def test_lists_say_how_long_each_segment_is_and_date_it_too_late(
    web: httpx.AsyncClient, world: World, coin: DemoCoin, recorder: Recorder
) -> None:
    listed = await list_at(web, (await variants(web, await master_of(web)))[0])
    expected = (ON_AIR - 16 - 13) / 1.96
    assert listed.first == 0
    assert not listed.ended
    assert len(listed.segments) == pytest.approx(expected, abs=2)
    assert sum(listed.seconds) == pytest.approx(1.96 * len(listed.seconds), abs=0.3)
    assert set(listed.seconds) == {1.967, 1.933}
    directory = recorder.directories[-1]
    on_air = coin.media.opened_at.timestamp() + directory.begins - directory.opened  # type: ignore[union-attr]
    assert listed.dates[0].timestamp() - on_air == pytest.approx(8.5, abs=0.01)
    assert world.site.count("recording") == 2


async def test_a_live_list_holds_the_last_five_and_dies_with_its_stream(
    web: httpx.AsyncClient, coin: DemoCoin, recorder: Recorder
) -> None:
    (row,) = (await web.get("/coins/currently-live")).json()
    assert row["playlist_url_high"].endswith("_1_live.m3u8")
    live, whole = row["playlist_url_low"], row["vod_playlist_url"]
    listed = await list_at(web, live)
    assert len(listed.segments) == 5
    assert listed.first > 100
    coin.end()
    assert (await web.get(live)).status_code == 404
    assert len((await list_at(web, whole)).segments) > 100
    recorder.directories[-1].closed = time.monotonic() - 601
    assert (await web.get(whole)).status_code == 404
    assert (await web.get(listed.segments[-1])).status_code == 404


async def test_a_rotation_leaves_a_hole_and_a_new_directory_with_a_later_stamp(
    web: httpx.AsyncClient, coin: DemoCoin, recorder: Recorder
) -> None:
    old = await master_of(web)
    coin.rotate_media()
    new = await master_of(web)
    assert new != old
    assert new.split("/")[-2].split("_")[0] == old.split("/")[-2].split("_")[0]
    before, after = recorder.directories
    assert before.ends is not None
    assert after.begins - before.ends == pytest.approx(21, abs=1)
    assert (await web.get(new)).status_code == 404  # nothing is listed yet
    assert len(await variants(web, old)) == 2


async def test_nothing_is_made_before_somebody_asks_and_nothing_twice(
    web: httpx.AsyncClient, world: World, recorder: Recorder
) -> None:
    listed = await list_at(web, (await variants(web, await master_of(web)))[1])
    assert world.segments.encoded == 0
    for _ in range(3):
        await web.get(listed.segments[-1])
    assert world.segments.encoded == 1
    await recorder.prepare(4, rung=0)
    assert world.segments.encoded in (2, 3)
    assert (await web.get(listed.segments[-1][:-5] + "9.ts")).status_code in (200, 404)


async def test_the_end_is_listed_as_late_as_the_rest_with_a_shorter_last_segment(
    web: httpx.AsyncClient, coin: DemoCoin, recorder: Recorder
) -> None:
    url = (await variants(web, await master_of(web)))[0]
    coin.end()
    assert not (await list_at(web, url)).ended
    directory = recorder.directories[-1]
    assert directory.ends is not None
    directory.ends -= 13.5
    listed = await list_at(web, url)
    assert listed.ended
    assert sum(listed.seconds) == pytest.approx(directory.ends - directory.begins, abs=0.3)


async def test_who_returns_gets_a_directory_of_its_own_with_its_own_pictures(
    web: httpx.AsyncClient, world: World, coin: DemoCoin, recorder: Recorder
) -> None:
    coin.flap(same_id=True)
    world.record(coin, title="Back again")
    before, after = recorder.directories
    assert before.stream_id == after.stream_id
    assert before.name != after.name
    assert before.programme.spec.title != "Back again"
    assert after.programme.spec.title == "Back again"
    assert after.begins - time.monotonic() == pytest.approx(16, abs=1.5)
    assert (await web.get(await master_of(web))).status_code == 404


def test_a_loop_is_encoded_once_however_often_it_is_shown() -> None:
    options = Options(encoder="pre-encoded", content="plain")
    programme = Programme.of(options, zero=0.0, clock_zero=0.0)
    directory = MediaDirectory(1, "", datetime.now(UTC), 0.0, programme, RecordingOptions())
    # 100 segments of 1.96 s are 49 loops of 4 s
    specs = [directory.spec(LOW, directory.segment(LOW, at), 0) for at in (3, 103, 4)]
    maker = SegmentMaker()
    first, again, _ = [look(maker.make(spec)) for spec in specs]
    assert maker.encoded == 2
    assert None not in first.numbers
    assert first.numbers == again.numbers
    assert again.times[0] - first.times[0] == pytest.approx(196, abs=0.001)
    assert again.heard[0] - first.heard[0] == pytest.approx(196, abs=0.03)
    assert again.keyframes == again.times[:1]
