"""After a year PostgreSQL, which reckons with what a table holds, still reads little of it."""

from __future__ import annotations

from datetime import timedelta

from bot.store import Store, Unit
from tests.store.make_rows import MINT, NOW, SENDER, WORKER, later
from tests.store.query_plans import read_whole
from tests.store.raw_sql import statements, write

_YEAR = (
    "INSERT INTO places (platform, key, name) SELECT 'local', n, '' FROM generate_series(1, 500) n",
    f"""INSERT INTO targets (place_id, key, name, sender)
        SELECT n, 'c', '', '{SENDER}' FROM generate_series(1, 500) n""",
    """INSERT INTO subscriptions
            (target_id, subject_kind, subject, person_id, person_name, created_at)
        SELECT n, 'mint', 'm' || n % 100, '1', '', 0 FROM generate_series(1, 500) n""",
    """INSERT INTO streams (mint, state, first_seen_at, last_seen_at, changed_at, site_id, title)
        SELECT 'm' || n, CASE WHEN n > 4990 THEN 'live' ELSE 'ended' END, n, n, n, n, ''
        FROM generate_series(1, 5000) n""",
    f"""INSERT INTO deliveries (target_id, key, kind, stream_id, sender, state, wanted, shown,
            priority, silent, due_at, created_at, changed_at, attempts, epoch, message_id, shown_at)
        SELECT 1 + n % 500, 'alert:' || n, 'alert', 1 + n / 4, '{SENDER}', 'sent', 1, 1,
            20, false, n, n, n, 1, 1, 'm', n FROM generate_series(1, 19000) n""",
    """INSERT INTO clip_jobs (request_key, place_id, target_id, mint, person_id, person_name,
            seconds, max_bytes, asked_at, state, done_seconds, cancel_requested, epoch, changed_at,
            begins_at, ends_at, is_ahead)
        SELECT n, 1 + n % 500, 1 + n % 500, 'm' || n % 100, '1', '', 30, 1, n, 'expired', 0, false,
            1, n, n, n, false FROM generate_series(1, 5000) n""",
    "ANALYZE",
)
_LONG = {"deliveries", "streams", "clip_jobs"}


async def _ask(unit: Unit) -> None:
    await unit.deliveries.claim(SENDER, WORKER, 10, NOW)
    await unit.deliveries.next_due(SENDER, NOW)
    await unit.deliveries.for_updates([SENDER], NOW, timedelta(minutes=5))
    await unit.deliveries.without_moving(SENDER)
    await unit.deliveries.last_mention(1, MINT, later(-60))
    await unit.streams.open()
    await unit.streams.open_of(MINT)
    await unit.streams.last_of(MINT)
    await unit.streams.whole_streams_due(NOW, 3)
    await unit.jobs.claim(WORKER, NOW)
    await unit.jobs.replaced()
    await unit.ring_candidates.following(["m1", "m2"], NOW - timedelta(days=7))
    await unit.ring_candidates.asked_since(NOW - timedelta(hours=1))


async def test_what_is_asked_all_the_time_reads_no_long_table_to_its_end(store: Store) -> None:
    for statement in _YEAR:
        write(store.name, statement)
    with statements() as sent:
        async with store.write() as unit:
            await _ask(unit)
    whole = {sql: found for sql, how in sent if (found := read_whole(store.name, sql, how) & _LONG)}
    assert whole == {}
    assert len(sent) > 12
