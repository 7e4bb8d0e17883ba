from __future__ import annotations

import pytest

from bot.model import Coin, Person, Preference, Scope
from bot.store import Store
from tests.store.make_rows import ANNA, MINT, NOW, OTHER_MINT, later, make_target


async def test_a_mint_is_subscribed_once_a_target(store: Store) -> None:
    async with store.write() as unit:
        target, other = await make_target(unit), await make_target(unit, channel="other")
        added = await unit.subscriptions.add(target.id, MINT, ANNA, NOW)
        assert added is not None
        assert (added.mint, added.person_id, added.person_name) == (MINT, "1001", "Anna")
        assert (added.created_at, added.checked_at) == (NOW, None)
        assert await unit.subscriptions.add(target.id, MINT, Person("2"), NOW) is None
        assert await unit.subscriptions.add(other.id, MINT, ANNA, NOW) is not None
        assert await unit.subscriptions.get(target.id, MINT) == added
        assert await unit.subscriptions.count() == 2


async def test_mints_differ_by_case(store: Store) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        assert await unit.subscriptions.add(target.id, MINT, ANNA, NOW)
        assert await unit.subscriptions.add(target.id, MINT.swapcase(), ANNA, NOW)


async def test_unsubscribing_touches_one_target_alone(store: Store) -> None:
    async with store.write() as unit:
        target, other = await make_target(unit), await make_target(unit, "other")
        for one in (target, other):
            for mint in (MINT, OTHER_MINT):
                await unit.subscriptions.add(one.id, mint, ANNA, NOW)
        assert await unit.subscriptions.remove(target.id, MINT)
        assert not await unit.subscriptions.remove(target.id, MINT)
        assert [one.mint for one in await unit.subscriptions.of_target(target.id)] == [OTHER_MINT]
        removed = await unit.subscriptions.remove_all(target.id)
        assert [one.mint for one in removed.subscriptions] == [OTHER_MINT]
        assert len(await unit.subscriptions.of_place(target.place_id)) == 0
        assert len(await unit.subscriptions.of_place(other.place_id)) == 2


async def test_of_many_targets_and_mints_those_that_are_followed_are_told(store: Store) -> None:
    async with store.write() as unit:
        target, other = await make_target(unit), await make_target(unit, "other")
        await unit.subscriptions.add(target.id, MINT, ANNA, NOW)
        await unit.subscriptions.add(other.id, OTHER_MINT, ANNA, NOW)
        pairs = [(one.id, mint) for one in (target, other) for mint in (MINT, OTHER_MINT)]
        found = await unit.subscriptions.followed(pairs)
        assert found == {(target.id, MINT), (other.id, OTHER_MINT)}
        assert await unit.subscriptions.followed([]) == frozenset()


async def test_what_was_chosen_for_a_subscription_goes_with_it(store: Store) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        ids = []
        for mint in (MINT, OTHER_MINT):
            added = await unit.subscriptions.add(target.id, mint, ANNA, NOW)
            assert added is not None
            await unit.preferences.set(Scope.SUBSCRIPTION, added.id, Preference.ROLE, "7")
            ids.append(added.id)
        await unit.subscriptions.remove(target.id, MINT)
        again = await unit.subscriptions.add(target.id, MINT, ANNA, NOW)
        assert again is not None
        assert again.id not in ids
        assert await unit.preferences.of(target.id, MINT) == {}
        assert Preference.ROLE in await unit.preferences.of(target.id, OTHER_MINT)


async def test_a_places_subscriptions_are_those_of_all_its_targets(store: Store) -> None:
    async with store.write() as unit:
        one, two = await make_target(unit), await make_target(unit, channel="other")
        for target, mint in ((two, MINT), (one, OTHER_MINT), (one, MINT)):
            await unit.subscriptions.add(target.id, mint, ANNA, NOW)
        found = await unit.subscriptions.of_place(one.place_id)
        assert [(f.target_id, f.mint) for f in found] == [
            (two.id, MINT),
            (one.id, OTHER_MINT),
            (one.id, MINT),
        ]


async def test_mints_of_disabled_targets_are_not_followed(store: Store) -> None:
    async with store.write() as unit:
        target, other = await make_target(unit), await make_target(unit, "other")
        await unit.subscriptions.add(target.id, MINT, ANNA, NOW)
        await unit.subscriptions.add(other.id, MINT, ANNA, NOW)
        await unit.subscriptions.add(other.id, OTHER_MINT, ANNA, NOW)
        assert await unit.subscriptions.by_place() == {
            target.place_id: {MINT},
            other.place_id: {MINT, OTHER_MINT},
        }
        assert await unit.subscriptions.count_in(other.place_id) == 2
        await unit.places.disable(other.id, "gone", NOW)
        assert await unit.subscriptions.by_place() == {target.place_id: {MINT}}
        assert await unit.subscriptions.wanted(MINT)
        assert not await unit.subscriptions.wanted(OTHER_MINT)


