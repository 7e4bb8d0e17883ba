from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.model import Delivery, DeliveryKind, DeliveryState, Priority
from bot.store import Store
from tests.store.make_rows import (
    NOW,
    SENDER,
    WORKER,
    Audience,
    claim,
    fresh,
    later,
    make_audience,
    make_target,
    order,
    owed_and_sent,
    send,
)
from tests.store.query_plans import plan_of
from tests.store.raw_sql import statements, write


async def owed(store: Store, count: int = 1) -> Audience:
    async with store.write() as unit:
        audience = await make_audience(unit, count)
        await unit.deliveries.owe_alerts(audience.stream_id, NOW, silent=False)
    return audience


async def notice(store: Store, target_id: int, key: str, due_at: timedelta = timedelta()) -> None:
    async with store.write() as unit:
        await unit.deliveries.owe_body(
            target_id, key, DeliveryKind.NOTICE, "{}", NOW, due_at=NOW + due_at
        )


def keys(claimed: tuple[Delivery, ...]) -> list[str]:
    return [d.key for d in claimed]


# Claims


async def test_a_claim_says_whose_it_is_and_counts_its_epoch(store: Store) -> None:
    await owed(store)
    (d,) = await claim(store)
    assert (d.state, d.worker_id, d.epoch) == (DeliveryState.CLAIMED, WORKER, 1)
    assert await fresh(store, d) == d
    async with store.write() as unit:
        assert await unit.deliveries.put_off(d, NOW, "no-connection")
    (again,) = await claim(store, worker_id="other")
    assert (again.worker_id, again.epoch, again.attempts) == ("other", 2, 1)


async def test_no_more_is_claimed_than_asked_and_nothing_twice(store: Store) -> None:
    await owed(store, 5)
    first, second, third = [await claim(store, 2) for _ in range(3)]
    assert [len(part) for part in (first, second, third)] == [2, 2, 1]
    assert len({d.id for d in (*first, *second, *third)}) == 5
    assert await claim(store) == ()


async def test_claims_at_once_never_overlap(store: Store) -> None:
    await owed(store, 30)
    parts = await asyncio.gather(*(claim(store, 7, worker_id=f"h{n}") for n in range(6)))
    ids = [d.id for part in parts for d in part]
    assert len(ids) == len(set(ids)) == 30


async def test_the_urgent_goes_first_then_what_is_due_longest(store: Store) -> None:
    async with store.write() as unit:
        audience = await make_audience(unit, 5)
        a, b, c, d, e = (target.id for target in audience.targets)
        owe = unit.deliveries.owe_body
        for target_id, due_at in ((a, 0), (b, -5), (c, -9)):
            await owe(target_id, "n", DeliveryKind.NOTICE, "{}", NOW, due_at=later(due_at))
        await unit.deliveries.owe_alert(d, audience.stream_id, NOW, silent=False)
        job, _ = await unit.jobs.add(order(audience.targets[4]), NOW)
        await unit.deliveries.owe_clip(job.id, e, NOW, reply_to=None)
    assert [d.target_id for d in await claim(store, 3)] == [e, d, c]
    assert [d.target_id for d in await claim(store, 3)] == [b, a]


async def test_what_is_not_due_yet_is_left(store: Store) -> None:
    audience = await owed(store)
    await notice(store, audience.targets[0].id, "late", timedelta(seconds=5))
    (d,) = await claim(store)
    await send(store, d)
    assert await claim(store, now=later(4.999)) == ()
    assert keys(await claim(store, now=later(5))) == ["late"]


async def test_a_target_has_one_claim_at_a_time(store: Store) -> None:
    audience = await owed(store, 2)
    one, two = audience.targets
    for number in range(3):
        await notice(store, one.id, f"notice {number}")
    first, other = await claim(store)
    assert {first.target_id, other.target_id} == {one.id, two.id}
    assert await claim(store) == ()
    async with store.write() as unit:
        assert await unit.deliveries.mark_sending(first, NOW)
    assert await claim(store) == ()
    async with store.write() as unit:
        assert await unit.deliveries.mark_shown(first, "m1", NOW)
    assert keys(await claim(store)) == ["notice 0"]
    assert await claim(store) == ()


async def test_one_crowded_target_does_not_hide_the_others(store: Store) -> None:
    async with store.write() as unit:
        crowded = await make_target(unit, "crowded")
        calm = await make_target(unit, "calm")
        for number in range(50):
            await unit.deliveries.owe_body(
                crowded.id, f"n{number}", DeliveryKind.NOTICE, "{}", later(-60)
            )
        await unit.deliveries.owe_body(calm.id, "n", DeliveryKind.NOTICE, "{}", NOW)
    assert [d.target_id for d in await claim(store, 2)] == [crowded.id, calm.id]


