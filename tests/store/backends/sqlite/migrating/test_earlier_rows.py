"""What earlier versions left goes on."""

from __future__ import annotations

from pathlib import Path

from bot.model import ENDED_FIRST, Coin, CoinMarks, UndoKind
from bot.store import Store
from tests.store.backends.sqlite.migrating.scripts import (
    backups_of,
    database_of,
)
from tests.store.make_rows import later, make_target, order


async def test_what_was_owed_and_sent_before_mentions_were_kept_goes_on(
    tmp_path: Path, scripts: Path
) -> None:
    path = database_of(1, tmp_path, scripts)
    async with Store(path) as store, store.read() as unit:
        sent, due = await unit.deliveries.get(1), await unit.deliveries.get(2)
    assert sent is not None
    assert due is not None
    assert (sent.message_id, sent.mention, due.state, due.mention) == ("m1", None, "due", None)
    (backup,) = backups_of(path)
    assert backup.name.endswith(".v0001.bak")


async def test_a_sentence_that_was_stored_for_a_code_becomes_it(
    tmp_path: Path, scripts: Path
) -> None:
    rows = """
        UPDATE deliveries SET state = 'dead', error = 'forbidden' WHERE id = 1;
        UPDATE deliveries SET state = 'dead',
            error = 'the stream ended before the alert was sent' WHERE id = 2;
    """
    path = database_of(2, tmp_path, scripts, rows)
    async with Store(path) as store, store.read() as unit:
        found = [await unit.deliveries.get(number) for number in (1, 2)]
    assert [d.error for d in found if d is not None] == ["forbidden", ENDED_FIRST]


async def test_what_is_followed_in_a_database_without_undo_can_be_undone(
    tmp_path: Path, scripts: Path
) -> None:
    rows = """
        INSERT INTO subscriptions VALUES (1, 1, 'mint', 'A', 'p', 'Ann', 1000, 2000);
        INSERT INTO preferences VALUES ('subscription', 1, 'role', '7');
    """
    path = database_of(4, tmp_path, scripts, rows)
    async with Store(path) as store, store.write() as unit:
        assert await unit.undos.all() == ()
        (one,) = await unit.subscriptions.of_target(1)
        removed = await unit.subscriptions.remove_all(1)
        kind = UndoKind.UNSUBSCRIBED
        undo_id = await unit.undos.add(1, "p", kind, one.created_at, removed=removed)
        undo = await unit.undos.get(undo_id)
        assert undo is not None
        assert undo.removed.subscriptions == (one,)
        await unit.subscriptions.restore(undo.removed.subscriptions)
        assert await unit.subscriptions.of_target(1) == (one,)
        assert await unit.preferences.restore(undo.removed.choices) == 1
    (backup,) = backups_of(path)
    assert backup.name.endswith(".v0004.bak")


async def test_a_coin_from_before_marks_were_kept_is_not_marked(
    tmp_path: Path, scripts: Path
) -> None:
    rows = "INSERT INTO coins VALUES ('A', 'GEM', 'Gem', NULL, NULL, 'p-1.jpg');"
    path = database_of(5, tmp_path, scripts, rows)
    async with Store(path) as store, store.write() as unit:
        assert await unit.coins.get("A") == Coin("A", "GEM", "Gem")
        assert await unit.coins.picture("A") == "p-1.jpg"
        assert await unit.coins.put(Coin("A", "GEM", "Gem", marks=CoinMarks(nsfw=True)))
    (backup,) = backups_of(path)
    assert backup.name.endswith(".v0005.bak")


_JOB = """
    INSERT INTO clip_jobs (id, request_key, place_id, target_id, mint, person_id, person_name,
        seconds, ago, max_bytes, asked_at, state, phase, done_seconds, cancel_requested, leader_id,
        holder, epoch, changed_at, card_id)
    VALUES ({id}, 'r{id}', 1, 1, 'A', 'p', 'Ann', {seconds}, 0, 1024, 1000, '{state}', {phase},
        0, 0, {leader}, {holder}, {epoch}, 1000, {card});
"""


def job_row(id_: int, seconds: float, state: str = "queued", **values: object) -> str:
    """A clip job as it lay before jobs had windows."""
    empty = {"phase": "NULL", "leader": "NULL", "holder": "NULL", "card": "NULL", "epoch": 0}
    return _JOB.format(id=id_, seconds=seconds, state=state, **{**empty, **values})


JOBS_UNDER_WAY = (
    job_row(1, 30.0, "running", phase="'recording'", holder="'old life'", epoch=7, card="'m5'")
    + job_row(2, 30.0, "running", leader=1, epoch=7)
    + job_row(3, 12.5)
    + job_row(4, 12.5, leader=3)
)


async def test_jobs_that_were_under_way_before_there_were_windows_go_on(
    tmp_path: Path, scripts: Path
) -> None:
    """What they show begins when they were asked for, as it was meant; leaders, followers, turns
    and cards are as they were."""
    owed = "INSERT INTO undos VALUES (1, 1, 'p', 'unsubscribed', 3, '{}', 0, NULL);"
    path = database_of(7, tmp_path, scripts, JOBS_UNDER_WAY + owed)
    async with Store(path) as store, store.write() as unit:
        jobs = [await unit.jobs.get(number) for number in (1, 2, 3, 4)]
        told = [
            (job.state, job.leader_id, job.epoch, job.card_id, job.order.window.seconds)
            for job in jobs
            if job is not None
        ]
        assert told == [
            ("running", None, 7, "m5", 30.0),
            ("running", 1, 7, None, 30.0),
            ("queued", None, 0, None, 12.5),
            ("queued", 3, 0, None, 12.5),
        ]
        assert all(job is not None and job.order.is_ahead for job in jobs)
        assert [job.id for job in await unit.jobs.recover("new life", later(0))] == [1]
        claimed = [await unit.jobs.claim("new life", later(0)) for _ in range(3)]
    assert [job and (job.id, job.order.stream_id, job.source) for job in claimed] == [
        (1, None, None),
        (3, None, None),
        None,
    ]
    (backup,) = backups_of(path)
    assert backup.name.endswith(".v0007.bak")


async def test_a_job_of_next_to_nothing_has_a_window_all_the_same(
    tmp_path: Path, scripts: Path
) -> None:
    path = database_of(7, tmp_path, scripts, job_row(1, 0.0004))
    async with Store(path) as store, store.read() as unit:
        (job,) = await unit.jobs.queued()
    assert job.order.window.seconds == 0.001


async def test_a_number_that_a_job_once_had_is_not_given_to_a_new_one(
    tmp_path: Path, scripts: Path
) -> None:
    """Though the table was made anew."""
    path = database_of(7, tmp_path, scripts, job_row(8, 30.0) + "DELETE FROM clip_jobs;")
    async with Store(path) as store, store.write() as unit:
        target = await make_target(unit)
        job, _ = await unit.jobs.add(order(target), later(0))
    assert job.id == 9
