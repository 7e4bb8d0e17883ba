from __future__ import annotations

from bot.model import DeliveryKind, DeliveryState, Priority
from bot.store import Store
from tests.store.make_rows import (
    ANNA,
    MINT,
    NOW,
    OTHER_MINT,
    SENDER,
    broadcast,
    claim,
    fresh,
    later,
    make_audience,
    make_target,
    order,
    owed_and_sent,
    send,
)
from tests.store.raw_sql import changes, statements, write


async def test_every_subscribed_target_is_owed_one_alert(store: Store) -> None:
    async with store.write() as unit:
        audience = await make_audience(unit, 3)
        stranger = await make_target(unit, "stranger")
        await unit.subscriptions.add(stranger.id, OTHER_MINT, ANNA, NOW)
        assert await unit.deliveries.owe_alerts(audience.stream_id, NOW, silent=True) == 3
        assert await unit.deliveries.owe_alerts(audience.stream_id, later(1), silent=False) == 0
        for target in audience.targets:
            d = await unit.deliveries.find(target.id, f"alert:{audience.stream_id}")
            assert d is not None
            assert (d.state, d.wanted, d.shown, d.priority) == (DeliveryState.DUE, 1, 0, 20)
            assert (d.kind, d.stream_id, d.job_id) == ("alert", audience.stream_id, None)
            assert (d.sender, d.silent, d.due_at, d.created_at) == (SENDER, True, NOW, NOW)
            assert (d.attempts, d.epoch, d.worker_id, d.message_id) == (0, 0, None, None)
        assert await unit.deliveries.find(stranger.id, f"alert:{audience.stream_id}") is None


async def test_a_disabled_target_is_owed_no_alert(store: Store) -> None:
    async with store.write() as unit:
        audience = await make_audience(unit, 2)
        await unit.places.disable(audience.targets[0].id, "gone", NOW)
        assert await unit.deliveries.owe_alerts(audience.stream_id, NOW, silent=False) == 1
        for target, owed in zip(audience.targets, (False, False), strict=True):
            stream_id = audience.stream_id
            assert await unit.deliveries.owe_alert(target.id, stream_id, NOW, silent=False) is owed


async def test_a_stream_without_subscribers_or_no_stream_owes_nothing(store: Store) -> None:
    async with store.write() as unit:
        stream_id = await unit.streams.insert(MINT, broadcast())
        assert await unit.deliveries.owe_alerts(stream_id, NOW, silent=False) == 0
        assert await unit.deliveries.owe_alerts(99, NOW, silent=False) == 0


async def test_ten_thousand_targets_are_owed_by_one_statement(store: Store) -> None:
    many = range(1, 10_001)
    write(store.name, "INSERT INTO places VALUES (?, 'local', ?, '')", [(n, str(n)) for n in many])
    columns = "(id, place_id, key, name, sender)"
    one = f"INSERT INTO targets {columns} VALUES (?, ?, 'c', '', '{SENDER}')"
    write(store.name, one, [(n, n) for n in many])
    columns = "(target_id, subject_kind, subject, person_id, person_name, created_at)"
    one = f"INSERT INTO subscriptions {columns} VALUES (?, 'mint', '{MINT}', '1', '', 0)"
    write(store.name, one, [(n,) for n in many])
    async with store.write() as unit:
        stream_id = await unit.streams.insert(MINT, broadcast())
    with statements() as sent:
        async with store.write() as unit:
            assert await unit.deliveries.owe_alerts(stream_id, NOW, silent=False) == 10_000
    assert [sql.split()[0] for sql, _ in sent] == ["INSERT"]


async def test_one_target_can_be_owed_an_alert_by_itself(store: Store) -> None:
    async with store.write() as unit:
        audience = await make_audience(unit, 2)
        one, two = audience.targets
        assert await unit.deliveries.owe_alert(one.id, audience.stream_id, NOW, silent=False)
        assert not await unit.deliveries.owe_alert(one.id, audience.stream_id, NOW, silent=False)
        assert await unit.deliveries.find(two.id, f"alert:{audience.stream_id}") is None
        assert await unit.deliveries.owe_alerts(audience.stream_id, NOW, silent=False) == 1