async def test_a_row_that_waits_does_not_hold_up_the_next_of_its_target(store: Store) -> None:
    audience = await owed(store)
    (d,) = await claim(store)
    async with store.write() as unit:
        await unit.deliveries.put_off(d, later(60), "server-error")
    await notice(store, audience.targets[0].id, "n")
    assert keys(await claim(store)) == ["n"]


async def test_a_disabled_target_has_nothing_claimed(store: Store) -> None:
    audience = await owed(store, 2)
    async with store.write() as unit:
        await unit.places.disable(audience.targets[0].id, "gone", NOW)
    assert [d.target_id for d in await claim(store)] == [audience.targets[1].id]


async def test_a_sender_claims_its_own_only(store: Store) -> None:
    await owed(store)
    async with store.write() as unit:
        assert await unit.deliveries.claim("telegram", WORKER, 10, NOW) == ()
        assert await unit.deliveries.next_due("telegram", later(-1)) is None


async def test_a_claim_walks_indexes_and_sorts_nothing(store: Store) -> None:
    """Ten thousand rows of a go-live, and a year of history, are neither read nor sorted."""
    with statements() as sent:
        assert await claim(store) == ()
    (claiming,) = [one for one in sent if one[0].startswith("UPDATE")]
    plan = plan_of(store.name, *claiming)
    partial = {"ix_deliveries_claim", "ix_deliveries_busy", "ix_deliveries_open"}
    assert {name for name in plan.indexes if not name.startswith("pk_")} == partial
    assert plan.whole == []
    assert not plan.sorts


# Marks


async def test_a_send_is_marked_before_and_after(store: Store) -> None:
    await owed(store)
    (d,) = await claim(store)
    async with store.write() as unit:
        assert await unit.deliveries.mark_sending(d, later(1))
    assert (await fresh(store, d)).state is DeliveryState.SENDING
    async with store.write() as unit:
        assert await unit.deliveries.mark_shown(d, "m1", later(2))
    sent = await fresh(store, d)
    assert (sent.state, sent.shown, sent.message_id) == (DeliveryState.SENT, 1, "m1")
    assert (sent.sent_at, sent.shown_at, sent.worker_id) == (later(2), later(2), None)
    assert (sent.attempts, sent.error) == (0, None)


async def test_an_edit_keeps_when_it_was_first_sent(store: Store) -> None:
    audience, d = await owed_and_sent(store)
    async with store.write() as unit:
        await unit.deliveries.raise_wanted(audience.stream_id, later(60), Priority.CHANGE)
    (edit,) = await claim(store, now=later(60))
    async with store.write() as unit:
        assert await unit.deliveries.mark_shown(edit, "m1", later(61))
    shown = await fresh(store, d)
    assert (shown.sent_at, shown.shown_at, shown.shown) == (NOW, later(61), 2)


async def test_a_send_that_is_put_off_is_due_again_and_counted_if_it_counts(
    store: Store,
) -> None:
    await owed(store)
    (d,) = await claim(store)
    async with store.write() as unit:
        assert await unit.deliveries.put_off(d, later(30), "server-error")
    waiting = await fresh(store, d)
    assert (waiting.state, waiting.due_at, waiting.attempts) == (DeliveryState.DUE, later(30), 1)
    assert (waiting.error, waiting.worker_id) == ("server-error", None)
    (d,) = await claim(store, now=later(30))
    async with store.write() as unit:
        assert await unit.deliveries.put_off(d, later(40), "rate-limited", count=False)
    assert (await fresh(store, d)).attempts == 1


async def test_an_edit_that_is_put_off_is_still_an_edit(store: Store) -> None:
    audience, _ = await owed_and_sent(store)
    async with store.write() as unit:
        await unit.deliveries.raise_wanted(audience.stream_id, NOW, Priority.CHANGE)
    (edit,) = await claim(store)
    async with store.write() as unit:
        assert await unit.deliveries.put_off(edit, later(30), "server-error")
    waiting = await fresh(store, edit)
    assert (waiting.state, waiting.wanted, waiting.shown) == (DeliveryState.SENT, 2, 1)
    assert await claim(store) == ()
    (again,) = await claim(store, now=later(30))
    assert again.message_id == "m1"


