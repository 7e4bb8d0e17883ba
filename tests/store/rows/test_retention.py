"""What goes once it is old, and all that stays however old it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model import (
    NO_COIN,
    Coin,
    DeliveryKind,
    JobState,
    Preference,
    Priority,
    Scope,
    StreamState,
)
from bot.store import RETAINED, Store, Unit
from bot.store.tables import key_values, metadata
from tests.databases.by_path import copied
from tests.fakes.retention import PAGE, forget, forgettable
from tests.store.make_rows import (
    ANNA,
    MINT,
    NOW,
    SENDER,
    WORKER,
    broadcast,
    claim,
    make_target,
    order,
    send,
)
from tests.store.raw_sql import ask

DAY = timedelta(days=1)
LATER = NOW + DAY
"""All that the tests make before that is old."""


def rows_of(database: Path) -> dict[str, int]:
    """How many rows each table holds that holds any; not what is noted by name."""
    tables = metadata.tables.keys() - {key_values.name}
    counts = {name: ask(database, f"SELECT count(*) FROM {name}")[0][0] for name in tables}
    return {name: count for name, count in counts.items() if count}


@dataclass(frozen=True, slots=True)
class Past:
    """One coin's stream, its alert and a clip, all over; nobody follows the coin any more."""

    target_id: int
    place_id: int
    stream_id: int


