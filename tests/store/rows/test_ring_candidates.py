"""Who wants the last seconds of which coins."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from bot.model import Preference, Scope
from bot.store import Asked, Follower, Store
from tests.store.make_rows import ANNA, MINT, NOW, OTHER_MINT, later, make_target, order
from tests.store.query_plans import plan_of
from tests.store.raw_sql import statements

WEEK = timedelta(days=7)


async def test_a_coin_is_followed_by_whom_it_was_subscribed_to(store: Store) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        await unit.subscriptions.add(target.id, MINT, ANNA, NOW)
        assert await unit.ring_candidates.following([MINT, OTHER_MINT], NOW - WEEK) == {
            MINT: [Follower(target.place_id, "auto", makes_clips=False)]
        }


async def test_a_target_that_is_disabled_follows_nothing(store: Store) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        await unit.subscriptions.add(target.id, MINT, ANNA, NOW)
        await unit.places.disable(target.id, "removed", NOW)
        assert await unit.ring_candidates.following([MINT], NOW - WEEK) == {}


async def test_what_all_have_chosen_is_told_each_by_its_nearest(store: Store) -> None:
    async with store.write() as unit:
        targets = [await make_target(unit, f"place {n}") for n in range(4)]
        for target in targets:
            await unit.subscriptions.add(target.id, MINT, ANNA, NOW)
        own = await unit.subscriptions.get(targets[2].id, MINT)
        assert own is not None
        choose = unit.preferences.set
        await choose(Scope.PLACE, targets[0].place_id, Preference.REPLAY, "off")
        await choose(Scope.PLACE, targets[1].place_id, Preference.REPLAY, "off")
        await choose(Scope.TARGET, targets[1].id, Preference.REPLAY, "on")
        await choose(Scope.TARGET, targets[2].id, Preference.REPLAY, "on")
        await choose(Scope.SUBSCRIPTION, own.id, Preference.REPLAY, "off")
        found = await unit.ring_candidates.following([MINT], NOW - WEEK)
        assert {(one.place_id, one.choice) for one in found[MINT]} == {
            (targets[0].place_id, "off"),
            (targets[1].place_id, "on"),
            (targets[2].place_id, "off"),
            (targets[3].place_id, "auto"),
        }


async def test_a_place_that_follows_in_several_channels_is_told_once(store: Store) -> None:
    async with store.write() as unit:
        for channel in ("here", "there"):
            target = await make_target(unit, channel=channel)
            await unit.subscriptions.add(target.id, MINT, ANNA, NOW)
        found = await unit.ring_candidates.following([MINT], NOW - WEEK)
        assert [one.place_id for one in found[MINT]] == [target.place_id]


async def test_of_thousands_that_are_alike_a_few_are_told(store: Store) -> None:
    async with store.write() as unit:
        for n in range(50):
            target = await make_target(unit, f"place {n}")
            await unit.subscriptions.add(target.id, MINT, ANNA, NOW)
            await unit.subscriptions.add(target.id, OTHER_MINT, ANNA, NOW)
        await unit.preferences.set(Scope.PLACE, target.place_id, Preference.REPLAY, "on")
        found = await unit.ring_candidates.following([MINT, OTHER_MINT], NOW - WEEK)
    for mint in (MINT, OTHER_MINT):
        assert Counter(one.choice for one in found[mint]) == {"auto": 20, "on": 1}


@pytest.mark.parametrize(("age", "makes_clips"), [(1, True), (6, True), (8, False)])
async def test_a_place_that_made_a_clip_of_late_makes_clips_whatever_the_coin(
    store: Store, age: int, makes_clips: bool
) -> None:
    asked_at = NOW - timedelta(days=age)
    async with store.write() as unit:
        target = await make_target(unit)
        elsewhere = await make_target(unit, channel="elsewhere")
        await unit.subscriptions.add(target.id, MINT, ANNA, NOW)
        await unit.jobs.add(order(elsewhere, mint=OTHER_MINT, asked_at=asked_at), asked_at)
        found = await unit.ring_candidates.following([MINT], NOW - WEEK)
        assert [one.makes_clips for one in found[MINT]] == [makes_clips]


async def test_what_was_asked_for_lately_is_told_with_what_is_chosen_there(store: Store) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        await unit.preferences.set(Scope.TARGET, target.id, Preference.REPLAY, "on")
        await unit.jobs.add(order(target, "old", asked_at=later(-700)), NOW)
        await unit.jobs.add(order(target, "first", asked_at=later(-60)), NOW)
        await unit.jobs.add(order(target, "second", mint=OTHER_MINT, asked_at=later(-5)), NOW)
        found = await unit.ring_candidates.asked_since(later(-600))
    assert found == (
        Asked(MINT, target.place_id, later(-60), "on"),
        Asked(OTHER_MINT, target.place_id, later(-5), "on"),
    )


async def test_a_long_history_of_clips_is_not_read_for_it(store: Store) -> None:
    with statements() as sent:
        async with store.read() as unit:
            await unit.ring_candidates.asked_since(NOW)
    plan = plan_of(store.name, *sent[-1])
    assert plan.whole == []
    assert not plan.sorts


async def test_who_follows_is_found_by_the_index_of_subjects(store: Store) -> None:
    with statements() as sent:
        async with store.read() as unit:
            await unit.ring_candidates.following([MINT], NOW)
    plan = plan_of(store.name, *sent[-1])
    assert plan.whole == []
    assert {"ix_subscriptions_subject_kind_subject", "ix_clip_jobs_place_id_asked_at"} <= set(
        plan.indexes
    )
