"""A database as an earlier Mintcast left it: opened, read to the last row, and worked on.

`database_v0009.sql` was written by the last program that noted no recordings, with rows in every
table that there was.
`database_v0004.sql` was written by the program of 2026-11-28, before its parts had their names of
today: an alert that is shown, one that was being sent when the service died, one that died, a clip
that failed and is owed its answer, one that was recorded, one that waits.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from bot.model import (
    ENDED_FIRST,
    Coin,
    DatabaseAge,
    DeliveryState,
    JobState,
    Preference,
    Scope,
    StreamState,
    Window,
)
from bot.store import Store, Unit, inspect_database
from tests.store.backends.sqlite.files import schema_of
from tests.store.make_rows import MINT, NOW, OTHER_MINT, SENDER, address, later
from tests.store.raw_sql import ask


def written(name: str, path: Path) -> Path:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(Path(__file__).with_name(name).read_text())
    return path


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    return written("database_v0004.sql", tmp_path / "earlier.db")


@pytest.fixture
def last(tmp_path: Path) -> Path:
    return written("database_v0009.sql", tmp_path / "earlier.db")


async def states(unit: Unit) -> list[tuple[str, str | None]]:
    found = [await unit.deliveries.get(number) for number in range(1, 5)]
    return [(d.state, d.error) for d in found if d is not None]


async def test_it_is_brought_to_the_tables_of_today(earlier: Path, database: Path) -> None:
    async with Store(earlier) as store:
        await store.check()
    assert inspect_database(earlier) is DatabaseAge.CURRENT
    assert schema_of(earlier) == schema_of(database)


async def test_all_that_it_holds_is_read(earlier: Path) -> None:
    async with Store(earlier) as store, store.read() as unit:
        assert await states(unit) == [
            (DeliveryState.SENT, None),
            (DeliveryState.SENDING, None),
            (DeliveryState.DEAD, ENDED_FIRST),
            (DeliveryState.DUE, None),
        ]
        target = await unit.places.find(address("place 2"))
        assert target is not None
        assert target.disabled == "forbidden"
        assert await unit.coins.get(MINT) == Coin(
            MINT, "CAT", "The Cat", "https://images.pump.fun/cat.png", "creator"
        )
        assert (await unit.preferences.of(1))[Preference.UPDATES].scope is Scope.PLACE
        assert (await unit.preferences.of(2))[Preference.NOTICES].value == "1"
        assert await unit.subscriptions.wanted(MINT)
        assert list(await unit.streams.open()) == [MINT]
        ended = await unit.streams.last_of(OTHER_MINT)
        assert ended is not None
        assert ended.broadcast.state is StreamState.ENDED
        jobs = [await unit.jobs.get(number) for number in (1, 2, 3)]
        assert [(job.state, job.error) for job in jobs if job is not None] == [
            (JobState.FAILED, "no-media"),
            (JobState.RUNNING, None),
            (JobState.QUEUED, None),
        ]
        windows = [job.order.window for job in jobs if job is not None]
        assert windows == [Window.after(NOW, seconds) for seconds in (30, 30, 15)]
        assert await unit.pictures.uploaded(SENDER, "cat.jpg") == "remote-1"
        assert [message.body for message in await unit.page.history(9)] == ['{"title": "Hello"}']
        assert await unit.key_values.get("kept") == "yes"


async def test_what_it_owed_goes_on(earlier: Path) -> None:
    """What was being sent is in doubt, what was recorded is queued again, and a clip is claimed."""
    async with Store(earlier) as store:
        async with store.write() as unit:
            (doubtful,) = await unit.deliveries.recover(SENDER, "new life", later(60))
            (broken_off,) = await unit.jobs.recover("new life", later(60))
        assert (doubtful.id, doubtful.worker_id, doubtful.mention) == (2, "new life", "777")
        assert (broken_off.id, broken_off.state) == (2, JobState.QUEUED)
        async with store.write() as unit:
            (clip,) = await unit.deliveries.claim(SENDER, "new life", 10, later(60))
            assert (clip.id, clip.job_id, clip.reply_to) == (4, 1, "77")
            job = await unit.jobs.claim("new life", later(60))
            assert job is not None
            assert (job.id, job.order.asked_at) == (2, NOW)
            assert (
                await unit.streams.insert(OTHER_MINT, (await unit.streams.open())[MINT].broadcast)
                == 3
            )


def rows_of(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the version's own."""
    names = {row[0] for row in ask(path, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    names -= {"alembic_version", "sqlite_sequence"}
    return {name: ask(path, f"SELECT * FROM {name} ORDER BY 1, 2") for name in names}


def without_new_columns(
    now: dict[str, list[tuple[Any, ...]]], before: dict[str, list[tuple[Any, ...]]]
) -> dict[str, list[tuple[Any, ...]]]:
    """What a column holds that has come since, behind the others, is nothing yet."""
    kept = {}
    for name, rows in now.items():
        width = len(before[name][0]) if before.get(name) else None
        assert all(value is None for row in rows if width for value in row[width:])
        kept[name] = [row[:width] for row in rows]
    return kept


async def test_what_knew_of_no_recordings_keeps_all_its_rows_and_gets_room_for_them(
    last: Path, database: Path
) -> None:
    before = rows_of(last)
    assert all(before.values())
    new: dict[str, list[Any]] = {name: [] for name in rows_of(database).keys() - before.keys()}
    async with Store(last) as store:
        assert without_new_columns(rows_of(last), before) == before | new
        assert schema_of(last) == schema_of(database)
        async with store.write() as unit:
            stream = await unit.streams.open_of(MINT)
            assert stream is not None
            url = f"https://clips.pump.fun/{MINT}/502_20261123_120000/master_playlist.m3u8"
            await unit.recordings.see(stream.id, stream.broadcast.site_id, url, later(60))
            (recording,) = await unit.recordings.of_mint(MINT)
            assert (recording.stream_id, recording.master) == (stream.id, url)