@pytest.mark.parametrize(
    "mark", ["mark_sending", "mark_shown", "put_off", "mark_uncertain", "mark_dead", "forget"]
)
@pytest.mark.parametrize("loss", ["claimed again", "another worker", "done already"])
async def test_who_lost_the_claim_changes_nothing(store: Store, mark: str, loss: str) -> None:
    await owed(store)
    (d,) = await claim(store)
    async with store.write() as unit:
        if loss == "done already":
            assert await unit.deliveries.mark_dead(d, "refused", NOW)
        else:
            await unit.deliveries.put_off(d, NOW, "crashed")
    if loss == "claimed again":
        await claim(store)
    if loss == "another worker":
        async with store.write() as unit:
            await unit.deliveries.claim(SENDER, "other", 1, NOW)
        write(store.name, f"UPDATE deliveries SET epoch = {d.epoch}")
    before = await fresh(store, d)
    async with store.write() as unit:
        rows = unit.deliveries
        done = {
            "mark_sending": lambda: rows.mark_sending(d, later(9)),
            "mark_shown": lambda: rows.mark_shown(d, "m9", later(9)),
            "put_off": lambda: rows.put_off(d, later(9), "x"),
            "mark_uncertain": lambda: rows.mark_uncertain(d, "x", later(9)),
            "mark_dead": lambda: rows.mark_dead(d, "x", later(9)),
            "forget": lambda: rows.forget_message(d, "x", later(9)),
        }
        assert await done[mark]() is False
    assert await fresh(store, d) == before


async def test_sending_begins_once(store: Store) -> None:
    await owed(store)
    (d,) = await claim(store)
    async with store.write() as unit:
        assert await unit.deliveries.mark_sending(d, NOW)
        assert not await unit.deliveries.mark_sending(d, NOW)


@pytest.mark.parametrize("mark", ["mark_uncertain", "mark_dead"])
async def test_what_is_over_is_never_claimed_again_and_says_why(store: Store, mark: str) -> None:
    await owed(store)
    (d,) = await claim(store)
    async with store.write() as unit:
        assert await unit.deliveries.mark_sending(d, NOW)
        assert await getattr(unit.deliveries, mark)(d, "no-answer", NOW)
    over = await fresh(store, d)
    assert over.state.value == mark.removeprefix("mark_")
    assert (over.error, over.shown, over.worker_id) == ("no-answer", 0, None)
    assert await claim(store, now=later(999)) == ()


async def test_a_forgotten_message_counts_as_shown_and_is_no_ones_any_more(
    store: Store,
) -> None:
    audience, _ = await owed_and_sent(store)
    async with store.write() as unit:
        await unit.deliveries.raise_wanted(audience.stream_id, NOW, Priority.CHANGE)
    (edit,) = await claim(store)
    async with store.write() as unit:
        await unit.deliveries.raise_wanted(audience.stream_id, NOW, Priority.END)
        assert await unit.deliveries.forget_message(edit, "deleted", NOW)
    gone = await fresh(store, edit)
    assert (gone.state, gone.wanted, gone.shown) == (DeliveryState.SENT, 3, 3)
    assert (gone.message_id, gone.error, gone.sent_at) == (None, "deleted", NOW)
    assert await claim(store) == ()


# After a crash


async def test_after_a_crash_only_what_was_being_sent_is_in_doubt(store: Store) -> None:
    await owed(store, 3)
    claimed, sending, sent = await claim(store)
    await send(store, sent)
    async with store.write() as unit:
        assert await unit.deliveries.mark_sending(sending, NOW)
        (doubtful,) = await unit.deliveries.recover(SENDER, "new life", later(5))
    assert (doubtful.id, doubtful.state) == (sending.id, DeliveryState.SENDING)
    assert (doubtful.worker_id, doubtful.epoch) == ("new life", sending.epoch + 1)
    assert (await fresh(store, claimed)).state is DeliveryState.DUE
    async with store.write() as unit:
        assert not await unit.deliveries.mark_shown(sending, "of the dead", NOW)
        assert await unit.deliveries.mark_shown(doubtful, "found", later(6))
    (again,) = await claim(store, worker_id="new life")
    assert again.id == claimed.id


async def test_an_edit_that_a_crash_cut_off_is_simply_done_again(store: Store) -> None:
    audience, _ = await owed_and_sent(store)
    async with store.write() as unit:
        await unit.deliveries.raise_wanted(audience.stream_id, NOW, Priority.CHANGE)
    (edit,) = await claim(store)
    async with store.write() as unit:
        assert await unit.deliveries.mark_sending(edit, NOW)
        assert await unit.deliveries.recover(SENDER, "new life", NOW) == ()
    (again,) = await claim(store, worker_id="new life")
    assert (again.id, again.message_id, again.wanted, again.shown) == (edit.id, "m1", 2, 1)


