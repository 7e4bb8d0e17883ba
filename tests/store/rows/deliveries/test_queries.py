from __future__ import annotations

from datetime import timedelta

import pytest

from bot.model import (
    DeliveryKind,
    DeliveryState,
    HistoryRow,
    KeptMoving,
    Preference,
    Priority,
    Scope,
    ShownAlert,
    StoredVideo,
    StreamState,
)
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
from tests.store.query_plans import plan_of
from tests.store.raw_sql import statements

FIVE_MINUTES = timedelta(minutes=5)
MOVING = KeptMoving(StoredVideo("p-1.mp4", 4.0, 340_000, 640, 360), later(-14))


# History


async def test_a_coins_history_is_its_alerts_and_clips_in_that_place_newest_first(
    store: Store,
) -> None:
    audience, _ = await owed_and_sent(store)
    (target,) = audience.targets
    async with store.write() as unit:
        job, _ = await unit.jobs.add(order(target), later(5))
        await unit.deliveries.owe_clip(job.id, target.id, later(5), reply_to=None)
        far = await make_target(unit, "elsewhere")
        await unit.deliveries.owe_alert(far.id, audience.stream_id, later(6), silent=False)
        other = await unit.streams.insert(OTHER_MINT, broadcast(started_at=later(-60)))
        await unit.deliveries.owe_alert(target.id, other, later(7), silent=False)
        await unit.deliveries.owe_body(target.id, "n", DeliveryKind.NOTICE, "{}", later(8))
    async with store.read() as unit:
        clip, alert = await unit.deliveries.history(target.place_id, MINT)
        assert alert == HistoryRow(
            target=target,
            kind=DeliveryKind.ALERT,
            state=DeliveryState.SENT,
            mint=MINT,
            created_at=NOW,
            sent_at=NOW,
            error=None,
            began_at=NOW,
        )
        assert (clip.kind, clip.mint, clip.created_at) == ("clip", MINT, later(5))
        assert (clip.state, clip.sent_at, clip.began_at) == ("due", None, None)
        everything = await unit.deliveries.history(target.place_id, None)
        assert [row.mint for row in everything] == [None, OTHER_MINT, MINT, MINT]
        assert everything[1].began_at == later(-60)
        assert await unit.deliveries.history(target.place_id, None, 2) == everything[:2]
        assert await unit.deliveries.history(99, None) == ()


async def test_history_says_why_something_was_not_sent(store: Store) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        stream_id = await unit.streams.insert(MINT, broadcast())
        await unit.deliveries.owe_alert(target.id, stream_id, NOW, silent=False)
    (d,) = await claim(store)
    async with store.write() as unit:
        await unit.deliveries.mark_dead(d, "night", NOW)
        (row,) = await unit.deliveries.history(target.place_id, MINT)
    assert (row.state, row.error, row.sent_at) == (DeliveryState.DEAD, "night", None)


async def test_the_last_mention_is_of_an_alert_that_was_shown_with_one(store: Store) -> None:
    async with store.write() as unit:
        audience = await make_audience(unit)
        (target,) = audience.targets
        await unit.deliveries.owe_alerts(audience.stream_id, NOW, silent=False)
    (d,) = await claim(store)
    async with store.write() as unit:
        rows = unit.deliveries
        other = await make_target(unit, "other")
        assert await rows.mark_sending(d, NOW, "777")
        assert await rows.last_mention(target.id, MINT, later(-60)) is None
        assert await rows.mark_shown(d, "m1", later(1))
        assert await rows.last_mention(target.id, MINT, later(-60)) == later(1)
        assert await rows.last_mention(target.id, MINT, later(1)) is None
        assert await rows.last_mention(target.id, OTHER_MINT, later(-60)) is None
        assert await rows.last_mention(other.id, MINT, later(-60)) is None
    assert (await fresh(store, d)).mention == "777"


async def test_what_was_shown_without_a_mention_is_none(store: Store) -> None:
    audience, d = await owed_and_sent(store)
    async with store.write() as unit:
        assert await unit.deliveries.last_mention(audience.targets[0].id, MINT, later(-60)) is None
    assert d.mention is None


async def test_what_a_first_try_was_to_mention_is_forgotten_with_it(store: Store) -> None:
    async with store.write() as unit:
        audience = await make_audience(unit)
        await unit.deliveries.owe_alerts(audience.stream_id, NOW, silent=False)
    (d,) = await claim(store)
    async with store.write() as unit:
        await unit.deliveries.mark_sending(d, NOW, "777")
        await unit.deliveries.put_off(d, NOW, "rate-limited")
    (again,) = await claim(store)
    await send(store, again)
    async with store.read() as unit:
        assert await unit.deliveries.last_mention(audience.targets[0].id, MINT, later(-60)) is None


