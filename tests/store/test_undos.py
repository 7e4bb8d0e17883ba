"""What was removed is kept whole, for its target wherever that goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.model import (
    Coin,
    DeliveryState,
    JobState,
    Preference,
    Removed,
    Scope,
    Target,
    Undo,
    UndoKind,
    UndoName,
)
from bot.store import Store, Unit
from tests.fakes.retention import forget
from tests.store.make_rows import (
    ANNA,
    MINT,
    NOW,
    OTHER_MINT,
    SENDER,
    address,
    broadcast,
    later,
    make_target,
    order,
)


async def unsubscribed(unit: Unit, target: Target) -> tuple[Removed, Undo]:
    """A coin with a role of its own, and where notices go, which is there."""
    added = await unit.subscriptions.add(target.id, MINT, ANNA, NOW)
    assert added is not None
    await unit.coins.put(Coin(MINT, "CAT", "The Cat"))
    await unit.subscriptions.confirm(MINT, later(5))
    await unit.preferences.set(Scope.SUBSCRIPTION, added.id, Preference.ROLE, "7")
    removed = await unit.subscriptions.remove_all(target.id)
    kind = UndoKind.UNSUBSCRIBED
    undo_id = await unit.undos.add(target.id, ANNA.id, kind, NOW, removed=removed)
    undo = await unit.undos.get(undo_id)
    assert undo is not None
    return removed, undo


async def test_rows_are_kept_whole_until_they_are_put_back(store: Store) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        removed, undo = await unsubscribed(unit, target)
        assert undo.removed == removed
        assert (undo.place_id, undo.person_id, undo.made_at) == (target.place_id, ANNA.id, NOW)
        assert removed.subscriptions[0].checked_at == later(5)
        assert [(one.scope, one.value) for one in removed.choices] == [(Scope.SUBSCRIPTION, "7")]
        await unit.undos.close(undo.id, later(9))
        closed = await unit.undos.get(undo.id)
        assert closed == replace(undo, removed=Removed(), undone_at=later(9))
        await unit.undos.remove([undo.id])
        assert await unit.undos.all() == ()


async def test_whoever_undoes_all_day_leaves_little_to_look_through(store: Store) -> None:
    kind, day = UndoKind.CHOICES_FORGOTTEN, timedelta(days=1)
    async with store.write() as unit:
        target, other = await make_target(unit), await make_target(unit, "other")
        far = await unit.undos.add(other.id, ANNA.id, kind, NOW)
        await unit.undos.close(far, NOW)
        made = [await unit.undos.add(target.id, ANNA.id, kind, later(n)) for n in range(50)]
        for undo_id in made[:-1]:
            await unit.undos.close(undo_id, later(60))
        assert [one.id for one in await unit.undos.all()] == [far, *made[-21:]]
        due = await unit.undos.may_be_over(later(100), day)
        assert [one.id for one in due] == made[-1:]
        due = await unit.undos.may_be_over(later(30) + day, day)
        assert [one.id for one in due] == [far, *made[-21:-19], made[-1]]
        due = await unit.undos.may_be_over(later(40), day)
        assert [one.id for one in due] == made[41:], "dated ahead"


async def test_a_subscription_returns_under_its_id_and_is_confirmed_if_others_are(
    store: Store,
) -> None:
    async with store.write() as unit:
        target, other = await make_target(unit), await make_target(unit, "other")
        one = await unit.subscriptions.add(target.id, MINT, ANNA, NOW)
        assert one is not None
        await unit.subscriptions.remove_all(target.id)
        await unit.subscriptions.add(other.id, MINT, ANNA, NOW)
        await unit.subscriptions.confirm(MINT, later(1))
        await unit.subscriptions.restore([one])
        back = replace(one, checked_at=later(1))
        assert await unit.subscriptions.of_target(target.id) == (back,)
        await unit.subscriptions.restore([replace(one, id=99, person_name="another")])
        assert await unit.subscriptions.of_target(target.id) == (back,)


async def test_a_target_that_becomes_another_takes_along_what_was_removed_there(
    store: Store,
) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        known = await make_target(unit, "new", "new")
        _, undo = await unsubscribed(unit, target)
        owners = ((Scope.TARGET, target.id), (Scope.PLACE, target.place_id))
        for scope, owner_id in owners:
            await unit.preferences.set(scope, owner_id, Preference.NOTICES, str(target.id))
        choices = [await unit.preferences.forget(scope, [id_]) for scope, id_ in owners]
        removed = Removed(choices=tuple(one for several in choices for one in several))
        kind = UndoKind.CHOICES_FORGOTTEN
        other_id = await unit.undos.add(target.id, ANNA.id, kind, NOW, removed=removed)
        await unit.places.move(target.id, address("new", "new"))
        moved, other = await unit.undos.get(undo.id), await unit.undos.get(other_id)
    assert moved is not None
    assert other is not None
    assert moved.place_id == known.place_id
    assert [one.target_id for one in moved.removed.subscriptions] == [known.id]
    assert [(one.owner_id, one.value) for one in other.removed.choices] == [
        (known.id, str(known.id)),
        (known.place_id, str(known.id)),
    ]


async def test_nothing_that_may_return_is_forgotten_meanwhile(store: Store) -> None:
    """The coin's name, its target and its place, all of them older than anything is kept."""
    async with store.write() as unit:
        target = await make_target(unit)
        _, undo = await unsubscribed(unit, target)
    assert await forget(store, later(100 * 86_400)) == {}
    async with store.write() as unit:
        await unit.undos.remove([undo.id])
    assert (await forget(store, later(100 * 86_400))).keys() == {"coins", "targets", "places"}


