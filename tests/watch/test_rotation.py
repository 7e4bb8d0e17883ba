"""Turns among coins that nothing is urgent about: by age, and place by place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.model import Address
from bot.watch.rotation import PlaceTurns, take_turn
from tests.watch.harness import SOMEBODY, WatchHarness, mint

Places = dict[int, frozenset[str]]


class Rotation:
    """Ticks of `count` turns each. `waited` is for how many ticks each coin was not looked at."""

    def __init__(self, places: Places, count: int) -> None:
        self.places = places
        self.count = count
        self.rest = sorted(frozenset[str]().union(*places.values()))
        self.had = PlaceTurns()
        self.waited = dict.fromkeys(self.rest, 0)
        self.worst = dict.fromkeys(self.rest, 0)

    def tick(self) -> int:
        """How many ticks all need, as this one tells."""
        turn = take_turn(self.rest, self.places, self.had, self.count, self._order)
        self.had.note(turn.places)
        assert len(turn.mints) == len(set(turn.mints)) == min(self.count, len(self.rest))
        for coin in self.rest:
            self.waited[coin] = 0 if coin in turn.mints else self.waited[coin] + 1
            self.worst[coin] = max(self.worst[coin], self.waited[coin])
        return turn.turns

    def _order(self, coin: str) -> tuple[int, str]:
        return -self.waited[coin], coin


def coins(name: str, count: int) -> frozenset[str]:
    return frozenset(f"{name}{n}" for n in range(count))


def test_thousands_of_one_place_do_not_slow_down_the_one_coin_of_another() -> None:
    rotation = Rotation({1: coins("mallory", 1000), 2: frozenset({"honest"})}, count=28)
    for _ in range(30):
        rotation.tick()
    assert rotation.worst["honest"] == 0


def test_nor_do_sixty_slow_down_the_few_of_another() -> None:
    few = coins("honest", 7)
    rotation = Rotation({1: coins("mallory", 60), 2: few}, count=33)
    for _ in range(30):
        rotation.tick()
    assert max(rotation.worst[coin] for coin in few) == 0


def test_nor_do_those_of_twenty_places_of_one_person() -> None:
    places = {n: coins(f"mallory{n}-", 200) for n in range(20)}
    rotation = Rotation(places | {99: coins("honest", 2)}, count=28)
    for _ in range(30):
        rotation.tick()
    assert max(rotation.worst[coin] for coin in places[0]) >= 25
    assert max(rotation.worst[coin] for coin in coins("honest", 2)) <= 6


def test_of_one_place_all_turns_are_by_age() -> None:
    rotation = Rotation({1: coins("c", 100)}, count=28)
    assert rotation.tick() == 4
    for _ in range(20):
        rotation.tick()
    assert max(rotation.worst.values()) == 3


def test_what_fits_into_one_tick_is_looked_at_in_each() -> None:
    rotation = Rotation({n: coins(f"{n}-", 2) for n in range(10)}, count=28)
    assert rotation.tick() == 1


@given(
    st.dictionaries(st.integers(1, 6), st.frozensets(st.sampled_from("abcdefghijkl"), min_size=1)),
    st.integers(1, 12),
)
def test_every_coin_has_its_turn_within_the_turns_that_are_told(places: Places, count: int) -> None:
    rotation = Rotation(places, count)
    told = max(rotation.tick() for _ in range(30))
    assert max(rotation.worst.values(), default=0) < told


def test_a_place_that_is_gone_is_forgotten() -> None:
    had = PlaceTurns()
    had.note([1, 2])
    assert had.order({2: coins("a", 1), 3: coins("b", 1)}) == [3, 2]
    assert had.order({1: coins("c", 1), 2: coins("a", 1)}) == [1, 2]


async def test_a_hidden_coin_is_found_at_once_beside_a_place_that_follows_hundreds(
    harness: WatchHarness,
) -> None:
    async with harness.store.write() as unit:
        far = await unit.places.target(Address("local", "far", "far"), "local", harness.clock.now())
    await harness.subscribe(*(mint(n) for n in range(100, 180)), channel="here")
    honest = harness.coin(1, hidden=True)
    async with harness.store.write() as unit:
        now = harness.clock.now()
        await unit.subscriptions.add(far.id, honest.mint, SOMEBODY, now)
        await unit.subscriptions.confirm(honest.mint, now)
    await harness.tick(2)
    honest.go_live()
    await harness.tick()
    assert (await harness.opened()).keys() == {honest.mint}