async def test_the_last_mention_is_found_by_an_index_of_mentions(store: Store) -> None:
    """Neither a target's long history nor ten thousand targets are read for it."""
    with statements() as sent:
        async with store.read() as unit:
            assert await unit.deliveries.last_mention(1, MINT, NOW) is None
    plan = plan_of(store.name, *sent[-1])
    assert "ix_deliveries_mention" in plan.indexes
    assert plan.whole == []


async def test_alerts_that_the_night_held_back_are_found_by_their_digest(store: Store) -> None:
    """Whatever the clock says of either: it may have been set back in that night."""
    async with store.write() as unit:
        target = await make_target(unit)
        ids = []
        for mint in (MINT, OTHER_MINT):
            ids.append(await unit.streams.insert(mint, broadcast()))
            await unit.deliveries.owe_alert(target.id, ids[-1], NOW, silent=False)
    for why, key in (("night", "digest:1"), ("refused", "digest:1")):
        (d,) = await claim(store)
        async with store.write() as unit:
            await unit.deliveries.leave_to(key, d, why, later(-60))
            for night in ("digest:1", "digest:2"):
                await unit.deliveries.owe_body(target.id, night, DeliveryKind.DIGEST, "{}", NOW)
    async with store.read() as unit:
        one = await unit.deliveries.find(target.id, "digest:1")
        other = await unit.deliveries.find(target.id, "digest:2")
        assert one is not None
        assert other is not None
        assert await unit.deliveries.held_back(one, "night") == (ids[0],)
        assert await unit.deliveries.held_back(other, "night") == ()


async def test_what_was_held_back_before_digests_were_named_is_found_by_its_age(
    store: Store,
) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        stream_id = await unit.streams.insert(MINT, broadcast())
        await unit.deliveries.owe_alert(target.id, stream_id, NOW, silent=False)
    (d,) = await claim(store)
    async with store.write() as unit:
        await unit.deliveries.mark_dead(d, "night", later(1))
        for key, at in (("digest:1", NOW), ("digest:2", later(2))):
            await unit.deliveries.owe_body(target.id, key, DeliveryKind.DIGEST, "{}", at)
        one = await unit.deliveries.find(target.id, "digest:1")
        other = await unit.deliveries.find(target.id, "digest:2")
        assert one is not None
        assert other is not None
        assert await unit.deliveries.held_back(one, "night") == (stream_id,)
        assert await unit.deliveries.held_back(other, "night") == ()


async def test_a_clip_is_unshown_until_it_is_sent(store: Store) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        job, _ = await unit.jobs.add(order(target), NOW)
        await unit.deliveries.owe_clip(job.id, target.id, NOW, reply_to=None)
    (d,) = await claim(store)
    async with store.read() as unit:
        assert await unit.deliveries.unshown_clips() == {job.id}
    await send(store, d)
    async with store.read() as unit:
        assert await unit.deliveries.unshown_clips() == frozenset()


# Updates


@pytest.mark.parametrize(
    ("chosen", "wanted"),
    [
        ({}, False),
        ({Scope.PLACE: "yes"}, True),
        ({Scope.TARGET: "yes"}, True),
        ({Scope.SUBSCRIPTION: "yes"}, True),
        ({Scope.PLACE: "yes", Scope.TARGET: "no"}, False),
        ({Scope.TARGET: "no", Scope.SUBSCRIPTION: "yes"}, True),
        ({Scope.PLACE: "yes", Scope.SUBSCRIPTION: "no"}, False),
    ],
)
async def test_updates_are_for_those_whose_nearest_choice_says_so(
    store: Store, chosen: dict[Scope, str], wanted: bool
) -> None:
    audience, d = await owed_and_sent(store)
    (target,) = audience.targets
    async with store.write() as unit:
        subscription = await unit.subscriptions.get(target.id, MINT)
        assert subscription is not None
        owners = {
            Scope.PLACE: target.place_id,
            Scope.TARGET: target.id,
            Scope.SUBSCRIPTION: subscription.id,
        }
        for scope, value in chosen.items():
            await unit.preferences.set(scope, owners[scope], Preference.UPDATES, value)
        other = await make_target(unit, "other")
        stranger = await unit.subscriptions.add(other.id, MINT, ANNA, NOW)
        assert stranger is not None
        await unit.preferences.set(Scope.SUBSCRIPTION, stranger.id, Preference.UPDATES, "yes")
        on_air = broadcast(last_seen_at=later(10), viewers=50)
        await unit.streams.refresh([(audience.stream_id, on_air)])
        found = await unit.deliveries.for_updates([SENDER], later(301), FIVE_MINUTES)
        assert d.stream_id is not None
        shown = ShownAlert(d.id, d.stream_id, d.sender, d.sent_at, d.shown_at)
        assert found == ((shown,) if wanted else ())
        assert not await unit.deliveries.for_updates(["else"], later(301), FIVE_MINUTES)
        assert not await unit.deliveries.for_updates([SENDER], later(301), FIVE_MINUTES, after=d.id)