async def test_what_is_in_doubt_holds_up_its_target_until_it_is_settled(store: Store) -> None:
    audience = await owed(store)
    (d,) = await claim(store)
    async with store.write() as unit:
        await unit.deliveries.mark_sending(d, NOW)
    await notice(store, audience.targets[0].id, "n")
    async with store.write() as unit:
        (doubtful,) = await unit.deliveries.recover(SENDER, "new life", NOW)
    assert await claim(store) == ()
    async with store.write() as unit:
        assert await unit.deliveries.put_off(doubtful, NOW, "it-is-not-there")
    assert [one.id for one in await claim(store)] == [d.id]


async def test_ones_own_claims_are_not_recovered_from_oneself(store: Store) -> None:
    await owed(store, 2)
    one, two = await claim(store)
    async with store.write() as unit:
        await unit.deliveries.mark_sending(one, NOW)
        assert await unit.deliveries.recover(SENDER, WORKER, NOW) == ()
        assert await unit.deliveries.mark_shown(one, "m1", NOW)
        assert await unit.deliveries.mark_sending(two, NOW)


async def test_each_sender_can_recover_its_own(store: Store) -> None:
    async with store.write() as unit:
        for sender in ("discord", "telegram"):
            target = await make_target(unit, sender, sender=sender)
            await unit.deliveries.owe_body(target.id, "n", DeliveryKind.NOTICE, "{}", NOW)
            (d,) = await unit.deliveries.claim(sender, WORKER, 1, NOW)
            await unit.deliveries.mark_sending(d, NOW)
        for sender in ("discord", "telegram"):
            (doubtful,) = await unit.deliveries.recover(sender, "new life", NOW)
            assert doubtful.sender == sender
            assert await unit.deliveries.recover(sender, "new life", NOW) == ()


# Waiting


async def test_the_next_due_is_what_falls_due_later_and_could_be_claimed_then(
    store: Store,
) -> None:
    audience = await owed(store, 3)
    one, two, three = audience.targets
    async with store.read() as unit:
        assert await unit.deliveries.next_due(SENDER, NOW) is None
        assert await unit.deliveries.next_due(SENDER, later(-1)) == NOW
    await notice(store, one.id, "n", timedelta(seconds=30))
    await notice(store, two.id, "n", timedelta(seconds=20))
    await notice(store, three.id, "n", timedelta(seconds=10))
    async with store.write() as unit:
        await unit.places.disable(three.id, "gone", NOW)
        assert await unit.deliveries.next_due(SENDER, NOW) == later(20)
        assert await unit.deliveries.next_due(SENDER, later(20)) == later(30)


async def test_a_held_target_waits_with_all_that_is_due_and_alone(store: Store) -> None:
    audience = await owed(store, 2)
    held, other = audience.targets
    await notice(store, held.id, "n")
    await notice(store, held.id, "late", timedelta(seconds=90))
    async with store.write() as unit:
        await unit.deliveries.hold_target(held.id, later(60))
    (d,) = await claim(store)
    assert d.target_id == other.id
    assert await claim(store, now=later(59)) == ()
    async with store.read() as unit:
        late = await unit.deliveries.find(held.id, "late")
        assert late is not None
        assert late.due_at == later(90)
    assert len(await claim(store, now=later(60))) == 1


async def test_what_was_put_off_for_too_long_is_due_and_a_digest_has_its_night(
    store: Store,
) -> None:
    hour, night = timedelta(hours=1), timedelta(hours=24)
    async with store.write() as unit:
        target, rows = await make_target(unit), unit.deliveries
        for key, kind, wait in (
            ("an hour", DeliveryKind.NOTICE, hour),
            ("longer", DeliveryKind.NOTICE, hour * 1.01),
            ("a night", DeliveryKind.DIGEST, night),
            ("two nights", DeliveryKind.DIGEST, 2 * night),
        ):
            await rows.owe_body(target.id, key, kind, "{}", NOW, due_at=NOW + wait)
        assert await rows.release("another", NOW, hour) == 0
        assert await rows.release(SENDER, NOW, hour) == 2
        found = [await rows.find(target.id, key) for key in ("longer", "two nights")]
        assert [d.due_at for d in found if d] == [NOW, NOW]
        assert await rows.release(SENDER, NOW, timedelta(0)) == 1
        assert await rows.next_due(SENDER, NOW) == NOW + night


async def test_what_is_owed_since_a_time_to_come_is_owed_since_now(store: Store) -> None:
    async with store.write() as unit:
        target, rows = await make_target(unit), unit.deliveries
        await rows.owe_body(target.id, "n", DeliveryKind.NOTICE, "{}", later(86_400))
        await rows.release(SENDER, NOW, timedelta(hours=1))
        found = await rows.find(target.id, "n")
    assert found is not None
    assert (found.created_at, found.due_at) == (NOW, NOW)
