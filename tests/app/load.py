"""What it costs to forget a long history. Used by `make soak` and `make bench`."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app.retention import Retention
from bot.kit.metrics import Metrics
from bot.kit.timing.clock import SystemClock
from bot.store import Store

KEEP = timedelta(days=30)
_TARGETS = 1000
_EVERY_SECONDS = 0.01
_BEFORE_SECONDS = 3.0

_PLACES = "INSERT OR IGNORE INTO places VALUES (1, 'discord', '1', 'A server')"
_TARGET = "INSERT OR IGNORE INTO targets VALUES (?, 1, ?, 'a channel', 'discord', NULL, 0)"
_STREAM = """
INSERT INTO streams (id, mint, state, first_seen_at, last_seen_at, site_id, ended_at, title,
    changed_at) VALUES (?1, ?2, 'ended', ?3, ?3, ?1, ?3, 'A title of the usual length', ?3)
"""
_ALERTS = """
INSERT INTO deliveries (target_id, key, kind, stream_id, sender, state, wanted, shown, priority,
    silent, due_at, created_at, changed_at, attempts, epoch, message_id, sent_at, shown_at)
SELECT id, 'alert:' || ?1, 'alert', ?1, 'discord', 'sent', 3, 3, 20, 0, ?2, ?2, ?2, 0, 3,
    1456074443980800000 + id, ?2, ?2
FROM targets LIMIT ?3
"""


def write_history(path: Path, alerts: int, age: timedelta, first: int = 1) -> None:
    """So many alerts in the closed database, of streams from `first` on, a thousand of each."""
    at = round((datetime.now(UTC) - age).timestamp() * 1000)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(_PLACES)
        connection.executemany(_TARGET, ((n, str(n)) for n in range(1, _TARGETS + 1)))
        for number in itertools.count(first):
            if alerts <= 0:
                break
            connection.execute(_STREAM, (number, f"{number:044}", at))
            connection.execute("INSERT INTO site_ids VALUES (?1, ?1, ?2)", (number, at))
            connection.execute(_ALERTS, (number, at, min(alerts, _TARGETS)))
            alerts -= _TARGETS


@dataclass(frozen=True, slots=True)
class Waits:
    """How long others waited for the right to write, in seconds, while rows went and before."""

    removed: int
    seconds: float
    before: tuple[float, ...]
    meanwhile: tuple[float, ...]
    wal_bytes: int


async def wait_for_writer(folder: Path, alerts: int, seconds: float) -> Waits:
    """Forget for so long, in real time, as the service does, while somebody writes a line a
    hundred times a second."""
    path = await _filled(folder, alerts)
    waits: list[float] = []
    async with Store(path) as store:
        metrics = Metrics()
        rival = asyncio.create_task(_write_often(store, waits))
        await asyncio.sleep(_BEFORE_SECONDS)
        count, began = len(waits), time.monotonic()
        while time.monotonic() < began + seconds:
            await _retention(store, SystemClock(), metrics).run()
        took = time.monotonic() - began
        rival.cancel()
        await asyncio.gather(rival, return_exceptions=True)
        wal = path.with_name(f"{path.name}-wal").stat().st_size
    before, meanwhile = sorted(waits[:count]), sorted(waits[count:])
    return Waits(_removed(metrics), took, tuple(before), tuple(meanwhile), wal)


async def growth(folder: Path, alerts: int) -> float:
    """How large the file is after a second history in place of the first, in terms of then."""
    path = await _filled(folder, alerts)
    before = path.stat().st_size
    async with Store(path) as store:
        metrics = Metrics()
        retention = _retention(store, _HastyClock(), metrics)
        while _removed(metrics) < alerts:
            await retention.run()
    write_history(path, alerts, timedelta(0), first=1 + alerts // _TARGETS)
    return path.stat().st_size / before


async def _filled(folder: Path, alerts: int) -> Path:
    path = folder / "mintcast.db"
    async with Store(path):
        pass
    write_history(path, alerts, 2 * KEEP)
    return path


def _retention(store: Store, clock: SystemClock, metrics: Metrics) -> Retention:
    now: Callable[[], datetime] = clock.now
    return Retention(store=store, clock=clock, metrics=metrics, site_time=now, keep=KEEP)


def _removed(metrics: Metrics) -> int:
    return round(sum(_counts(metrics)))


def _counts(metrics: Metrics) -> Iterator[float]:
    for metric in metrics.rows_removed.collect():
        yield from (one.value for one in metric.samples if one.name.endswith("_total"))


async def _write_often(store: Store, waits: list[float]) -> None:
    while True:
        asked = time.monotonic()
        async with store.write() as unit:
            waits.append(time.monotonic() - asked)
            await unit.key_values.put("written", str(asked))
        await asyncio.sleep(_EVERY_SECONDS)


class _HastyClock(SystemClock):
    """Nobody is waited for."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(0)
