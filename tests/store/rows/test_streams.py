from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from bot.model import Broadcast, KeptMoving, Priority, StoredVideo, StreamState
from bot.store import Store
from tests.store.make_rows import (
    ANNA,
    MINT,
    NOW,
    OTHER_MINT,
    broadcast,
    later,
    make_target,
    owed_and_sent,
)
from tests.store.query_plans import plan_of
from tests.store.raw_sql import ask, statements

FULL = Broadcast(
    state=StreamState.GRACE,
    first_seen_at=NOW,
    last_seen_at=later(60),
    site_id=9_007_199_254_740_993,
    started_at=later(-5),
    announced_at=later(1),
    paused_at=later(61),
    ended_at=None,
    title="a title",
    viewers=3,
    peak_viewers=12,
    thumbnail="https://thumbnails.pump.fun/1.jpg",
    thumbnail_updated_at=later(30.25),
)


def known_site_ids(store: Store, stream_id: int) -> set[int]:
    sql = "SELECT site_id FROM site_ids WHERE stream_id = ?"
    return {row[0] for row in ask(store.name, sql, (stream_id,))}


async def test_a_stream_is_read_as_it_was_written(store: Store) -> None:
    async with store.write() as unit:
        stream_id = await unit.streams.insert(MINT, FULL)
        stream = await unit.streams.get(stream_id)
        assert stream is not None
        assert (stream.id, stream.mint, stream.broadcast) == (stream_id, MINT, FULL)
        assert stream.picture_key is None
        assert await unit.streams.open() == {MINT: stream}
        assert await unit.streams.open_of(MINT) == stream
        assert await unit.streams.last_of(MINT) == stream
        assert await unit.streams.open_of(OTHER_MINT) is None
        assert await unit.streams.get(99) is None


async def test_a_mint_has_one_open_stream_and_any_number_that_ended(store: Store) -> None:
    async with store.write() as unit:
        for number in range(3):
            stream_id = await unit.streams.insert(MINT, broadcast(site_id=number))
            ended = broadcast(site_id=number, state=StreamState.ENDED, ended_at=later(9))
            await unit.streams.update(stream_id, ended)
        assert await unit.streams.open() == {}
        assert await unit.streams.open_of(MINT) is None
        last = await unit.streams.last_of(MINT)
        assert last is not None
        assert (last.id, last.broadcast) == (stream_id, ended)

    async def open_two() -> None:
        async with store.write() as unit:
            await unit.streams.insert(MINT, broadcast())
            await unit.streams.insert(MINT, broadcast(state=StreamState.STARTING))

    with pytest.raises(IntegrityError):
        await open_two()


async def test_an_ended_stream_is_never_changed_again(store: Store) -> None:
    async with store.write() as unit:
        stream_id = await unit.streams.insert(MINT, broadcast())
        ended = broadcast(state=StreamState.ENDED, ended_at=later(9))
        await unit.streams.update(stream_id, ended)
        await unit.streams.update(stream_id, broadcast(title="back", site_id=502))
        await unit.streams.refresh([(stream_id, broadcast(title="back"))])
        stream = await unit.streams.get(stream_id)
        assert stream is not None
        assert stream.broadcast == ended
    assert known_site_ids(store, stream_id) == {501}


async def test_a_stream_keeps_every_site_id_that_it_had(store: Store) -> None:
    async with store.write() as unit:
        stream_id = await unit.streams.insert(MINT, broadcast())
        for site_id in (502, 502, 501):
            await unit.streams.update(stream_id, broadcast(site_id=site_id))
        stream = await unit.streams.open_of(MINT)
        assert stream is not None
        assert stream.broadcast.site_id == 501
    assert known_site_ids(store, stream_id) == {501, 502}