async def test_updates_are_sought_among_the_streams_that_are_open(store: Store) -> None:
    """A long history of alerts is not read for them."""
    with statements() as sent:
        async with store.read() as unit:
            assert await unit.deliveries.for_updates([SENDER], NOW, FIVE_MINUTES) == ()
    plan = plan_of(store.name, *sent[-1])
    assert plan.whole == []


async def test_updates_are_for_real_changes_of_live_streams_that_were_shown_long_ago(
    store: Store,
) -> None:
    audience, d = await owed_and_sent(store)
    (target,) = audience.targets

    async def found(at: float) -> bool:
        async with store.read() as unit:
            return bool(await unit.deliveries.for_updates([SENDER], later(at), FIVE_MINUTES))

    async def now_it_is(**changes: object) -> None:
        async with store.write() as unit:
            await unit.streams.update(audience.stream_id, broadcast(**changes))

    async with store.write() as unit:
        await unit.preferences.set(Scope.TARGET, target.id, Preference.UPDATES, "yes")
    await now_it_is(last_seen_at=later(10))
    assert not await found(400)
    await now_it_is(last_seen_at=later(20), title="new")
    assert not await found(299)
    assert await found(300)
    await now_it_is(last_seen_at=later(30), title="new", state=StreamState.GRACE)
    assert not await found(400)
    await now_it_is(last_seen_at=later(40), title="new")
    assert await found(400)
    async with store.write() as unit:
        await unit.deliveries.raise_many([d.id], later(400), Priority.UPDATE)
    assert not await found(400)
    (edit,) = await claim(store, now=later(400))
    async with store.write() as unit:
        await unit.deliveries.mark_shown(edit, "m1", later(401))
    assert not await found(9999)
    await now_it_is(last_seen_at=later(500), title="newest")
    assert not await found(700)
    assert await found(701)
    async with store.write() as unit:
        await unit.places.disable(target.id, "gone", NOW)
    assert not await found(701)


# Rows


async def test_rows_that_are_not_there_are_none(store: Store) -> None:
    async with store.read() as unit:
        assert await unit.deliveries.get(1) is None
        assert await unit.deliveries.find(1, "alert:1") is None
        assert set((await unit.deliveries.counts()).values()) == {0}


async def test_a_key_of_another_target_is_not_found(store: Store) -> None:
    audience, d = await owed_and_sent(store)
    async with store.write() as unit:
        other = await make_target(unit, "other")
        await unit.subscriptions.add(other.id, MINT, ANNA, NOW)
        assert await unit.deliveries.find(other.id, d.key) is None
        assert await unit.deliveries.find(audience.targets[0].id, d.key) == await fresh(store, d)


# Moving pictures


async def test_without_a_moving_picture_are_shown_alerts_of_open_streams_that_chose_one(
    store: Store,
) -> None:
    audience, d = await owed_and_sent(store)
    (target,) = audience.targets

    async def found(sender: str = SENDER) -> dict[int, frozenset[int]]:
        async with store.read() as unit:
            return await unit.deliveries.without_moving(sender)

    async def choose(scope: Scope, owner_id: int, value: str) -> None:
        async with store.write() as unit:
            await unit.preferences.set(scope, owner_id, Preference.PICTURE, value)

    assert await found() == {}
    await choose(Scope.PLACE, target.place_id, "moving")
    assert await found() == {audience.stream_id: frozenset({d.id})}
    assert await found("else") == {}
    await choose(Scope.TARGET, target.id, "spoiler")
    assert await found() == {}
    await choose(Scope.TARGET, target.id, "moving")
    async with store.write() as unit:
        other = await make_target(unit, "other")  # whose alert is not begun
        await unit.deliveries.owe_alert(other.id, audience.stream_id, NOW, silent=False)
    await choose(Scope.TARGET, other.id, "moving")
    assert await found() == {audience.stream_id: frozenset({d.id})}
    (begun,) = await claim(store)
    async with store.write() as unit:
        await unit.deliveries.mark_sending(begun, NOW)
    assert await found() == {audience.stream_id: frozenset({d.id, begun.id})}
    async with store.write() as unit:
        await unit.streams.set_moving(audience.stream_id, MOVING)
    assert await found() == {}


async def test_those_without_a_moving_picture_are_sought_among_the_streams_that_are_open(
    store: Store,
) -> None:
    with statements() as sent:
        async with store.read() as unit:
            assert await unit.deliveries.without_moving(SENDER) == {}
    assert plan_of(store.name, *sent[-1]).whole == []
