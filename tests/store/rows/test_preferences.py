from __future__ import annotations

from bot.model import Chosen, Preference, Scope
from bot.store import Store
from tests.store.make_rows import ANNA, MINT, NOW, OTHER_MINT, make_target

ROLE, AT_END, NIGHT = Preference.ROLE, Preference.AT_END, Preference.NIGHT


async def test_the_nearest_choice_wins_and_says_whose_it_is(store: Store) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        added = await unit.subscriptions.add(target.id, MINT, ANNA, NOW)
        assert added is not None
        prefer = unit.preferences
        await prefer.set(Scope.PLACE, target.place_id, ROLE, "place")
        await prefer.set(Scope.PLACE, target.place_id, AT_END, "delete")
        await prefer.set(Scope.PLACE, target.place_id, NIGHT, "22:00-08:00")
        await prefer.set(Scope.TARGET, target.id, ROLE, "target")
        await prefer.set(Scope.TARGET, target.id, AT_END, "leave")
        await prefer.set(Scope.SUBSCRIPTION, added.id, ROLE, "subscription")
        assert await prefer.of(target.id, MINT) == {
            ROLE: Chosen("subscription", Scope.SUBSCRIPTION),
            AT_END: Chosen("leave", Scope.TARGET),
            NIGHT: Chosen("22:00-08:00", Scope.PLACE),
        }
        assert (await prefer.of(target.id, OTHER_MINT))[ROLE] == Chosen("target", Scope.TARGET)
        assert (await prefer.of(target.id))[ROLE] == Chosen("target", Scope.TARGET)


async def test_a_choice_is_replaced_and_taken_back(store: Store) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        await unit.preferences.set(Scope.TARGET, target.id, ROLE, "1")
        await unit.preferences.set(Scope.TARGET, target.id, ROLE, "2")
        assert await unit.preferences.of(target.id) == {ROLE: Chosen("2", Scope.TARGET)}
        assert await unit.preferences.unset(Scope.TARGET, target.id, ROLE)
        assert not await unit.preferences.unset(Scope.TARGET, target.id, ROLE)
        assert await unit.preferences.of(target.id) == {}


async def test_ids_of_another_scope_are_not_taken_for_ones_own(store: Store) -> None:
    async with store.write() as unit:
        await make_target(unit, "first")
        target = await make_target(unit, "second", "second")
        other = await make_target(unit, "second", "third")
        assert target.place_id == 2
        assert (target.id, other.id) == (2, 3)
        await unit.preferences.set(Scope.TARGET, 2, ROLE, "of the target")
        await unit.preferences.set(Scope.PLACE, 3, ROLE, "of another place")
        assert await unit.preferences.of(other.id) == {}


async def test_many_are_answered_at_once_the_unknown_too(store: Store) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        await unit.preferences.set(Scope.PLACE, target.place_id, ROLE, "x")
        pairs = [(number, MINT if number % 2 else None) for number in range(10_000, 11_200)]
        pairs.insert(700, (target.id, MINT))
        found = await unit.preferences.of_many([*pairs, *pairs[:3]])
        assert set(found) == set(pairs)
        assert [pair for pair in found if found[pair]] == [(target.id, MINT)]
        assert await unit.preferences.of_many([]) == {}