async def test_many_are_refreshed_at_once_in_what_each_look_changes(store: Store) -> None:
    async with store.write() as unit:
        ids = [await unit.streams.insert(f"mint {n}", broadcast()) for n in range(5)]
        new = broadcast(
            last_seen_at=later(10),
            viewers=None,
            peak_viewers=40,
            title="new",
            thumbnail="https://thumbnails.pump.fun/2.jpg",
            thumbnail_updated_at=later(8),
        )
        others = replace(new, site_id=777, announced_at=later(3), state=StreamState.GRACE)
        await unit.streams.refresh([(id_, others) for id_ in ids[:3]])
        await unit.streams.refresh([])
        found = [await unit.streams.get(id_) for id_ in ids]
        assert [stream.broadcast for stream in found if stream] == [new] * 3 + [broadcast()] * 2


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        ({}, False),
        ({"title": "another"}, True),
        ({"viewers": 8}, True),
        ({"viewers": None}, True),
        ({"peak_viewers": 99, "thumbnail": "https://thumbnails.pump.fun/9.jpg"}, False),
    ],
)
@pytest.mark.parametrize("by", ["update", "refresh"])
async def test_a_real_change_of_title_or_viewers_is_noted(
    store: Store, change: dict[str, object], changed: bool, by: str
) -> None:
    async with store.write() as unit:
        stream_id = await unit.streams.insert(MINT, broadcast())
        new = broadcast(last_seen_at=later(10), **change)
        if by == "update":
            await unit.streams.update(stream_id, new)
        else:
            await unit.streams.refresh([(stream_id, new)])
    ((noted,),) = ask(store.name, "SELECT changed_at FROM streams")
    assert noted == (later(10) if changed else NOW).timestamp() * 1000


async def test_its_picture_is_kept(store: Store) -> None:
    async with store.write() as unit:
        stream_id = await unit.streams.insert(MINT, broadcast())
        await unit.streams.set_picture(stream_id, "p-1.jpg", later(-14))
        await unit.streams.update(stream_id, broadcast(title="new"))
        stream = await unit.streams.get(stream_id)
        assert stream is not None
        assert (stream.picture_key, stream.picture_at) == ("p-1.jpg", later(-14))


async def test_its_moving_picture_is_kept_with_all_that_is_known_of_it(store: Store) -> None:
    moving = KeptMoving(StoredVideo("p-1.mp4", 4.0, 340_000, 640, 360), later(-14))
    async with store.write() as unit:
        stream_id = await unit.streams.insert(MINT, broadcast())
        assert await unit.streams.moving(stream_id) is None
        await unit.streams.set_moving(stream_id, moving)
        await unit.streams.update(stream_id, broadcast(title="new"))
        assert await unit.streams.moving(stream_id) == moving


async def test_what_a_place_follows_now_is_announced_open_and_subscribed_there(
    store: Store,
) -> None:
    async with store.write() as unit:
        one, two = await make_target(unit), await make_target(unit, channel="other")
        far = await make_target(unit, "elsewhere")
        on_air = broadcast(announced_at=NOW)
        wanted = {
            "live": on_air,
            "paused": replace(on_air, state=StreamState.GRACE),
            "silent": broadcast(state=StreamState.STARTING),
        }
        for mint, as_it_is in wanted.items():
            await unit.streams.insert(mint, as_it_is)
            await unit.subscriptions.add(one.id, mint, ANNA, NOW)
            await unit.subscriptions.add(two.id, mint, ANNA, NOW)
        await unit.streams.insert("far", on_air)
        await unit.subscriptions.add(far.id, "far", ANNA, NOW)
        over = await unit.streams.insert("over", on_air)
        await unit.subscriptions.add(one.id, "over", ANNA, NOW)
        await unit.streams.update(over, replace(on_air, state=StreamState.ENDED))
        found = await unit.streams.live_of_place(one.place_id)
        assert [stream.mint for stream in found] == ["live", "paused"]


async def test_a_message_is_known_by_its_target_and_its_id(store: Store) -> None:
    audience, d = await owed_and_sent(store, "m1")
    async with store.write() as unit:
        other = await make_target(unit, "other")
        stream = await unit.streams.of_message(d.target_id, "m1")
        assert stream is not None
        assert stream.id == audience.stream_id
        assert await unit.streams.of_message(d.target_id, "m2") is None
        assert await unit.streams.of_message(other.id, "m1") is None


async def test_instants_are_kept_to_the_millisecond_and_in_utc(store: Store) -> None:
    at = NOW + timedelta(milliseconds=1, microseconds=999)
    async with store.write() as unit:
        stream_id = await unit.streams.insert(MINT, broadcast(last_seen_at=at))
        stream = await unit.streams.get(stream_id)
        assert stream is not None
        assert stream.broadcast.last_seen_at == NOW + timedelta(milliseconds=1)
        assert stream.broadcast.last_seen_at.utcoffset() == timedelta(0)


async def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    async def insert() -> None:
        async with store.write() as unit:
            await unit.streams.insert(MINT, broadcast(last_seen_at=NOW.replace(tzinfo=None)))

    with pytest.raises(Exception, match="offset-naive"):
        await insert()