async def test_a_clip_is_owed_once_as_an_answer_to_its_request(store: Store) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        job, _ = await unit.jobs.add(order(target), NOW)
        assert await unit.deliveries.owe_clip(job.id, target.id, NOW, reply_to="77")
        assert not await unit.deliveries.owe_clip(job.id, target.id, NOW, reply_to=None)
        d = await unit.deliveries.find(target.id, f"clip:{job.id}")
        assert d is not None
        assert (d.kind, d.job_id, d.stream_id, d.reply_to) == ("clip", job.id, None, "77")
        assert d.priority == Priority.CLIP
        assert await unit.deliveries.unshown_clips() == {job.id}


async def test_a_notice_carries_its_body_and_a_digest_its_hour(store: Store) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        owe = unit.deliveries.owe_body
        assert await owe(target.id, "notice:1", DeliveryKind.NOTICE, '{"a": 1}', NOW)
        assert not await owe(target.id, "notice:1", DeliveryKind.NOTICE, "{}", NOW)
        assert await owe(
            target.id, "digest:1", DeliveryKind.DIGEST, "{}", NOW, silent=True, due_at=later(60)
        )
        notice = await unit.deliveries.find(target.id, "notice:1")
        digest = await unit.deliveries.find(target.id, "digest:1")
        assert notice is not None
        assert digest is not None
        assert (notice.body, notice.silent, notice.due_at) == ('{"a": 1}', False, NOW)
        assert (digest.kind, digest.silent, digest.due_at) == ("digest", True, later(60))
        assert digest.created_at == NOW


# Raising what is wanted


async def test_a_sent_alert_becomes_due_again_as_an_edit(store: Store) -> None:
    audience, d = await owed_and_sent(store)
    assert await claim(store, now=later(5)) == ()
    async with store.write() as unit:
        assert (
            await unit.deliveries.raise_wanted(audience.stream_id, later(9), Priority.CHANGE) == 1
        )
    assert await claim(store, now=later(8)) == ()
    (edit,) = await claim(store, now=later(9))
    assert (edit.id, edit.wanted, edit.shown, edit.message_id) == (d.id, 2, 1, "m1")
    assert edit.priority == Priority.CHANGE


async def test_raises_that_come_together_are_one_edit(store: Store) -> None:
    audience, _ = await owed_and_sent(store)
    async with store.write() as unit:
        for priority in (Priority.UPDATE, Priority.END, Priority.CHANGE):
            await unit.deliveries.raise_wanted(audience.stream_id, NOW, priority)
    (edit,) = await claim(store)
    assert (edit.wanted, edit.shown, edit.priority) == (4, 1, Priority.END)
    async with store.write() as unit:
        assert await unit.deliveries.mark_shown(edit, "m1", NOW)
    assert await claim(store) == ()


async def test_a_due_alert_keeps_its_urgency_and_shows_the_newest_state_at_once(
    store: Store,
) -> None:
    async with store.write() as unit:
        audience = await make_audience(unit)
        await unit.deliveries.owe_alerts(audience.stream_id, NOW, silent=False)
        await unit.deliveries.raise_wanted(audience.stream_id, later(-9), Priority.CHANGE)
    (d,) = await claim(store)
    assert (d.priority, d.wanted, d.due_at) == (Priority.ALERT, 2, NOW)
    await send(store, d)
    assert await claim(store) == ()


async def test_what_is_raised_while_it_is_being_sent_is_not_lost(store: Store) -> None:
    async with store.write() as unit:
        audience = await make_audience(unit)
        await unit.deliveries.owe_alerts(audience.stream_id, NOW, silent=False)
    (d,) = await claim(store)
    async with store.write() as unit:
        assert await unit.deliveries.mark_sending(d, NOW)
        assert await unit.deliveries.raise_wanted(audience.stream_id, NOW, Priority.CHANGE) == 1
    async with store.write() as unit:
        assert await unit.deliveries.mark_shown(d, "m1", NOW)
    (edit,) = await claim(store)
    assert (edit.id, edit.wanted, edit.shown, edit.message_id) == (d.id, 2, 1, "m1")
    assert edit.priority == Priority.END  # as urgent as an edit can be, and behind every alert


