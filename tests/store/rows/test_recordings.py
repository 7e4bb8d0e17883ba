from __future__ import annotations

import pytest

from bot.model import Recording
from bot.store import SeenMaster, Store
from tests.store.make_rows import MINT, NOW, OTHER_MINT, broadcast, later
from tests.store.query_plans import plan_of
from tests.store.raw_sql import statements

FIRST, SECOND, THIRD = "20261123_115900", "20261123_123400", "20261123_130900"


def master(stamp: str, site_id: int | None = 501, host: str = "https://clips.pump.fun") -> str:
    folder = stamp if site_id is None else f"{site_id}_{stamp}"
    return f"{host}/{MINT}/{folder}/master_playlist_{stamp}.m3u8"


@pytest.fixture
async def stream_id(store: Store) -> int:
    async with store.write() as unit:
        return await unit.streams.insert(MINT, broadcast())


async def see(
    store: Store, stream_id: int, seconds: float, stamp: str, site_id: int | None = 501
) -> None:
    """Of broadcast 501, or of the one that the directory names."""
    async with store.write() as unit:
        url = master(stamp, site_id)
        await unit.recordings.see(stream_id, site_id or 501, url, later(seconds))


async def noted(store: Store, stream_id: int) -> list[tuple[str, float, float, float | None]]:
    """Stamp, first and last seen and retired, in seconds after NOW."""
    async with store.read() as unit:
        rows = await unit.recordings.of_stream(stream_id)
    return [
        (
            row.stamp,
            (row.first_seen_at - NOW).total_seconds(),
            (row.last_seen_at - NOW).total_seconds(),
            None if row.retired_at is None else (row.retired_at - NOW).total_seconds(),
        )
        for row in rows
    ]


async def test_what_is_seen_is_read_as_it_was_noted(store: Store, stream_id: int) -> None:
    await see(store, stream_id, 0, FIRST)
    await see(store, stream_id, 60, FIRST)
    async with store.write() as unit:
        (row,) = await unit.recordings.of_stream(stream_id)
        assert row == Recording(row.id, stream_id, 501, FIRST, master(FIRST), NOW, later(60))
        await unit.recordings.note_delay(row.id, 13.25)
        (row,) = await unit.recordings.of_mint(MINT)
        assert row.delay_seconds == 13.25
    await see(store, stream_id, 120, FIRST)
    async with store.read() as unit:
        (row,) = await unit.recordings.of_mint(MINT)
        assert row.delay_seconds == 13.25


async def test_what_was_seen_half_a_minute_ago_is_written_again_and_no_sooner(
    store: Store, stream_id: int
) -> None:
    for seconds, last in ((0, 0), (10, 0), (29, 0), (30, 30), (40, 30), (20, 20)):
        await see(store, stream_id, seconds, FIRST)
        assert await noted(store, stream_id) == [(FIRST, 0, last, None)]


async def test_the_next_directory_retires_the_one_before(store: Store, stream_id: int) -> None:
    await see(store, stream_id, 0, FIRST)
    await see(store, stream_id, 10, SECOND)
    await see(store, stream_id, 20, THIRD, site_id=502)
    assert await noted(store, stream_id) == [
        (FIRST, 0, 0, 10),
        (SECOND, 10, 10, 20),
        (THIRD, 20, 20, None),
    ]


async def test_a_list_that_lags_behind_a_look_brings_nothing_back(
    store: Store, stream_id: int
) -> None:
    await see(store, stream_id, 0, FIRST)
    await see(store, stream_id, 100, SECOND)
    for seconds in range(110, 390, 10):
        await see(store, stream_id, seconds, FIRST)
    assert await noted(store, stream_id) == [(FIRST, 0, 0, 100), (SECOND, 100, 100, None)]
    await see(store, stream_id, 390, SECOND)
    await see(store, stream_id, 400, FIRST)
    assert await noted(store, stream_id) == [(FIRST, 0, 0, 100), (SECOND, 100, 390, None)]


async def test_what_only_a_list_that_lags_still_names_is_noted_for_it_cannot_be_named_again(
    store: Store, stream_id: int
) -> None:
    await see(store, stream_id, 0, SECOND)
    for seconds in (5, 45):
        await see(store, stream_id, seconds, FIRST)
    assert await noted(store, stream_id) == [(FIRST, 5, 5, 5), (SECOND, 0, 0, None)]


async def test_an_older_stamp_is_believed_when_nothing_newer_was_seen_for_a_while(
    store: Store, stream_id: int
) -> None:
    """The site's clock may be set back."""
    await see(store, stream_id, 0, FIRST)
    await see(store, stream_id, 10, SECOND)
    await see(store, stream_id, 310, FIRST)
    assert await noted(store, stream_id) == [(SECOND, 10, 10, 310), (FIRST, 0, 310, None)]


async def test_our_clock_being_set_back_stops_nothing(store: Store, stream_id: int) -> None:
    await see(store, stream_id, 86_400, SECOND)
    await see(store, stream_id, 0, FIRST)
    assert (await noted(store, stream_id))[-1] == (FIRST, 0, 0, None)