@pytest.fixture(scope="session")
def past_database(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with nothing else in it, to be copied."""
    path = copied(empty_database, tmp_path_factory.mktemp("past") / "past.db")
    asyncio.run(_write_past(path))
    return path


@pytest.fixture
def database(past_database: Path, tmp_path: Path) -> Path:
    """The test's own."""
    return copied(past_database, tmp_path / "mintcast.db")


@pytest.fixture
def past() -> Past:
    return Past(target_id=1, place_id=1, stream_id=1)


async def _write_past(path: Path) -> None:
    async with Store(path) as store:
        async with store.write() as unit:
            target = await make_target(unit)
            await unit.coins.put(Coin(MINT, "GEM"))
            await unit.subscriptions.add(target.id, MINT, ANNA, NOW)
            stream_id = await unit.streams.insert(MINT, broadcast(announced_at=NOW))
            for number in (1, 2):
                await unit.recordings.see(stream_id, 501, f"https://a.example/{number}/m.m3u8", NOW)
            await unit.deliveries.owe_alerts(stream_id, NOW, silent=False)
        (alert,) = await claim(store)
        await send(store, alert)
        async with store.write() as unit:
            await unit.streams.update(stream_id, broadcast(state=StreamState.ENDED, ended_at=NOW))
            await unit.subscriptions.remove(target.id, MINT)
            await made_clip(unit, target.id)
            await unit.jobs.expire(await unit.jobs.kept())
            await unit.pictures.put_uploaded(SENDER, "p.jpg", "remote", NOW)
            await unit.page.add("message", None, "{}", NOW)
        (clip,) = await claim(store)
        await send(store, clip, "m2")


async def made_clip(unit: Unit, target_id: int, key: str = "r1") -> int:
    """A clip that is done, and owed."""
    target = await unit.places.by_id(target_id)
    assert target is not None
    await unit.jobs.add(order(target, key), NOW)
    job = await unit.jobs.claim(WORKER, NOW)
    assert job is not None
    await unit.jobs.finish(
        job,
        JobState.DONE,
        result="{}",
        error=None,
        file_key=f"{key}.mp4",
        expires_at=NOW,
        now=NOW,
    )
    await unit.deliveries.owe_clip(job.id, target_id, NOW, reply_to=None)
    return job.id


async def test_all_that_is_over_goes(store: Store, past: Past, database: Path) -> None:
    assert {"site_ids", "recordings", "page_events"} <= rows_of(database).keys()
    assert await forget(store, LATER) == {
        "deliveries": 2,
        "clip_jobs": 1,
        "streams": 1,
        "coins": 1,
        "uploads": 1,
        "page_messages": 1,
        "page_events": 1,
        "targets": 1,
        "places": 1,
    }
    assert rows_of(database) == {}


async def test_what_is_young_stays(store: Store, past: Past, database: Path) -> None:
    before = rows_of(database)
    for table in RETAINED:
        async with store.read() as unit:
            page = await unit.retention.look(table, None, NOW, LATER, PAGE)
        assert (page.keys, page.after) == ((), None)
    assert rows_of(database) == before


# What stays, however old it is

STAYS: dict[str, tuple[Callable[[Store, Past], Awaitable[object]], set[str]]] = {}
"""What is done to the past, and which tables then still hold rows."""


def leaves(*tables: str) -> Callable[[Change], Change]:
    """The change, and of what then rows are left."""

    def note(change: Change) -> Change:
        STAYS[change.__name__.replace("_", " ")] = (change, set(tables))
        return change

    return note


Change = Callable[[Store, Past], Awaitable[object]]


@leaves("deliveries", "streams", "site_ids", "recordings", "coins", "targets", "places")
async def an_alert_that_is_to_be_changed(store: Store, past: Past) -> None:
    async with store.write() as unit:
        await unit.deliveries.raise_wanted(past.stream_id, NOW, Priority.END)


@leaves("deliveries", "streams", "site_ids", "recordings", "coins", "targets", "places")
async def what_was_changed_a_moment_ago(store: Store, past: Past) -> None:
    await an_alert_that_is_to_be_changed(store, past)
    (d,) = await claim(store)
    async with store.write() as unit:
        assert await unit.deliveries.mark_shown(d, "m1", LATER)


@leaves("deliveries", "targets", "places")
async def what_is_owed(store: Store, past: Past) -> None:
    async with store.write() as unit:
        await unit.deliveries.owe_body(past.target_id, "n", DeliveryKind.NOTICE, "{}", NOW)


@leaves("deliveries", "targets", "places")
async def what_is_claimed(store: Store, past: Past) -> None:
    await what_is_owed(store, past)
    assert await claim(store)


@leaves("deliveries", "targets", "places")
async def what_is_in_doubt(store: Store, past: Past) -> None:
    await what_is_owed(store, past)
    (d,) = await claim(store)
    async with store.write() as unit:
        assert await unit.deliveries.mark_sending(d, NOW)


@leaves("deliveries", "targets", "places")
async def what_is_owed_to_a_target_that_is_disabled(store: Store, past: Past) -> None:
    await what_is_owed(store, past)
    await a_target_that_is_disabled(store, past)


@leaves("deliveries", "streams", "site_ids", "coins", "targets", "places")
async def an_alert_that_an_owed_digest_will_tell_of(store: Store, past: Past) -> None:
    async with store.write() as unit:
        stream_id = await unit.streams.insert(MINT, broadcast(site_id=502))
        await unit.deliveries.owe_alert(past.target_id, stream_id, NOW, silent=False)
    (d,) = await claim(store)
    async with store.write() as unit:
        await unit.deliveries.owe_body(
            past.target_id, "digest:1", DeliveryKind.DIGEST, "{}", NOW, due_at=LATER
        )
        assert await unit.deliveries.leave_to("digest:1", d, "night-digest", NOW)
        ended = broadcast(state=StreamState.ENDED, ended_at=NOW, site_id=502)
        await unit.streams.update(stream_id, ended)


@leaves("deliveries", "subscriptions", "coins", "targets", "places")
async def what_is_told_once_of_what_is_followed(store: Store, past: Past) -> None:
    await a_subscription(store, past)
    key, kind = f"{NO_COIN}{MINT}", DeliveryKind.NOTICE
    async with store.write() as unit:
        await unit.deliveries.owe_body(past.target_id, key, kind, "{}", NOW)
    (d,) = await claim(store)
    await send(store, d)


@leaves("deliveries", "streams", "site_ids", "coins", "targets", "places")
async def an_alert_of_a_stream_that_goes_on(store: Store, past: Past) -> None:
    async with store.write() as unit:
        stream_id = await unit.streams.insert(MINT, broadcast(site_id=502))
        await unit.deliveries.owe_alert(past.target_id, stream_id, NOW, silent=False)
    (d,) = await claim(store)
    await send(store, d)


@leaves("streams", "site_ids", "recordings", "coins")
async def an_earlier_stream_that_is_counted_in_a_nonce(store: Store, past: Past) -> None:
    async with store.write() as unit:
        stream_id = await unit.streams.insert(MINT, broadcast())
        before = await unit.streams.origins([stream_id])
        assert before == {stream_id: "501.1"}


@leaves("clip_jobs", "deliveries", "coins", "targets", "places")
async def a_clip_that_is_owed(store: Store, past: Past) -> None:
    async with store.write() as unit:
        await made_clip(unit, past.target_id, "r2")


@leaves("clip_jobs", "deliveries", "coins", "targets", "places")
async def a_clip_whose_file_is_kept(store: Store, past: Past) -> None:
    await a_clip_that_is_owed(store, past)
    (d,) = await claim(store)
    await send(store, d)


@leaves("clip_jobs", "coins", "targets", "places")
async def a_clip_that_is_recorded_and_who_waits_for_the_same(store: Store, past: Past) -> None:
    async with store.write() as unit:
        target = await unit.places.by_id(past.target_id)
        assert target is not None
        for key in ("r2", "r3"):
            await unit.jobs.add(order(target, key), NOW)
        await unit.jobs.claim(WORKER, NOW)


@leaves("clip_jobs", "streams", "site_ids", "recordings", "coins", "targets", "places")
async def a_stream_that_is_in_a_clip(store: Store, past: Past) -> None:
    async with store.write() as unit:
        target = await unit.places.by_id(past.target_id)
        assert target is not None
        await unit.jobs.add(order(target, "r2", stream_id=past.stream_id), NOW)


@leaves("clip_jobs", "coins", "targets", "places")
async def a_clip_from_which_another_is_cut(store: Store, past: Past) -> None:
    """The two of them stay."""
    async with store.write() as unit:
        target = await unit.places.by_id(past.target_id)
        assert target is not None
        await unit.jobs.add(order(target, "r2", parent_id=1), NOW)


@leaves("subscriptions", "coins", "targets", "places")
async def a_subscription(store: Store, past: Past) -> None:
    async with store.write() as unit:
        await unit.subscriptions.add(past.target_id, MINT, ANNA, NOW)


@leaves("subscriptions", "preferences", "coins", "targets", "places")
async def a_subscription_with_a_choice(store: Store, past: Past) -> None:
    async with store.write() as unit:
        one = await unit.subscriptions.add(past.target_id, MINT, ANNA, NOW)
        assert one is not None
        await unit.preferences.set(Scope.SUBSCRIPTION, one.id, Preference.ROLE, "7")


@leaves("targets", "places")
async def a_target_that_is_disabled(store: Store, past: Past) -> None:
    async with store.write() as unit:
        await unit.places.disable(past.target_id, "forbidden", NOW)


@leaves("targets", "places")
async def a_target_that_was_enabled_a_moment_ago(store: Store, past: Past) -> None:
    await a_target_that_is_disabled(store, past)
    async with store.write() as unit:
        await unit.places.enable(past.target_id, LATER)


@leaves("preferences", "targets", "places")
async def a_target_with_a_choice(store: Store, past: Past) -> None:
    async with store.write() as unit:
        await unit.preferences.set(Scope.TARGET, past.target_id, Preference.ROLE, "7")


@leaves("preferences", "places")
async def a_place_with_a_choice(store: Store, past: Past) -> None:
    async with store.write() as unit:
        await unit.preferences.set(Scope.PLACE, past.place_id, Preference.ROLE, "7")


@leaves("preferences", "targets", "places")
async def where_the_notices_of_a_place_go(store: Store, past: Past) -> None:
    target_id = str(past.target_id)
    async with store.write() as unit:
        await unit.preferences.set(Scope.PLACE, past.place_id, Preference.NOTICES, target_id)


@leaves()
async def no_choice_without_an_owner(store: Store, past: Past) -> None:
    async with store.write() as unit:
        for scope in Scope:
            await unit.preferences.set(scope, 7777, Preference.ROLE, "7")


@leaves("page_messages", "deliveries", "targets", "places")
async def a_message_of_the_page_that_is_to_be_changed(store: Store, past: Past) -> None:
    await what_is_owed(store, past)
    (d,) = await claim(store)
    async with store.write() as unit:
        message_id, _ = await unit.page.add("notice", None, "{}", NOW)
    await send(store, d, message_id)
    async with store.write() as unit:
        await unit.deliveries.raise_many([d.id], NOW, Priority.END)


@pytest.mark.parametrize("what", STAYS)
async def test_what_is_needed_stays_and_all_else_goes(
    store: Store, past: Past, database: Path, what: str
) -> None:
    change, left = STAYS[what]
    await change(store, past)
    await forget(store, LATER)
    assert rows_of(database).keys() == left


async def test_a_nonce_is_the_same_before_and_after(store: Store, past: Past) -> None:
    async with store.write() as unit:
        await unit.streams.insert(MINT, broadcast())
    await forget(store, LATER)
    async with store.read() as unit:
        stream = await unit.streams.open_of(MINT)
        assert stream is not None
        assert await unit.streams.origins([stream.id]) == {stream.id: "501.1"}


@pytest.mark.parametrize("table", ["coins", "targets", "places"])
async def test_what_is_needed_by_the_time_it_would_go_stays(
    store: Store, past: Past, table: str
) -> None:
    for earlier in RETAINED[: RETAINED.index(table)]:
        if keys := await forgettable(store, earlier, LATER):
            async with store.write() as unit:
                await unit.retention.remove(earlier, keys, LATER)
    keys = await forgettable(store, table, LATER)
    async with store.write() as unit:
        target = await make_target(unit)
        await unit.subscriptions.add(target.id, MINT, ANNA, NOW)
    async with store.write() as unit:
        assert await unit.retention.remove(table, keys, LATER) == 0
        assert await unit.subscriptions.get(target.id, MINT)