async def test_a_coin_is_unchecked_until_it_is_confirmed_for_all(store: Store) -> None:
    async with store.write() as unit:
        targets = [await make_target(unit, name) for name in ("a", "b", "c")]
        await unit.subscriptions.add(targets[0].id, OTHER_MINT, ANNA, NOW)
        for target in targets[:2]:
            await unit.subscriptions.add(target.id, MINT, ANNA, NOW)
        assert await unit.subscriptions.unchecked() == (OTHER_MINT, MINT)
        assert await unit.subscriptions.confirm(MINT, later(5)) == 2
        assert await unit.subscriptions.confirm(MINT, later(6)) == 0
        assert await unit.subscriptions.unchecked() == (OTHER_MINT,)
        inherited = await unit.subscriptions.add(targets[2].id, MINT, ANNA, later(9))
        assert inherited is not None
        assert inherited.checked_at == later(5)


COINS = (
    Coin("1dog111111", "DOG", "A good dog"),
    Coin("2hot222222", "HOTDOG", "Sausage"),
    Coin("3pct333333", "100%_", "percent"),
    Coin("4cat444444", "CAT", "Dogless"),
)


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("dog", ["DOG", "CAT", "HOTDOG"]),
        ("$dog", ["DOG", "CAT", "HOTDOG"]),
        ("  SAUS ", ["HOTDOG"]),
        ("2h", ["HOTDOG"]),
        ("111", []),
        ("%", ["100%_"]),
        ("_", ["100%_"]),
        ("zzz", []),
        ("", ["100%_", "CAT", "DOG", "HOTDOG"]),
    ],
)
async def test_suggestions_come_from_what_the_place_subscribes_to(
    store: Store, text: str, symbols: list[str]
) -> None:
    async with store.write() as unit:
        one, two = await make_target(unit), await make_target(unit, channel="other")
        far = await make_target(unit, "elsewhere")
        for coin in COINS:
            await unit.coins.put(coin)
            await unit.subscriptions.add(one.id, coin.mint, ANNA, NOW)
        await unit.subscriptions.add(two.id, COINS[0].mint, ANNA, NOW)
        await unit.coins.put(Coin("5dog555555", "DOGFAR", "of others"))
        await unit.subscriptions.add(far.id, "5dog555555", ANNA, NOW)
        found = await unit.subscriptions.suggest(one.place_id, text, 10)
        assert [coin.symbol for coin in found] == symbols
        assert len(await unit.subscriptions.suggest(one.place_id, "", 2)) == 2


async def test_a_coin_is_found_by_its_symbol_however_many_begin_so(store: Store) -> None:
    """And however it is written: those in capitals sort first."""
    many = [Coin(f"{n:02}others", f"A{n:02}") for n in range(30)]
    meant = [Coin("a1", "a"), Coin("a2", "$A"), Coin("p1", "$Пепе")]
    async with store.write() as unit:
        target, far = await make_target(unit), await make_target(unit, "elsewhere")
        for coin in [*many, *meant]:
            await unit.coins.put(coin)
            await unit.subscriptions.add(target.id, coin.mint, ANNA, NOW)
        await unit.coins.put(Coin("a3", "A"))
        await unit.subscriptions.add(far.id, "a3", ANNA, NOW)
        so_called = unit.subscriptions.so_called
        assert await so_called(target.place_id, "a", 25) == ("a1", "a2")
        assert await so_called(target.place_id, "$A", 1) == ("a1",)
        for written in ("Пепе", "пепе", "$ПЕПЕ"):
            assert await so_called(target.place_id, written, 25) == ("p1",)
        await unit.coins.put(Coin("q1", "ХОТПЕП"))
        await unit.subscriptions.add(target.id, "q1", ANNA, NOW)
        for written in ("Пеп", "пеп", "ПЕП"):
            found = await unit.subscriptions.suggest(target.place_id, written, 25)
            assert [coin.mint for coin in found] == ["p1", "q1"]
        assert await so_called(target.place_id, "A%", 25) == ()


async def test_a_mint_that_nothing_is_known_of_is_suggested_by_its_address(
    store: Store,
) -> None:
    async with store.write() as unit:
        target = await make_target(unit)
        await unit.subscriptions.add(target.id, MINT, ANNA, NOW)
        assert await unit.subscriptions.suggest(target.place_id, MINT[:4], 5) == (Coin(MINT),)