async def test_of_a_stream_the_newest_hundred_are_kept(store: Store, stream_id: int) -> None:
    """A site that names another directory at each poll fills no disk; the one of now stays, also
    where the site's clock names it an older one."""
    async with store.write() as unit:
        other = await unit.streams.insert(OTHER_MINT, broadcast())
    await see(store, other, 0, FIRST)
    for number in range(103):
        await see(store, stream_id, number, f"20261123_1{number:05}")
    async with store.read() as unit:
        rows = await unit.recordings.of_stream(stream_id)
        assert len(await unit.recordings.of_stream(other)) == 1
    assert [row.stamp for row in (rows[0], rows[-1])] == ["20261123_100003", "20261123_100102"]
    assert len(rows) == 100
    assert [row for row in rows if row.retired_at is None] == [rows[-1]]
    await see(store, stream_id, 500, "20261123_000000")
    assert (await noted(store, stream_id))[-1][0] == "20261123_000000"


async def test_a_directory_without_a_stamp_is_called_by_its_name(
    store: Store, stream_id: int
) -> None:
    await see(store, stream_id, 0, FIRST)
    await see(store, stream_id, 1, "summer party", site_id=None)
    assert (await noted(store, stream_id))[-1] == ("summer party", 1, 1, None)
    await see(store, stream_id, 2, "x" * 300, site_id=None)
    assert (await noted(store, stream_id))[-1] == ("x" * 100, 2, 2, None)
    await see(store, stream_id, 3, FIRST)
    assert await noted(store, stream_id) == [
        ("summer party", 1, 1, 2),
        ("x" * 100, 2, 2, 3),
        (FIRST, 0, 3, None),
    ]


@pytest.mark.parametrize("folder", [FIRST, f"501_{FIRST}", f"live_{FIRST}", f"5_01_{FIRST}"])
async def test_the_stamp_is_found_in_the_directorys_name(
    store: Store, stream_id: int, folder: str
) -> None:
    async with store.write() as unit:
        url = f"http://127.0.0.1:80/{MINT}/{folder}/any.m3u8?t=1"
        await unit.recordings.see(stream_id, 501, url, NOW)
        (row,) = await unit.recordings.of_stream(stream_id)
    assert (row.site_id, row.stamp, row.master) == (501, FIRST, url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "master.m3u8",
        "/a/b/master.m3u8",
        "https://clips.pump.fun",
        "https://clips.pump.fun/master.m3u8",
        "https:///a/b/master.m3u8",
        "https://[/a/b/master.m3u8",
        "file:///etc/passwd",
        f"ftp://clips.pump.fun/{MINT}/501_{FIRST}/master.m3u8",
        f"https://clips.pump.fun/{MINT}/501_{FIRST}/a\0b.m3u8",
        master(FIRST) + "?" + "x" * 2048,
        master(FIRST, site_id=500),
        master(FIRST, site_id=10**17),
    ],
)
async def test_what_is_no_master_playlist_of_this_broadcast_is_not_noted(
    store: Store, stream_id: int, url: str
) -> None:
    async with store.write() as unit:
        await unit.recordings.see(stream_id, 501, url, NOW)
    assert await noted(store, stream_id) == []


async def test_a_coins_recordings_are_those_of_all_its_streams(store: Store) -> None:
    async with store.write() as unit:
        for mint, stamp in ((MINT, FIRST), (OTHER_MINT, FIRST), (MINT, SECOND)):
            if (before := await unit.streams.open_of(mint)) is not None:
                await unit.streams.update(before.id, broadcast(state="ended", ended_at=NOW))
            stream_id = await unit.streams.insert(mint, broadcast())
            await unit.recordings.see(stream_id, 501, master(stamp), NOW)
        rows = await unit.recordings.of_mint(MINT)
        assert [(row.stream_id, row.stamp, row.retired_at) for row in rows] == [
            (1, FIRST, None),
            (3, SECOND, None),
        ]
        assert await unit.recordings.of_mint("nobody") == ()


async def test_many_streams_are_noted_with_a_few_statements(store: Store) -> None:
    """However many there are, and whatever becomes of each."""
    async with store.write() as unit:
        ids = [await unit.streams.insert(f"mint {n}", broadcast()) for n in range(200)]
        await unit.recordings.see_many([SeenMaster(id_, 501, master(FIRST)) for id_ in ids], NOW)
    async with store.write() as unit:
        stamps = (FIRST, SECOND, "20261123_000000", "party")
        seen = [
            SeenMaster(id_, 501, master(stamps[n % 4], None if n % 4 == 3 else 501))
            for n, id_ in enumerate(ids)
        ]
        with statements() as sent:
            await unit.recordings.see_many(seen, later(60))
        assert [sql.split()[0] for sql, _ in sent] == [
            "SELECT",
            "UPDATE",
            "INSERT",
            "INSERT",
            "DELETE",
        ]
        with statements() as sent:
            await unit.recordings.see_many(seen[:2], later(70))
        assert [sql.split()[0] for sql, _ in sent] == ["SELECT"]
        await unit.recordings.see_many([], later(80))
        for number, retired in ((0, [None]), (1, [60, None]), (2, [60, None]), (3, [60, None])):
            rows = await unit.recordings.of_stream(ids[number])
            assert [row.retired_at and (row.retired_at - NOW).total_seconds() for row in rows] == (
                retired
            )
        late = await unit.recordings.of_stream(ids[2])
        assert [row.stamp for row in late] == ["20261123_000000", FIRST]


async def test_a_streams_recordings_are_found_by_an_index(store: Store, stream_id: int) -> None:
    with statements() as sent:
        await see(store, stream_id, 0, FIRST)
        async with store.read() as unit:
            await unit.recordings.of_mint(MINT)
    reads = [one for one in sent if one[0].startswith("SELECT recordings")]
    for sql, parameters in reads:
        assert plan_of(store.name, sql, parameters).whole == []
    assert len(reads) == 2