async def test_a_broadcast_is_named_by_the_first_id_that_the_site_gave_it(store: Store) -> None:
    async with store.write() as unit:
        first = await unit.streams.insert(MINT, broadcast(site_id=7))
        other = await unit.streams.insert(OTHER_MINT, broadcast(site_id=7))
        await unit.streams.update(first, broadcast(site_id=3, last_seen_at=later(60)))
        assert await unit.streams.origins([first, other, 99]) == {first: "7", other: "7"}
        await unit.streams.update(first, broadcast(state=StreamState.ENDED, site_id=3))
        second = await unit.streams.insert(MINT, broadcast(site_id=3, last_seen_at=later(90)))
        await unit.streams.update(second, broadcast(state=StreamState.ENDED, site_id=3))
        third = await unit.streams.insert(MINT, broadcast(site_id=3, last_seen_at=later(99)))
        origins = await unit.streams.origins([first, second, third])
    assert origins == {first: "7", second: "3.1", third: "3.2"}


# What the site keeps of those that are over


async def test_what_is_looked_for_comes_in_its_turn(store: Store) -> None:
    async with store.write() as unit:
        ids = [await unit.streams.insert(f"{MINT}{n}", replace(FULL, site_id=n)) for n in range(4)]
        for number, seconds in enumerate((30, 10, 999)):
            await unit.streams.plan_whole_stream(ids[number], later(seconds))
        due = await unit.streams.whole_streams_due(later(30), 9)
        assert [stream.id for stream in due] == [ids[1], ids[0]]
        assert [one.id for one in await unit.streams.whole_streams_due(later(30), 1)] == [ids[1]]
        await unit.streams.plan_whole_stream(ids[1], None)
        assert [one.id for one in await unit.streams.whole_streams_due(later(30), 9)] == [ids[0]]


async def test_what_waits_for_longer_than_anything_is_meant_to_is_looked_for_now(
    store: Store,
) -> None:
    async with store.write() as unit:
        ids = [await unit.streams.insert(f"{MINT}{n}", replace(FULL, site_id=n)) for n in range(3)]
        await unit.streams.plan_whole_stream(ids[0], later(60))
        await unit.streams.plan_whole_stream(ids[1], later(61))
        assert await unit.streams.hurry_whole_streams(NOW, timedelta(seconds=60)) == 1
        assert [one.id for one in await unit.streams.whole_streams_due(NOW, 9)] == [ids[1]]


async def test_what_is_looked_for_is_found_by_its_index(store: Store) -> None:
    with statements() as sent:
        async with store.read() as unit:
            await unit.streams.whole_streams_due(NOW, 3)
    (query,) = [one for one in sent if "session_due_at" in one[0]]
    assert plan_of(store.name, *query).indexes == ["ix_streams_session_due_at"]


async def test_the_clip_of_one_is_kept_with_it(store: Store) -> None:
    async with store.write() as unit:
        stream_id = await unit.streams.insert(MINT, FULL)
        await unit.streams.keep_whole_stream(stream_id, "20261123_120000:1_x")
        stream = await unit.streams.get(stream_id)
        assert stream is not None
        assert stream.whole_stream == "20261123_120000:1_x"
        await unit.streams.update(stream_id, replace(FULL, state=StreamState.ENDED))
        again = await unit.streams.get(stream_id)
        assert again is not None
        assert again.whole_stream == "20261123_120000:1_x"


async def test_all_its_names_are_known(store: Store) -> None:
    async with store.write() as unit:
        stream_id = await unit.streams.insert(MINT, replace(FULL, site_id=1))
        await unit.streams.update(stream_id, replace(FULL, site_id=2))
        assert await unit.streams.site_ids_of(stream_id) == {1, 2}


async def test_an_alert_stands_from_when_it_is_shown_until_it_is_dead(store: Store) -> None:
    audience, d = await owed_and_sent(store)
    async with store.write() as unit:
        assert await unit.deliveries.is_shown(audience.stream_id)
        assert not await unit.deliveries.is_shown(audience.stream_id + 1)
        await unit.deliveries.raise_wanted(audience.stream_id, NOW, Priority.END)
        assert await unit.deliveries.is_shown(audience.stream_id)
        (claimed,) = await unit.deliveries.claim("local", "one", 9, NOW)
        assert await unit.deliveries.is_shown(audience.stream_id)
        await unit.deliveries.mark_dead(claimed, "message-gone", NOW)
        assert not await unit.deliveries.is_shown(audience.stream_id)
    assert d.id == claimed.id