async def test_an_edit_that_was_put_off_keeps_its_time_when_more_is_wanted(
    store: Store,
) -> None:
    audience, _ = await owed_and_sent(store)
    async with store.write() as unit:
        await unit.deliveries.raise_wanted(audience.stream_id, NOW, Priority.UPDATE)
    (edit,) = await claim(store)
    async with store.write() as unit:
        await unit.deliveries.put_off(edit, later(60), "rate-limited")
        await unit.deliveries.raise_wanted(audience.stream_id, later(1), Priority.END)
    assert await claim(store, now=later(59)) == ()
    (again,) = await claim(store, now=later(60))
    assert (again.wanted, again.shown, again.priority) == (3, 1, Priority.END)


async def test_dead_uncertain_and_deleted_alerts_stay_as_they_are(store: Store) -> None:
    async with store.write() as unit:
        audience = await make_audience(unit, 3)
        await unit.deliveries.owe_alerts(audience.stream_id, NOW, silent=False)
    dead, uncertain, deleted = await claim(store)
    async with store.write() as unit:
        assert await unit.deliveries.mark_dead(dead, "refused", NOW)
        assert await unit.deliveries.mark_uncertain(uncertain, "no-answer", NOW)
    await send(store, deleted)
    async with store.write() as unit:
        await unit.deliveries.raise_wanted(audience.stream_id, NOW, Priority.CHANGE)
    (edit,) = await claim(store)
    async with store.write() as unit:
        assert await unit.deliveries.forget_message(edit, "message-gone", NOW)
        assert await unit.deliveries.raise_wanted(audience.stream_id, NOW, Priority.END) == 0
    assert await claim(store) == ()


async def test_only_the_streams_own_alerts_are_raised(store: Store) -> None:
    _, d = await owed_and_sent(store)
    async with store.write() as unit:
        other = await unit.streams.insert(OTHER_MINT, broadcast())
        assert await unit.deliveries.raise_wanted(other, NOW, Priority.END) == 0
        await unit.deliveries.raise_many([d.id + 1], NOW, Priority.END)
    assert await fresh(store, d) == d


async def test_deliveries_can_be_raised_by_themselves_with_one_statement(store: Store) -> None:
    _, d = await owed_and_sent(store)
    with changes() as changed:
        async with store.write() as unit:
            some = [d.id, *range(d.id + 1, d.id + 400)]
            assert await unit.deliveries.raise_many(some, NOW, Priority.UPDATE) == 1
            assert await unit.deliveries.raise_many([], NOW, Priority.UPDATE) == 0
    assert [len(transaction) for transaction in changed] == [1]
    (edit,) = await claim(store)
    assert (edit.id, edit.priority) == (d.id, Priority.UPDATE)


# Ended before it was ever shown


async def test_what_nobody_began_to_send_is_dropped(store: Store) -> None:
    async with store.write() as unit:
        audience = await make_audience(unit, 4)
        await unit.deliveries.owe_alerts(audience.stream_id, NOW, silent=False)
    claimed, sending, sent = await claim(store, 3)
    await send(store, sent)
    async with store.write() as unit:
        assert await unit.deliveries.mark_sending(sending, NOW)
        assert await unit.deliveries.drop_unsent(audience.stream_id, "it-ended", NOW) == 2
        assert not await unit.deliveries.mark_sending(claimed, NOW)
        assert await unit.deliveries.counts() == {
            "due": 0,
            "claimed": 0,
            "sending": 1,
            "sent": 1,
            "uncertain": 0,
            "dead": 2,
        }
    assert (await fresh(store, claimed)).error == "it-ended"
    async with store.write() as unit:
        assert await unit.deliveries.mark_shown(sending, "m9", NOW)