async def test_a_deleted_clip_has_one_undo_that_is_open(store: Store) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        job, _ = await unit.jobs.add(order(target), NOW)
        claimed = await unit.jobs.claim("w", NOW)
        assert claimed is not None
        await unit.jobs.finish(
            claimed,
            JobState.DONE,
            result=None,
            error=None,
            file_key="clip.mp4",
            expires_at=later(60),
            now=NOW,
        )
        assert not await unit.jobs.restore(job.id)
        assert await unit.jobs.delete(job.id)
        assert not await unit.jobs.delete(job.id)
        assert await unit.jobs.kept() == ()
        assert await unit.jobs.file_keys() == {"clip.mp4"}
        kind = UndoKind.CLIP_DELETED
        first = await unit.undos.add(target.id, "p", kind, NOW, job_id=job.id)
        await unit.undos.close(first, NOW)
        second = await unit.undos.add(target.id, "p", kind, NOW, job_id=job.id)
        found = await unit.undos.of_clip(job.id)
        assert found is not None
        assert found.name == UndoName(kind, second)
        assert found.name.action == f"undo:clip:{second}"
        assert await unit.jobs.restore(job.id)
        assert not await unit.jobs.drop_deleted(job.id)
        assert await unit.jobs.delete(job.id)
        assert await unit.jobs.drop_deleted(job.id)
        assert await unit.jobs.file_keys() == frozenset()
        assert not await unit.jobs.restore(job.id)


async def test_an_alert_is_withdrawn_where_it_is_not_sent_and_owed_anew_once(store: Store) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        for mint in (MINT, OTHER_MINT):
            await unit.subscriptions.add(target.id, mint, ANNA, NOW)
        stream_id = await unit.streams.insert(MINT, broadcast())
        await unit.deliveries.owe_alerts(stream_id, NOW, silent=False)
        await unit.streams.insert(OTHER_MINT, broadcast(site_id=502))
        removed = await unit.subscriptions.remove_all(target.id)
        await unit.deliveries.withdraw(removed.subscriptions, later(1))
        row = await unit.deliveries.get(1)
        assert row is not None
        assert (row.state, row.error) == (DeliveryState.DEAD, "unfollowed")
        assert await unit.deliveries.owe_alert(target.id, stream_id, later(2), silent=True)
        assert not await unit.deliveries.owe_alert(target.id, stream_id, later(3), silent=False)
        row = await unit.deliveries.get(1)
        assert row is not None
        assert (row.state, row.error, row.silent, row.due_at) == (
            DeliveryState.DUE,
            None,
            True,
            later(2),
        )
        (claimed,) = await unit.deliveries.claim(SENDER, "w", 1, later(3))
        await unit.deliveries.withdraw(removed.subscriptions, later(4))
        assert not await unit.deliveries.mark_sending(claimed, later(4))
